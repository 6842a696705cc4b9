"""From a measured kernel, single stream or static batch to a question: the part of the accuracy mapping that is about serving.

`kernel_question(row)` takes the columns of a file of kernels and returns a (metric, measured, output, question) tuple;
`stream_comparisons(row, workload)` takes a row of the JSON schema and the model as a config writes it. Both raise LookupError with
the reason where they cannot.
What a row leaves open takes the solver's default or its engine's record; nothing is set by the measured numbers.
"""
import re

import accuracy_names
from accuracy_rows import Comparison

# Column `device` of the kernel tables: zoo entry, what the table's own description says otherwise, devices a node.
KERNEL_DEVICES = {
    "a100_sxm": ({"based_on": "A100", "generation": "ampere", "multiprocessors": 108}, 8),
    "a100": ({"based_on": "A100", "generation": "ampere", "multiprocessors": 108}, 8),
    "h100_sxm": ({"based_on": "H100", "generation": "hopper", "multiprocessors": 132}, 8),
    "h100": ({"based_on": "H100", "generation": "hopper", "multiprocessors": 132}, 8),
    "h200_sxm": ({"based_on": "H200", "generation": "hopper", "multiprocessors": 132}, 8),
    "b200_sxm": ({"based_on": "B200", "generation": "blackwell", "multiprocessors": 148, "memory_bandwidth": "7.7 TB/s"}, 8),
    "b300_sxm": ({"based_on": "B300", "generation": "blackwell", "multiprocessors": 148, "memory_bandwidth": "7.75 TB/s"}, 8),
    "gb200": ({"based_on": "GB200", "generation": "blackwell", "multiprocessors": 148, "network_link": "900 GB/s"}, 4),
    "gb300": ({"based_on": "GB300", "generation": "blackwell", "multiprocessors": 148, "network_link": "900 GB/s"}, 4),
    "l40s": ({"based_on": "L40S", "generation": "ada", "multiprocessors": 142, "device_link": "32 GB/s", "in_band_ecc": False}, 8),
    "rtx_pro_6000_server": ({"based_on": "RTX_PRO_6000_Server", "generation": "blackwell_gddr", "multiprocessors": 188,
                             "device_link": "64 GB/s"}, 8),
    "b60": ({"based_on": "Arc_Pro_B60", "generation": "battlemage", "multiprocessors": 20, "device_link": "28.4 GB/s",
             "peak_rate": {"fp16": "98.3 TFLOP/s", "bf16": "98.3 TFLOP/s", "fp8": "98.3 TFLOP/s"}}, 8),
}
# Kernels of vLLM's products in blocks of 8 bits that the tables have, by generation.
HOST_BOUND = {"hopper": ("cutlass", "flashinfer", "deepgemm"), "blackwell": ("cutlass", "deepgemm"), "ada": ("triton",),
              "blackwell_gddr": ("cutlass",)}
# Tables of these cards were measured from a warm second-level cache.
WARM = ("l40s", "rtx_pro_6000_server")
FORMATS = {"bfloat16": "bf16", "float16": "bf16", "fp16": "bf16", "half": "bf16", "": "bf16", "int8_wo": "w8a16", "int4_wo": "w4a16",
           "int4": "w4a16", "sq": "int8", "float8": "fp8", "e4m3": "fp8", "fp8_e4m3": "fp8", "float8_e4m3fn": "fp8", "mxfp8": "fp8_block",
           "fp4": "nvfp4", "mxfp4": "nvfp4", "float32": "fp32", "tf32": "fp32"}
EXPERT_FORMATS = {"mxfp4": "w4a16_mxfp4"}
ATTENTION_KERNELS = {
    "torch_flow_flashinfer": "flashinfer", "vllm_flash_attn": "flash_attention", "vllm_flash_attn_fa2": "fa2",
    "vllm_flash_attn_fa3": "fa3", "vllm_flash_attn_fa4": "fa4", "vllm_flashinfer": "flashinfer",
    "vllm_flashinfer_fidecode": "flashinfer_decode", "vllm_flashinfer_fiprefill": "flashinfer_prefill",
    "vllm_flashinfer_trtllmdecode": "trtllm_decode", "vllm_flashinfer_trtllmprefill": "trtllm_prefill",
    "vllm_triton_attn": "triton", "flash_attention_v3": "fa3", "flash_attention_v4": "fa4", "vllm_vit_flash_attn_fa2": "fa2",
    "vllm_vit_flash_attn_fa3": "fa3", "vllm_vit_flash_attn_fa4": "fa4"}
