"""From a measured training step to a question: the part of the accuracy mapping that is about training.

What a row leaves open takes its trainer's record, its recipe's published switches, or a rule that is stated here.
"""
import re

import accuracy_names
from accuracy_fleets import NODES, fleet_of
from accuracy_models import head_size, parameters_of, shapes_of, tied, workload_of
from accuracy_rows import Comparison, NotExpressed, least_one, number

# The trainer's record, by what the row's software, source or name says; the first that fits.
TRAINERS = [
    (r"maxtext|palm", "maxtext"),
    (r"torchtitan", "torchtitan"),
    (r"llm-foundry|mpt", "llm_foundry"),
    (r"zero-?3.*sc21|sc21.*zero-?3|megatron-lm sc21.*zero=3", "deepspeed_zero3_2021"),
    (r"sc21|mt-nlg", "megatron_2021"),
    (r"korthikanti|activation recomputation|megatron-lm readme", "megatron_2022"),
    (r"simumax", "megatron_lm_plain"),
    (r"automodel", "nemo_automodel"),
    (r"megatron-bridge|nemo container", "megatron_bridge"),
    (r"mlperf|nemo framework", "nemo_mlperf"),
    (r"llama 3 paper|herd of models", "llama3_trainer"),
    (r"megatron", "megatron_core"),
]


def width_of(precision):
    """Format of the layers' products, as a row names it."""
    text = str(precision or "bf16").lower()
    if "fp4" in text:
        return "fp4"
    return "fp8" if "fp8" in text else "bf16"


def said_of(row):
    batch = row.get("batch") or {}
    layout = row.get("parallelism") or {}
    text = " ".join(str(x or "") for x in (batch.get("software"), row.get("source"), row.get("id")))
    return (text + (" zero=3" if layout.get("zero") == 3 else "")).lower()


def trainer_of(row):
    said = said_of(row)
    return next((record for pattern, record in TRAINERS if re.search(pattern, said)), None)


def release_of(row):
    """Year and month of a NeMo container: 26.06 is 2606; 0 where none is said."""
    found = re.search(r"(\d\d)\.(\d\d)", str((row.get("batch") or {}).get("software") or "") or row["source"])
    return int(found.group(1) + found.group(2)) if found else 0


