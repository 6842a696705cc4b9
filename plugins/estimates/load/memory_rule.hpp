#pragma once
// What an engine's rule leaves of a device for its cache.
#include <ironlaw/engine_memory.hpp>

#include "../serving/iteration_inputs.hpp"
#include "replica_memory.hpp"

namespace ironlaw::estimates {

/// What a port, else the stack's record, else the law says of an engine's memory.
struct MemoryRule {
  CacheRule rule = CacheRule::share_of_device;
  Maybe<double> share;  ///< absent under `set_aside`: what is set aside is
  Information graphs{};
  Information runtime{};
  Information set_aside{};  ///< under that rule
  double block_tokens = 1;
};

/// What lies on a device of an engine.
struct DeviceMemory {
  Information capacity{};
  Information weights{};
  Information activations{};
  Information cache{};  ///< negative: the weights leave no room
  /// For weights and cache.
  [[nodiscard]] Information usable() const { return weights + cache; }
  /// Graphs, the engine's own, and what the rule leaves unused.
  [[nodiscard]] Information reserved() const { return capacity - usable() - activations; }
};

namespace detail {

/// SGLang's rule: for a prompt's activations by the token budget, for graphs by the largest captured batch.
inline Information set_aside(const EngineMemory& m, const IterationGiven& in, double token_budget) {
  constexpr double least_budget = 2048;
  const auto each = [](const Maybe<Information>& one) { return one.value_or(Information{}); };
  const double sequences = m.captured_sequences.value_or(0);
  const double groups = in.attention_data_parallel > 1 ? in.attention_data_parallel : 0;
  const Information sum = each(m.set_aside) + std::max(token_budget, least_budget) * each(m.set_aside_per_token) +
                          sequences * (each(m.set_aside_per_sequence) + groups * each(m.set_aside_per_group_sequence)) +
                          in.tensor_parallel * in.pipeline_parallel * each(m.set_aside_per_device);
  const bool large = in.hardware->memory().capacity > 60.0 * units::gibibyte;
  return large ? std::max(sum, each(m.least_set_aside)) : sum;
}

}  // namespace detail

inline DeviceMemory device_memory(const MemoryRule& m, Information capacity, Information weights, Information activations) {
  DeviceMemory d{capacity, weights, activations, {}};
  const Information rest = weights + activations + m.graphs + m.runtime;
  switch (m.rule) {
    case CacheRule::share_of_device:
      d.cache = m.share.value_or(1) * capacity - rest;
      break;
    case CacheRule::share_of_free:
      d.cache = (capacity > rest ? m.share.value_or(1) : 1) * (capacity - rest);
      break;
    case CacheRule::set_aside:
      d.cache = (m.share ? *m.share * capacity : capacity - m.set_aside) - weights;
      d.activations = std::min(activations, capacity - d.usable());
      break;
  }
  return d;
}

}  // namespace ironlaw::estimates
