#pragma once
// Memory of a training step on one accelerator (Rajbhandari 2020 ZeRO, Korthikanti 2022, Hu 2022 LoRA).
#include <ironlaw/equations/training.hpp>
#include <ironlaw/equations/transformer.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/workload.hpp>

#include <algorithm>

namespace ironlaw::equations {

/// What updates the parameters. Named for the state it keeps.
enum class Optimizer {
  adam,
  adamw,
  adam_8bit,
  adam_bf16,
  adafactor,
  adagrad,
  lamb,
  lion,
  lion_8bit,
  muon,
  rmsprop,
  sgd,
  sgd_momentum,
  none
};
/// Whether a copy of the weights in fp32 is kept beside them: where they are narrower, always, or never.
enum class MasterWeights { where_narrower, always, never };

/// Bytes of moments that an optimizer keeps for each trained parameter (Kingma 2015; Dettmers 2022, with a scale for 2,048
/// elements; Shazeer 2018, whose factored moments are as good as none; Duchi 2011; You 2020; Chen 2023; Jordan 2024).
constexpr double moment_bytes_per_parameter(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::adam:
    case Optimizer::adamw:
    case Optimizer::lamb:
      return 8;
    case Optimizer::adam_8bit:
      return 2 + 2 * 4.0 / 2048;
    case Optimizer::lion_8bit:
      return 1 + 4.0 / 2048;
    case Optimizer::adam_bf16:
    case Optimizer::adagrad:
    case Optimizer::lion:
    case Optimizer::rmsprop:
    case Optimizer::sgd_momentum:
    case Optimizer::muon:
      return 4;
    default:
      return 0;
  }
}

/// Bytes that an optimizer keeps for each trained parameter: moments, and a copy in fp32 of weights of `element_bytes`.
constexpr double optimizer_bytes_per_parameter(Optimizer optimizer, MasterWeights master, double element_bytes) {
  if (optimizer == Optimizer::none) return 0;
  const bool copied = master == MasterWeights::always || (master == MasterWeights::where_narrower && element_bytes < 4);
  return moment_bytes_per_parameter(optimizer) + (copied && optimizer != Optimizer::adam_bf16 ? 4 : 0);
}

/// What training holds beside activations.
template <class N>
struct TrainingStateOf {
  Of<N, Information> weights;
  Of<N, Information> gradients;
  Of<N, Information> optimizer;
  [[nodiscard]] Of<N, Information> total() const { return weights + gradients + optimizer; }
};
using TrainingState = TrainingStateOf<double>;

/// State of `parameters` stored in `element_bytes`, of which the share `trainable` has gradients and optimizer state.
template <class N>
TrainingStateOf<N> training_state(const N& parameters, double element_bytes, double optimizer_bytes,
                                  const std::type_identity_t<N>& trainable = 1) {
  const Of<N, Information> weights = parameters * element_bytes * units::byte;
  return {weights, weights * trainable, parameters * optimizer_bytes * trainable * units::byte};
}

/// ZeRO: stage 1 shards the optimizer over the replicas, 2 the gradients too, 3 the weights too.
template <class N>
TrainingStateOf<N> zero_sharded(TrainingStateOf<N> state, int stage, const std::type_identity_t<N>& replicas) {
  if (stage >= 1) state.optimizer /= replicas;
  if (stage >= 2) state.gradients /= replicas;
  if (stage >= 3) state.weights /= replicas;
  return state;
}

/// Share of the parameters that adapters of a rank add, on four square matrices a layer.
template <class N>
N lora_share(const N& parameters, double layers, double hidden_size, double rank = 16) {
  return smaller(N(2 * rank * hidden_size * 4 * layers / parameters), N(1.0));
}

/// Share of a model's parameters that the adapter laid over it trains; absent where it has none.
inline Maybe<double> adapter_share(const Workload& model) {
  const auto* adapter = model.facet<Adapter>();
  const auto parameters = model.parameters();
  return adapter != nullptr && parameters ? Maybe<double>(adapter->parameters / *parameters) : absent;
}

