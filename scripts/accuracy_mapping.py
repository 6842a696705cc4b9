"""From a measured row to a question: the one place that says which part of the mapping takes which kind of row.

A row of one of the known schemas becomes Comparisons, each a measured number, the questions whose answer predicts it, and the
same question to the solver that bounds it. What a row leaves open takes the solver's default, its trainer's or engine's record,
or a rule that is stated in the part that maps it; what cannot be asked is NotExpressed with its reason. Nothing is set by the measured
numbers.
"""
import accuracy_load
import accuracy_loops as loops
import accuracy_names
import accuracy_serving
from accuracy_rows import Comparison, NotExpressed, number
from accuracy_training import training_step


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
        return accuracy_serving.stream_comparisons(row, accuracy_load.served_shapes(row, models)[1])
    return accuracy_load.loaded(row, models)


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
