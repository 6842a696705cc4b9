"""From a measured row to a question: the one place that says how what a row states becomes inputs of a solver.

A row of one of the known schemas becomes Comparisons, each a measured number, the questions whose answer predicts it, and the
same question to the solver that bounds it. What a row leaves open takes the solver's default, its trainer's or engine's record,
or a rule that is stated here; what cannot be asked is NotExpressed with its reason. Nothing is set by the measured numbers.
"""
import math
import re

import accuracy_names



class NotExpressed(Exception):
    """Why a row has no question."""


class Comparison:
    """One measured number. `questions` are asked all; the least answer counts where a row leaves a choice to its authors, or what
    `choose` takes of the answers. Where none has an answer, those of `otherwise` are asked one after another. The output times `factor`
    is what was measured; or, where `over` is given, `over` divided by it."""

    def __init__(self, metric, measured, output, questions, bound=None, bound_output=None, factor=1, over=None, choose=None,
                 otherwise=()):
        self.metric = metric
        self.measured = measured
        self.output = output
        self.questions = questions
        self.bound = bound
        self.bound_output = bound_output or output
        self.factor = factor
        self.over = over
        self.choose = choose
        self.otherwise = list(otherwise)

    def of(self, value):
        return self.over / value if self.over else self.factor * value


# --- What is common to training rows -----------------------------------------------------------------------------------------
# Parts of a row's device name, the first that fits: zoo entry of the device, devices of a node, one-way link inside, fabric.
NODES = [
    ("gb300", "GB300", 4, "900 GB/s", "InfiniBand_XDR"),
    ("gb200", "GB200", 4, "900 GB/s", "InfiniBand_NDR"),
    ("b300", "B300", 8, "900 GB/s", "InfiniBand_XDR"),
    ("b200", "B200", 8, "900 GB/s", "InfiniBand_NDR"),
    ("h200", "H200", 8, "450 GB/s", "InfiniBand_NDR"),
    ("h100", "H100", 8, "450 GB/s", "InfiniBand_NDR"),
    ("a100", "A100", 8, "300 GB/s", "InfiniBand_HDR"),
    ("mi300x", "MI300X", 8, "448 GB/s", "InfiniBand_NDR"),
    ("mi325x", "MI325X", 8, "448 GB/s", "InfiniBand_NDR"),
    ("mi350x", "MI350X", 8, "537 GB/s", "InfiniBand_NDR"),
    ("mi355x", "MI355X", 8, "537 GB/s", "InfiniBand_NDR"),
    ("h800", "H800", 8, "200 GB/s", "InfiniBand_NDR"),
    ("h20", "H20", 8, "450 GB/s", "InfiniBand_NDR"),
    ("a800", "A800", 8, "200 GB/s", "InfiniBand_HDR"),
    ("v100", "V100", 8, "150 GB/s", "InfiniBand_EDR"),
    ("gh200", "GH200", 4, "450 GB/s", "InfiniBand_NDR"),
]
# Of a device that none of these is: cards of a node meet over PCIe, nodes over 200 Gbit/s.
OTHER_NODE = (8, "32 GB/s", "InfiniBand_HDR")
# A slice is a node: its chips share one torus. Axes of the torus, one-way link of a chip over all axes.
TORI = [
    ("v6e", "TPUv6", 2, "400 GB/s"),
    ("trillium", "TPUv6", 2, "400 GB/s"),
    ("ironwood", "TPUv7", 3, "600 GB/s"),
    ("v7x", "TPUv7", 3, "600 GB/s"),
    ("tpu7x", "TPUv7", 3, "600 GB/s"),
    ("v5p", "TPUv5p", 3, "600 GB/s"),
    ("v5e", "TPUv5e", 2, "200 GB/s"),
    ("v4", "TPUv4", 3, "300 GB/s"),
]
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


def number(value, otherwise=None):
    """A count that a row may hold as a number, as a text, or not at all."""
    if isinstance(value, bool) or value is None:
        return otherwise
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return otherwise


def least_one(value):
    return max(1, number(value, 1))


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


