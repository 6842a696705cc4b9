"""What Ironlaw is asked beside its peers: a config for each question, and how many rows it has."""


def swept(stage, axes, best, **more):
    rows = 1
    for axis in axes:
        rows *= next(iter(axis.values()))["steps"]
    return {"version": 1, **more, "stages": {"s": stage}, "axes": axes, "report": {"best": {"by": best, "keep": 1}}}, rows


def counted(name, steps, by=1):
    return {f"s.{name}": {"from": by, "to": steps * by, "steps": steps}}


def first_of(axis):
    """An axis of the first of its values alone."""
    return axis[:1] if isinstance(axis, list) else [axis.get("from", 1)]


GPT3 = {"workload": "GPT3", "fleet": "Training_1K_A100", "batch_size": 1536, "sequence_length": 2048}
SERVED = {"solver": "serving_engine", "workload": "Qwen3_32B", "hardware": "H200", "prompt_tokens": 4000, "output_tokens": 1000}

# The formulas of mlsysim are settings of ours: what is asked of both is the same to the last digits.
PROFILES = {"node": "mlsysim-0.3"}

# One answer of each question, for its value: a stage and the output that peers give too.
ANSWERS = {
    "node": ({"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100", "batch_size": 8}, "latency"),
    "decode": ({"solver": "iteration", "workload": "Llama3_70B", "hardware": "H100", "tensor_parallel": 8,
                "decoding_sequences": 16, "context": 2304}, "iteration_time"),
    "training": ({"solver": "training_step", **GPT3, "trainer": "megatron_core", "tensor_parallel": 8, "pipeline_parallel": 8,
                  "micro_batch": 1, "recomputation": "full"}, "step_time"),
    "serving": ({**SERVED, "tensor_parallel": 4, "users": 16}, "tpot"),
}

# The same question a million times, or as often as a second allows.
SWEEPS = {
    "node": swept({"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"},
                  [counted("batch_size", 1000), {"s.efficiency": {"from": 0.3, "to": 0.7, "steps": 2000}}], "min s.latency",
                  profile=PROFILES["node"]),
    "decode": swept({"solver": "iteration", "workload": "Llama3_70B", "hardware": "H100", "tensor_parallel": 8},
                    [counted("decoding_sequences", 200), {"s.context": {"from": 128, "to": 4127, "steps": 2000}}],
                    "min s.iteration_time"),
    "training": swept({"solver": "training_step", **GPT3, "trainer": "megatron_core", "tensor_parallel": 8,
                       "pipeline_parallel": 8, "micro_batch": 1, "recomputation": "full"},
                      [counted("batch_size", 1000, 16), counted("sequence_length", 1000, 16)], "min s.step_time"),
    "serving": swept({**SERVED, "tensor_parallel": 4}, [counted("users", 400)], "min s.tpot"),
}

# The space that Calculon's peer file walks. Choices stand outside: rows are answered together while they share them.
TRAINING_SEARCH = {
    "version": 1,
    "inputs": {"tensor": 1, "pipeline": 1, "pieces": 1, "micro": 1, "recompute": "none", "zero": 0},
    "stages": {"step": {"solver": "training_step", **GPT3, "trainer": "megatron_core", "tensor_parallel": "$tensor",
                        "pipeline_parallel": "$pipeline", "virtual_stages": "$pieces", "micro_batch": "$micro",
                        "recomputation": "$recompute", "zero_stage": "$zero"}},
    "axes": [{"recompute": ["none", "selective", "full"]}, {"zero": [0, 1]}, {"tensor": [1, 2, 4, 8]},
             {"pipeline": [1, 2, 4, 8, 16, 32]}, {"pieces": {"divisors_of": 96}}, {"micro": {"divisors_of": 384}}],
    "where": ["$pieces == 1 or $pipeline > 1", "floor(96 / ($pipeline * $pieces)) * $pipeline * $pieces == 96",
              "floor(1.5 * $tensor * $pipeline / $micro) * $micro == floor(1.5 * $tensor * $pipeline)"],
    "study": {"use": "optimize", "goal": "min step.step_time", "keep": 1, "method": "exhaustive"},
}


def serving_search(candidates):
    """Replicas of Qwen3-32B on 16 H200: every tensor degree, and as many users as make so many candidates."""
    users = -(-candidates // 4)
    return {
        "version": 1,
        "inputs": {"tensor": 1, "users": 1},
        "stages": {"s": {**SERVED, "tensor_parallel": "$tensor", "replicas": "16 / $tensor", "users": "$users"}},
        "axes": [{"tensor": [1, 2, 4, 8]}, {"users": {"from": 16, "to": 15 + users, "steps": users}}],
        "study": {"use": "optimize", "goal": "max s.output_throughput", "subject_to": ["s.tpot <= 30 ms", "s.ttft <= 2 s"],
                  "keep": 5, "method": "exhaustive"},
    }