# Hidden and expert widths of the tables' models whose experts are not gated.
NOT_GATED = {(1024, 2688), (2048, 5120), (2688, 1856), (4096, 2688), (8192, 5120)}
EXPERT_FAMILIES = [("xpu", "xpu"), ("flashinfer_trtllm", "trtllmgen"), ("min_latency", "trtllmgen"), ("cutlass", "cutlass"),
                   ("marlin", "marlin"), ("deepgemm", "deepgemm"), ("triton", "triton"), ("fused_moe", "triton")]
ENGINES = [("trt", "trtllm"), ("vllm", "vllm"), ("sgl", "sglang")]


def count(row, column):
    try:
        return float(row[column])
    except (KeyError, TypeError, ValueError):
        return None


def engine_of(text):
    return next((engine for part, engine in ENGINES if part in str(text or "").lower()), None)


def family_of(kernel, dtype, engine):
    if dtype == "w4a8_mxfp4_mxfp8" and engine == "trtllm":
        return "trtllmgen"
    return next((family for part, family in EXPERT_FAMILIES if part in kernel), "cutlass")


def device_of(row):
    name = row.get("device") if row.get("device") in KERNEL_DEVICES else row.get("gpu")
    if name in KERNEL_DEVICES:
        return name, KERNEL_DEVICES[name][0], KERNEL_DEVICES[name][1]
    stated = row.get("device") or row.get("gpu") or ""
    key = accuracy_names.device_named(stated)
    if key is None:
        raise LookupError("no device " + str(stated))
    return stated, {"based_on": key, "generation": accuracy_names.generation_of(key)}, 8


def kernel_question(row):
    """A row of either file of kernels; the second has `engine` and `kernel`, the first a `framework`."""
    name, hardware, node = device_of(row)
    engine = engine_of(row.get("engine") or row.get("framework"))
    dtype, operation = str(row.get("dtype") or "").lower(), row["op"]
    kernel = {"hardware": hardware, "format": FORMATS.get(dtype, dtype)}
    if engine:
        kernel["engine"] = engine
    if name in WARM:
        kernel["warm_cache"] = True
    metric, question = kernel_of(row, operation, engine, kernel)
    if question is None:
        metric, question = exchange_of(row, operation, dtype, engine, hardware, node)
    output = "exchange_time" if question["solver"] == "exchange" else "kernel_time"
    return metric, count(row, "latency_ms") * 1e-3, output, question


# What a device without units of a format, or records of it, multiplies instead: in products, in experts.
WIDER = {"nvfp4": ("w4a16", "w4a16_mxfp4"), "w4a8_mxfp4_mxfp8": ("w4a16", "w4a16_mxfp4"), "w4afp8": ("w4a16", "w4a16"),
         "fp8": ("w8a16", "bf16"), "fp8_block": ("w8a16", "bf16"), "int8": ("w8a16", "bf16")}


def nearest_kernels(question):
    """Questions for a kernel that no record of the device's generation has: of the engine's default, of any engine, in a format that is
    widened, of all generations."""
    inputs = dict(question["inputs"])
    for dropped in ("kernel", "engine"):
        if inputs.pop(dropped, None) is not None:
            yield {"solver": question["solver"], "inputs": dict(inputs)}
    if question["solver"] != "kernel":
        return
    form = inputs.get("format")
    if "attention" in inputs["operation"]:  # of caches that are narrower than any record's, the narrowest
        stored = "fp8" if form in ("nvfp4", "int8", "fp8_block") else "bf16"
        yield {"solver": question["solver"], "inputs": dict(inputs, format=stored)}
        yield {"solver": question["solver"], "inputs": dict(inputs, format=stored, kernel_rates="all_generations")}
        return
    wider = WIDER[form][0 if inputs["operation"] == "product" else 1] if form in WIDER else None
    for more in ({"kernel_rates": "all_generations"}, {"format": wider}, {"format": wider, "kernel_rates": "all_generations"}):
        if more.get("format", form) is not None:
            yield {"solver": question["solver"], "inputs": dict(inputs, **more)}