# --- Models -------------------------------------------------------------------------------------------------------------------
# Shapes that published configurations state and rows only name: NVIDIA's provider files (Nemotron 3; Ultra consistent with 550 B
# and 55 B active), and the Hugging Face configurations of DeepSeek.
NEMOTRON = {"gated_mlp": False, "vocab": 131072, "head_dim": 128, "kv_heads": 2}
SHAPES = [
    ("nemotron_3_nano", dict(NEMOTRON, hidden=2688, heads=32, experts=128, active_experts=6, expert_ffn=1856, shared_ffn=3712,
                             attention=6, mamba_layers=23, expert_layers=23, mamba=(64, 64, 8, 128))),
    ("nemotron_3_super", dict(NEMOTRON, hidden=4096, heads=32, experts=512, active_experts=22, expert_ffn=2688, shared_ffn=5376,
                              latent=1024, attention=8, mamba_layers=40, expert_layers=40, mamba=(128, 64, 8, 128),
                              prediction=2)),
    ("nemotron_3_ultra", dict(NEMOTRON, hidden=8192, heads=64, experts=512, active_experts=22, expert_ffn=5120,
                              shared_ffn=10240, latent=2048, attention=12, mamba_layers=48, expert_layers=48,
                              mamba=(256, 64, 8, 128), prediction=1)),
    ("deepseek-v3", dict(vocab=129280, gated_mlp=True, heads=128, kv_heads=128, head_dim=128, experts=256, active_experts=8,
                         expert_ffn=2048, n_shared_experts=1, kv_lora_rank=512, q_lora_rank=1536, qk_rope_head_dim=64,
                         qk_nope_head_dim=128, v_head_dim=128, hidden=7168, layers=61, ffn=18432)),
    ("deepseek-v2", dict(vocab=102400, gated_mlp=True, heads=128, kv_heads=128, head_dim=128, experts=160, active_experts=6,
                         expert_ffn=1536, n_shared_experts=2, kv_lora_rank=512, q_lora_rank=1536, qk_rope_head_dim=64,
                         qk_nope_head_dim=128, v_head_dim=128, hidden=5120, layers=60, ffn=12288)),
]
# Every second layer of gpt-oss attends to a window (its published configuration). It is trained with learnable sinks, which few kernels
# of trainers combine with windows (TransformerEngine, issues 2318, 3249): the whole length is taken to be computed, a guess by its rows.
WINDOWS = {"gpt-oss": 128}
NOT_LISTED = [("deepseekv4", "compressed sparse attention and hyper-connections are no operators of this project")]


def shapes_of(row, models):
    import accuracy_loops
    stated = row["model"] if isinstance(row.get("model"), dict) else {"name": row.get("model")}
    name = str(stated.get("name") or "").lower().replace("_", "-")
    for part, reason in NOT_LISTED:
        if part in name:
            raise NotExpressed(reason)
    found = {}
    for key, shapes in list(SHAPES) + list(models.items()):
        if key.lower().replace("_", "-") in name:
            found = accuracy_loops.row_shapes(shapes, name) if accuracy_loops.is_config(shapes) else shapes
            break
    shapes = dict(found, **{key: value for key, value in stated.items() if value is not None})
    shapes.setdefault("name", name)
    return maxtext_shapes(row, shapes)


def maxtext_shapes(row, m):
    """MaxText rows state their shapes as its configuration does: a scale of parameters, or sizes by name."""
    recipe = (row.get("parallelism") or {}).get("recipe") or {}
    if "hidden" in m or not recipe:
        return m
    if recipe.get("global_parameter_scale"):
        thirds, rest = divmod(int(math.log2(int(recipe["global_parameter_scale"]))), 3)
        heads = 16 * 2 ** (thirds + (rest > 0))
        m.update(hidden=2048 * 2 ** (thirds + (rest > 1)), heads=heads, kv_heads=heads, head_dim=128, ffn=448 * heads,
                 layers=16 * 2 ** thirds, vocab=32000, gated_mlp=True)
    elif recipe.get("base_emb_dim"):
        m.update(hidden=int(recipe["base_emb_dim"]), heads=int(recipe["base_num_query_heads"]),
                 kv_heads=int(recipe["base_num_kv_heads"]), head_dim=256, ffn=int(recipe["base_mlp_dim"]),
                 layers=int(recipe["base_num_decoder_layers"]), vocab=32000, gated_mlp=False)
    return m


def head_size(m):
    return m.get("head_dim") or m["hidden"] // m["heads"]


def attention_parameters(m):
    h, a, k, d = m["hidden"], m["heads"], m["kv_heads"], head_size(m)
    if m.get("kv_lora_rank"):
        key, value, rank, rope = m["qk_nope_head_dim"] + m["qk_rope_head_dim"], m["v_head_dim"], m["kv_lora_rank"], m["qk_rope_head_dim"]
        query = m["q_lora_rank"] * (h + a * key) if m.get("q_lora_rank") else h * a * key
        return query + (rank + rope) * h + rank * a * (m["qk_nope_head_dim"] + value) + a * value * h
    return h * (a + 2 * k) * d + a * d * h


