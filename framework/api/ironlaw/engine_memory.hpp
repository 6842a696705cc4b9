#pragma once
// How a serving engine divides a device's memory between weights, activations, captured graphs and its cache.
#include <ironlaw/facets.hpp>

namespace ironlaw {

/// What an engine's cache gets of a device of memory M, beside weights W, activations A, graphs G and the runtime R.
enum class CacheRule {
  share_of_device,  ///< s M - W - A - G - R (vLLM: gpu_memory_utilization)
  share_of_free,    ///< s (M - W - A - G - R) (TensorRT-LLM: free_gpu_memory_fraction)
  set_aside,  ///< M - what is set aside for activations and graphs - W; s M - W where s is given (SGLang: mem_fraction_static)
};

/// Rule of an engine. A software_stack answers it. Absent: no record; a solver then takes the law's own constant.
struct EngineMemory {
  static constexpr std::string_view facet_id = "engine_memory/1";
  Maybe<CacheRule> cache_rule;
  Maybe<double> cache_block_tokens;                 ///< tokens of a block, the least that a sequence takes
  Maybe<Information> graph_memory;                  ///< captured graphs of a device
  Maybe<Information> set_aside;                     ///< whatever the layout
  Maybe<Information> set_aside_per_token;           ///< of the token budget, from 2048 on
  Maybe<double> captured_sequences;                 ///< largest batch whose graph is captured
  Maybe<Information> set_aside_per_sequence;        ///< of that batch
  Maybe<Information> set_aside_per_group_sequence;  ///< of that batch, for each group under attention-data parallelism
  Maybe<Information> set_aside_per_device;          ///< of an engine
  Maybe<Information> least_set_aside;               ///< on a device of more than 60 GiB
};

}  // namespace ironlaw
