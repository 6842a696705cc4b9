"""From a measured row of an engine under load to a question, JSON schema: inter-token latency, throughput, power and energy of a
closed loop, offline throughput, and MLPerf's offline and server scenarios.

What a row leaves open takes the solver's default, its stack's record, or a rule that is stated here.
"""
import math
import re

import accuracy_names
from accuracy_loops import BYTES, formats_of
from accuracy_models import parameters_of, shapes_of, workload_of
from accuracy_rows import Comparison, NotExpressed, least_one, number

# Stack by what a row's software, else its source, says; the first that fits.
STACKS = [
    (r"tensorrt-llm.*\bv?1\.0\b", "trtllm_v1"),
    (r"tensorrt.*offline", "trtllm_offline"),
    (r"trt|tensorrt", "trtllm"),
    (r"vllm.*rocm|rocm.*vllm|mi3\d\dx.*vllm", "vllm_rocm"),
    (r"vllm.*\b(2025|0\.([0-9]|1[01])\.)", "vllm_2025"),
    (r"vllm", "vllm"),
    (r"sglang|sgl\b", "sglang"),
    (r"mlperf inference.*nvidia", "trtllm_v1"),
    (r"fastertransformer", "fastertransformer"),
]
# Width by what a row calls its format, the first that fits; int4 and w8a16 are widened to 16 bits where they are multiplied.
WIDTHS = [(r"int4|awq|gptq|w4a16|nf4|q4_|(?<!fp)4-?bit", "int4"), (r"fp4", "fp4"), (r"fp8", "fp8"), (r"w8a16|int8 weights|q8_0", "w8a16"),
          (r"int8|w8a8", "int8"), (r"8-?bit", "w8a16")]
# Tokens of a prompt by the task that a row names; what the leaderboard's data sets hold in the mean, not stated in its files.
TASK_PROMPTS = [("gpqa", 250), ("fim", 1500), ("", 170)]
# Deviation over mean of the lengths of what people ask and are answered, where a row names a task or a data set and no length: a round
# figure. Benchmarks that state lengths make all alike, or say how they vary.
TASK_VARIATION = 1
# Mean prompt and answer of MLPerf's data sets, limits of the first token's and of a later token's time that 99 % of the requests of a
# server keep, the same of the interactive scenario (mlperf.conf of release 5.1), and beams of the search.
MLPERF = [("gptj", 778, 69, (2, 0.2), (2, 0.2), 4), ("llama31405b", 9428, 684, (6, 0.175), (4.5, 0.08), 1),
          ("llama318b", 778, 128, (2, 0.1), (0.5, 0.03), 1), ("deepseek", 800, 3880, (2, 0.08), (2, 0.08), 1),
          ("mixtral", 300, 145, (2, 0.2), (2, 0.2), 1), ("llama270b", 294, 294, (2, 0.2), (0.45, 0.04), 1),
          ("", 294, 294, (2, 0.2), (0.45, 0.04), 1)]  # of a model that is not listed: as Llama 2's