def parameters_of(m, active=False):
    """Counted weight by weight: rows whose models are cut to a few layers state the whole model's number."""
    h, matrices = m["hidden"], 3 if m["gated_mlp"] else 2
    attending, routed, dense, recurrent = layer_counts(m)
    total = attending * attention_parameters(m) + dense * matrices * h * (m.get("ffn") or 0)
    if routed:
        width = m.get("latent") or h
        experts = m["active_experts"] if active else m["experts"]
        total += routed * (h * m["experts"] + matrices * h * shared_of(m) + (2 * h * width if m.get("latent") else 0)
                           + experts * matrices * width * expert_width(m))
    if recurrent:
        heads, size, groups, state = m["mamba"]
        total += recurrent * (h * (2 * heads * size + 2 * groups * state + heads) + heads * size * h)
    return total + (1 if tied(m) else 2) * h * m["vocab"]


def tied(m):
    """The GPT family shares its embedding with the head; gated models and hybrids state no such thing."""
    return not m["gated_mlp"] and not m.get("experts")


def expert_width(m):
    return m.get("expert_ffn") or m["ffn"]


def shared_of(m):
    return m.get("shared_ffn") or (m.get("n_shared_experts") or 0) * expert_width(m)


def layer_counts(m):
    """Layers that attend, that route, that have a dense block, that are recurrent."""
    if m.get("mamba"):
        return m["attention"], m["expert_layers"], 0, m["mamba_layers"]
    first_dense = min(m.get("first_k_dense_replace") or 0, m["layers"]) if m.get("experts") else m["layers"]
    return m["layers"], m["layers"] - first_dense, first_dense, 0


