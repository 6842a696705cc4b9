"""From a measured row of a serving engine to a question: rows of loops (CSV) and end-to-end points (JSON) of closed loops.

Users of a published benchmark send ten requests each from a cold start, with lengths even between 0.8 and 1 of those stated
(InferenceX's scripts). What a row leaves open takes the engine's record.
"""
import math

import accuracy_names
from accuracy_models import parameters_of, served_workload, workload_of
from accuracy_rows import Comparison, NotExpressed, least_one, number

ENGINES = [("trt", "trtllm"), ("tensorrt", "trtllm"), ("vllm", "vllm"), ("sgl", "sglang")]
POINT_WIDTHS = [("fp4", "fp4"), ("fp8", "fp8"), ("int8", "int8"), ("w8a8", "int8"), ("int4", "int4"), ("w4a16", "int4"), ("awq", "int4"),
                ("gptq", "int4")]
# Columns whose value names one of several layouts; a pool's carry its name.
LAYOUT = ("attention_tp", "attention_dp", "expert_tp", "expert_parallel")
WAVES = 10
# The public script of Llama 70B with TensorRT-LLM holds prompts back at 1024 and 1024 tokens on less than eight ranks: up to so many
# iterations, for others to come with them (batch_wait_timeout_iters in benchmarks/70b_fp8_h200_trt_slurm.sh of InferenceX).
BATCH_WAIT = 20
# Engines that run with prompts first or beside decoding, by a flag that rows of dense models do not state.
ORDER_NOT_STATED = ("sglang",)
# Iterations until a first token of a model with experts is seen, of an engine that no stack knows: the one number that errs least over the
# loops of all three engines. With an engine left out, what the others want errs by 42.8 % on its rows, none at all by 48.3.
OTHER_DELAY = 5
# Bytes of a weight by width, scales among them.
BYTES = {"fp4": 0.5625, "fp8": 1, "int8": 1, "w8a16": 1, "int4": 0.53, "bf16": 2}
NARROWER = {"bf16": "fp8", "fp8": "fp4"}
# Releases whose rows show that they draft: model, engine, version, date from, date, precision; empty: any.
DRAFTING = [(model, "trtllm", "1.2.0rc6.post3", "", "", "") for model in ("DeepSeek-R1", "DeepSeek-V3", "Qwen3.5")] + [
    (model, "trtllm", "1.1.0rc2.post2", "2026-01-14", "", "") for model in ("DeepSeek-R1", "DeepSeek-V3", "Qwen3.5")] + [
    ("DeepSeek-R1", "sglang", "0.5.9", "", "", "fp8"), ("Qwen3.5", "sglang", "0.5.9", "", "2026-03-20", "")]
# A device's share of the network between pools, where the zoo knows none: a card of 400 Gbit/s, as nodes of eight have.
OTHER_NETWORK = "50 GB/s"
# Users start together and have delays of their own; lengths of 1024 and 8192 are those of the public scripts.
SCRIPTED = (1024, 8192)


def device_of(name):
    key = accuracy_names.device_named(name)
    if key is None:
        raise NotExpressed("no device named " + str(name))
    return key, accuracy_names.generation_of(key)


def engine_of(name):
    text = str(name).lower()
    return next((engine for part, engine in ENGINES if part in text), None)


# --- Models -------------------------------------------------------------------------------------------------------------------
def config_of(name, models):
    lower = str(name).lower()
    for key, config in models.items():
        if key == name or lower in key.lower() or key.lower() in lower:
            return config
    return None


def model_of(name, models):
    """A served model and its shapes: from the given configurations, else by its name in the zoo, whose shapes the zoo knows."""
    config = config_of(name, models)
    if config is not None:
        return served_workload(config, name)
    key = accuracy_names.model_named(name)
    if key is None:
        raise NotExpressed("no shapes of " + str(name) + ": give --models")
    workload, entry = accuracy_names.text_model(key)
    return workload, dict(accuracy_names.shapes_named(name), name=name, experts=entry.get("experts"))


