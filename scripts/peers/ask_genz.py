"""genz-llm: a decoding step of Llama-3 70B on eight H100."""

import contextlib
import io
import warnings

from timing import cpu_each, say

from GenZ import decode_moddeling

warnings.simplefilter("ignore")


def step(batch):
    with contextlib.redirect_stdout(io.StringIO()):
        return decode_moddeling(model="meta-llama/Llama-3.1-70B", batch_size=batch, input_tokens=2048, output_tokens=256, Bb=1,
                                system_name="H100_GPU", bits="bf16", tensor_parallel=8)


latency = step(16)["Latency"] / 1e3
say("decode", cpu_each(lambda i: step(1 + i % 64), 20), latency)
