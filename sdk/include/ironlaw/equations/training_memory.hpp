#pragma once
// Memory of a training step on one accelerator (Rajbhandari 2020 ZeRO, Korthikanti 2022, Hu 2022 LoRA).
#include <ironlaw/quantity.hpp>

#include <algorithm>

namespace ironlaw::equations {

/// Bytes an optimizer keeps for each trained parameter.
inline constexpr double adam_bytes_per_parameter = 12;  ///< fp32 master weights and two moments
inline constexpr double sgd_bytes_per_parameter = 4;    ///< fp32 master weights

/// What training holds beside activations.
struct TrainingState {
  Information weights;
  Information gradients;
  Information optimizer;
  [[nodiscard]] Information total() const { return weights + gradients + optimizer; }
};

/// State of `parameters` stored in `element_bytes`, of which the share `trainable` has gradients and optimizer state.
inline TrainingState training_state(double parameters, double element_bytes, double optimizer_bytes, double trainable = 1) {
  const Information weights = parameters * element_bytes * units::byte;
  return {weights, weights * trainable, parameters * optimizer_bytes * trainable * units::byte};
}

/// ZeRO: stage 1 shards the optimizer over the replicas, 2 the gradients too, 3 the weights too.
inline TrainingState zero_sharded(TrainingState state, int stage, double replicas) {
  if (stage >= 1) state.optimizer /= replicas;
  if (stage >= 2) state.gradients /= replicas;
  if (stage >= 3) state.weights /= replicas;
  return state;
}

/// Share of the parameters that adapters of a rank add, on four square matrices a layer.
inline double lora_share(double parameters, double layers, double hidden_size, double rank = 16) {
  return std::min(2 * rank * hidden_size * 4 * layers / parameters, 1.0);
}

/// What the forward pass keeps for the backward one.
enum class ActivationStrategy { none, selective, full };

/// Activations of one microbatch; the published constants are bytes for two-byte elements.
inline Information activation_memory(ActivationStrategy strategy, double layers, double hidden_size, double heads,
                                     double sequence, double batch, double element_bytes) {
  const double tokens = sequence * batch;
  const double linear = (strategy == ActivationStrategy::full ? 2 : 34) * tokens * hidden_size;
  const double scores = strategy == ActivationStrategy::none ? 5 * heads * sequence * tokens : 0;
  return layers * (element_bytes / 2) * (linear + scores) * units::byte;
}

}  // namespace ironlaw::equations
