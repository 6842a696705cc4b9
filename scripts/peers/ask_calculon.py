"""Calculon: GPT-3 175B on 1,024 A100, one execution, and a search of all executions over six choices.

ask_calculon.py FOLDER: a checkout.
"""

import json
import logging
import sys
import time
from pathlib import Path

from timing import cpu_each, say

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))

from calculon.llm.llm import Llm  # noqa: E402
from calculon.system import System  # noqa: E402

logging.disable(logging.CRITICAL)
logger = logging.getLogger()
devices, samples, blocks = 1024, 1536, 96
application = Llm.Application(json.loads((folder / "models/gpt3-175B.json").read_text()))
system = System(json.loads((folder / "systems/a100_80g.json").read_text()))


def execution(tensor, pipeline, pieces, microbatch, recompute, sharded):
    return Llm.Execution.from_json({
        "num_procs": devices, "tensor_par": tensor, "pipeline_par": pipeline, "data_par": devices // tensor // pipeline,
        "tensor_par_net": 0, "pipeline_par_net": 1, "data_par_net": 1, "batch_size": samples, "microbatch_size": microbatch,
        "datatype": "float16", "fused_activation": True, "attention_type": "multihead", "activation_recompute": recompute,
        "pipeline_interleaving": pieces, "optimizer_sharding": sharded, "tensor_par_comm_type": "ar",
        "tensor_par_overlap": "none", "seq_par_ag_redo": False, "data_par_overlap": False, "weight_offload": False,
        "activations_offload": False, "optimizer_offload": False, "training": True})


def step(*choices):
    model = Llm(application, logger)
    model.compile(system, execution(*choices))
    model.run(system)
    return model.get_total_time()


def factors(n):
    return [f for f in range(1, n + 1) if n % f == 0]


say("training", cpu_each(lambda i: step(8, 8, 1, 1 + i % 3, "full", True), 60), step(8, 8, 1, 1, "full", True))

begin = time.process_time()
candidates, best = 0, float("inf")
for tensor in (1, 2, 4, 8):
    for pipeline in (1, 2, 4, 8, 16, 32):
        for pieces in factors(blocks // pipeline) if pipeline > 1 else [1]:
            for microbatch in factors(samples * tensor * pipeline // devices):
                for recompute in ("none", "attn_only", "full"):
                    for sharded in (False, True):
                        candidates += 1
                        try:
                            best = min(best, step(tensor, pipeline, pieces, microbatch, recompute, sharded))
                        except (Llm.Error, AssertionError):
                            pass  # it does not fit, or the batch does not divide
say("training_search", time.process_time() - begin, best, candidates)
