#pragma once
// Terms of a training step that go beyond the plain published model, each with the setting that turns it off.
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/lanes.hpp>
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

/// Terms of the memory of one rank: choices, and numbers.
struct MemoryChoices {
  bool sequence_parallel = true;
  equations::ActivationAccounting activation_accounting = equations::ActivationAccounting::by_shape;
  bool count_logits = true;
  ExpertSharding expert_sharding = ExpertSharding::experts_only;
  equations::MasterWeights master_weights = equations::MasterWeights::where_narrower;
};
template <class N>
struct MemoryNumbersOf {
  N memory_reserve = 0.0;
  N communication_buffer_fraction = 0.05;
};
struct MemoryTerms : MemoryChoices, MemoryNumbersOf<double> {};
template <class N>
inline constexpr auto memory_ports_of = ports(
    port<&MemoryChoices::sequence_parallel>("tensor-parallel ranks also share the tokens between their blocks").refinement(),
    port<&MemoryChoices::activation_accounting>("activations by the layer's own tensors, or by published constants that are "
                                                "shared among tensor-parallel ranks all or not at all")
        .parity(),
    port<&MemoryChoices::count_logits>("count the logits that the last stage holds, where the vocabulary is known").parity(),
    port<&MemoryChoices::expert_sharding>("what expert-parallel ranks share: experts_only, or everything").parity(),
    port<&MemoryNumbersOf<N>::memory_reserve>("share of the memory kept free for fragmentation", between(0, 0.9)).refinement(),
    port<&MemoryNumbersOf<N>::communication_buffer_fraction>("buffers of the gradient exchange over the gradients", fraction)
        .refinement(),
    port<&MemoryChoices::master_weights>("a copy of the weights in fp32 where they are narrower, always, or never").refinement());
inline constexpr auto memory_ports = memory_ports_of<double>;

