"""The model that a measured row names: its shapes, in the words of rows, and the workload that a config writes out.

Shapes are those that the row states, that a published configuration states, or that the zoo knows.
"""
import math

from accuracy_rows import NotExpressed

# Models whose queries and keys are normalised over all heads together, by the type that their configurations name.
JOINT_NORMS = ("minimax_m2", "olmo2", "olmo3", "olmoe")
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
NOT_LISTED = [("deepseekv4", "hyper-connections are no operators of this project")]


def shapes_of(row, models):
    stated = row["model"] if isinstance(row.get("model"), dict) else {"name": row.get("model")}
    name = str(stated.get("name") or "").lower().replace("_", "-")
    for part, reason in NOT_LISTED:
        if part in name:
            raise NotExpressed(reason)
    found = {}
    for key, shapes in list(SHAPES) + list(models.items()):
        if key.lower().replace("_", "-") in name:
            found = row_shapes(shapes, name) if is_config(shapes) else shapes
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


def shapes_of_config(config, name):
    """A Hugging Face configuration in the words of rows."""
    c = config.get("text_config", config) if "hidden_size" not in config else config

    def first(*keys, otherwise=None):
        return next((c[k] for k in keys if c.get(k) is not None), otherwise)

    experts = first("n_routed_experts", "num_local_experts", "num_experts", otherwise=0)
    m = {"name": name, "hidden": c["hidden_size"], "layers": c["num_hidden_layers"], "heads": c["num_attention_heads"],
         "vocab": c["vocab_size"], "gated_mlp": True, "ffn": first("intermediate_size", otherwise=0),
         "kv_heads": first("num_key_value_heads", otherwise=c["num_attention_heads"])}
    m["head_dim"] = first("head_dim", otherwise=m["hidden"] // m["heads"])
    if experts:
        m.update(experts=experts, active_experts=first("num_experts_per_tok", "num_experts_per_token"),
                 expert_ffn=first("moe_intermediate_size", otherwise=m["ffn"]),
                 first_k_dense_replace=min(first("first_k_dense_replace", otherwise=0), m["layers"]),
                 shared_ffn=first("shared_expert_intermediate_size", otherwise=0),
                 n_shared_experts=first("n_shared_experts", otherwise=0))
    if c.get("kv_lora_rank"):
        m.update(kv_lora_rank=c["kv_lora_rank"], q_lora_rank=first("q_lora_rank", otherwise=0),
                 qk_rope_head_dim=first("qk_rope_head_dim", otherwise=64), qk_nope_head_dim=first("qk_nope_head_dim", otherwise=128),
                 v_head_dim=first("v_head_dim", otherwise=128))
    return m


def is_config(shapes):
    """Whether shapes are a Hugging Face configuration, not in the words of rows."""
    return "hidden_size" in shapes or "text_config" in shapes


def row_shapes(config, name):
    """Of a Hugging Face configuration, the shapes in the words of rows, and where layers recur the model as a config takes it."""
    workload, m = served_workload(config, name)
    return dict(m, workload=workload) if "recurrent" in workload else m


def served_workload(config, name):
    c = config.get("text_config", config) if "hidden_size" not in config else config
    m = shapes_of_config(config, name)
    w = workload_of(dict(m, name=""), training=False)
    types = c.get("layer_types") or {}
    counts = types if isinstance(types, dict) else {t: types.count(t) for t in set(types)}
    if counts.get("sliding_attention") and c.get("sliding_window"):
        w.update(window_layers=counts["sliding_attention"], window_size=c["sliding_window"])
    recurrent = counts.get("linear_attention", 0)
    if recurrent:
        w.update(attention_layers=m["layers"] - recurrent, gated_attention=True,
                 recurrent={"layers": recurrent, "form": "gated_delta", "key_heads": c["linear_num_key_heads"],
                            "value_heads": c["linear_num_value_heads"], "key_size": c["linear_key_head_dim"],
                            "value_size": c["linear_value_head_dim"]})
    if c.get("model_type") in JOINT_NORMS and c.get("use_qk_norm", True):
        w["joint_query_key_norm"] = True
    if c.get("index_topk"):
        w["index"] = {"top_k": c["index_topk"], "heads": c["index_n_heads"], "size": c["index_head_dim"]}
    return w, m