/// What the forward pass keeps for the backward one.
enum class ActivationStrategy { none, selective, full };

/// Activations of one microbatch; the published constants are bytes for two-byte elements.
template <class N>
Of<N, Information> activation_memory(ActivationStrategy strategy, const std::type_identity_t<N>& layers, double hidden_size,
                                     double heads, const N& sequence, const std::type_identity_t<N>& batch,
                                     double element_bytes) {
  const N tokens = sequence * batch;
  const N linear = static_cast<double>(strategy == ActivationStrategy::full ? 2 : 34) * tokens * hidden_size;
  const N scores = strategy == ActivationStrategy::none ? N(5 * heads * sequence * tokens) : N(0.0);
  return layers * (element_bytes / 2) * (linear + scores) * units::byte;
}

/// How activations are counted: by the tensors of the layer's own shape, or by the published constants alone.
enum class ActivationAccounting { by_shape, published };

/// Bytes that a layer keeps of one token, for two-byte elements: tensor parallelism shards some, with sequence parallelism all.
template <class N>
struct LayerActivationsOf {
  double whole;
  N sharded;
};

/// Where the feed-forward width is known: a gated layer with root-mean-square norms and fused attention and gate, which keeps two
/// norm inputs and outputs, queries, keys, values, attention output, gate, up, product and one number a head; else Korthikanti
/// 2022.
template <class N>
LayerActivationsOf<N> layer_activations(ActivationStrategy strategy, const TransformerShape& s, double ffns, const N& sequence) {
  if (strategy == ActivationStrategy::full) return {2 * s.hidden_size, 0};
  LayerActivationsOf<N> kept{10 * s.hidden_size, 24 * s.hidden_size};
  if (s.ffn_size)
    kept = {8 * s.hidden_size, 4 * s.heads * s.head_size + 4 * s.kv_heads * s.head_size + 6 * *s.ffn_size * ffns + 4 * s.heads};
  if (strategy == ActivationStrategy::none) kept.sharded += 5 * s.heads * sequence;
  return kept;
}

/// What one rank is asked to hold of a training step.
template <class N>
struct RankLoadOf {
  LayoutOf<N> layout;
  N sequence;
  N held_samples;  ///< whose activations the first pipeline stage holds
  N microbatch;    ///< samples of one message between stages
  double element_bytes;
  double gradient_bytes;
  double optimizer_bytes;
  N trainable;  ///< share of the parameters
  int zero_stage;
  N buffer_fraction;  ///< of the gradients, for their exchange
  ActivationStrategy strategy;
  ActivationAccounting accounting;
  bool sequence_parallel;
  bool count_logits;
  bool shard_experts_only;                               ///< expert ranks share routed experts, not the dense parameters
  Of<N, bool> replicate_attention = Of<N, bool>(false);  ///< every tensor rank holds attention whole: its heads do not divide
  double offloaded_optimizer = 0;                        ///< share of the optimizer's state that the host holds
  double offloaded_weights = 0;                          ///< share of the weights that the host holds
};
using RankLoad = RankLoadOf<double>;

/// What one rank holds, by part.
template <class N>
struct RankMemoryOf {
  TrainingStateOf<N> state;
  Of<N, Information> activations;
  Of<N, Information> buffers;
  [[nodiscard]] Of<N, Information> total() const { return state.total() + activations + buffers; }
};
using RankMemory = RankMemoryOf<double>;

/// Elements of attention's projections in all layers that attend.
constexpr double attention_elements(const TransformerShape& s) {
  return s.attending_layers() * 2 * s.hidden_size * (s.heads + s.kv_heads) * s.head_size;
}

