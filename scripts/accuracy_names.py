"""Names of devices and models as rows write them, found in the zoo: the longest of its names that the text holds counts."""
import functools
import glob
import json
import os
import re

ZOO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "zoo")
SERVED_KINDS = ("transformer", "sparse_transformer", "composite", "state_space")
# Words that a name may be written without.
DROPPED = re.compile(r"\b(nvidia|geforce|amd|radeon|instinct|intel|apple|google|aws|huawei|tesla|meta)\b")
# What rows call otherwise than the zoo: part of the text, entry.
MODELS = [("qwen3coder30b", "Qwen3_30B_A3B"), ("qwen3coder480b", "Qwen3_Coder_480B"), ("llama370b", "Llama3_1_70B"),
          ("llama3370b", "Llama3_1_70B"), ("llama38b", "Llama3_1_8B"), ("llama3405b", "Llama3_405B"),
          ("deepseekv32", "DeepSeek_V3_2"), ("deepseekv3", "DeepSeek_R1"), ("vicuna7b", "Llama2_7B"), ("vicuna", "Llama2_7B"),
          ("llamav4maverick", "Llama4_Maverick"),
          ("llamav4scout", "Llama4_Scout"), ("qwen25coder7b", "Qwen2_5_7B"), ("qwen25coder32b", "Qwen2_5_32B")]
# Product names of which the zoo has the whole family under one entry: part of the text, entry.
DEVICES = [("trillium", "TPUv6"), ("tpu7x", "TPUv7"), ("ironwood", "TPUv7"), ("v5litepod", "TPUv5e"),
           ("rtxpro6000blackwellserver", "RTX_PRO_6000_Server"), ("gb200nvl72", "GB200"), ("gb300nvl72", "GB300"),
           ("a10080gbpcie", "A100_PCIe")]


def squashed(text):
    return re.sub(r"[^a-z0-9]", "", str(text).lower().replace("‑", "-"))


@functools.lru_cache(maxsize=None)
def entries(folder, kinds):
    found = {}
    for path in sorted(glob.glob(os.path.join(ZOO, folder, "*.json"))):
        with open(path) as file:
            found.update((k, e) for k, e in json.load(file)["entries"].items() if e.get("kind") in kinds or "based_on" in e)
    return found


@functools.lru_cache(maxsize=None)
def patterns(folder, kinds):
    """Squashed names, the longest first, each as a pattern over a text as it is written: digits at its ends are whole numbers."""
    names = {}
    for key, entry in entries(folder, kinds).items():
        for name in [key, entry.get("label") or ""] + list(entry.get("aliases") or []):
            name = squashed(DROPPED.sub("", str(name).lower().replace("_", " ")))
            if len(name) >= 2:
                names.setdefault(name, key)
    gap = r"[^a-z0-9]*"
    return [(re.compile(r"(?<![0-9])" + gap.join(name) + r"(?![0-9])" if name[0].isdigit() else gap.join(name) + r"(?![0-9])"), key)
            for name, key in sorted(names.items(), key=lambda x: (-len(x[0]), x[0]))]


@functools.lru_cache(maxsize=None)
def found_in(text, folder, kinds, others):
    flat = squashed(text)
    for part, key in others:
        if part in flat:
            return key
    lower = str(text).lower()
    return next((key for pattern, key in patterns(folder, kinds) if pattern.search(lower)), None)


def device_named(text):
    """Key of the zoo's device that a text names; None where it names none."""
    for name in (str(text), "RTX " + str(text)):  # cards are also called by their number alone
        key = found_in(name, "hardware", ("accelerator", "wafer_scale", "host_cpu"), tuple(DEVICES))
        if key:
            return key
    return None


def hardware_of(text):
    """The device that a text names, as a config takes it, and its generation; one die of a package of two is half of it."""
    key = device_named(text)
    if key is None:
        return None, ""
    if "two dies" not in str(text):
        return key, generation_of(key)
    entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[key]
    half = {"based_on": key, "peak_rate": {f: halved(rate) for f, rate in entry["peak_rate"].items()}}
    half.update((field, halved(entry[field])) for field in ("memory_bandwidth", "memory_capacity", "tdp")
                if field in entry)
    return half, generation_of(key)


