#pragma once
// Terms of a training step that go beyond the plain published model, each with the setting that turns it off.
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace ironlaw::training {

/// Layouts that do not come out even: refuse; or let every tensor-parallel rank hold attention whole whose heads do not divide;
/// or round batches down, layers and microbatches up, and take heads as divided.
enum class Uneven { refuse, replicate, round };
/// Whether expert ranks share routed experts only, or the dense parameters as well.
enum class ExpertSharding { experts_only, everything };
/// Which models take `sequence_length` tokens a sample: those whose unit is a token or a sequence, or transformers alone.
enum class SequenceModels { by_unit, transformers };
/// What gradients can hide behind: the backward pass of the last microbatch, or anything.
enum class OverlapWindow { backward_pass, unlimited };
/// Gradients cross once in a step, or at a cost spread over its accumulation steps.
enum class GradientReduction { once_a_step, amortised };
/// Dispatch and combine in each layer with experts, forward and backward, or a single exchange.
enum class ExpertExchanges { every_layer, one };
/// Where expert ranks sit: beside each other, or each in another node.
enum class ExpertPlacement { adjacent, apart };
/// Microbatches whose activations the first stage holds: as the schedule says, or by whole pipeline depths.
enum class HeldMicrobatches { in_flight, pipeline_depth };
/// What a bubble is a multiple of: a microbatch's passes and exchanges, or the whole replica time.
enum class BubbleBase { microbatch, whole_step };
/// Which transfers congestion stretches.
enum class CongestionScope { fabric, everything };

/// Terms of the memory of one rank.
struct MemoryTerms {
  bool sequence_parallel = true;
  equations::ActivationAccounting activation_accounting = equations::ActivationAccounting::by_shape;
  bool count_logits = true;
  ExpertSharding expert_sharding = ExpertSharding::experts_only;
  double memory_reserve = 0;
  double communication_buffer_fraction = 0.05;
  equations::MasterWeights master_weights = equations::MasterWeights::where_narrower;
};
inline constexpr auto memory_ports = ports(
    port<&MemoryTerms::sequence_parallel>("tensor-parallel ranks also share the tokens between their blocks").refinement(),
    port<&MemoryTerms::activation_accounting>("activations by the layer's own tensors, or by published constants that are "
                                              "shared among tensor-parallel ranks all or not at all")
        .parity(),
    port<&MemoryTerms::count_logits>("count the logits that the last stage holds, where the vocabulary is known").parity(),
    port<&MemoryTerms::expert_sharding>("what expert-parallel ranks share: experts_only, or everything").parity(),
    port<&MemoryTerms::memory_reserve>("share of the memory kept free for fragmentation", between(0, 0.9)).refinement(),
    port<&MemoryTerms::communication_buffer_fraction>("buffers of the gradient exchange over the gradients", fraction)
        .refinement(),
    port<&MemoryTerms::master_weights>("a copy of the weights in fp32 where they are narrower, always, or never").refinement());

/// Terms of the time of one step.
struct StepTerms {
  Uneven uneven = Uneven::refuse;
  bool tensor_across_nodes = false;
  SequenceModels sequence_models = SequenceModels::by_unit;
  bool count_context_operations = true;
  Maybe<double> activation_weight_fraction = absent;
  bool per_microbatch = true;
  bool split_expert_batch = true;
  HeldMicrobatches held_microbatches = HeldMicrobatches::in_flight;
  equations::SpillTransfer spill_transfer = equations::SpillTransfer::streamed;
  Time framework_overhead = 1e-5 * units::second;
  Maybe<double> default_hidden_size = absent;
  Maybe<Time> hierarchical_latency = absent;
  CongestionScope congestion_scope = CongestionScope::fabric;
  double core_traffic = 1;
  Maybe<double> lora_gradient_share = absent;
  bool zero_traffic = true;
  bool separate_expert_gradients = true;
  GradientReduction gradient_reduction = GradientReduction::once_a_step;
  OverlapWindow overlap_window = OverlapWindow::backward_pass;
  Information gradient_bucket = 26214400.0 * units::byte;
  bool recomputed_messages = true;
  double tensor_overlap = 0;
  bool pipeline_transfers = true;
  double pipeline_overlap = 0;
  ExpertExchanges expert_exchanges = ExpertExchanges::every_layer;
  ExpertPlacement expert_placement = ExpertPlacement::adjacent;
  Maybe<double> routing_imbalance = absent;
  BubbleBase bubble_base = BubbleBase::microbatch;
  Information optimizer_traffic = 28.0 * units::byte;
  double step_variation = 0;
  Maybe<Bandwidth> default_host_link = absent;
};
inline constexpr auto step_ports = ports(
    port<&StepTerms::uneven>("layouts that do not come out even: refuse, replicate attention whose heads do not divide, or round")
        .refinement(),
    port<&StepTerms::tensor_across_nodes>("allow tensor-parallel groups larger than a node").refinement(),
    port<&StepTerms::sequence_models>("models whose samples have sequence_length tokens").parity(),
    port<&StepTerms::count_context_operations>("count operations that grow with the context (attention)").parity(),
    port<&StepTerms::activation_weight_fraction>(
        "activation traffic of each sample over the weight bytes; absent: the workload's own activation traffic", non_negative)
        .refinement(),
    port<&StepTerms::per_microbatch>("weight sweeps, framework costs and message latencies are paid by every microbatch")
        .parity(),
    port<&StepTerms::split_expert_batch>("expert-parallel ranks hold different samples of the replica's batch").parity(),
    port<&StepTerms::held_microbatches>("microbatches whose activations the first stage holds").parity(),
    port<&StepTerms::spill_transfer>(
        "how what does not fit arrives: streamed beside the resident part, serial after it, or host_link: "
        "all traffic at the narrower of memory and host link")
        .refinement(),
    port<&StepTerms::framework_overhead>("cost of each group of kernels, three times in a step", non_negative).refinement(),
    port<&StepTerms::default_hidden_size>("width of messages of a model that states none; absent: such a model is not split",
                                          at_least_one)
        .refinement(),
    port<&StepTerms::hierarchical_latency>("latency inside a node in hierarchical all-reduces; absent: the device's own",
                                           non_negative)
        .parity(),
    port<&StepTerms::congestion_scope>("transfers that congestion stretches").parity(),
    port<&StepTerms::core_traffic>("share of the traffic between nodes that crosses the oversubscribed core", fraction)
        .refinement(),
    port<&StepTerms::lora_gradient_share>(
        "share of the gradients that low-rank adapters exchange; absent: that of their parameters", fraction)
        .parity(),
    port<&StepTerms::zero_traffic>("ZeRO stage 3 gathers the weights twice in every accumulation step").parity(),
    port<&StepTerms::separate_expert_gradients>("dense gradients cross expert ranks too, those of experts do not").parity(),
    port<&StepTerms::gradient_reduction>("gradients cross once in a step, or at a cost spread over its accumulation steps")
        .parity(),
    port<&StepTerms::overlap_window>("what the exchange of gradients can hide behind").parity(),
    port<&StepTerms::gradient_bucket>("gradients sent together; the last bucket hides behind nothing", non_negative)
        .refinement()
        .display("MiB"),
    port<&StepTerms::recomputed_messages>("recomputation repeats the forward messages").parity(),
    port<&StepTerms::tensor_overlap>("share of tensor-parallel messages that hides behind arithmetic", fraction).refinement(),
    port<&StepTerms::pipeline_transfers>("count the messages between pipeline stages").parity(),
    port<&StepTerms::pipeline_overlap>("share of them that hides behind arithmetic once the pipeline is full", fraction)
        .refinement(),
    port<&StepTerms::expert_exchanges>("exchanges of tokens with experts in a step").parity(),
    port<&StepTerms::expert_placement>("where the ranks of an expert group sit").refinement(),
    port<&StepTerms::routing_imbalance>("tokens of the busiest expert over the mean; absent: that of uniform random routing",
                                        at_least_one)
        .refinement(),
    port<&StepTerms::bubble_base>("what a pipeline's bubble is a multiple of").parity(),
    port<&StepTerms::optimizer_traffic>("bytes that the optimizer moves for each parameter it updates", non_negative)
        .refinement(),
    port<&StepTerms::step_variation>("variation of one rank's step time, standard deviation over mean", between(0, 1))
        .refinement(),
    port<&StepTerms::default_host_link>("link that what does not fit crosses, of a device that states none; absent: refuse",
                                        positive)
        .refinement()
        .display("GB/s"));

/// Heads are dealt out whole.
inline bool heads_divide(const TransformerShape& shape, double tensor_parallel) {
  return std::fmod(shape.heads, tensor_parallel) == 0;
}
/// Throws DomainError where heads neither divide nor may do without.
inline void require_whole_heads(const TransformerShape& shape, double tensor_parallel, Uneven uneven, std::string_view workload) {
  if (uneven != Uneven::refuse || heads_divide(shape, tensor_parallel)) return;
  char text[160];
  std::snprintf(text, sizeof text, "%.0f is out of range; allowed: a divisor of the %.0f heads of ", tensor_parallel,
                shape.heads);
  throw DomainError("tensor_parallel", text + std::string(workload) + ", uneven = replicate, or uneven = round");
}

}  // namespace ironlaw::training