# --- Formats and layouts ------------------------------------------------------------------------------------------------------
def width_of(row, m, device):
    """bf16, fp8, fp4 or int4: what the row says of its precision, then of its experts and products; else the widest in which experts
    take less than three quarters of the memory."""
    for stated in (row.get("precision"), row.get("expert_format"), row.get("linear_format")):
        text = str(stated or "").lower()
        for part, width in (("int4", "int4"), ("w4a16", "int4"), ("fp4", "fp4"), ("fp8", "fp8"), ("bf16", "bf16"), ("16", "bf16")):
            if part in text:
                return width
    if "hidden" not in m:
        return "bf16"
    ranks = least_one(row.get("attention_tp")) * least_one(row.get("attention_dp"))
    routed = m["layers"] - m.get("first_k_dense_replace", 0)
    weights = routed * 3 * m["hidden"] * m["expert_ffn"] * m["experts"] if m.get("experts") else 0
    share = weights / (accuracy_names.memory_of(device) * ranks)
    return "bf16" if 2 * share < 0.75 else "fp8" if share < 0.75 else "fp4"


def drafted_of(row, data):
    """Tokens drafted a step: what the row says; else what shows in the rows of four releases against their neighbours (the same layout
    is a third to two thirds faster): one under attention-data parallelism, else three."""
    stated = number(row.get("speculative_tokens"))
    if stated is not None:
        return stated
    release, engine, date, model = (str(row.get(k) or "") for k in ("version", "engine", "measured_on", "model"))
    drafts = row.get("mode") == "agg" and any(
        part in model and engine == of and release == version and (not since or date >= since) and (not on or date == on)
        and (not precision or row.get("precision") == precision) for part, of, version, since, on, precision in DRAFTING)
    return (1 if data > 1 else 3) if drafts else 0


def formats_of(width, m, model, generation):
    """Formats of dense products, of experts and of the cache, as engines serve the published checkpoints. Devices without units of a
    format hold weights in it and multiply in 16 bits."""
    routed = bool(m.get("experts"))
    cache = "bf16" if width in ("bf16", "int4") else "fp8"
    if "gpt-oss" in model.lower() or "gpt_oss" in model.lower():
        experts = "w4a8_mxfp4_mxfp8" if accuracy_names.multiplies_in_4_bits(generation) else "w4a16_mxfp4"
        return {"format": "bf16", "expert_format": experts, "cache_format": cache}
    dense = {"fp8": "fp8_block" if routed else "fp8", "fp4": "nvfp4", "int4": "bf16", "int8": "int8", "bf16": "bf16"}[width]
    experts = {"fp8": "fp8_block", "fp4": "nvfp4", "int4": "w4a16_mxfp4", "int8": "fp8", "bf16": "bf16"}[width]
    if width == "fp8" and not accuracy_names.multiplies_in_8_bits(generation):
        dense = experts = "w8a16"
    if width == "fp4" and not accuracy_names.multiplies_in_4_bits(generation):
        dense, experts = "w4a16", "w4a16_mxfp4"
    inputs = {"format": dense, "cache_format": cache}
    if routed:
        inputs["expert_format"] = experts
        if width == "int4":
            inputs["expert_kernel"] = "marlin"
    return inputs


