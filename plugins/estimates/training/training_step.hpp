#pragma once
// The time that a training step takes on real devices and software, operator by operator.
#include <ironlaw/equations/time_parts.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include "step_inputs.hpp"
#include "step_memory.hpp"
#include "step_time.hpp"

namespace ironlaw::estimates {

/// One optimizer step as trainers run it. `distributed` bounds the same question.
struct TrainingStep {
  static constexpr auto about =
      Solver::About{"training_step", "Time, energy and parts of one training step as devices and trainers are measured to run it",
                    "Narayanan 2021, SC21; Korthikanti 2022; Rajbhandari 2020; Dao 2022; constants from records"};

  using Given = TrainingStepGiven;
  using Facts = TrainingStepFacts;
  using Inputs = TrainingStepInputs;

  struct Outputs {
    Time step_time;
    Maybe<Time> step_time_low;
    Maybe<Time> step_time_high;
    Rate throughput;
    TokenRate token_rate;
    TokenRate device_token_rate;
    double mfu;
    double utilization;
    double data_parallel;
    double microbatches;
    Time product_time;
    Time attention_time;
    Time elementwise_time;
    Time head_time;
    Time recomputation_time;
    Time tensor_parallel_time;
    Time context_parallel_time;
    Time expert_parallel_time;
    Time launch_time;
    Time host_time;
    Time waiting_time;
    Time bubble_time;
    Time pipeline_transfer_time;
    Time data_parallel_time;
    Time optimizer_time;
    Time slice_time;
    equations::TimeParts parts;
    Maybe<Information> memory_footprint;
    Information memory_capacity;
    Maybe<Power> device_power;
    Maybe<Energy> energy;
  };

  static constexpr auto inputs = training_step_ports;

  static constexpr auto outputs = ports(
      port<&Outputs::step_time>("time of one optimizer step").with_band(),
      port<&Outputs::step_time_low>("a tenth of measured steps take less; absent where fewer than three sources were left out"),
      port<&Outputs::step_time_high>("a tenth take more"), port<&Outputs::throughput>("samples of the fleet per time"),
      port<&Outputs::token_rate>("tokens of the fleet per time"),
      port<&Outputs::device_token_rate>("tokens of one device per time"),
      port<&Outputs::mfu>("model FLOP utilisation: three forward passes over the peak of the layers' format", non_negative),
      port<&Outputs::utilization>("executed arithmetic, each format over its own peak", non_negative),
      port<&Outputs::data_parallel>("replicas of the model", positive), port<&Outputs::microbatches>("microbatches of a replica"),
      port<&Outputs::product_time>("products of the layers, on the fullest stage, over all microbatches"),
      port<&Outputs::attention_time>("scores and weighted values"),
      port<&Outputs::elementwise_time>("passes over activations: norms, activations, permutations, quantisation"),
      port<&Outputs::head_time>("output head, logits and loss; with a pipeline in waiting_time"),
      port<&Outputs::recomputation_time>("what the backward pass computes again"),
      port<&Outputs::tensor_parallel_time>("exchanges of tensor-parallel ranks that nothing hides"),
      port<&Outputs::context_parallel_time>("keys and values passed on that attention does not hide"),
      port<&Outputs::expert_parallel_time>("exchanges with experts that nothing hides"),
      port<&Outputs::launch_time>("kernel launches, and passes of adapters"),
      port<&Outputs::host_time>("what the host adds to layers with experts"),
      port<&Outputs::waiting_time>("what the last stage is longer than the others, with its head"),
      port<&Outputs::bubble_time>("filling and draining of the pipeline"),
      port<&Outputs::pipeline_transfer_time>("transfers between stages that nothing hides"),
      port<&Outputs::data_parallel_time>("gradients and sharded weights that passes do not hide"),
      port<&Outputs::optimizer_time>("update, and accumulation of gradients"),
      port<&Outputs::slice_time>("what slices of a torus add"), merge<&Outputs::parts>(equations::time_part_ports),
      port<&Outputs::memory_footprint>("memory that the fullest rank needs; absent for a model that is no transformer")
          .display("GB"),
      port<&Outputs::memory_capacity>("main memory of a device").display("GB"),
      port<&Outputs::device_power>("mean power of one device; absent where it states no design power").display("W"),
      port<&Outputs::energy>("of all devices in a step; absent likewise"));

