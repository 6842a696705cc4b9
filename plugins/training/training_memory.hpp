#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

#include "refinements.hpp"

namespace ironlaw::training {

/// Memory that one accelerator needs in training, by part.
struct TrainingMemory {
  using Optimizer = equations::Optimizer;
  using ActivationStrategy = equations::ActivationStrategy;

  static constexpr auto about =
      Solver::About{"training_memory", "Memory of one accelerator in training under parallelism, ZeRO and recomputation",
                    "Rajbhandari 2020, 'ZeRO', SC20; Korthikanti 2022, 'Reducing activation recomputation'"};

  struct Given {
    const Workload* workload;
    const Hardware* hardware;
  };
  struct Facts {
    const TransformerShape& shape;
    const Experts* experts;  ///< null: none
    double parameters;
    Information capacity;
    double adapter_share;  ///< that the model's adapter trains; 1: it has none
  };
  struct Inputs : Given {
    double batch_size = required;
    int sequence_length = 2048;
    Precision precision = Precision::fp16;
    Optimizer optimizer = Optimizer::adam;
    ActivationStrategy activations = ActivationStrategy::selective;
    double tensor_parallel = 1;
    double pipeline_parallel = 1;
    double expert_parallel = 1;
    double data_parallel = 1;
    double virtual_stages = 1;
    double microbatches = 1;
    double gradient_accumulation = 1;
    int zero_stage = 0;
    Maybe<double> trainable_fraction = absent;
    Maybe<Precision> gradient_precision = absent;
    double optimizer_offload = 0;
    double weight_offload = 0;
    Uneven uneven = Uneven::refuse;
    MemoryTerms terms{};
  };

  struct Outputs {
    Information memory_footprint;
    Information memory_capacity;
    double memory_utilization;
    Information weights;
    Information gradients;
    Information optimizer_state;
    Information activations;
    Information communication_buffers;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("transformer to train"), port<&Inputs::hardware>("device to hold it"),
      port<&Inputs::batch_size>("samples of one optimizer step, over all replicas", at_least_one).whole(),
      port<&Inputs::sequence_length>("tokens of a sample", at_least_one),
      port<&Inputs::precision>("number format of weights and activations"),
      port<&Inputs::optimizer>(
          "moments in bytes a trained parameter: adam, adamw and lamb 8, adam_8bit 2, adagrad, adam_bf16, lion, muon, rmsprop "
          "and "
          "sgd_momentum 4, lion_8bit 1, adafactor, sgd and none 0; master_weights come to them, but to adam_bf16 and none"),
      port<&Inputs::activations>("what is kept for the backward pass: everything, all but attention scores, or layer inputs"),
      port<&Inputs::tensor_parallel>("ranks that share each layer", at_least_one).whole(),
      port<&Inputs::pipeline_parallel>("stages that the layers are cut into", at_least_one).whole(),
      port<&Inputs::expert_parallel>("ranks that share the routed experts", at_least_one).whole(),
      port<&Inputs::data_parallel>("replicas that share the batch", at_least_one).whole(),
      port<&Inputs::virtual_stages>("pieces of the model on each stage (interleaving)", at_least_one).whole(),
      port<&Inputs::microbatches>("microbatches of an accumulation step; a stage holds up to one for each stage", at_least_one)
          .whole(),
      port<&Inputs::gradient_accumulation>("accumulation steps of an optimizer step", at_least_one).whole(),
      port<&Inputs::zero_stage>("ZeRO sharding: 1 optimizer, 2 and gradients, 3 and weights", between(0, 3)),
      port<&Inputs::trainable_fraction>(
          "share of the parameters that is trained; left out: what the model's adapter is of it, else all", fraction),
      port<&Inputs::gradient_precision>("number format that gradients are summed in; absent: that of the weights").refinement(),
      port<&Inputs::optimizer_offload>("share of the optimizer's state that the host holds", fraction),
      port<&Inputs::weight_offload>("share of the weights that the host holds", fraction),
      port<&Inputs::uneven>("heads and experts that do not divide among ranks: refuse; replicate attention; or round")
          .refinement(),
      merge<&Inputs::terms>(memory_ports));