# Settings that submissions publish with their rows and stacks do not hold. TensorRT-LLM admits what a request holds (max_util); vLLM on
# ROCm schedules nine to thirteen iterations together (num_scheduler_steps), so that a prompt waits five in the mean.
SUBMITTED = {"trtllm_v1": {"admission": "held"}, "vllm_rocm": {"first_token_delay": 5}}
# The same of prompts of MLPerf's data sets, which are cut at two to three times their mean.
DATA_SET_VARIATION = 0.5
# Models that MLPerf runs in one pass, as the zoo's; BERT's questions have 180 tokens in the mean, of 384 at most, and none is padded.
ONE_PASS = [("bertlarge", {"based_on": "BERT_Large", "reference_length": 180, "operations": "112 GFLOP"}), ("resnet50", "ResNet50")]
# A benchmark without a rate: more requests than any engine has slots for.
ENDLESS = 200000
# Requests a second and engine that a server may be sent; the most that keeps its limits is what the submission tunes for.
SERVER_RATES = [0.05 * 1.04**k for k in range(210)]
# What published configurations say and rows do not: layers that attend to a window and its size; dense layers between routed ones.
SERVED = [
    ("gemma-3-4b", dict(hidden=2560, layers=34, heads=8, kv_heads=4, head_dim=256, ffn=10240, vocab=262208, gated_mlp=True,
                        window=(29, 1024))),
    ("gemma-3-12b", dict(hidden=3840, layers=48, heads=16, kv_heads=8, head_dim=256, ffn=15360, vocab=262208, gated_mlp=True,
                         window=(40, 1024))),
    ("gemma-3-27b", dict(hidden=5376, layers=62, heads=32, kv_heads=16, head_dim=128, ffn=21504, vocab=262208, gated_mlp=True,
                         window=(52, 1024))),
    ("maverick", dict(hidden=5120, layers=48, heads=40, kv_heads=8, head_dim=128, vocab=202048, gated_mlp=True, experts=128,
                      active_experts=1, expert_ffn=8192, n_shared_experts=1, first_k_dense_replace=24, ffn=16384,
                      window=(36, 8192))),
    ("scout", dict(hidden=5120, layers=48, heads=40, kv_heads=8, head_dim=128, vocab=202048, gated_mlp=True, experts=16,
                   active_experts=1, expert_ffn=8192, n_shared_experts=1, window=(36, 8192))),
    ("gpt-j", dict(gated_mlp=False, vocab=50400, heads=16, kv_heads=16, head_dim=256, hidden=4096, layers=28, ffn=16384)),
    ("mixtral-8x7b", dict(experts=8, active_experts=2, expert_ffn=14336, gated_mlp=True, vocab=32000)),
]


def served_shapes(row, models):
    """Shapes of the row's model, and the model as a config takes it: written out, or by its name in the zoo."""
    name = str(row["model"].get("name") or "").lower().replace("_", "-").replace(" ", "-")
    known = next((facts for part, facts in SERVED if accuracy_names.squashed(part) in accuracy_names.squashed(name)), {})
    m = dict(shapes_of(row, models))
    m.update(known)
    missing = [key for key in ("hidden", "layers", "heads", "vocab") if m.get(key) is None]
    if not missing:
        m.setdefault("kv_heads", m["heads"])
        m.setdefault("gated_mlp", True)
        return m, workload_of(m, training=False)
    key = accuracy_names.model_named(row["model"].get("name") or "")
    if key is None:
        raise NotExpressed("no shapes of " + str(row["model"].get("name")))
    key, entry = accuracy_names.text_model(key)
    return {"name": name, "experts": entry.get("experts"), "entry": entry}, key


def stack_of(row):
    batch = row.get("batch") or {}
    said = " ".join(str(x or "") for x in (batch.get("software") or batch.get("backend"), row.get("source"), batch.get("load"),
                                           row["hardware"].get("gpu")))
    return next((stack for pattern, stack in STACKS if re.search(pattern, said.lower())), None)


def devices_of(row):
    """Devices of a row: a dual card holds two."""
    each = 2 if re.search(r"\bdual\b", str(row["hardware"].get("gpu")).lower()) else 1
    return each * least_one(row["hardware"].get("count"))


def device_inputs(row):
    key = accuracy_names.device_named(row["hardware"]["gpu"])
    if key is None:
        raise NotExpressed("no device " + str(row["hardware"]["gpu"]))
    generation = accuracy_names.generation_of(key)
    return {"hardware": key}, generation


def width_of(precision, generation, device):
    text = str(precision or "").lower()
    if "submission" in text or "mix" in text:
        text = ("fp4" if accuracy_names.multiplies_in_4_bits(generation) else
                "fp8" if accuracy_names.multiplies_in_8_bits(generation) else
                "int8" if accuracy_names.states_rate(device, "int8") else "fp8")  # stored in 8 bits, multiplied in 16
    return next((width for pattern, width in WIDTHS if re.search(pattern, text)), "bf16")