def workload_of(m, training=True):
    """The model as it is written out in a config."""
    attending, routed, dense, recurrent = layer_counts(m)
    w = {"kind": "sparse_transformer" if routed else "transformer", "parameters": parameters_of(m),
         "layers": max(attending, routed + dense) if not recurrent else attending + routed + recurrent,
         "hidden_size": m["hidden"], "heads": m["heads"], "kv_heads": m["kv_heads"], "head_size": head_size(m),
         "ffn_matrices": 3 if m["gated_mlp"] else 2, "vocabulary_size": m["vocab"], "tied_embedding": tied(m)}
    if m.get("kv_lora_rank"):
        w.update(latent_kv_rank=m["kv_lora_rank"], rope_head_size=m["qk_rope_head_dim"],
                 nope_head_size=m["qk_nope_head_dim"], value_head_size=m["v_head_dim"])
        if m.get("q_lora_rank"):
            w["query_rank"] = m["q_lora_rank"]
    if routed:
        w.update(active_parameters=parameters_of(m, active=True), experts=m["experts"], active_experts=m["active_experts"],
                 ffn_size=expert_width(m), shared_ffn_size=shared_of(m), expert_layers=routed)
        if m.get("latent"):
            w["expert_input_size"] = m["latent"]
        if dense:
            w["dense_ffn_size"] = m["ffn"]
    else:
        w["ffn_size"] = m["ffn"]
    if recurrent:
        heads, size, groups, state = m["mamba"]
        w.update(attention_layers=attending, ffn_layers=routed,
                 recurrent={"layers": recurrent, "form": "state_duality", "value_heads": heads, "value_size": size,
                            "key_heads": groups, "key_size": state, "convolution_width": 4})
    name = str(m.get("name") or "").lower()
    window = m.get("window") or next(((attending // 2, size) for part, size in WINDOWS.items() if part in name), None)
    if window and not (training and m.get("window") is None):
        w.update(window_layers=window[0], window_size=window[1])
    prediction = m.get("prediction") or (1 if "deepseek" in name and m.get("kv_lora_rank") and attending > 8 else 0)
    if training and prediction:
        w["prediction_layers"] = prediction
    return w


# --- Training -----------------------------------------------------------------------------------------------------------------
def fleet_of(row):
    """Nodes of the row's devices, the network that its generation is sold with, and what the device is limited to."""
    name = row["hardware"]["gpu"].lower()
    count = row["hardware"]["count"]
    for part, device, axes, link in TORI:
        if part in name:
            slices = row["hardware"].get("slices") or 1
            node = {"kind": "node", "accelerator": device, "accelerators": count // slices, "link_bandwidth": link}
            fleet = {"kind": "cluster", "node": node, "nodes": slices}
            if slices > 1:
                fleet["fabric"] = "Ethernet_100G"
            return fleet, {"torus_dimensions": axes}
    for part, device, in_node, link, fabric in NODES:
        if part in name:
            limits = {}
            if part == "a100" and "40gb" in name:
                device = "A100_40GB"
            if "hbm2e" in name and part == "h100":  # a card of its own: its memory and its power are in its name
                device = {"based_on": "H100", "memory_bandwidth": "2.4 TB/s", "memory_capacity": "96 GiB"}
                limits["power_limit"] = "500 W"
            in_node = min(in_node, count)
            node = {"kind": "node", "accelerator": device, "accelerators": in_node, "link_bandwidth": link}
            fleet = {"kind": "cluster", "node": node, "nodes": math.ceil(count / in_node), "fabric": fabric}
            return fleet, limits
    device = accuracy_names.device_named(row["hardware"]["gpu"])
    if device is None:
        raise NotExpressed("device " + row["hardware"]["gpu"])
    in_node, link, fabric = OTHER_NODE
    in_node = min(in_node, count)
    node = {"kind": "node", "accelerator": device, "accelerators": in_node, "link_bandwidth": link}
    return {"kind": "cluster", "node": node, "nodes": math.ceil(count / in_node), "fabric": fabric}, {}


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


# --- From a row to its comparisons --------------------------------------------------------------------------------------------
def comparisons_of(row, models):
    """All that a row lets be compared. `row["schema"]` says which file it comes from. Raises NotExpressed, also where a row lacks what
    its kind needs."""
    try:
        found = mapped(row, models)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as reason:
        what = "no " + str(reason.args[0]) if isinstance(reason, KeyError) and reason.args else str(reason)
        if isinstance(reason, (TypeError, AttributeError, ArithmeticError)):
            what = "a value is of another sort than its schema's, or missing: " + what
        raise NotExpressed(what) from reason
    if not found:
        raise NotExpressed("no solver for what was measured")
    for c in found:
        for question in c.questions + c.otherwise:
            with_generation(question["inputs"])
    return found


def with_generation(inputs):
    """A device whose generation nobody measured is asked with the records of all."""
    node = (inputs.get("fleet") or {}).get("node")
    holder, key = (node, "accelerator") if node else (inputs, "hardware")
    device = holder.get(key)
    if isinstance(device, str) and accuracy_names.lacks_generation(device):
        holder[key] = {"based_on": device, "generation": "all_generations"}


def mapped(row, models):
    import accuracy_load
    import accuracy_loops as loops
    import accuracy_serving
    category = row.get("category")
    if category == "training":
        return [training_step(row, models)]
    if loops.is_loop(row):
        return loops.loop(row, models)
    if loops.is_point(row):
        return loops.point(row)
    if str(row.get("schema")).startswith("csv:") and "latency_ms" in row:
        metric, measured, output, question = accuracy_serving.kernel_question(row)
        return [Comparison(metric, measured, output, [question], otherwise=accuracy_serving.nearest_kernels(question))]
    if category == "collective":
        return accuracy_serving.expert_exchange_comparisons(row)
    if category == "kernel":
        return accuracy_serving.product_comparisons(row)
    if category != "inference":
        raise NotExpressed("no solver for " + str(category or row.get("schema")))
    if row.get("verified") == "memory":
        raise NotExpressed("recalled, not read")
    if accuracy_serving.is_stream(row):
        return accuracy_serving.stream_comparisons(row, accuracy_load.served_shapes(row, shapes_of, models)[1])
    return accuracy_load.loaded(row, shapes_of, models)


def regime_of(question, output):
    """The regime whose band the solver takes: the same rule as its own (docs/accuracy.md)."""
    i = question["inputs"]
    if question["solver"] == "static_batch":
        return "static_batch prompt" if output == "prompt_time" else "static_batch decode"
    if question["solver"] != "training_step":
        return question["solver"]
    if i.get("lora"):
        return "adapters"
    if i.get("torus_dimensions", 1) > 1:
        return "torus"
    w = i["workload"]
    if isinstance(w, dict) and (w.get("recurrent") or w["kind"] == "sparse_transformer"):
        return "experts_hybrid" if w.get("recurrent") else "experts"
    if i.get("zero_stage") == 3 or i.get("trainer") in ("llm_foundry", "torchtitan"):
        return "sharded"
    return "pipelined_16_bit" if i["precision"] == "bf16" else "pipelined_8_bit"


def metrics_of(row):
    """Names of the metrics that a row which is not expressed is counted under."""
    if row.get("category") == "training":
        return ["step_time"]
    if row.get("schema", "").startswith("csv:"):
        return [row["op"]] if row.get("op") else [x for x in ("tpot", "ttft") if number(row.get(x + "_ms"))] or ["tpot"]
    return sorted({str(x.get("metric")) for x in row.get("measured") or [] if isinstance(x, dict)}) or ["time"]
