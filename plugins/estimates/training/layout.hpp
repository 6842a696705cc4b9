#pragma once
// How a step is laid out over ranks, and what its recipe does.
#include <ironlaw/equations/training.hpp>

namespace ironlaw::estimates {

/// How attention is computed: fused (FlashAttention 2 and later), fused kernels of 2023, or as separate products and softmax.
enum class AttentionKernel { fused, first_fused, unfused };
/// What the backward pass computes again. `selective`: attention where it is not fused; `alternate_products`: every other
/// product.
enum class Recomputation { none, selective, alternate_products, full };
/// What CUDA graphs capture of a layer with routed experts.
enum class GraphCapture { none, router, attention_and_router, whole_iteration };
/// What a rank sends to experts: one copy of a token for each device that needs it, or one for each expert.
enum class Dispatcher { deduplicated, all_to_all };

/// Modules whose forward pass is repeated, beside what Recomputation says.
struct RecomputedModules {
  bool core_attention = false;
  bool latent_projections = false;  ///< up-projections of multi-head latent attention
  bool feed_forward = false;
  bool experts = false;
  bool expert_activation = false;
  bool shared_experts = false;
  bool elementwise = false;  ///< half of the passes over activations
};

template <class N>
struct StepLayoutOf {
  N tensor = 1.0;
  N pipeline = 1.0;
  N virtual_stages = 1.0;
  N context = 1.0;
  N expert = 1.0;
  N data = 1.0;          ///< replicas, without context ranks
  N shard_ranks = 1.0;   ///< ranks that sharded state is spread over
  N microbatch = 1.0;    ///< samples
  N microbatches = 1.0;  ///< of a replica in a step
  N sequence = 2048.0;   ///< tokens of a sample
  double slices = 1;     ///< of a torus, joined by another network
  int zero_stage = 1;
  bool sequence_parallel = true;  ///< where there are tensor ranks
  equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
};
using StepLayout = StepLayoutOf<double>;

template <class N>
struct StepRecipeOf {
  AttentionKernel attention = AttentionKernel::fused;
  Recomputation recomputation = Recomputation::none;
  RecomputedModules recomputed{};
  GraphCapture graphs = GraphCapture::attention_and_router;
  Dispatcher dispatcher = Dispatcher::deduplicated;
  bool expert_overlap = false;
  bool eager = false;
  bool lora = false;
  Maybe<double> adapter_share = absent;  ///< of the parameters, that the model's own adapter trains
  N expert_imbalance = 1.0;              ///< tokens of the busiest rank over the mean
  N power_share = 1.0;                   ///< of the rate at the design power
};
using StepRecipe = StepRecipeOf<double>;

}  // namespace ironlaw::estimates