  static constexpr auto outputs =
      ports(port<&Outputs::memory_footprint>("memory that the fullest rank needs"),
            port<&Outputs::memory_capacity>("main memory of the device, less the reserve"),
            port<&Outputs::memory_utilization>("footprint over capacity; above 1 it does not fit", non_negative),
            port<&Outputs::weights>("weights of the rank"), port<&Outputs::gradients>("gradients of the rank"),
            port<&Outputs::optimizer_state>("master weights and moments of the rank"),
            port<&Outputs::activations>("activations kept for the backward pass, and logits"),
            port<&Outputs::communication_buffers>("buffers of gradients and of messages between stages"));

  static constexpr auto limits = ironlaw::limits(hard<&Outputs::memory_footprint, &Outputs::memory_capacity>(
      "memory", "a rank's share must fit", "state + activations + buffers <= capacity"));

  static constexpr auto rules = ironlaw::rules(
      rule("expert_parallel must divide the routed experts of the workload; allowed: a divisor, 1, or uneven = round",
           [](const Inputs& in) {
             if (in.uneven == Uneven::round || in.expert_parallel == 1) return true;
             const auto* experts = in.workload->facet<Experts>();
             return experts != nullptr && std::fmod(experts->count, in.expert_parallel) == 0;
           }));

  static Facts facts(const Given& given) {
    const auto* shape = given.workload->facet<TransformerShape>();
    if (shape == nullptr)
      throw Unsupported(given.workload->name(), "it is no transformer, whose layers alone have known activations");
    const auto parameters = given.workload->parameters();
    if (!parameters) throw MissingData(given.workload->name(), "number of parameters");
    return {*shape, given.workload->facet<Experts>(), *parameters, given.hardware->memory().capacity,
            equations::adapter_share(*given.workload).value_or(1)};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    require_whole_heads(f.shape, in.tensor_parallel, in.uneven, in.workload->name());
    const auto memory = equations::rank_memory(load(in, f), f.shape, f.experts, f.parameters);
    Outputs out{};
    out.memory_footprint = memory.total();
    out.memory_capacity = (1 - in.terms.memory_reserve) * f.capacity;
    out.memory_utilization = out.memory_footprint / out.memory_capacity;
    out.weights = memory.state.weights;
    out.gradients = memory.state.gradients;
    out.optimizer_state = memory.state.optimizer;
    out.activations = memory.activations;
    out.communication_buffers = memory.buffers;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Facts f = facts(in);
    const auto asked = load(in, f);
    explain_state(in, f, asked, out, w);
    w.step("activations", "layers * bytes a token * S * samples held",
           {{"layers", std::ceil(f.shape.layers / in.pipeline_parallel)},
            {"S", in.sequence_length},
            {"samples held", asked.held_samples}},
           out.activations, "Korthikanti 2022");
    w.step("communication_buffers", "c * gradients + 2 * message between stages",
           {{"c", asked.buffer_fraction}, {"gradients", out.gradients}}, out.communication_buffers);
    w.step("memory_footprint", "weights + gradients + optimizer_state + activations + communication_buffers",
           {{"weights", out.weights},
            {"gradients", out.gradients},
            {"optimizer_state", out.optimizer_state},
            {"activations", out.activations},
            {"communication_buffers", out.communication_buffers}},
           out.memory_footprint);
    w.step("memory_capacity", "(1 - reserve) * capacity", {{"reserve", in.terms.memory_reserve}, {"capacity", f.capacity}},
           out.memory_capacity);
    w.step("memory_utilization", "footprint / capacity", {{"footprint", out.memory_footprint}, {"capacity", out.memory_capacity}},
           out.memory_utilization);
  }

