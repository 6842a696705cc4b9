"""From a measured kernel, single stream or static batch to a question: the part of the accuracy mapping that is about serving.

`kernel_question(row)` takes the columns of a file of kernels; `stream_questions(row, workload)` takes a row of the JSON schema and the
model as a config writes it. Both return (metric, measured, output, question) tuples, or raise LookupError with the reason.
What a row leaves open takes the solver's default or its engine's record; nothing is set by the measured numbers.
"""
import re

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
    "b60": ({"based_on": "Arc_Pro_B60", "generation": "battlemage", "multiprocessors": 20, "device_link": "28.4 GB/s"}, 8),
}
# Tables of these cards were measured from a warm second-level cache.
WARM = ("l40s", "rtx_pro_6000_server")
FORMATS = {"bfloat16": "bf16", "float16": "bf16", "fp16": "bf16", "int8_wo": "w8a16", "int4_wo": "w4a16", "sq": "int8"}
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
    if name not in KERNEL_DEVICES:
        raise LookupError("no device " + str(name))
    return name, KERNEL_DEVICES[name][0], KERNEL_DEVICES[name][1]


def kernel_question(row):
    """A row of either file of kernels; the second has `engine` and `kernel`, the first a `framework`."""
    name, hardware, node = device_of(row)
    engine = row.get("engine") or engine_of(row.get("framework"))
    dtype, operation = row["dtype"], row["op"]
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


def kernel_of(row, operation, engine, inputs):
    n = lambda column: count(row, column)  # noqa: E731
    if operation == "gemm" or "proj" in operation:
        inputs.update(operation="product", rows=n("m"), n=n("n"), k=n("k"))
        if engine == "vllm" and inputs["format"] == "fp8_block" and inputs["hardware"]["generation"] in ("hopper", "blackwell"):
            # floors of 50 us and more: the host launches call by call
            inputs["launch"] = "eager"
    elif operation in ("moe", "moe_context", "moe_generation", "wideep_moe", "wideep_moe_eplb"):
        drawn = row["distribution"]
        skew = None if drawn in ("balanced", "uniform") else float(drawn.replace("power_law_", "").replace("_eplb", ""))
        inputs.update(operation="experts" if operation == "moe" else "wide_experts",
                      kernel=family_of(row["kernel"], row["dtype"], engine) if operation == "moe" else operation,
                      rows=n("tokens"), hidden_size=n("hidden"), expert_size=n("inter"), experts=n("experts"),
                      experts_per_token=n("topk"), expert_tensor_parallel=n("tp"), expert_parallel=n("ep"),
                      gated=(int(n("hidden")), int(n("inter"))) not in NOT_GATED, routing="power_law" if skew else drawn)
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
        size = elements * (1 if dtype == "int8" else 2) if elements else count(row, "message_bytes") or 2 * count(row, "message_elements")
        inputs.update(exchange=name, devices=count(row, "gpus") or count(row, "num_gpus"), message="%.0f B" % size)
        if "custom" in operation:
            inputs.update(library="custom", launch="eager" if "eager" in str(row.get("kernel")) else "graph")
            if engine:
                inputs["engine"] = engine
        return ("custom_" if "custom" in operation else "") + "collective", {"solver": "exchange", "inputs": inputs}
    if operation not in ("deepep_ll", "deepep_normal", "moe_a2a", "trtllm_alltoall") or row["phase"] not in ("dispatch", "combine"):
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


# --- Single streams and static batches ---------------------------------------------------------------------------------------
# Parts of a row's device, the first that fits: zoo entry and what streams need of it.
STREAM_DEVICES = [
    ("3080", "RTX3080", "ampere_gddr"), ("3090", "RTX3090", "ampere_gddr"), ("4080", "RTX4080", "ada"),
    ("4090", "RTX4090", "ada"), ("4000 ada", "RTX_4000_Ada", "ada"), ("5000 ada", "RTX_5000_Ada", "ada"),
    ("6000 ada", "RTX_6000_Ada", "ada"), ("a6000", "RTX_A6000", "ampere_gddr"), ("a40", "A40", "ampere_gddr"),
    ("l40s", "L40S", "ada"), ("a100 pcie", "A100_PCIe", "ampere"), ("a100", "A100", "ampere"),
    ("h100 pcie", "H100_PCIe", "hopper"), ("h100", "H100", "hopper"), ("m1 max", "Apple_M1_Max", "apple_m1"),
    ("m2 ultra", "Apple_M2_Ultra", "apple_m2"), ("m3 max", "Apple_M3_Max", "apple_m3"),
    ("gb10", "DGX_Spark", "grace_blackwell_lpddr"), ("mi250x", "MI250X", "cdna2"), ("mi300x", "MI300X", "cdna3")]