  static constexpr auto rules = training_step_rules;

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "a rank's share must fit", "rank <= capacity"),
      equations::part_limits<&Outputs::parts, &Outputs::step_time>(),
      soft<&Outputs::bubble_time, &Outputs::step_time>("communication: bubble", "share of the step that stages wait",
                                                       "t_bubble <= T"));

  /// The band of a question, empty where there is none.
  static StepBand band(const Inputs& in, const Facts& facts, int zero_stage) {
    if (facts.own_band.low && facts.own_band.high) return facts.own_band;
    const StepRegime regime = step_regime(in, facts, zero_stage);
    return regime == StepRegime::none ? StepBand{} : facts.bands[static_cast<std::size_t>(regime)];
  }
  static Facts facts(const Given& given) { return training_step_facts(given); }
  static Outputs solve(const Inputs& in, const Facts& facts);
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);
};

/// Power between idle and the limit, by arithmetic in use (decoding devices: 19 % with a model left out; training steps sit at
/// the limit).
inline Power device_power(Power limit, double utilization) {
  constexpr double idle = 0.1;
  return limit * (idle + (1 - idle) * std::min(1.0, 0.6 + 1.6 * utilization));
}

/// Recomputation counts as arithmetic; what stages wait for each other is in none of them.
inline equations::TimeParts parts_of(const StepTime& t) {
  return {t.products + t.attention + t.head + t.recomputation, t.elementwise + t.optimizer, t.launches + t.host_gap,
          t.tensor_exchange + t.context_exchange + t.expert_exchange + t.pipeline_transfer + t.data_exchange + t.slices};
}

inline TrainingStep::Outputs TrainingStep::solve(const Inputs& in, const Facts& facts) {
  const StepQuestion q = question_of(in, facts);
  StepTime t = step_time(facts.model, q.layout, q.recipe, q.rates);
  Outputs out{};
  const StepBand own = band(in, facts, q.layout.zero_stage);
  if (own.low) out.step_time_low = std::exp(*own.low) * t.step;
  if (own.high) out.step_time_high = std::exp(*own.high) * t.step;
  const double factor = band_factor(in.band_quantile, own.low, own.high);
  t.step *= factor;
  t.utilization /= factor;
  out.step_time = t.step;
  const double devices = in.fleet->accelerators();
  const double samples = in.batch_size;
  out.throughput = samples / t.step;
  out.token_rate = samples * in.sequence_length * units::token / t.step;
  out.device_token_rate = out.token_rate / devices;
  out.data_parallel = q.layout.data;
  out.microbatches = q.layout.microbatches;
  const double ranks = q.layout.pipeline;  // the forward pass of a microbatch is of one tensor and context rank
  out.mfu = static_cast<double>(3.0 * q.layout.microbatches / ranks * t.model / q.rates.peak / t.step);
  out.utilization = t.utilization;
  out.product_time = t.products;
  out.attention_time = t.attention;
  out.elementwise_time = t.elementwise;
  out.head_time = t.head;
  out.recomputation_time = t.recomputation;
  out.tensor_parallel_time = t.tensor_exchange;
  out.context_parallel_time = t.context_exchange;
  out.expert_parallel_time = t.expert_exchange;
  out.launch_time = t.launches;
  out.host_time = t.host_gap;
  out.waiting_time = t.waiting;
  out.bubble_time = t.bubble;
  out.pipeline_transfer_time = t.pipeline_transfer;
  out.data_parallel_time = t.data_exchange;
  out.optimizer_time = t.optimizer;
  out.slice_time = t.slices;
  out.parts = q.rates.trainer.time_factor * factor * parts_of(t);
  out.memory_capacity = facts.memory.capacity;
  if (facts.shape != nullptr)
    out.memory_footprint = step_memory(*facts.shape, facts.routed, facts.parameters, q.layout, q.recipe);
  if (facts.tdp) {
    const Power limit = in.power_limit ? std::min(*in.power_limit, *facts.tdp) : *facts.tdp;
    out.device_power = device_power(limit, t.utilization);
    out.energy = devices * *out.device_power * t.step;
  }
  return out;
}

}  // namespace ironlaw::estimates

#include "training_step_working.hpp"
