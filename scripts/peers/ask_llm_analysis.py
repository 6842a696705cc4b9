"""llm-analysis: GPT-3 175B trained on 1,024 A100."""

from timing import cpu_each, say

from llm_analysis.analysis import ActivationRecomputation, LLMAnalysis
from llm_analysis.config import (ParallelismConfig, get_dtype_config_by_name, get_gpu_config_by_name,
                                 get_model_config_by_name)
from llm_analysis.logger import logger

logger.setLevel("ERROR")
model = get_model_config_by_name("megatron-lm-175b")
device = get_gpu_config_by_name("a100-sxm-80gb")
numbers = get_dtype_config_by_name("w16a16e16")


def step(tensor):
    layout = ParallelismConfig(tp_size=tensor, pp_size=8, dp_size=1024 // 8 // tensor, sp_size=tensor)
    analysis = LLMAnalysis(model, device, numbers, layout, flops_efficiency=0.5)
    return analysis.training(batch_size_per_gpu=1, global_batch_size=1536, seq_len=2048,
                             activation_recomputation=ActivationRecomputation.FULL)


answer = step(8)
say("training", cpu_each(lambda i: step(8 if i % 2 else 4), 40), answer["latency_per_iter"])