/// Training state of a rank. Dense parameters, where expert ranks do not share them, are replicated over those ranks as well.
template <class N>
TrainingStateOf<N> rank_state(const RankLoadOf<N>& load, const std::type_identity_t<N>& parameters,
                              const std::type_identity_t<N>& in_experts, double in_attention = 0) {
  const LayoutOf<N>& n = load.layout;
  const auto sharded = [&](const N& share, const N& replicas) {
    TrainingStateOf<N> state = training_state(share, load.element_bytes, load.optimizer_bytes, load.trainable);
    state.gradients *= N(load.gradient_bytes / load.element_bytes);
    return zero_sharded(state, load.zero_stage, replicas);
  };
  // What tensor ranks do not share of attention, each of them holds.
  const N held = select(load.replicate_attention, N(in_attention * (1 - 1 / n.tensor) / n.pipeline), N(0.0));
  if (!load.shard_experts_only) return sharded(parameters / n.replica() + held, n.data);
  const auto dense = sharded((parameters - in_experts) / (n.tensor * n.pipeline) + held, n.data * n.expert);
  const auto routed = sharded(in_experts / n.replica(), n.data);
  return {dense.weights + routed.weights, dense.gradients + routed.gradients, dense.optimizer + routed.optimizer};
}

/// Activations of the fullest stage: the first holds those of every microbatch in flight, the last adds the logits of one.
template <class N>
Of<N, Information> rank_activations(const RankLoadOf<N>& load, const TransformerShape& s, double ffns) {
  using Bytes = Of<N, Information>;
  const N& t = load.layout.tensor;
  const N layers = rounded_up(N(s.layers / load.layout.pipeline));
  const auto stage = [&](const N& samples) -> Bytes {
    if (load.accounting == ActivationAccounting::published)
      return activation_memory(load.strategy, layers, s.hidden_size, s.heads, load.sequence, samples, load.element_bytes) /
             (load.sequence_parallel ? t : N(1.0));
    const auto bytes = [&](ActivationStrategy strategy, const N& layers_held, const N& samples_held) -> Bytes {
      const auto kept = layer_activations(strategy, s, ffns, load.sequence);
      const N token = load.sequence_parallel ? N((kept.whole + kept.sharded) / t) : N(kept.whole + kept.sharded / t);
      return layers_held * load.element_bytes / 2 * token * load.sequence * samples_held * units::byte;
    };
    const Bytes kept = bytes(load.strategy, layers, samples);
    // Where layers are computed again, the one whose turn it is stands in memory as a whole.
    return load.strategy == ActivationStrategy::full ? Bytes(kept + bytes(ActivationStrategy::selective, 1, load.microbatch))
                                                     : kept;
  };
  const Bytes first = stage(load.held_samples);
  if (!load.count_logits || !s.vocabulary_size) return first;
  // Output of the last norm and logits, in four bytes.
  const Bytes logits = 4 * load.sequence * load.microbatch * (s.hidden_size + *s.vocabulary_size) / t * units::byte;
  const auto one_stage = load.layout.pipeline == 1.0;
  const Bytes both_ends = first + logits;
  if (!any(!one_stage)) return both_ends;
  return select(one_stage, both_ends, larger(first, Bytes(stage(load.microbatch) + logits)));
}

template <class N>
RankMemoryOf<N> rank_memory(const RankLoadOf<N>& load, const TransformerShape& s, const Experts* experts,
                            const std::type_identity_t<N>& parameters) {
  const double ffns = experts != nullptr ? experts->active_per_token : 1;
  const N in_experts =
      experts != nullptr ? N(expert_parameters(parameters, experts->active_parameters, experts->count, experts->active_per_token))
                         : N(0.0);
  RankMemoryOf<N> memory{rank_state(load, parameters, in_experts, attention_elements(s)), rank_activations(load, s, ffns), {}};
  memory.state.optimizer *= N(1 - load.offloaded_optimizer);
  memory.state.weights *= N(1 - load.offloaded_weights);
  memory.buffers = load.buffer_fraction * memory.state.gradients;
  using Bytes = Of<N, Information>;
  const Bytes message = load.microbatch * load.sequence * s.hidden_size * load.element_bytes * units::byte;
  memory.buffers = select(load.layout.pipeline > 1.0, Bytes(memory.buffers + 2.0 * message), memory.buffers);
  return memory;
}

}  // namespace ironlaw::equations
