#pragma once
// Inputs of a training step on a fleet, and what they come to before any rate is asked for.
#include <ironlaw/equations/device.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/ports.hpp>

#include "refinements.hpp"

namespace ironlaw::training {

/// What steps share: a model, a fleet, the format that it trains in, and every choice.
struct StepGiven : MemoryChoices, StepChoices {
  const Workload* workload = nullptr;
  const Fleet* fleet = nullptr;
  Precision precision = Precision::fp16;
  Accumulation accumulation = Accumulation::fp32;
  equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
  int zero_stage = 0;
  Maybe<bool> lora = absent;
  bool activation_recomputation = false;
  bool overlap = false;
};
struct StepFacts {
  explicit StepFacts(const StepGiven& given)
      : model(*given.workload, {.phase = Phase::training, .formats = Formats::uniform(given.precision)}),
        device(*given.fleet->node->accelerator, given.precision, given.accumulation),
        shape(given.workload->facet<TransformerShape>()),
        experts(given.workload->facet<Experts>()),
        parameters(given.workload->parameters()),
        adapter_share(equations::adapter_share(*given.workload)),
        adapts(given.lora.value_or(adapter_share.has_value())),
        unit(given.workload->unit()) {}

  AskedWorkload model;
  equations::AskedHardware device;
  const TransformerShape* shape;  ///< null: not a transformer
  const Experts* experts;         ///< null: none
  Maybe<double> parameters;
  Maybe<double> adapter_share;  ///< that the model's adapter trains; absent: it has none
  bool adapts;                  ///< adapters alone are trained
  WorkUnit unit;
};

template <class N>
struct StepInputsOf : StepGiven, MemoryNumbersOf<N>, StepNumbersOf<N> {
  N batch_size = required;
  Of<N, int> sequence_length = 2048;
  N efficiency = 0.5;
  N tensor_parallel = 1.0;
  N pipeline_parallel = 1.0;
  N expert_parallel = 1.0;
  N virtual_stages = 1.0;
  N microbatches = 1.0;
  N gradient_accumulation = 1.0;
  N overlap_efficiency = 0.85;
  N congestion = 1.0;
  N straggler = 1.0;
};
using StepInputs = StepInputsOf<double>;

/// All but the microbatches, which a solver may derive.
template <class N>
inline constexpr auto layout_ports_of = ports(
    port<&StepGiven::workload>("model to train"), port<&StepGiven::fleet>("devices to train it on"),
    port<&StepInputsOf<N>::batch_size>("samples of one optimizer step, over the whole fleet", at_least_one).whole(),
    port<&StepInputsOf<N>::sequence_length>("tokens of a sample", at_least_one),
    port<&StepGiven::precision>("number format of weights, gradients, activations and arithmetic"),
    port<&StepGiven::accumulation>("what sums of products are held in: fp32, or fp16 where a device is faster with it")
        .refinement(),
    port<&StepInputsOf<N>::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
    port<&StepInputsOf<N>::tensor_parallel>("ranks that share each layer", at_least_one).whole(),
    port<&StepInputsOf<N>::pipeline_parallel>("stages that the layers are cut into", at_least_one).whole(),
    port<&StepInputsOf<N>::expert_parallel>("ranks that share the routed experts", at_least_one).whole(),
    port<&StepInputsOf<N>::virtual_stages>("pieces of the model on each stage (interleaving)", at_least_one).whole(),
    port<&StepInputsOf<N>::gradient_accumulation>("accumulation steps of an optimizer step", at_least_one).whole(),
    port<&StepGiven::schedule>("order of a pipeline's passes"),
    port<&StepGiven::zero_stage>("ZeRO sharding of training state: 1 optimizer, 2 and gradients, 3 and weights", between(0, 3)),
    port<&StepGiven::lora>(
        "train low-rank adapters only: the model's own, else rank 16 on four matrices a layer; left out: where it has its own"),
    port<&StepGiven::activation_recomputation>("recompute activations in the backward pass: one more forward, far less memory"),
    port<&StepGiven::overlap>("send gradients while the backward pass runs").refinement(),
    port<&StepInputsOf<N>::overlap_efficiency>("share of the exchange, or of its window, that is really used", fraction)
        .refinement(),
    port<&StepInputsOf<N>::congestion>("how many times longer other traffic makes transfers", at_least_one).refinement(),
    port<&StepInputsOf<N>::straggler>("how many times longer the slowest rank takes", at_least_one).refinement());

/// Numbers of a step that every part of its price reads.
template <class N>
struct StepOf {
  const StepFacts* facts;
  equations::LayoutOf<N> layout;
  N local_batch;                  ///< samples of a replica
  N rank_batch;                   ///< samples whose tokens one rank holds
  N passes;                       ///< microbatches of a replica in a step
  N repeats;                      ///< times that a cost of a microbatch is paid
  N tokens;                       ///< of a sample, as asked of the workload
  const TransformerShape* shape;  ///< null: not a transformer
  const Experts* experts;         ///< null: none
  DemandOf<N> demand;             ///< of the replica's batch, whole model, forward
  Of<N, Operations> forward;
  double multiple;  ///< operations of the step over those of its forward pass
  N layers;
  N stage_layers;
  Of<N, Information> routed;  ///< weights in routed experts
};
using Step = StepOf<double>;

template <class N>
N replica_ranks(const StepInputsOf<N>& in) {
  return in.tensor_parallel * in.pipeline_parallel * in.expert_parallel;
}
template <class N>
N replicas(const StepInputsOf<N>& in) {
  return in.fleet->accelerators() / replica_ranks(in);
}

/// The step with its microbatches: those given, or one sample each where there is a pipeline.
template <class N>
StepInputsOf<N> with_microbatches(const StepInputsOf<N>& in, const Of<N, Maybe<double>>& given) {
  StepInputsOf<N> s = in;
  const N rank_samples =
      in.batch_size / replicas(in) / in.gradient_accumulation / (in.split_expert_batch ? in.expert_parallel : N(1.0));
  const N one_each = select(in.pipeline_parallel > 1.0, larger(N(1.0), rounded_down(rank_samples)), N(1.0));
  s.microbatches = select(has(given), *given, one_each);
  return s;
}

/// Whether samples have tokens in this count.
inline bool has_tokens(const StepGiven& in, const StepFacts& facts) {
  if (in.sequence_models == SequenceModels::transformers) return facts.shape != nullptr;
  return facts.unit != WorkUnit::sample;
}

/// Weights in routed experts, or none.
template <class I>
I routed_weights(const StepFacts& facts, const I& weights) {
  const Experts* experts = facts.experts;
  if (experts == nullptr || !facts.parameters) return {};
  const double routed =
      equations::expert_parameters(*facts.parameters, experts->active_parameters, experts->count, experts->active_per_token);
  return routed / *facts.parameters * weights;
}

template <class N>
StepOf<N> make_step(const StepInputsOf<N>& in, const StepFacts& facts, Rare<N>& rare) {
  StepOf<N> s;
  s.facts = &facts;
  if (facts.shape != nullptr) require_whole_heads(*facts.shape, in.tensor_parallel, in.uneven, in.workload->name(), rare);
  s.layout = {in.tensor_parallel, in.pipeline_parallel, in.expert_parallel, replicas(in)};
  s.local_batch = larger(N(1.0), rounded_down(N(in.batch_size / s.layout.data)));
  s.rank_batch = in.split_expert_batch ? N(s.local_batch / in.expert_parallel) : s.local_batch;
  s.passes = in.microbatches * in.gradient_accumulation;
  s.repeats = in.per_microbatch ? s.passes : N(1.0);
  s.shape = facts.shape;
  s.experts = facts.experts;
  s.tokens = has_tokens(in, facts) ? N(in.sequence_length) : N(1.0);
  s.demand = facts.model.demand(s.local_batch, s.tokens, N(0.0));
  s.forward = s.demand.linear + s.demand.logits;
  if (in.count_context_operations) s.forward += s.demand.attention;
  s.multiple = equations::operations_multiple(true, in.activation_recomputation);
  s.layers = s.demand.launches;
  s.stage_layers = rounded_up(N(s.layers / in.pipeline_parallel));
  s.routed = routed_weights(facts, s.demand.weights_resident);
  return s;
}

/// Share of the parameters that is trained.
template <class N>
N trained_share(const StepInputsOf<N>& in, const StepOf<N>& s) {
  if (!s.facts->adapts || s.shape == nullptr) return 1.0;
  if (s.facts->adapter_share) return *s.facts->adapter_share;
  const N parameters = (s.demand.weights_resident / (bytes_per_element(in.precision) * units::byte)).value();
  return equations::lora_share(parameters, s.shape->layers, s.shape->hidden_size);
}

template <class N>
Of<N, bool> replicates_attention(const StepInputsOf<N>& in, const TransformerShape& shape) {
  if (in.uneven != Uneven::replicate) return Of<N, bool>(false);
  return !heads_divide(shape, in.tensor_parallel);
}

/// Whether a layout comes out even; each is a rule of the solvers.
inline constexpr auto divides_fleet = []<class N>(const StepInputsOf<N>& in) {
  return divides(replica_ranks(in), N(in.fleet->accelerators()));
};
inline constexpr auto tensor_fits_node = []<class N>(const StepInputsOf<N>& in) {
  return either(in.tensor_parallel <= in.fleet->node->accelerators, in.tensor_across_nodes);
};
inline constexpr auto stages_have_layers = []<class N>(const StepInputsOf<N>& in) -> Of<N, bool> {
  const Of<N, bool> alone = in.pipeline_parallel == 1.0;
  if (in.uneven == Uneven::round || !any(!alone)) return Of<N, bool>(true);
  const auto* shape = in.workload->template facet<TransformerShape>();
  return shape == nullptr ? Of<N, bool>(true) : either(alone, in.pipeline_parallel <= shape->layers);
};
inline constexpr auto experts_divide = []<class N>(const StepInputsOf<N>& in) -> Of<N, bool> {
  const Of<N, bool> alone = in.expert_parallel == 1.0;
  if (in.uneven == Uneven::round || !any(!alone)) return Of<N, bool>(true);
  const auto* experts = in.workload->template facet<Experts>();
  return experts == nullptr ? alone : either(alone, divides(in.expert_parallel, N(experts->count)));
};
inline constexpr auto batch_divides = []<class N>(const StepInputsOf<N>& in) -> Of<N, bool> {
  if (in.uneven == Uneven::round) return Of<N, bool>(true);
  const N experts = in.split_expert_batch ? in.expert_parallel : N(1.0);
  return divides(N(replicas(in) * experts * in.microbatches * in.gradient_accumulation), in.batch_size);
};
inline constexpr auto schedule_exists = []<class N>(const StepInputsOf<N>& in) {
  return either(in.virtual_stages == 1.0, in.schedule != equations::PipelineSchedule::zero_bubble);
};

}  // namespace ironlaw::training