# What public recipes of NVIDIA's Megatron-Bridge switch on for models with experts: model, devices, releases, then settings.
# The first line that fits counts. `graphs`: what CUDA graphs capture; `overlap`: exchange of one microbatch behind products of
# another. Where a release's recipe could not be read, the line follows that of its layout.
BLACKWELL = ("GB300", "GB200", "B300", "B200")
RECIPES = [
    # Nemotron 3
    ("nano", ("H100",), (0, 9999), "any", dict(graphs="router", modules=("experts", "core_attention"))),
    ("super", ("GB200",), (0, 9999), "any", dict(graphs="router", modules=("experts", "core_attention"))),
    ("super", ("B200",), (0, 9999), "any", dict(graphs="none", modules=("expert_activation", "core_attention"))),
    ("ultra", (), (0, 9999), "any", dict(modules=("expert_activation",), zero_stage=3)),
    ("nemotron", (), (0, 9999), "any", dict()),
    # From 26.06 on the 8-bit recipes of Blackwell capture whole iterations and overlap the exchange.
    ("deepseek", ("GB300",), (2606, 9999), "8", dict(graphs="whole_iteration", overlap=True)),
    ("deepseek", ("B300",), (2606, 9999), "8", dict(modules=("latent_projections",))),
    ("deepseek", BLACKWELL, (2606, 9999), "8", dict(graphs="whole_iteration", overlap=True, modules=("latent_projections",))),
    ("", ("B300",), (2606, 9999), "8", dict(overlap=True)),
    ("", BLACKWELL, (2606, 9999), "8", dict(graphs="whole_iteration", overlap=True)),
    # Before that
    ("deepseek", ("GB200",), (0, 9999), "any", dict(modules=("latent_projections",))),
    ("deepseek", ("H100",), (0, 9999), "any", dict(graphs="none", modules=("latent_projections", "feed_forward"))),
    ("deepseek", ("B200",), (0, 9999), "any, experts over more than 8",
     dict(overlap=True, modules=("latent_projections", "feed_forward"))),
    ("deepseek", ("B300",), (0, 9999), "any, microbatch above 1", dict(modules=("latent_projections",))),
    ("deepseek", (), (0, 9999), "any", dict(graphs="none", modules=("latent_projections",))),
    ("kimi", ("H100",), (0, 9999), "any", dict(graphs="none", modules=("latent_projections", "feed_forward"))),
    ("kimi", (), (0, 9999), "any", dict(graphs="none", modules=("latent_projections",))),
    ("gpt-oss", ("GB200",), (0, 9999), "any", dict(graphs="none", all_to_all=True, overlap=True, modules=("expert_activation",))),
    ("gpt-oss", ("B200", "H100"), (0, 9999), "any", dict(graphs="none", all_to_all=True, modules=("expert_activation",))),
    ("gpt-oss", (), (0, 9999), "any", dict(all_to_all=True)),
    ("235b", ("H100",), (0, 9999), "any", dict(graphs="none", all_to_all=True, overlap=True)),
    ("235b", ("B200", "B300"), (0, 9999), "any", dict(graphs="none", all_to_all=True)),
    ("235b", (), (0, 9999), "any", dict()),
    ("30b", ("H100",), (0, 9999), "any", dict(graphs="none")),
    ("30b", (), (0, 9999), "any, microbatch of 1", dict(graphs="none")),
    ("30b", ("B200",), (0, 9999), "any", dict()),
    ("30b", (), (0, 9999), "any", dict(graphs="router")),
    ("", (), (0, 9999), "any", dict(graphs="none")),
]


def bridge_recipe(row, inputs):
    name = str(row["model"].get("name") or "").lower()
    device = next((d for part, d, *_ in NODES if part in row["hardware"]["gpu"].lower()), "")
    release = release_of(row)
    for model, devices, (first, last), when, settings in RECIPES:
        if model not in name or (devices and device not in devices) or not first <= release <= last:
            continue
        if when == "8" and inputs["precision"] == "bf16":
            continue
        if "more than 8" in when and inputs["expert_parallel"] <= 8:
            continue
        if "above 1" in when and inputs["micro_batch"] <= 1:
            continue
        if "of 1" in when and inputs["micro_batch"] != 1:
            continue
        return settings
    return {}


def apply_recipe(inputs, settings):
    if "graphs" in settings:
        inputs["graph_capture"] = settings["graphs"]
    if settings.get("all_to_all"):
        inputs["dispatcher"] = "all_to_all"
    if settings.get("overlap"):
        inputs["expert_overlap"] = True
    if "zero_stage" in settings:
        inputs["zero_stage"] = settings["zero_stage"]
    for module in settings.get("modules", ()):
        inputs["recompute_" + module] = True


