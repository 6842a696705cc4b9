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

struct StepLayout {
  double tensor = 1;
  double pipeline = 1;
  double virtual_stages = 1;
  double context = 1;
  double expert = 1;
  double data = 1;          ///< replicas, without context ranks
  double shard_ranks = 1;   ///< ranks that sharded state is spread over
  double microbatch = 1;    ///< samples
  double microbatches = 1;  ///< of a replica in a step
  double sequence = 2048;   ///< tokens of a sample
  double slices = 1;        ///< of a torus, joined by another network
  int zero_stage = 1;
  bool sequence_parallel = true;
  equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
};

struct StepRecipe {
  AttentionKernel attention = AttentionKernel::fused;
  Recomputation recomputation = Recomputation::none;
  RecomputedModules recomputed{};
  GraphCapture graphs = GraphCapture::attention_and_router;
  Dispatcher dispatcher = Dispatcher::deduplicated;
  bool expert_overlap = false;
  bool eager = false;
  bool lora = false;
  double expert_imbalance = 1;  ///< tokens of the busiest rank over the mean
  double power_share = 1;       ///< of the rate at the design power
};

}  // namespace ironlaw::estimates