def layout_of(row, m, pool=""):
    """The columns mix two ways of writing down the same worlds: (1, n*ep, n, ep) and (n, n, 1, n*n) are n devices with
    attention-data parallelism n."""
    tp, dp, etp, ep = (int(least_one(row.get(pool + key))) for key in LAYOUT)
    if not m.get("experts"):
        return tp, dp, 1, 1
    if etp * ep == 1 and tp * dp > 1:
        etp, ep = (tp, 1) if dp == 1 else (1, tp * dp)
    elif dp > 1 and tp == 1 and etp > 1 and ep > 1 and dp == etp * ep:
        dp, etp = etp, max(1, etp // ep)
    elif dp > 1 and tp == dp and ep == tp * dp:
        tp, etp, ep = 1, 1, dp
    elif dp > 1 and tp == dp and etp * ep == tp:
        tp = 1
    elif dp == 1 and tp == 4 and etp == ep == 2 and "gpt-oss" in m["name"].lower().replace("_", "-"):
        tp, etp, ep = 2, 1, 2
    if etp > 8 and ep == 1:
        etp, ep = 1, etp
    return tp, dp, etp, ep


def weights_of(m, width):
    """Bytes of a model whose shapes are known."""
    return parameters_of(m) * BYTES[width] if "hidden" in m else 0


def width_that_fits(width, m, device, layout):
    """A row that was measured had room for its weights: where those of the format that it names have none, the next narrower."""
    ranks = layout[0] * layout[1]
    while width in NARROWER and weights_of(m, width) > accuracy_names.memory_of(device) * ranks:
        width = NARROWER[width]
    return width


def least_layout(m, width, device):
    """Of a row that states no layout: the fewest devices, a power of two, whose memory holds the weights in 0.6 of it."""
    t = 1
    while t < 64 and weights_of(m, width) > 0.6 * accuracy_names.memory_of(device) * t:
        t *= 2
    return (t, 1, t, 1) if m.get("experts") else (t, 1, 1, 1)


def layout_inputs(layout):
    tp, dp, etp, ep = layout
    return {"tensor_parallel": tp, "attention_data_parallel": dp, "expert_parallel": ep, "expert_tensor_parallel": etp}


def load_of(users, prompt, output):
    """The public scripts draw lengths evenly between 0.8 and 1 of the stated: mean 0.9, deviation 0.0577 / 0.9."""
    scripted = output in SCRIPTED
    mean = 0.9 if scripted else 1
    inputs = {"users": users, "waves": WAVES, "prompt_tokens": prompt * mean, "output_tokens": output * mean}
    if scripted:
        spread = 0.2 / math.sqrt(12) / 0.9
        inputs.update(prompt_variation=spread, output_variation=spread, length_spread="uniform")
    return inputs


def stated_load(row):
    """Users, prompt and output, which every row states."""
    given = [number(row.get(key)) for key in ("concurrency", "prompt_tokens", "output_tokens")]
    if None in given:
        raise NotExpressed("no users, or no lengths")
    return [max(1, n) for n in given]


# --- Rows ---------------------------------------------------------------------------------------------------------------------
def loop(row, models):
    """A row of the CSV of serving loops: prompts and decoding together, or in pools apart."""
    if row.get("mode") == "disagg":
        return pools(row, models)
    name = str(row["model"])
    workload, m = model_of(name, models)
    device, generation = device_of(row["device"])
    inputs = {"workload": workload, "hardware": device}
    engine = engine_of(row["engine"])
    if engine:
        inputs["software_stack"] = engine
    elif m.get("experts"):
        inputs["first_token_delay"] = OTHER_DELAY
    width = width_of(row, m, device)
    layout = layout_of(row, m) if any(number(row.get(key)) for key in LAYOUT) else least_layout(m, width, device)
    inputs.update(formats_of(width_that_fits(width, m, device, layout), m, name, generation))
    inputs.update(layout_inputs(layout))
    inputs.update(load_of(*stated_load(row)))
    drafted = drafted_of(row, layout[1])
    if drafted:
        inputs["drafted_tokens"] = drafted
    return asked(inputs, {"tpot": number(row.get("tpot_ms")), "ttft": number(row.get("ttft_ms"))})


def pools(row, models):
    """A row of the same whose prompts and decoding have engines, and layouts, of their own."""
    name = str(row["model"])
    workload, m = model_of(name, models)
    device, generation = device_of(row["device"])
    inputs = {"workload": workload}
    inputs.update(formats_of(width_of(row, m, device), m, name, generation))
    for pool, columns in (("prompt", "prefill_"), ("decode", "decode_")):
        if not any(number(row.get(columns + key)) for key in LAYOUT):
            raise NotExpressed("no layout of the engines for " + {"prompt": "prompts", "decode": "decoding"}[pool])
        given = dict(layout_inputs(layout_of(row, m, columns)), hardware=device, engines=least_one(row.get(columns + "workers")))
        engine = engine_of(row["engine"])
        if engine:
            given["software_stack"] = engine
        inputs.update({pool + "." + key: value for key, value in given.items()})
    if not accuracy_names.states_link(device, "network_link"):
        inputs["transfer_bandwidth"] = OTHER_NETWORK
    inputs.update(load_of(*stated_load(row)))
    drafted = drafted_of(row, inputs["decode.attention_data_parallel"])
    if drafted:
        inputs["drafted_tokens"] = drafted
    return asked(inputs, {"tpot": number(row.get("tpot_ms")), "ttft": number(row.get("ttft_ms"))}, "serving_pools")


def point(row):
    """An end-to-end point of a dense model, as JSON."""
    m, batch = row["model"], row["batch"]
    device, generation = device_of(row["hardware"]["gpu"])
    precision = str(row["hardware"].get("precision") or "").lower()
    width = next((w for part, w in POINT_WIDTHS if part in precision), "bf16")  # not stated: as the checkpoint is
    stated = m.get("hidden") and m.get("layers")
    inputs = {"workload": workload_of(m, training=False) if stated else model_of(m.get("name"), {})[0], "hardware": device}
    engine = engine_of(batch.get("backend"))
    if engine:
        inputs["software_stack"] = engine
    inputs.update(formats_of(width, m, str(m.get("name")), generation))
    if width in ("int8", "int4"):
        inputs["format"] = {"int8": "int8", "int4": "w4a16"}[width]
    layout = row.get("parallelism") or {"tp": row["hardware"].get("count")}  # not stated: over all devices
    inputs.update(tensor_parallel=least_one(layout.get("tp")), pipeline_parallel=least_one(layout.get("pp")))
    inputs.update(load_of(least_one(batch["concurrency"]), least_one(batch["isl"]), least_one(batch["osl"])))
    held_back = held_back_of(inputs, batch, str(m.get("name")))
    if held_back:
        inputs["first_token_delay"] = held_back
    measured = {x["metric"].lower(): x["value"] for x in row["measured"]}
    comparisons = asked(inputs, {"tpot": measured.get("tpot"), "ttft": measured.get("ttft")})
    if engine in ORDER_NOT_STATED:
        for c in comparisons:
            if c.metric == "ttft":
                c.questions = c.questions + [{"solver": "serving_engine", "inputs": dict(inputs, prompt_order="first")}]
                c.choose = nearer_end(c)
    return comparisons


def held_back_of(inputs, batch, model):
    """Iterations that a prompt waits in the mean: who comes first all of them, who comes meanwhile half."""
    script = "70b" in model.lower() and inputs.get("software_stack") == "trtllm" and inputs["tensor_parallel"] < 8
    if not script or batch["isl"] != 1024 or batch["osl"] != 1024:
        return 0
    others = BATCH_WAIT * inputs["users"] / inputs["output_tokens"]
    return BATCH_WAIT * (1 + others / 2) / (1 + others)


def nearer_end(comparison):
    """A row whose scheduler is not stated has a range, from one order of prompts to the other: its nearer end counts."""
    def choose(answers):
        told = [(a, (a.get("outputs") or {}).get(comparison.output)) for a in answers]
        ends = [(abs(math.log(value["value"] / comparison.measured)), k) for k, (_, value) in enumerate(told) if value]
        return told[min(ends)[1]][0] if ends else None
    return choose


def asked(inputs, milliseconds, solver="serving_engine"):
    question = {"solver": solver, "inputs": inputs}
    return [Comparison(metric, value / 1000, metric, [question]) for metric, value in milliseconds.items() if value]


def is_loop(row):
    return str(row.get("schema")).startswith("csv:") and "concurrency" in row and "tpot_ms" in row


def is_point(row):
    return any(x["metric"].upper() == "TPOT" for x in row.get("measured") or []) and "concurrency" in (row.get("batch") or {})