/// Terms of the time of one step: choices, and numbers.
struct StepChoices {
  Uneven uneven = Uneven::refuse;
  bool tensor_across_nodes = false;
  SequenceModels sequence_models = SequenceModels::by_unit;
  bool count_context_operations = true;
  bool per_microbatch = true;
  bool split_expert_batch = true;
  HeldMicrobatches held_microbatches = HeldMicrobatches::in_flight;
  equations::SpillTransfer spill_transfer = equations::SpillTransfer::streamed;
  CongestionScope congestion_scope = CongestionScope::fabric;
  bool zero_traffic = true;
  bool separate_expert_gradients = true;
  GradientReduction gradient_reduction = GradientReduction::once_a_step;
  OverlapWindow overlap_window = OverlapWindow::backward_pass;
  bool recomputed_messages = true;
  bool pipeline_transfers = true;
  ExpertExchanges expert_exchanges = ExpertExchanges::every_layer;
  ExpertPlacement expert_placement = ExpertPlacement::adjacent;
  BubbleBase bubble_base = BubbleBase::microbatch;
};
template <class N>
struct StepNumbersOf {
  Of<N, Maybe<double>> activation_weight_fraction = absent;
  Of<N, Time> framework_overhead = spread<N>(1e-5 * units::second);
  Of<N, Maybe<double>> default_hidden_size = absent;
  Of<N, Maybe<Time>> hierarchical_latency = absent;
  N core_traffic = 1.0;
  Of<N, Maybe<double>> lora_gradient_share = absent;
  Of<N, Information> gradient_bucket = spread<N>(26214400.0 * units::byte);
  N tensor_overlap = 0.0;
  N pipeline_overlap = 0.0;
  Of<N, Maybe<double>> routing_imbalance = absent;
  Of<N, Information> optimizer_traffic = spread<N>(28.0 * units::byte);
  N step_variation = 0.0;
  Of<N, Maybe<Bandwidth>> default_host_link = absent;
};
template <class N>
inline constexpr auto step_ports_of = ports(
    port<&StepChoices::uneven>(
        "layouts that do not come out even: refuse, replicate attention whose heads do not divide, or round")
        .refinement(),
    port<&StepChoices::tensor_across_nodes>("allow tensor-parallel groups larger than a node").refinement(),
    port<&StepChoices::sequence_models>("models whose samples have sequence_length tokens").parity(),
    port<&StepChoices::count_context_operations>("count operations that grow with the context (attention)").parity(),
    port<&StepNumbersOf<N>::activation_weight_fraction>(
        "activation traffic of each sample over the weight bytes; absent: the workload's own activation traffic", non_negative)
        .refinement(),
    port<&StepChoices::per_microbatch>("weight sweeps, framework costs and message latencies are paid by every microbatch")
        .parity(),
    port<&StepChoices::split_expert_batch>("expert-parallel ranks hold different samples of the replica's batch").parity(),
    port<&StepChoices::held_microbatches>("microbatches whose activations the first stage holds").parity(),
    port<&StepChoices::spill_transfer>(
        "how what does not fit arrives: streamed beside the resident part, serial after it, or host_link: "
        "all traffic at the narrower of memory and host link")
        .refinement(),
    port<&StepNumbersOf<N>::framework_overhead>("cost of each group of kernels, three times in a step", non_negative)
        .refinement(),
    port<&StepNumbersOf<N>::default_hidden_size>(
        "width of messages of a model that states none; absent: such a model is not split", at_least_one)
        .refinement(),
    port<&StepNumbersOf<N>::hierarchical_latency>("latency inside a node in hierarchical all-reduces; absent: the device's own",
                                                  non_negative)
        .parity(),
    port<&StepChoices::congestion_scope>("transfers that congestion stretches").parity(),
    port<&StepNumbersOf<N>::core_traffic>("share of the traffic between nodes that crosses the oversubscribed core", fraction)
        .refinement(),
    port<&StepNumbersOf<N>::lora_gradient_share>(
        "share of the gradients that low-rank adapters exchange; absent: that of their parameters", fraction)
        .parity(),
    port<&StepChoices::zero_traffic>("ZeRO stage 3 gathers the weights twice in every accumulation step").parity(),
    port<&StepChoices::separate_expert_gradients>("dense gradients cross expert ranks too, those of experts do not").parity(),
    port<&StepChoices::gradient_reduction>("gradients cross once in a step, or at a cost spread over its accumulation steps")
        .parity(),
    port<&StepChoices::overlap_window>("what the exchange of gradients can hide behind").parity(),
    port<&StepNumbersOf<N>::gradient_bucket>("gradients sent together; the last bucket hides behind nothing", non_negative)
        .refinement()
        .display("MiB"),
    port<&StepChoices::recomputed_messages>("recomputation repeats the forward messages").parity(),
    port<&StepNumbersOf<N>::tensor_overlap>("share of tensor-parallel messages that hides behind arithmetic", fraction)
        .refinement(),
    port<&StepChoices::pipeline_transfers>("count the messages between pipeline stages").parity(),
    port<&StepNumbersOf<N>::pipeline_overlap>("share of them that hides behind arithmetic once the pipeline is full", fraction)
        .refinement(),
    port<&StepChoices::expert_exchanges>("exchanges of tokens with experts in a step").parity(),
    port<&StepChoices::expert_placement>("where the ranks of an expert group sit").refinement(),
    port<&StepNumbersOf<N>::routing_imbalance>(
        "tokens of the busiest expert over the mean; absent: that of uniform random routing", at_least_one)
        .refinement(),
    port<&StepChoices::bubble_base>("what a pipeline's bubble is a multiple of").parity(),
    port<&StepNumbersOf<N>::optimizer_traffic>("bytes that the optimizer moves for each parameter it updates", non_negative)
        .refinement(),
    port<&StepNumbersOf<N>::step_variation>("variation of one rank's step time, standard deviation over mean", between(0, 1))
        .refinement(),
    port<&StepNumbersOf<N>::default_host_link>(
        "link that what does not fit crosses, of a device that states none; absent: refuse", positive)
        .refinement()
        .display("GB/s"));

/// Heads are dealt out whole.
template <class N>
Of<N, bool> heads_divide(const TransformerShape& shape, const N& tensor_parallel) {
  return divides(tensor_parallel, N(shape.split_heads()));
}
/// Throws DomainError.
[[noreturn]] inline void refuse_heads(const TransformerShape& shape, double tensor_parallel, std::string_view workload) {
  char text[160];
  std::snprintf(text, sizeof text, "%.0f is out of range; allowed: a divisor of the %.0f heads of ", tensor_parallel,
                shape.split_heads());
  throw DomainError("tensor_parallel", text + std::string(workload) + ", uneven = replicate, or uneven = round");
}
/// Throws DomainError where heads neither divide nor may do without.
template <class N>
void require_whole_heads(const TransformerShape& shape, const N& tensor_parallel, Uneven uneven, std::string_view workload,
                         Rare<N>& rare) {
  if (uneven == Uneven::refuse && rare(!heads_divide(shape, tensor_parallel))) {
    if constexpr (lanes_of<N> == 1) refuse_heads(shape, tensor_parallel, workload);
  }
}
inline void require_whole_heads(const TransformerShape& shape, double tensor_parallel, Uneven uneven, std::string_view workload) {
  Rare<double> none;
  require_whole_heads(shape, tensor_parallel, uneven, workload, none);
}

}  // namespace ironlaw::training
