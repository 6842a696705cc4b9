#pragma once
// Memory of a training step on one accelerator (Rajbhandari 2020 ZeRO, Korthikanti 2022, Hu 2022 LoRA).
#include <ironlaw/equations/training.hpp>
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/facets.hpp>

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

/// How activations are counted: by the tensors of the layer's own shape, or by the published constants alone.
enum class ActivationAccounting { by_shape, published };

/// Bytes that a layer keeps of one token, for two-byte elements: tensor parallelism shards some, with sequence parallelism all.
struct LayerActivations {
  double whole;
  double sharded;
};

/// Where the feed-forward width is known: a gated layer with root-mean-square norms and fused attention and gate, which keeps two
/// norm inputs and outputs, queries, keys, values, attention output, gate, up, product and one number a head; else Korthikanti
/// 2022.
inline LayerActivations layer_activations(ActivationStrategy strategy, const TransformerShape& s, double ffns, double sequence) {
  if (strategy == ActivationStrategy::full) return {2 * s.hidden_size, 0};
  LayerActivations kept{10 * s.hidden_size, 24 * s.hidden_size};
  if (s.ffn_size)
    kept = {8 * s.hidden_size, 4 * s.heads * s.head_size + 4 * s.kv_heads * s.head_size + 6 * *s.ffn_size * ffns + 4 * s.heads};
  if (strategy == ActivationStrategy::none) kept.sharded += 5 * s.heads * sequence;
  return kept;
}

/// What one rank is asked to hold of a training step.
struct RankLoad {
  Layout layout;
  double sequence;
  double held_samples;  ///< whose activations the first pipeline stage holds
  double microbatch;    ///< samples of one message between stages
  double element_bytes;
  double gradient_bytes;
  double optimizer_bytes;
  double trainable;  ///< share of the parameters
  int zero_stage;
  double buffer_fraction;  ///< of the gradients, for their exchange
  ActivationStrategy strategy;
  ActivationAccounting accounting;
  bool sequence_parallel;
  bool count_logits;
  bool shard_experts_only;  ///< expert ranks share routed experts, not the dense parameters
};

/// What one rank holds, by part.
struct RankMemory {
  TrainingState state;
  Information activations;
  Information buffers;
  [[nodiscard]] Information total() const { return state.total() + activations + buffers; }
};

/// Training state of a rank. Dense parameters, where expert ranks do not share them, are replicated over those ranks as well.
inline TrainingState rank_state(const RankLoad& load, double parameters, double in_experts) {
  const Layout& n = load.layout;
  const auto sharded = [&](double share, double replicas) {
    auto state = training_state(share, load.element_bytes, load.optimizer_bytes, load.trainable);
    state.gradients *= load.gradient_bytes / load.element_bytes;
    return zero_sharded(state, load.zero_stage, replicas);
  };
  if (!load.shard_experts_only) return sharded(parameters / n.replica(), n.data);
  const auto dense = sharded((parameters - in_experts) / (n.tensor * n.pipeline), n.data * n.expert);
  const auto routed = sharded(in_experts / n.replica(), n.data);
  return {dense.weights + routed.weights, dense.gradients + routed.gradients, dense.optimizer + routed.optimizer};
}

/// Activations of the fullest stage: the first holds those of every microbatch in flight, the last adds the logits of one.
inline Information rank_activations(const RankLoad& load, const TransformerShape& s, double ffns) {
  const double t = load.layout.tensor;
  const double layers = std::ceil(s.layers / load.layout.pipeline);
  const auto stage = [&](double samples) {
    if (load.accounting == ActivationAccounting::published)
      return activation_memory(load.strategy, layers, s.hidden_size, s.heads, load.sequence, samples, load.element_bytes) /
             (load.sequence_parallel ? t : 1);
    const auto kept = layer_activations(load.strategy, s, ffns, load.sequence);
    const double token = load.sequence_parallel ? (kept.whole + kept.sharded) / t : kept.whole + kept.sharded / t;
    return layers * load.element_bytes / 2 * token * load.sequence * samples * units::byte;
  };
  if (!load.count_logits || !s.vocabulary_size) return stage(load.held_samples);
  // Output of the last norm and logits, in four bytes.
  const Information logits = 4 * load.sequence * load.microbatch * (s.hidden_size + *s.vocabulary_size) / t * units::byte;
  if (load.layout.pipeline == 1) return stage(load.held_samples) + logits;
  return std::max(stage(load.held_samples), stage(load.microbatch) + logits);
}

inline RankMemory rank_memory(const RankLoad& load, const TransformerShape& s, const Experts* experts, double parameters) {
  const double ffns = experts != nullptr ? experts->active_per_token : 1;
  const double in_experts =
      experts != nullptr ? expert_parameters(parameters, experts->active_parameters, experts->count, experts->active_per_token)
                         : 0;
  RankMemory memory{rank_state(load, parameters, in_experts), rank_activations(load, s, ffns), {}};
  memory.buffers = load.buffer_fraction * memory.state.gradients;
  if (load.layout.pipeline > 1) {
    const Information message = load.microbatch * load.sequence * s.hidden_size * load.element_bytes * units::byte;
    memory.buffers += 2.0 * message;
  }
  return memory;
}

}  // namespace ironlaw::equations