 private:
  /// Routed experts and what is dense are shared among other ranks: the working shows the two apart.
  static void explain_state(const Inputs& in, const Facts& f, const equations::RankLoad& asked, const Outputs& out, Working& w) {
    const bool apart = f.experts != nullptr && asked.shard_experts_only && in.expert_parallel > 1;
    const double routed = apart ? equations::expert_parameters(f.parameters, f.experts->active_parameters, f.experts->count,
                                                               f.experts->active_per_token)
                                : 0;
    const double kept = asked.replicate_attention ? equations::attention_elements(f.shape) : 0;
    const double t = in.tensor_parallel;
    const double p = in.pipeline_parallel;
    const double e = apart ? in.expert_parallel : 1;
    // Ranks that a part is replicated over, and so ZeRO shards it over.
    const auto step = [&](std::string_view name, std::string_view bytes_name, double bytes, double share, bool sharded,
                          Information value) {
      const double d = sharded ? in.data_parallel : 1;
      const double dense_d = sharded ? in.data_parallel * e : 1;
      const std::string b(bytes_name);
      if (apart || kept > 0) {
        w.step(name, "(E / (t * e * p * D) + (P - E - A) / (t * p * De) + A / (p * De)) * " + b + " * x",
               {{"E", routed},
                {"t", t},
                {"e", e},
                {"p", p},
                {"D", d},
                {"P", f.parameters},
                {"A", kept},
                {"De", dense_d},
                {bytes_name, bytes},
                {"x", share}},
               value, "Rajbhandari 2020");
      } else {
        w.step(name, "P * " + b + " * x / (ranks * D)",
               {{"P", f.parameters}, {bytes_name, bytes}, {"x", share}, {"ranks", asked.layout.replica()}, {"D", d}}, value,
               "Rajbhandari 2020");
      }
    };
    step("weights", "b", asked.element_bytes, 1 - in.weight_offload, in.zero_stage >= 3, out.weights);
    step("gradients", "b_g", asked.gradient_bytes, asked.trainable, in.zero_stage >= 2, out.gradients);
    step("optimizer_state", "o", asked.optimizer_bytes, asked.trainable * (1 - in.optimizer_offload), in.zero_stage >= 1,
         out.optimizer_state);
    if (apart) w.note("Expert ranks share the routed experts (E) only; ZeRO shards the dense parameters over them too.");
  }
  static equations::RankLoad load(const Inputs& in, const Facts& f) {
    const double microbatch =
        std::max(1.0, std::ceil(in.batch_size / (in.data_parallel * in.gradient_accumulation * in.microbatches)));
    const double element = bytes_per_element(in.precision);
    return {
        .layout = {in.tensor_parallel, in.pipeline_parallel, in.expert_parallel, in.data_parallel},
        .sequence = static_cast<double>(in.sequence_length),
        .held_samples = microbatch * equations::microbatches_in_flight(in.pipeline_parallel, in.microbatches, in.virtual_stages),
        .microbatch = microbatch,
        .element_bytes = element,
        .gradient_bytes = in.gradient_precision ? bytes_per_element(*in.gradient_precision) : element,
        .optimizer_bytes = equations::optimizer_bytes_per_parameter(in.optimizer, in.terms.master_weights, element),
        .trainable = in.trainable_fraction.value_or(f.adapter_share),
        .zero_stage = in.zero_stage,
        .buffer_fraction = in.terms.communication_buffer_fraction,
        .strategy = in.activations,
        .accounting = in.terms.activation_accounting,
        .sequence_parallel = in.terms.sequence_parallel,
        .count_logits = in.terms.count_logits,
        .shard_experts_only = in.terms.expert_sharding == ExpertSharding::experts_only,
        .replicate_attention = in.uneven == Uneven::replicate && !heads_divide(f.shape, in.tensor_parallel),
        .offloaded_optimizer = in.optimizer_offload,
        .offloaded_weights = in.weight_offload};
  }
};

}  // namespace ironlaw::training