def kernel_of(row, operation, engine, inputs):
    n = lambda column: count(row, column)  # noqa: E731
    if operation == "gemm" or "proj" in operation:
        inputs.update(operation="product", rows=n("m"), n=n("n"), k=n("k"))
        if engine == "vllm" and inputs["format"] == "fp8_block" and inputs["hardware"].get("generation") in HOST_BOUND:
            # floors of 50 us and more: the host launches call by call, each family of kernels in its own time
            inputs["launch"] = "eager"
            family = next((f for f in ("triton", "cutlass", "flashinfer", "deepgemm") if str(row.get("kernel")).lower().startswith(f)), "")
            if family in HOST_BOUND[inputs["hardware"]["generation"]]:
                inputs["kernel"] = family
    elif operation in ("moe", "moe_context", "moe_generation", "wideep_moe", "wideep_moe_eplb"):
        drawn = row.get("distribution") or "balanced"
        skew = None if drawn in ("balanced", "uniform") else float(drawn.replace("power_law_", "").replace("_eplb", ""))
        inputs["format"] = EXPERT_FORMATS.get(str(row.get("dtype")).lower(), inputs["format"])
        if row.get("kernel") or operation != "moe":
            inputs["kernel"] = family_of(row["kernel"], row.get("dtype"), engine) if operation == "moe" else operation
        inputs.update(operation="experts" if operation == "moe" else "wide_experts",
                      rows=n("tokens"), hidden_size=n("hidden"), expert_size=n("inter"), experts=n("experts"),
                      experts_per_token=n("topk"), expert_tensor_parallel=n("tp") or 1, expert_parallel=n("ep") or 1,
                      gated=(n("hidden"), n("inter")) not in NOT_GATED, routing="power_law" if skew else drawn)
        if skew:
            inputs["routing_exponent"] = skew
    elif operation in ("context_attention", "encoder_attention", "generation_attention", "attention_prefill", "attention_decode"):
        decodes = operation in ("generation_attention", "attention_decode")
        length = (n("context") + 1 if n("context") is not None else n("kv_len") or n("seq_len")) if decodes else n("seq") or n("seq_len")
        inputs.update(operation="decode_attention" if decodes else
                      "encoder_attention" if operation.startswith("encoder") else "prompt_attention",
                      batch=n("batch"), length=length, heads=n("heads") or n("num_heads"), head_size=n("head_dim") or 128)
        kv_heads, kernel = n("kv_heads") or n("num_kv_heads"), row.get("kernel")
        if kv_heads and not operation.startswith("encoder"):
            inputs["kv_heads"] = kv_heads
        if n("window"):
            inputs["window"] = n("window")
        if kernel:
            inputs["kernel"] = ATTENTION_KERNELS.get(kernel, kernel)
    elif operation == "context_mla":
        inputs.update(operation="latent_prompt_attention", batch=n("batch"), length=n("seq"), heads=n("heads"))
    elif operation == "generation_mla":
        inputs.update(operation="latent_decode_attention", batch=n("batch"), length=n("context") + 1, heads=n("heads"))
    elif operation == "mla_bmm":
        inputs.update(operation="absorbed_product", rows=n("tokens"), heads=n("heads"))
    elif operation == "scale_matrix":
        inputs.pop("format")
        inputs.update(operation="quantization", rows=n("m"), k=n("k"))
    else:
        return None, None
    return inputs["operation"], {"solver": "kernel", "inputs": inputs}


