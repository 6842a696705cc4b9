"""aiconfigurator: Qwen3-32B on H200, one configuration, and its default search on 16 devices."""

import contextlib
import io
import logging
import os
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from timing import cpu_each, say  # noqa: E402

from aiconfigurator.cli.api import cli_default, cli_estimate  # noqa: E402

logging.disable(logging.CRITICAL)


def estimate(batch):
    with contextlib.redirect_stdout(io.StringIO()):
        return cli_estimate("Qwen/Qwen3-32B", "h200_sxm", mode="agg", isl=4000, osl=1000, batch_size=batch, tp_size=4)


answer = estimate(16)
say("serving", cpu_each(lambda i: estimate(8 + i), 3), answer.tpot / 1e3)
begin = time.process_time()
with contextlib.redirect_stdout(io.StringIO()):
    found = cli_default("Qwen/Qwen3-32B", 16, "h200_sxm")
seconds = time.process_time() - begin
rows = [frame for frames in found.raw_results.values() for frame in frames.values() if frame is not None]
say("serving_search", seconds, candidates=sum(len(frame) for frame in rows))
