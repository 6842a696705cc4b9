#pragma once
// Memory of the fullest rank of a training step (Rajbhandari 2020; Korthikanti 2022), by the layout that the step is timed with.
#include <ironlaw/equations/training_memory.hpp>

#include "layout.hpp"

namespace ironlaw::estimates {

/// Weights and activations in 16 bits, gradients accumulated in 32, Adam's state; routed experts whole on their ranks.
template <class N>
Of<N, Information> step_memory(const TransformerShape& shape, const Experts* experts, double parameters, const StepLayoutOf<N>& l,
                               const StepRecipeOf<N>& r) {
  using equations::ActivationStrategy;
  const N expert = experts != nullptr ? larger(N(1.0), N(l.expert / l.tensor)) : N(1.0);
  const equations::RankLoadOf<N> load{
      .layout = {.tensor = l.tensor, .pipeline = l.pipeline, .expert = expert, .data = l.data * l.context / expert},
      .sequence = l.sequence / l.context,
      .held_samples = l.microbatch * equations::microbatches_in_flight(l.pipeline, l.microbatches, l.virtual_stages),
      .microbatch = l.microbatch,
      .element_bytes = 2,
      .gradient_bytes = 4,
      .optimizer_bytes =
          equations::optimizer_bytes_per_parameter(equations::Optimizer::adam, equations::MasterWeights::always, 2),
      .trainable = !r.lora           ? N(1.0)
                   : r.adapter_share ? N(*r.adapter_share)
                                     : equations::lora_share(N(parameters), shape.layers, shape.hidden_size),
      .zero_stage = l.zero_stage,
      .buffer_fraction = 0.05,
      .strategy = r.recomputation == Recomputation::full        ? ActivationStrategy::full
                  : r.attention != AttentionKernel::unfused     ? ActivationStrategy::selective
                  : r.recomputation == Recomputation::selective ? ActivationStrategy::selective
                                                                : ActivationStrategy::none,
      .accounting = equations::ActivationAccounting::by_shape,
      .sequence_parallel = l.sequence_parallel,
      .count_logits = true,
      .shard_experts_only = true};
  return equations::rank_memory(load, shape, experts, N(parameters)).total();
}

}  // namespace ironlaw::estimates