def exchange_of(row, operation, dtype, engine, hardware, node):
    name = operation.split(":")[-1]
    name = {"alltoall": "all_to_all", "custom_allreduce": "all_reduce", "all_reduce_custom": "all_reduce"}.get(name, name)
    inputs = {"hardware": hardware}
    if name in ("all_reduce", "all_gather", "reduce_scatter", "all_to_all"):
        # The second file's tables count elements of two bytes, or of one in int8.
        elements = count(row, "message_bytes") if "gpus" in row else None
        stated = count(row, "message_bytes") or 2 * (count(row, "message_elements") or 0)
        size = elements * (1 if dtype == "int8" else 2) if elements else stated
        if not size:
            raise LookupError("no message_bytes")
        inputs.update(exchange=name, devices=count(row, "gpus") or count(row, "num_gpus"), message="%.0f B" % size)
        if "cuda events" in str(row.get("framework")).lower():
            inputs["launch"] = "eager"  # a profiler's calls from Python
        if "pairwise" in str(row.get("note")) and inputs["devices"] > 2:
            inputs["hardware"] = dict(hardware, device_link="32 GB/s")  # cards joined in pairs meet the others over PCIe
        if "custom" in operation:
            inputs.update(library="custom", launch="eager" if "eager" in str(row.get("kernel")) else "graph")
            if engine:
                inputs["engine"] = engine
        return ("custom_" if "custom" in operation else "") + "collective", {"solver": "exchange", "inputs": inputs}
    if operation not in ("deepep_ll", "deepep_normal", "moe_a2a", "trtllm_alltoall"):
        raise LookupError("no law for " + operation)
    combines, nodes = row["phase"] == "combine", count(row, "nodes") or 1
    inputs.update(exchange="expert_" + row["phase"], tokens=count(row, "tokens"), hidden_size=count(row, "hidden"),
                  experts_per_token=count(row, "topk"), nodes=nodes)
    if operation.startswith("deepep"):
        low_latency = operation == "deepep_ll"
        inputs.update(library="deepep_low_latency" if low_latency else "deepep", devices=node * nodes)
        if low_latency and not combines:
            inputs["element_bytes"] = 1.03
        if not low_latency and count(row, "sms"):
            inputs["lent_multiprocessors"] = count(row, "sms")
    else:
        width = 2 if combines else {"fp8": 1.03, "nvfp4": 0.5625}.get(dtype, 2)
        inputs.update(library=row["backend"], devices=count(row, "ep"), element_bytes=width, engine=engine)
    return "expert_exchange", {"solver": "exchange", "inputs": inputs}