IN_BAND_ECC = ("A40", "L40S")
# Stored bits of a weight by what a row calls its format: files of llama.cpp hold scales beside the weights.
STORED_BITS = [("q4_k_m", 4.85), ("q8_0", 8.5), ("groups of 32", 5.0), ("awq", 4.25), ("int4", 4.5), ("int8 weights", 8.0)]


def format_inputs(precision):
    text = str(precision).lower()
    if "mxfp4" in text:
        return {"format": "bf16", "expert_format": "w4a16_mxfp4", "expert_weight_bits": 4.25}
    bits = next((bits for part, bits in STORED_BITS if part in text), None)
    if bits:
        return {"format": "w4a16", "weight_bits": bits, "expert_weight_bits": bits}
    return {"format": "fp8", "cache_format": "fp8"} if "fp8" in text else {"format": "bf16"}


def stream_hardware(row):
    name = re.sub("[-‑_]", " ", row["hardware"]["gpu"].lower())
    for part, entry, generation in STREAM_DEVICES:
        if part in name:
            hardware = {"based_on": entry, "generation": generation}
            if entry in IN_BAND_ECC:
                hardware["in_band_ecc"] = True
            return hardware, generation
    raise LookupError("no device " + row["hardware"]["gpu"])


def stream_questions(row, workload):
    hardware, generation = stream_hardware(row)
    source, batch, layout = row["source"], row.get("batch") or {}, row.get("parallelism") or {}
    inputs = {"workload": workload, "hardware": hardware, "batch_size": batch.get("concurrency") or 1,
              "prompt_tokens": batch.get("isl") or 0, "output_tokens": batch.get("osl") or 1}
    inputs.update(format_inputs(row["hardware"].get("precision", "bf16")))
    narrow = "weight_bits" in inputs
    if "llama.cpp" in source:
        apple, spark = generation.startswith("apple"), generation == "grace_blackwell_lpddr"
        inputs["software_stack"] = "llama_cpp_metal" if apple else "llama_cpp_2025" if spark else "llama_cpp"
        if spark:
            inputs["head_bits"] = 8.5
            if not narrow:
                inputs["weight_bits"] = 8.5
        elif narrow:
            inputs["head_bits"] = 6.56
        if layout.get("split") == "layers":
            inputs.update(pipeline_parallel=row["hardware"]["count"], micro_batch_tokens=1e9)
    elif "gpt-fast" in source:
        inputs.update(software_stack="gpt_fast", tensor_parallel=layout.get("tp") or 1)
        if inputs.get("weight_bits") == 8:
            inputs["head_bits"] = 8
    elif "AWQ" in source:
        inputs["software_stack"] = "autoawq"
        if row["hardware"].get("count", 1) > 1:
            inputs["pipeline_parallel"] = row["hardware"]["count"]
    elif "FasterTransformer" in source:
        inputs.update(software_stack="fastertransformer", tensor_parallel=layout.get("tp") or 1,
                      pipeline_parallel=layout.get("pp") or 1)
    elif "ROCm" in source:
        inputs.update(software_stack="vllm_rocm", tensor_parallel=layout.get("tp") or 1)
    else:
        raise LookupError("no solver for an engine under load")
    return [q for m in row["measured"] for q in measured_stream(m, inputs, batch, source)]


def measured_stream(measured, inputs, batch, source):
    metric, value = measured["metric"], measured["value"]
    inputs = dict(inputs)
    if metric.startswith("decode"):
        if "llama.cpp" in source and "static" not in str(batch.get("load")):
            inputs["prompt_tokens"] = 0  # llama-bench generates from an empty cache
        if metric == "decode_time":
            return [("decode_rate", value / batch["osl"], "tpot", {"solver": "static_batch", "inputs": inputs})]
        return [("decode_rate", inputs["batch_size"] / value, "tpot", {"solver": "static_batch", "inputs": inputs})]
    if metric == "request_latency":
        seconds = value * (1e-3 if measured.get("unit") == "ms" else 1)
        return [("request_latency", seconds, "request_latency", {"solver": "static_batch", "inputs": inputs})]
    if metric == "prompt_time" or metric.startswith("prompt_tokens"):
        seconds = value if metric == "prompt_time" else inputs["batch_size"] * inputs["prompt_tokens"] / value
        return [("prompt_time", seconds, "prompt_time", {"solver": "static_batch", "inputs": inputs})]
    return []