def training_step(row, models):
    """The question for the time of a training step, and the step time that the row comes down to."""
    if row.get("verified") == "memory":
        raise NotExpressed("recalled, not read")
    m = shapes_of(row, models)
    if "hidden" not in m:
        m = dict(accuracy_names.shapes_named(m["name"]), **m)
    m.setdefault("seq_len", USUAL_SEQUENCE)
    if "hidden" not in m or not m.get("vocab") or "gated_mlp" not in m:
        m = dict(m, **whole_model_named(m["name"]))
    layout, batch = row.get("parallelism") or {}, row.get("batch") or {}
    fleet, limits = fleet_of(row)
    if "torus_dimensions" in limits:
        return tpu_step(row, m, fleet, limits)
    count, trainer, notes = row["hardware"]["count"], trainer_of(row), str(row.get("notes") or "").lower()
    t, p, c = least_one(layout.get("tp")), least_one(layout.get("pp")), least_one(layout.get("cp"))
    inputs = {"workload": m.get("workload") or workload_of(m), "fleet": fleet, "sequence_length": m["seq_len"],
              "precision": width_of(row["hardware"].get("precision")), "tensor_parallel": t, "pipeline_parallel": p,
              "context_parallel": c, "expert_parallel": least_one(layout.get("ep")),
              "virtual_stages": least_one(layout.get("interleave_chunks") or layout.get("vp")), **limits}
    if trainer:
        inputs["trainer"] = trainer
    data = max(1, count // (t * p * c))
    micro = number(batch.get("micro") or batch.get("local") or layout.get("micro"))
    total = number(batch.get("global"))
    if "num_microbatches" in batch:
        total = least_one(batch.get("micro")) * batch["num_microbatches"] * data
    if "local" in batch:  # of a data-parallel rank; a pipeline takes it one sample at a time
        total = batch["local"] * data
        micro = 1 if p > 1 else batch["local"]
    if total is None and "per_dp" in batch:
        total = batch["per_dp"] * data
    if total is None:
        total = usual_batch(row, m, data)
    if frozen(row, m):
        inputs["lora"] = True
        if not layout:  # layout not published: the sequence over what the batch leaves
            inputs["context_parallel"] = c = max(1, count // total)
            data = count // c
    state_recipe(row, m, layout, notes, inputs)
    if p > 1 and not (layout.get("vp") or layout.get("interleave_chunks")) and trainer == "nemo_mlperf":
        inputs["virtual_stages"] = largest_interleaving(m.get("layers") or inputs["workload"]["layers"], p)
    inputs["batch_size"] = total
    # Not said: the authors will have taken the best of small ones.
    choices = [micro] if micro else [mb for mb in (1, 2, 4) if total / (data * mb) >= max(1, 2 * p if p > 1 else 1)] or [1]
    choices = [mb if total >= data * mb else max(total // data, total / data if total < data else 1) for mb in choices]
    for mb in choices:
        inputs["micro_batch"] = mb
        if m.get("experts") and trainer == "megatron_bridge":
            apply_recipe(inputs, bridge_recipe(row, inputs))
    questions = [{"solver": "training_step", "inputs": dict(inputs, micro_batch=mb, uneven="mean")} for mb in choices]
    return Comparison("step_time", measured_step(row, m, total, data, c), "step_time", questions,
                      bound_of(questions[0]["inputs"], count), "step_time")


def whole_model_named(name):
    """The zoo's own model that a row names: of layers that recur, whose shapes no row's words hold."""
    key = accuracy_names.model_named(name or "")
    if key is None:
        raise NotExpressed("no shapes of %s: give --models" % name)
    workload, entry = accuracy_names.text_model(key)
    return {"workload": workload, "layers": entry.get("layers"), "experts": entry.get("experts"), "gated_mlp": True}


# Of rows that state neither: tokens of a sample; tokens of a step of GPUs, and of one TPU in it.
USUAL_SEQUENCE = 4096
USUAL_STEP = 4 * 2**20
USUAL_TPU = 16384
# Tensor ranks that submissions on TPUs are tried with.
TUNED_SPLITS = (1, 2, 4, 8)


def usual_batch(row, m, data):
    """Samples of a step that no row states, a whole number a replica; for a rate, which hardly depends on them."""
    if any("time" in x["metric"] for x in row["measured"]):
        raise NotExpressed("no batch")
    return data * max(1, round(USUAL_STEP / m["seq_len"] / data))


def frozen(row, m):
    """Adapters only: said in the name, or by a published FLOP count near 4 a parameter and token, where training all takes 6."""
    if "lora" in (row["source"] + row["id"]).lower():
        return True
    values = {x["metric"]: x["value"] for x in row["measured"]}
    flop, rate, size = values.get("model_tflops_per_gpu"), values.get("tokens_per_s_per_gpu"), m.get("params_b")
    return bool(flop and rate and size and not m.get("experts") and flop * 1e12 / rate / (size * 1e9) < 4.6)


def largest_interleaving(layers, stages):
    """MLPerf submissions interleave as far as whole layers go, and rows do not say how far."""
    for v in (8, 6, 4, 2):
        if layers % (stages * v) == 0 or (layers + 2) % (stages * v) == 0:
            return v
    return 1


def state_recipe(row, m, layout, notes, inputs):
    """What rows say of sharding, recomputation and kernels, beyond their trainer's record."""
    if isinstance(layout.get("sequence_parallel"), bool):
        inputs["sequence_parallel"] = layout["sequence_parallel"]
    if number(layout.get("fsdp"), 0) > 1:
        inputs["zero_stage"] = 3
    if number(layout.get("zero")) is not None:
        inputs["zero_stage"] = number(layout["zero"])
    if layout.get("mp_mode") == "PURE":  # weights and gradients in 16 bits throughout
        inputs["gradient_precision"] = "bf16"
    if layout.get("async_tp"):
        inputs["tensor_overlap"] = 0.7
    if "activation checkpointing true" in notes or "recompute: full" in notes or "full ac" in notes:
        inputs["recomputation"] = "full"
    elif "activation checkpointing false" in notes:
        inputs["recomputation"] = "none"
    elif "per-op" in notes or ("selective ac" in notes):
        inputs["recomputation"] = "alternate_products"
    elif "selective" in notes or "abstract" in row["source"]:
        inputs["recomputation"] = "selective"
    name = row["id"].lower()
    if inputs.get("trainer") == "torchtitan" and re.search(r"compile|asynctp|2d|3d|4d", name):
        inputs["eager"] = False
    if "abstract" in row["source"]:
        inputs["sequence_parallel"] = True


def tpu_step(row, m, fleet, limits):
    """MaxText: sharded over a slice, tensor-parallel where its recipe says so."""
    layout, batch, count = row.get("parallelism") or {}, row.get("batch") or {}, row["hardware"]["count"]
    recipe, tuned = layout.get("recipe") or {}, False
    if not recipe and not batch.get("global"):  # sharded over all chips, as most published recipes
        batch = {"per_device": USUAL_TPU / m["seq_len"]}
        if any("time" in x["metric"] for x in row["measured"]):
            raise NotExpressed("no batch")
    elif not recipe:  # submissions that publish none tune it: attention and half of the passes run again, and the fastest split
        recipe, tuned = {"remat_policy": "minimal"}, True
    t = least_one(recipe.get("ici_tensor_parallelism"))
    per_chip = float(batch["per_device"]) if batch.get("per_device") else batch["global"] / count
    policy = recipe.get("remat_policy", "full")
    inputs = {"workload": m.get("workload") or workload_of(m), "fleet": fleet, "sequence_length": m["seq_len"], "precision": "bf16",
              "trainer": "maxtext",
              "tensor_parallel": t, "uneven": "mean", "micro_batch": per_chip * t, "batch_size": per_chip * count, **limits}
    if policy == "full":
        inputs["recomputation"] = "full"
    else:
        inputs["recompute_core_attention"] = True
        inputs["recompute_feed_forward" if "qkv" in policy else "recompute_elementwise"] = True
    splits = [n for n in TUNED_SPLITS if count % n == 0] if tuned else [t]
    questions = [{"solver": "training_step", "inputs": dict(inputs, tensor_parallel=n, micro_batch=per_chip * n)} for n in splits]
    return Comparison("step_time", measured_step(row, m, per_chip * count, count // t, 1), "step_time", questions,
                      bound_of(questions[-1]["inputs"], count), "step_time")


def bound_of(inputs, count):
    """The same question to `distributed`, with its own defaults: 0.5 of the peak, no overlap but what it assumes."""
    e = inputs.get("expert_parallel", 1)
    ranks = inputs["tensor_parallel"] * inputs.get("pipeline_parallel", 1)
    data = count / ranks / inputs.get("context_parallel", 1)
    passes = max(1, round(inputs["batch_size"] / (data * inputs["micro_batch"])))
    b = {key: inputs[key] for key in ("workload", "fleet", "sequence_length", "precision", "tensor_parallel", "pipeline_parallel",
                                      "virtual_stages", "zero_stage", "lora", "sequence_parallel") if key in inputs}
    b.update(batch_size=inputs["batch_size"], uneven="round", overlap=True, tensor_across_nodes=True, memory_reserve=0)
    if e > 1 and count % (ranks * e) == 0:
        b["expert_parallel"] = e
    b["microbatches" if inputs.get("pipeline_parallel", 1) > 1 else "gradient_accumulation"] = passes
    if inputs.get("recomputation") == "full":
        b["activation_recomputation"] = True
    return {"solver": "distributed", "inputs": b}


def megatron_operations(m, batch, full_recomputation):
    """Model FLOP of a step as the Megatron papers count them (Narayanan 2021, equation 3; Korthikanti 2022, equation 8)."""
    h, s, layers, v = m["hidden"], m["seq_len"], m["layers"], m["vocab"]
    if full_recomputation:
        return 96 * batch * s * layers * h**2 * (1 + s / (6 * h) + v / (16 * layers * h))
    return 72 * batch * s * layers * h**2 * (1 + s / (6 * h) + v / (12 * layers * h))


def counted_operations(m, batch, whole_square):
    """6 a parameter and token, head included, and attention: the whole square of scores as MaxText counts it, or half."""
    s = m["seq_len"]
    embedding = m["vocab"] * m["hidden"]
    weights = parameters_of(m, active=True) - (1 if tied(m) else 2) * embedding + embedding
    scores = (12 if whole_square else 6) * m["layers"] * m["heads"] * head_size(m) * s
    return batch * s * (6 * weights + scores)


def measured_step(row, m, batch, data, context):
    """Seconds of a step, from whichever metric the row has."""
    count = row["hardware"]["count"]
    tokens = batch * m["seq_len"]
    for x in row["measured"]:
        metric, value, unit = x["metric"], x["value"], x.get("unit")
        if metric.startswith("iteration_time") or "step time" in metric:
            return value * (1e-3 if unit == "ms" else 1)
    values = {x["metric"].split(" (")[0]: (x["value"], x.get("unit")) for x in row["measured"]}
    for key in ("tokens_per_s_per_gpu", "tokens_per_s_per_device"):
        if key in values:
            return tokens / (values[key][0] * count)
    if "throughput" in values:
        value, unit = values["throughput"]
        return (tokens if unit and unit.startswith("token") else batch) / value
    if "achieved_tflops_per_gpu" in values:
        return megatron_operations(m, batch, True) / (values["achieved_tflops_per_gpu"][0] * 1e12 * count)
    if "tflops_per_chip" in values:
        return counted_operations(m, batch, True) / (values["tflops_per_chip"][0] * 1e12 * count)
    if "model_tflops_per_gpu" in values and not m["gated_mlp"]:
        return megatron_operations(m, batch, False) / (values["model_tflops_per_gpu"][0] * 1e12 * count)
    if "MFU" in values and row["hardware"].get("peak_tflops_bf16") and not m["gated_mlp"]:
        share = values["MFU"][0] / (100 if values["MFU"][1] == "%" else 1)
        return megatron_operations(m, batch, False) / (share * row["hardware"]["peak_tflops_bf16"] * 1e12 * count)
    trained = (row.get("batch") or {}).get("tokens_trained")
    if "run_time" in values and trained:  # evaluations included
        return values["run_time"][0] * tokens / trained
    for key in ("tflops_per_gpu", "model_tflops_per_gpu"):
        if key in values:
            return counted_operations(m, batch, False) / (values[key][0] * 1e12 * count)
    raise NotExpressed("no speed")