def expert_exchange_comparisons(row):
    """DeepEP's own tables: latency of 128 tokens or bandwidth of a batch, counted over all copies (low latency), over a copy a device
    that a token reaches, or over one a node where the network carries it."""
    hardware, _ = accuracy_names.hardware_of(row["hardware"]["gpu"])
    if hardware is None:
        raise LookupError("no device " + row["hardware"]["gpu"])
    m, ranks, tokens = row["model"], row["parallelism"]["ep"], row["batch"]["tokens"]
    nodes, low = max(1, ranks // 8), "lowlat" in row["id"] or tokens <= 256
    found = []
    for x in row["measured"]:
        phase, kind = x["metric"].split("_", 1)
        width = 1.03 if phase == "dispatch" else 2
        inputs = {"exchange": "expert_" + phase, "hardware": {"based_on": hardware, "device_link": "200 GB/s", "network_link": "50 GB/s"},
                  "devices": ranks, "nodes": nodes, "tokens": tokens, "hidden_size": m["hidden"], "experts_per_token": m["active_experts"],
                  **({"library": "deepep_low_latency", "element_bytes": width} if low else
                     {"library": "deepep", "lent_multiprocessors": 20})}  # the library's default
        question = {"solver": "exchange", "inputs": inputs}
        parts = nodes if nodes > 1 and not low else ranks
        copies = m["active_experts"] if low else parts * (1 - (1 - 1 / parts)**m["active_experts"])
        if kind == "latency":
            found.append(Comparison(x["metric"], x["value"], "exchange_time", [question], factor=1e6))
        elif kind == "bandwidth":
            found.append(Comparison(x["metric"], x["value"], "exchange_time", [question], over=tokens * m["hidden"] * width * copies / 1e9))
    return found


def product_comparisons(row):
    """A product whose shape stands with the model, as TFLOP/s of a device."""
    m = row["model"]
    hardware, _ = accuracy_names.hardware_of(row["hardware"]["gpu"].replace("one of two devices a chip", "one of two dies"))
    if hardware is None or not all(k in m for k in ("m", "n", "k")):
        raise LookupError("no shape, or no device " + row["hardware"]["gpu"])
    question = {"solver": "kernel", "inputs": {"operation": "product", "hardware": hardware, "format": "bf16", "rows": m["m"], "n": m["n"],
                                               "k": m["k"]}}
    return [Comparison(x["metric"], x["value"], "kernel_time", [question], over=2e-12 * m["m"] * m["n"] * m["k"])
            for x in row["measured"] if x["metric"].startswith("tflops")]


# --- Single streams and static batches ---------------------------------------------------------------------------------------
# Stack by what a row's software and source say; the first that fits. Metal is told by the device.
STREAM_STACKS = [
    (r"llama\.?cpp build [5-9]\d\d\d|llama\.?cpp.*(2025|2026)|ollama|lm studio", "llama_cpp_2025"),
    (r"llama\.?cpp|llama-bench|gguf", "llama_cpp"),
    (r"gpt-fast|torch\.compile", "gpt_fast"),
    (r"awq", "autoawq"),
    (r"fastertransformer", "fastertransformer"),
    (r"vllm.*rocm|rocm.*vllm", "vllm_rocm"),
    (r"vllm.*\b(2025|0\.([0-9]|1[01])\.)", "vllm_2025"),
    (r"vllm", "vllm"),
    (r"sglang", "sglang"),
    (r"tensorrt-llm.*\bv?1\.0\b", "trtllm_v1"),
    (r"tensorrt|trt-?llm", "trtllm"),
]
# Cards of data centres whose GDDR6 memory corrects errors in band.
IN_BAND_ECC = ("A40", "L40S", "L40", "L20", "L4", "T4", "A10", "A10G", "A2")
# Stored bits of a weight by what a row calls its format: files of llama.cpp hold scales beside the weights.
STORED_BITS = [("q2_k", 3.35), ("q3_k", 3.91), ("iq4", 4.25), ("q4_k_s", 4.58), ("q4_k", 4.85), ("q4_0", 4.5), ("q4_1", 5.0),
               ("q5_k_s", 5.54), ("q5_k", 5.69), ("q5", 5.5), ("q6_k", 6.56), ("q8_0", 8.5), ("groups of 32", 5.0), ("awq", 4.25),
               ("gptq", 4.25), ("nf4", 4.5), ("w4a16", 4.25), ("int4", 4.5), ("4-bit", 4.5), ("4bit", 4.5), ("int8 weights", 8.0),
               ("w8a16", 8.0), ("8-bit", 8.5), ("8bit", 8.5)]
FILES = ("q2_", "q3_", "iq4", "q4_", "q5", "q6_", "q8_")


def stream_format(precision):
    text = str(precision).lower()
    if "mxfp4" in text:
        return {"format": "bf16", "expert_format": "w4a16_mxfp4", "expert_weight_bits": 4.25}
    bits = next((bits for part, bits in STORED_BITS if part in text), None)
    if bits:
        return {"format": "w4a16", "weight_bits": bits, "expert_weight_bits": bits}
    if "fp4" in text:
        return {"format": "nvfp4", "cache_format": "fp8"}
    if "int8" in text or "w8a8" in text:
        return {"format": "int8"}
    return {"format": "fp8", "cache_format": "fp8"} if "fp8" in text else {"format": "bf16"}


def is_stream(row):
    """A batch that starts and ends together, or one stream: not an engine under load."""
    batch = row.get("batch") or {}
    if str(batch.get("load")) == "static batch":
        return True
    if str(batch.get("load")) in ("closed loop", "offline, infinite rate") or batch.get("scenario") or batch.get("max_seqs"):
        return False
    return any(x["metric"].startswith(("decode", "prompt", "request_latency", "prefill")) for x in row["measured"])


def stack_of(said, generation):
    stack = next((stack for pattern, stack in STREAM_STACKS if re.search(pattern, said)), None)
    if stack and stack.startswith("llama_cpp") and generation.startswith("apple"):
        return "llama_cpp_metal"
    return stack


def stream_comparisons(row, workload):
    hardware, generation = accuracy_names.hardware_of(row["hardware"]["gpu"])
    if hardware is None:
        raise LookupError("no device " + row["hardware"]["gpu"])
    if hardware in IN_BAND_ECC:
        hardware = {"based_on": hardware, "in_band_ecc": True}
    batch, layout, devices = row.get("batch") or {}, row.get("parallelism") or {}, row["hardware"].get("count") or 1
    said = " ".join(str(x or "") for x in (batch.get("software"), row["source"])).lower()
    precision = str(row["hardware"].get("precision", "bf16")).lower()
    inputs = {"workload": workload, "hardware": hardware, "batch_size": batch.get("concurrency") or 1,
              "prompt_tokens": batch.get("isl") or 0, "output_tokens": batch.get("osl") or 1}
    inputs.update(stream_format(precision))
    if inputs["format"] == "fp8" and not accuracy_names.multiplies_in_8_bits(generation):
        inputs["format"] = "w8a16"  # held in 8 bits, multiplied in 16
    if inputs["format"] == "int8" and isinstance(hardware, str) and not accuracy_names.states_rate(hardware, "int8"):
        inputs["format"] = "w8a16"
    if inputs["format"] == "nvfp4" and not accuracy_names.multiplies_in_4_bits(generation):
        inputs["format"] = "w4a16"
    narrow = "weight_bits" in inputs
    stack = stack_of(said, generation)
    if stack:
        inputs["software_stack"] = stack
    if narrow and any(part in precision for part in FILES):  # a file's head is stored wider than its layers
        inputs["head_bits"] = max(6.56, inputs["weight_bits"])
    elif inputs.get("weight_bits") == 8:
        inputs["head_bits"] = 8
    if inputs.get("expert_format") == "w4a16_mxfp4" and stack and stack.startswith("llama_cpp"):
        inputs.update(format="w4a16", weight_bits=8.5, head_bits=8.5)  # such files hold all but experts in Q8_0
    if "gemv" in str(row.get("notes") or "").lower():
        inputs["product_kernel"] = "gemv"
    if layout.get("tp"):
        inputs.update(tensor_parallel=layout["tp"], pipeline_parallel=layout.get("pp") or 1)
    elif devices > 1:  # layers dealt out to the devices
        inputs.update(pipeline_parallel=devices, micro_batch_tokens=1e9)
    found = [c for m in row["measured"] for c in measured_stream(m, inputs, batch, said)]
    for c in found:  # a device without records of a kernel by one token runs any
        c.otherwise = [{"solver": q["solver"], "inputs": {k: v for k, v in q["inputs"].items() if k != "product_kernel"}}
                       for q in c.questions if "product_kernel" in q["inputs"]]
    return found


def measured_stream(measured, inputs, batch, said):
    metric, value, unit = measured["metric"], measured["value"], measured.get("unit")
    inputs = dict(inputs)
    question = {"solver": "static_batch", "inputs": inputs}
    name = metric.split(" (")[0]
    scale = 1e3 if unit == "ms" else 1
    if metric.startswith("decode"):
        if "llama.cpp" in said and "static" not in str(batch.get("load")):
            inputs["prompt_tokens"] = 0  # llama-bench generates from an empty cache
        if name == "decode_time":
            return [Comparison(name, value, "tpot", [question], factor=scale * batch["osl"])]
        if "token" in str(unit):
            return [Comparison(name, value, "tpot", [question], over=inputs["batch_size"])]
        return []
    if name == "request_latency":
        return [Comparison(name, value, "request_latency", [question], factor=scale)]
    if name in ("prompt_time", "TTFT"):
        return [Comparison(name, value, "prompt_time", [question], factor=scale)]
    if name.startswith(("prompt_tokens", "prefill_tokens")) and inputs["prompt_tokens"]:
        return [Comparison(name, value, "prompt_time", [question], over=inputs["batch_size"] * inputs["prompt_tokens"])]
    return []