def format_inputs(row, m, generation, width):
    name = str(row["model"].get("name") or "").replace(" ", "-")
    if width == "int8":
        experts = "fp8" if accuracy_names.multiplies_in_8_bits(generation) else "w4a16"  # of the kernels that tables have the nearest
        return {"format": "int8", "cache_format": "bf16", **({"expert_format": experts} if m.get("experts") else {})}
    inputs = formats_of("bf16" if width == "w8a16" else width, m, name, generation)
    if width == "w8a16":
        inputs.update(format="w8a16", **({"expert_format": "w8a16"} if m.get("experts") else {}))
    if width == "int4":
        inputs.update(format="w4a16", **({"expert_format": "w4a16", "expert_kernel": "marlin"} if m.get("experts") else {}))
    return inputs


def layout_of(row, m):
    """Tensor ranks, attention-data-parallel ranks, expert ranks, stages and replicas of one row; where it states none, tensor ranks
    over a node."""
    n = devices_of(row)
    p = {key: value for key, value in (row.get("parallelism") or {}).items() if value is not None} or {"tp": min(8, n)}
    tp, ep, pp = least_one(p.get("tp")), least_one(p.get("ep")), least_one(p.get("pp"))
    adp, dp = least_one(p.get("attention_dp")), least_one(p.get("dp"))
    if not m.get("experts"):
        group = tp * pp
        return {"tensor_parallel": tp, "pipeline_parallel": pp, "replicas": max(1, dp if dp > 1 else n // group)}
    if dp > 1 and adp == 1:  # data parallelism of a model with experts: of its attention
        adp, tp = dp, max(1, n // dp)
    elif tp == 1 and ep > 1 and adp == 1:  # experts over all ranks, attention split over the same
        tp = ep
    inputs = {"tensor_parallel": tp, "attention_data_parallel": adp, "pipeline_parallel": pp,
              "replicas": max(1, n // (tp * adp * pp))}
    if ep > 1:
        inputs["expert_parallel"] = min(ep, tp * adp)
        inputs["expert_tensor_parallel"] = max(1, tp * adp // inputs["expert_parallel"])
    else:
        inputs.update(expert_parallel=1, expert_tensor_parallel=tp * adp)
    return inputs


def prompt_of(batch):
    stated = number(batch.get("isl"))
    if stated is not None:
        return stated
    task = str(batch.get("isl") or "")
    if not task:
        raise NotExpressed("no lengths")
    return next(tokens for part, tokens in TASK_PROMPTS if part in task)


def loaded(row, models):
    """Comparisons of a row of an engine under load."""
    if str(row.get("source", "")).startswith("MLPerf"):
        return mlperf(row, models)
    batch = row.get("batch") or {}
    m, workload = served_shapes(row, models)
    inputs, generation = device_inputs(row)
    inputs["workload"] = workload
    stack = stack_of(row)
    if stack:
        inputs["software_stack"] = stack
    inputs.update(format_inputs(row, m, generation, width_of(row["hardware"].get("precision"), generation, inputs["hardware"])))
    inputs.update(layout_of(row, m))
    if inputs.get("expert_format") in ("w4a8_mxfp4_mxfp8", "w4a16_mxfp4") and stack == "trtllm_offline":
        inputs["cache_format"] = "bf16"  # its checkpoints hold no scales of a narrower one
        if inputs["expert_format"] == "w4a16_mxfp4":
            inputs["expert_kernel"] = "cutlass"
    if stack == "vllm_2025" and inputs.get("expert_format") == "bf16":
        inputs["expert_kernel"] = "triton"  # releases of 2025 run experts of 16 bits by no other
    output = number(batch.get("osl"))
    if output is None:
        raise NotExpressed("no lengths")
    inputs.update(prompt_tokens=prompt_of(batch), output_tokens=max(1, output))
    if number(batch.get("isl")) is None:
        inputs.update(prompt_variation=TASK_VARIATION, output_variation=TASK_VARIATION)
    users = number(batch.get("concurrency"))
    if users is None:
        users = number(batch.get("max_seqs"), ENDLESS)
        if number(batch.get("requests")):
            users = min(users, batch["requests"])
    if number(batch.get("max_seqs")):
        inputs["most_sequences"] = max(1, batch["max_seqs"] / inputs["replicas"])
    inputs["users"] = max(1, math.floor(users + 0.5))
    return measured_of(row, inputs, inputs["output_tokens"])


# Metric as rows name it: output of the solver, factor of its unit.
OUTPUTS = {
    "ITL_median": ("itl_p50", 1e3), "ITL_mean": ("itl", 1e3), "ITL": ("itl", 1e3), "ITL_p90": ("itl_p90", 1e3),
    "ITL_p99": ("itl_p99", 1e3), "TPOT": ("tpot", 1e3), "TPOT_mean": ("tpot", 1e3), "TPOT_median": ("tpot_p50", 1e3),
    "TTFT": ("ttft", 1e3), "TTFT_mean": ("ttft", 1e3), "TTFT_median": ("ttft_p50", 1e3), "TTFT_p99": ("ttft_p99", 1e3),
    "output_tokens_per_s": ("output_throughput", 1), "total_output_throughput": ("output_throughput", 1),
    "throughput_tokens_per_s": ("output_throughput", 1), "tokens_per_s": ("output_throughput", 1),
    "output_tokens_per_s_per_gpu": ("throughput_per_device", 1), "tokens_per_s_per_accelerator": ("throughput_per_device", 1),
    "energy_per_token": ("energy_per_token", 1), "request_latency": ("request_latency", 1e3),
}
SECONDS = ("s", "sec", "seconds")


def measured_of(row, inputs, output, questions=None, choose=None, beams=1):
    comparisons = []
    for x in row["measured"]:
        metric, value = x["metric"].split(" (")[0], x["value"]
        found = OUTPUTS.get(metric)
        if found is None and metric.startswith("samples_per_s"):
            found = ("throughput_per_device" if "per_acc" in metric else "output_throughput", 1 / output / beams)
        if metric == "energy_per_request":
            found = ("energy_per_token", output)
        if metric == "power_all_gpus":
            found = ("device_power", devices_of(row))
        if found is None or not value:
            continue
        name, factor = found
        if "tokens" in metric:
            factor /= beams
        if factor == 1e3 and x.get("unit") in SECONDS:
            factor = 1
        asked = questions or [{"solver": "serving_engine", "inputs": inputs}]
        comparisons.append(Comparison(metric, value, name, asked, factor=factor, choose=choose, otherwise=without_kernels(asked[0])))
    return comparisons


def without_kernels(question):
    """The same question without the kernels that a row's engine would take, for devices that have no record of them."""
    inputs = {k: v for k, v in question["inputs"].items() if k not in ("product_kernel", "expert_kernel")}
    return [dict(question, inputs=inputs)] if inputs != question["inputs"] else []


def one_pass(row, workload):
    """Samples a second offline: batches of 1024 in 8 bits, by the bound's own half of the peak, as no step of such a model was
    measured by kernel."""
    inputs, _ = device_inputs(row)
    inputs.update(workload=workload, batch_size=1024, precision="int8")
    count = devices_of(row)
    factors = {"samples_per_s": count, "samples_per_s_per_accelerator": 1}
    question = {"solver": "single_node", "inputs": inputs}
    return [Comparison(x["metric"], x["value"], "throughput", [question], factor=factors[x["metric"]])
            for x in row["measured"] if x["metric"] in factors]


def mlperf(row, models):
    """Offline: all requests at once. Server: the most requests that arrive at random and keep the limits in 99 % of the cases. Split over
    the fewest devices, a power of two, whose memory holds the weights in 0.6 of it."""
    name = accuracy_names.squashed(row["model"].get("name") or "")
    _, prompt, answer, served, interactive, beams = next(k for k in MLPERF if k[0] in name)
    answer = stated_answer(row) or answer
    scenario = str((row.get("batch") or {}).get("scenario")).lower()
    workload = next((w for part, w in ONE_PASS if part in name), None)
    if workload is not None:
        return one_pass(row, workload)
    m, workload = served_shapes(row, models)
    inputs, generation = device_inputs(row)
    inputs["workload"] = workload
    stack = stack_of(row)
    if stack:
        inputs["software_stack"] = mlperf_stack(stack, name, scenario)
        inputs.update(SUBMITTED.get(inputs["software_stack"], {}))
    width = "fp8" if "gptj" in name else width_of(row["hardware"].get("precision"), generation, inputs["hardware"])
    inputs.update(format_inputs(row, m, generation, width))
    inputs["cache_format"] = "fp8" if accuracy_names.multiplies_in_8_bits(generation) else "bf16"
    count = devices_of(row)
    inputs.update(mlperf_layout(m, inputs, width, count, row))
    inputs.update(prompt_tokens=prompt, output_tokens=answer, prompt_variation=DATA_SET_VARIATION, output_variation=TASK_VARIATION)
    if beams > 1:  # of one prompt each, and one answer counts
        inputs["prefix_hit_rate"] = 1 - 1 / beams
    if scenario in ("server", "interactive"):
        first, limit = interactive if scenario == "interactive" or "interactive" in name else served
        questions = [{"solver": "serving_engine", "inputs": dict(inputs, request_rate="%.6g request/s" % (inputs["replicas"] * rate))}
                     for rate in SERVER_RATES]
        return measured_of(row, inputs, answer, questions, lambda answers: most_within(answers, limit, first), beams)
    questions = [{"solver": "serving_engine", "inputs": dict(inputs, users=ENDLESS, **split)} for split in offline_splits(inputs)]
    return measured_of(row, inputs, answer, questions, most_output, beams)


def mlperf_stack(stack, name, scenario):
    """Submissions with TensorRT run engines that are compiled whole, but for models with a latent cache, which run in PyTorch."""
    if not stack.startswith("trtllm"):
        return stack
    if "deepseek" not in name:
        return "trtllm_v1"
    return "trtllm_server" if scenario in ("server", "interactive") else "trtllm_offline"


def stated_answer(row):
    """Mean tokens of an answer, where a row counts both tokens and samples."""
    told = {x["metric"]: x["value"] for x in row["measured"]}
    tokens, samples = told.get("tokens_per_s"), told.get("samples_per_s")
    return tokens / samples if tokens and samples else None


def offline_splits(inputs):
    """Ranks of a replica that are cards on PCIe pass activations down a pipeline where that is faster than adding them up."""
    t = inputs["tensor_parallel"]
    stages = [1]
    if not accuracy_names.states_link(inputs["hardware"], "device_link"):
        stages = [p for p in (1, 2, 4, 8) if p <= t]
    return [{"tensor_parallel": t // p, "pipeline_parallel": p} for p in stages]


def most_output(answers):
    return max((a for a in answers if (a.get("outputs") or {}).get("output_throughput")),
               key=lambda a: a["outputs"]["output_throughput"]["value"], default=None)


def most_within(answers, limit, first):
    """Of answers, the one with most throughput whose tokens take no longer in 99 % of the requests, the first one included; else the
    quickest."""
    def seconds(a, name):
        value = a["outputs"].get(name)
        return value["value"] if isinstance(value, dict) else math.inf

    told = [a for a in answers if (a.get("outputs") or {}).get("tpot") is not None]
    within = [a for a in told if seconds(a, "tpot_p99") <= limit and seconds(a, "ttft_p99") <= first]
    if within:
        return max(within, key=lambda a: a["outputs"]["output_throughput"]["value"])
    return min(told, key=lambda a: seconds(a, "tpot"), default=None)


def mlperf_layout(m, inputs, width, count, row):
    if m.get("kv_lora_rank") or "deepseek" in str(row["model"].get("name")).lower():
        n = min(8, count)
        return {"tensor_parallel": 1, "attention_data_parallel": n, "expert_parallel": n, "expert_tensor_parallel": 1,
                "replicas": max(1, count // n)}
    total = parameters_of(m) if "hidden" in m else float(m["entry"].get("parameters", 0))
    t = 1
    while t < 8 and total * BYTES[width] > 0.6 * accuracy_names.memory_of(inputs["hardware"]) * t:
        t *= 2
    t = min(t, count)
    return {"tensor_parallel": t, "replicas": max(1, count // t)}
