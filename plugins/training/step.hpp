#pragma once
// Inputs of a training step on a fleet, and what they come to before any rate is asked for.
#include <ironlaw/equations/device.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/ports.hpp>

#include "refinements.hpp"

namespace ironlaw::training {

/// What a step is asked for once: a model, a fleet, and the format that it trains in.
struct StepGiven {
  const Workload* workload = nullptr;
  const Fleet* fleet = nullptr;
  Precision precision = Precision::fp16;
  Accumulation accumulation = Accumulation::fp32;
};
struct StepFacts {
  explicit StepFacts(const StepGiven& given)
      : model(*given.workload, {.phase = Phase::training, .formats = Formats::uniform(given.precision)}),
        device(*given.fleet->node->accelerator, given.precision, given.accumulation),
        shape(given.workload->facet<TransformerShape>()),
        experts(given.workload->facet<Experts>()),
        parameters(given.workload->parameters()),
        unit(given.workload->unit()) {}

  AskedWorkload model;
  equations::AskedHardware device;
  const TransformerShape* shape;  ///< null: not a transformer
  const Experts* experts;         ///< null: none
  Maybe<double> parameters;
  WorkUnit unit;
};

struct StepInputs : StepGiven {
  double batch_size = required;
  int sequence_length = 2048;
  double efficiency = 0.5;
  double tensor_parallel = 1;
  double pipeline_parallel = 1;
  double expert_parallel = 1;
  double virtual_stages = 1;
  double microbatches = 1;
  double gradient_accumulation = 1;
  equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
  int zero_stage = 0;
  bool lora = false;
  bool activation_recomputation = false;
  bool overlap = false;
  double overlap_efficiency = 0.85;
  double congestion = 1;
  double straggler = 1;
  MemoryTerms memory{};
  StepTerms terms{};
};

/// All but the microbatches, which a solver may derive.
inline constexpr auto layout_ports = ports(
    port<&StepGiven::workload>("model to train"), port<&StepGiven::fleet>("devices to train it on"),
    port<&StepInputs::batch_size>("samples of one optimizer step, over the whole fleet", at_least_one).whole(),
    port<&StepInputs::sequence_length>("tokens of a sample", at_least_one),
    port<&StepGiven::precision>("number format of weights, gradients, activations and arithmetic"),
    port<&StepGiven::accumulation>("what sums of products are held in: fp32, or fp16 where a device is faster with it")
        .refinement(),
    port<&StepInputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
    port<&StepInputs::tensor_parallel>("ranks that share each layer", at_least_one).whole(),
    port<&StepInputs::pipeline_parallel>("stages that the layers are cut into", at_least_one).whole(),
    port<&StepInputs::expert_parallel>("ranks that share the routed experts", at_least_one).whole(),
    port<&StepInputs::virtual_stages>("pieces of the model on each stage (interleaving)", at_least_one).whole(),
    port<&StepInputs::gradient_accumulation>("accumulation steps of an optimizer step", at_least_one).whole(),
    port<&StepInputs::schedule>("order of a pipeline's passes"),
    port<&StepInputs::zero_stage>("ZeRO sharding of training state: 1 optimizer, 2 and gradients, 3 and weights", between(0, 3)),
    port<&StepInputs::lora>("train low-rank adapters only: rank 16 on four matrices a layer"),
    port<&StepInputs::activation_recomputation>("recompute activations in the backward pass: one more forward, far less memory"),
    port<&StepInputs::overlap>("send gradients while the backward pass runs").refinement(),
    port<&StepInputs::overlap_efficiency>("share of the exchange, or of its window, that is really used", fraction).refinement(),
    port<&StepInputs::congestion>("how many times longer other traffic makes transfers", at_least_one).refinement(),
    port<&StepInputs::straggler>("how many times longer the slowest rank takes", at_least_one).refinement());

/// Numbers of a step that every part of its price reads.
struct Step {
  const StepFacts* facts;
  equations::Layout layout;
  double local_batch;             ///< samples of a replica
  double rank_batch;              ///< samples whose tokens one rank holds
  double passes;                  ///< microbatches of a replica in a step
  double repeats;                 ///< times that a cost of a microbatch is paid
  double tokens;                  ///< of a sample, as asked of the workload
  const TransformerShape* shape;  ///< null: not a transformer
  const Experts* experts;         ///< null: none
  Demand demand;                  ///< of the replica's batch, whole model, forward
  Operations forward;
  double multiple;  ///< operations of the step over those of its forward pass
  double layers;
  double stage_layers;
  Information routed;  ///< weights in routed experts
};

inline double replica_ranks(const StepInputs& in) { return in.tensor_parallel * in.pipeline_parallel * in.expert_parallel; }
inline double replicas(const StepInputs& in) { return in.fleet->accelerators() / replica_ranks(in); }

/// The step with its microbatches: those given, or one sample each where there is a pipeline.
inline StepInputs with_microbatches(const StepInputs& in, Maybe<double> given) {
  StepInputs s = in;
  const double rank_samples =
      in.batch_size / replicas(in) / in.gradient_accumulation / (in.terms.split_expert_batch ? in.expert_parallel : 1);
  s.microbatches = given.value_or(in.pipeline_parallel > 1 ? std::max(1.0, std::floor(rank_samples)) : 1);
  return s;
}

/// Whether samples have tokens in this count.
inline bool has_tokens(const StepInputs& in, const StepFacts& facts) {
  if (in.terms.sequence_models == SequenceModels::transformers) return facts.shape != nullptr;
  return facts.unit != WorkUnit::sample;
}

/// Weights in routed experts, or none.
inline Information routed_weights(const StepFacts& facts, Information weights) {
  const Experts* experts = facts.experts;
  if (experts == nullptr || !facts.parameters) return {};
  const double routed =
      equations::expert_parameters(*facts.parameters, experts->active_parameters, experts->count, experts->active_per_token);
  return routed / *facts.parameters * weights;
}

inline Step make_step(const StepInputs& in, const StepFacts& facts) {
  Step s;
  s.facts = &facts;
  if (facts.shape != nullptr) require_whole_heads(*facts.shape, in.tensor_parallel, in.terms.uneven, in.workload->name());
  s.layout = {in.tensor_parallel, in.pipeline_parallel, in.expert_parallel, replicas(in)};
  s.local_batch = std::max(1.0, std::floor(in.batch_size / s.layout.data));
  s.rank_batch = in.terms.split_expert_batch ? s.local_batch / in.expert_parallel : s.local_batch;
  s.passes = in.microbatches * in.gradient_accumulation;
  s.repeats = in.terms.per_microbatch ? s.passes : 1;
  s.shape = facts.shape;
  s.experts = facts.experts;
  s.tokens = has_tokens(in, facts) ? static_cast<double>(in.sequence_length) : 1;
  s.demand = facts.model.demand(s.local_batch, s.tokens, 0);
  s.forward = s.demand.linear + s.demand.logits;
  if (in.terms.count_context_operations) s.forward += s.demand.attention;
  s.multiple = equations::operations_multiple(true, in.activation_recomputation);
  s.layers = s.demand.launches;
  s.stage_layers = std::ceil(s.layers / in.pipeline_parallel);
  s.routed = routed_weights(facts, s.demand.weights_resident);
  return s;
}

/// Share of the parameters that is trained.
inline double trained_share(const StepInputs& in, const Step& s) {
  if (!in.lora || s.shape == nullptr) return 1;
  const double parameters = s.demand.weights_resident / (bytes_per_element(in.precision) * units::byte);
  return equations::lora_share(parameters, s.shape->layers, s.shape->hidden_size);
}

/// Whether a layout comes out even; each is a rule of the solvers.
inline bool divides_fleet(const StepInputs& in) { return std::fmod(in.fleet->accelerators(), replica_ranks(in)) == 0; }
inline bool tensor_fits_node(const StepInputs& in) {
  return in.terms.tensor_across_nodes || in.tensor_parallel <= in.fleet->node->accelerators;
}
inline bool stages_have_layers(const StepInputs& in) {
  if (in.terms.uneven == Uneven::round || in.pipeline_parallel == 1) return true;
  const auto* shape = in.workload->facet<TransformerShape>();
  return shape == nullptr || in.pipeline_parallel <= shape->layers;
}
inline bool replicates_attention(const StepInputs& in, const TransformerShape& shape) {
  return in.terms.uneven == Uneven::replicate && !heads_divide(shape, in.tensor_parallel);
}
inline bool experts_divide(const StepInputs& in) {
  if (in.terms.uneven == Uneven::round || in.expert_parallel == 1) return true;
  const auto* experts = in.workload->facet<Experts>();
  return experts != nullptr && std::fmod(experts->count, in.expert_parallel) == 0;
}
inline bool batch_divides(const StepInputs& in) {
  if (in.terms.uneven == Uneven::round) return true;
  const double experts = in.terms.split_expert_batch ? in.expert_parallel : 1;
  return std::fmod(in.batch_size, replicas(in) * experts * in.microbatches * in.gradient_accumulation) == 0;
}
inline bool schedule_exists(const StepInputs& in) {
  return in.schedule != equations::PipelineSchedule::zero_bubble || in.virtual_stages == 1;
}

}  // namespace ironlaw::training