def halved(quantity):
    amount, unit = str(quantity).split()
    return "%g %s" % (float(amount) / 2, unit)


def generation_of(key):
    """Of a device of the zoo, or of what it is based on."""
    entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[key]
    return entry.get("generation") or (generation_of(entry["based_on"]) if entry.get("based_on") else "")


def lacks_generation(key):
    """Whether a device of the zoo might name a generation of kernels, and does not."""
    entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[key]
    while "based_on" in entry:
        entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[entry["based_on"]]
    return entry.get("kind") == "accelerator" and not generation_of(key)


def multiplies_in_8_bits(generation):
    """Whether a generation has units of 8-bit floating point."""
    return multiplies_in_4_bits(generation) or generation in ("hopper", "ada", "cdna3", "rdna4", "gaudi", "tpu_v7")


def multiplies_in_4_bits(generation):
    return generation.startswith("blackwell") or generation in ("grace_blackwell_lpddr", "jetson_thor", "cdna4")


def memory_of(key):
    """Bytes of a device of the zoo."""
    entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[key]
    if "memory_capacity" not in entry:
        return memory_of(entry["based_on"])
    amount, unit = re.match(r"([\d.]+)\s*(\w+)", str(entry["memory_capacity"])).groups()
    return float(amount) * {"GiB": 2**30, "GB": 1e9, "MiB": 2**20, "MB": 1e6, "TB": 1e12, "TiB": 2**40}.get(unit, 1)


def model_named(text):
    """Key of the zoo's model that a text names; None where it names none."""
    return found_in(str(text), "workloads", SERVED_KINDS, tuple(MODELS)) if str(text) else None


def text_model(key):
    """What serves text of a model of the zoo, as a config takes it, and its entry: of several networks the one that decodes."""
    entry = entries("workloads", SERVED_KINDS)[key]
    network = entry.get("network") if entry.get("kind") == "composite" else None
    return (network, network) if isinstance(network, dict) and network.get("kind") in SERVED_KINDS else (key, entry)


def shapes_named(text):
    """Shapes of the zoo's model that a text names, in the words of rows; empty where it names none, or one that is no transformer."""
    key = model_named(text or "")
    if key is None:
        return {}
    _, e = text_model(key)
    while "based_on" in e:
        e = dict(entries("workloads", SERVED_KINDS)[e["based_on"]], **{k: v for k, v in e.items() if k != "based_on"})
    if not all(k in e for k in ("hidden_size", "layers", "heads", "ffn_size", "vocabulary_size")) or "recurrent" in e:
        return {}
    m = {"hidden": e["hidden_size"], "layers": e["layers"], "heads": e["heads"], "kv_heads": e.get("kv_heads", e["heads"]),
         "vocab": e["vocabulary_size"], "gated_mlp": e.get("ffn_matrices", 3) == 3,
         "head_dim": e.get("head_size") or e["hidden_size"] // e["heads"]}
    if e.get("kind") != "sparse_transformer":
        return dict(m, ffn=e["ffn_size"])
    m.update(experts=e["experts"], active_experts=e["active_experts"], expert_ffn=e["ffn_size"], ffn=e.get("dense_ffn_size", e["ffn_size"]),
             shared_ffn=e.get("shared_ffn_size", 0), first_k_dense_replace=e["layers"] - e.get("expert_layers", e["layers"]))
    if e.get("latent_kv_rank"):
        m.update(kv_lora_rank=e["latent_kv_rank"], q_lora_rank=e.get("query_rank", 0), qk_rope_head_dim=e.get("rope_head_size", 64),
                 qk_nope_head_dim=e.get("nope_head_size", 128), v_head_dim=e.get("value_head_size", 128))
    return m


def states_link(key, link):
    """Whether a device of the zoo has a `device_link` to its neighbours, or a `network_link` beyond its node."""
    entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[key]
    return link in entry or ("based_on" in entry and states_link(entry["based_on"], link))


def states_rate(key, form):
    """Whether a device of the zoo has a rate of a number format."""
    entry = entries("hardware", ("accelerator", "wafer_scale", "host_cpu"))[key]
    return form in entry.get("peak_rate", {}) or ("based_on" in entry and states_rate(entry["based_on"], form))
