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

  using Asked = TrainingStepAsked;
  using Given = TrainingStepGiven;
  using Facts = TrainingStepFacts;
  template <class N>
  using InputsOf = TrainingStepInputsOf<N>;
  using Inputs = TrainingStepInputs;

  template <class N>
  struct OutputsOf {
    Of<N, Time> step_time;
    Of<N, Maybe<Time>> step_time_low;
    Of<N, Maybe<Time>> step_time_high;
    Of<N, Rate> throughput;
    Of<N, TokenRate> token_rate;
    Of<N, TokenRate> device_token_rate;
    N mfu;
    N utilization;
    N data_parallel;
    N microbatches;
    Of<N, Time> product_time;
    Of<N, Time> attention_time;
    Of<N, Time> elementwise_time;
    Of<N, Time> head_time;
    Of<N, Time> recomputation_time;
    Of<N, Time> tensor_parallel_time;
    Of<N, Time> context_parallel_time;
    Of<N, Time> expert_parallel_time;
    Of<N, Time> launch_time;
    Of<N, Time> host_time;
    Of<N, Time> waiting_time;
    Of<N, Time> bubble_time;
    Of<N, Time> pipeline_transfer_time;
    Of<N, Time> data_parallel_time;
    Of<N, Time> optimizer_time;
    Of<N, Time> slice_time;
    equations::TimePartsOf<N> parts;
    Of<N, Maybe<Information>> memory_footprint;
    Of<N, Information> memory_capacity;
    Of<N, Maybe<Power>> device_power;
    Of<N, Maybe<Energy>> energy;
    Of<N, Maybe<double>> outside_record;
    N record_edge = 1.0;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of = training_step_ports_of<N>;
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::step_time>("time of one optimizer step").with_band(),
      port<&OutputsOf<N>::step_time_low>(
          "a tenth of measured steps take less; absent where fewer than three sources were left out"),
      port<&OutputsOf<N>::step_time_high>("a tenth take more"), port<&OutputsOf<N>::throughput>("samples of the fleet per time"),
      port<&OutputsOf<N>::token_rate>("tokens of the fleet per time"),
      port<&OutputsOf<N>::device_token_rate>("tokens of one device per time"),
      port<&OutputsOf<N>::mfu>("model FLOP utilisation: three forward passes over the peak of the layers' format", non_negative),
      port<&OutputsOf<N>::utilization>("executed arithmetic, each format over its own peak", non_negative),
      port<&OutputsOf<N>::data_parallel>("replicas of the model", positive),
      port<&OutputsOf<N>::microbatches>("microbatches of a replica"),
      port<&OutputsOf<N>::product_time>("products of the layers, on the fullest stage, over all microbatches"),
      port<&OutputsOf<N>::attention_time>("scores and weighted values"),
      port<&OutputsOf<N>::elementwise_time>("passes over activations: norms, activations, permutations, quantisation"),
      port<&OutputsOf<N>::head_time>("output head, logits and loss; with a pipeline in waiting_time"),
      port<&OutputsOf<N>::recomputation_time>("what the backward pass computes again"),
      port<&OutputsOf<N>::tensor_parallel_time>("exchanges of tensor-parallel ranks that nothing hides"),
      port<&OutputsOf<N>::context_parallel_time>("keys and values passed on that attention does not hide"),
      port<&OutputsOf<N>::expert_parallel_time>("exchanges with experts that nothing hides"),
      port<&OutputsOf<N>::launch_time>("kernel launches, and passes of adapters"),
      port<&OutputsOf<N>::host_time>("what the host adds to layers with experts"),
      port<&OutputsOf<N>::waiting_time>("what the last stage is longer than the others, with its head"),
      port<&OutputsOf<N>::bubble_time>("filling and draining of the pipeline"),
      port<&OutputsOf<N>::pipeline_transfer_time>("transfers between stages that nothing hides"),
      port<&OutputsOf<N>::data_parallel_time>("gradients and sharded weights that passes do not hide"),
      port<&OutputsOf<N>::optimizer_time>("update, and accumulation of gradients"),
      port<&OutputsOf<N>::slice_time>("what slices of a torus add"),
      merge<&OutputsOf<N>::parts>(equations::time_part_ports_of<N>),
      port<&OutputsOf<N>::memory_footprint>("memory that the fullest rank needs; absent for a model that is no transformer")
          .display("GB"),
      port<&OutputsOf<N>::memory_capacity>("main memory of a device").display("GB"),
      port<&OutputsOf<N>::device_power>("mean power of one device; absent where it states no design power").display("W"),
      port<&OutputsOf<N>::energy>("of all devices in a step; absent likewise"),
      port<&OutputsOf<N>::outside_record>(
          "how many times tokens of a microbatch or of a sample lie beyond what the records were fitted on; "
          "absent where they lie within"),
      port<&OutputsOf<N>::record_edge>("1, the edge of that range"));
  static constexpr auto outputs = outputs_of<double>;

  static constexpr auto rules = training_step_rules;

  static constexpr auto monotone =
      promises(rises<&Outputs::step_time, &Inputs::batch_size>, rises<&Outputs::step_time, &Inputs::sequence_length>,
               rises<&Outputs::step_time, &Inputs::expert_imbalance>, rises<&Outputs::step_time, &Inputs::time_factor>,
               falls<&Outputs::step_time, &Inputs::tensor_overlap>, falls<&Outputs::step_time, &Inputs::data_overlap>,
               falls<&Outputs::step_time, &Inputs::pipeline_overlap>, rises<&Outputs::throughput, &Inputs::batch_size>,
               falls<&Outputs::throughput, &Inputs::sequence_length>, rises<&Outputs::token_rate, &Inputs::batch_size>,
               falls<&Outputs::token_rate, &Inputs::expert_imbalance>, falls<&Outputs::token_rate, &Inputs::time_factor>,
               rises<&Outputs::token_rate, &Inputs::tensor_overlap>, rises<&Outputs::token_rate, &Inputs::data_overlap>,
               rises<&Outputs::token_rate, &Inputs::pipeline_overlap>, rises<&Outputs::device_token_rate, &Inputs::batch_size>,
               rises<&Outputs::mfu, &Inputs::batch_size>);

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "a rank's share must fit", "rank <= capacity")
          .tightened_by<&Inputs::batch_size, &Inputs::sequence_length, &Inputs::micro_batch, &Inputs::tensor_overlap,
                        &Inputs::data_overlap, &Inputs::pipeline_overlap, &Inputs::expert_imbalance, &Inputs::power_limit,
                        &Inputs::time_factor>()
          .loosened_by<&Inputs::zero_stage, &Inputs::microbatches, &Inputs::tensor_overlap, &Inputs::data_overlap,
                       &Inputs::pipeline_overlap, &Inputs::expert_imbalance, &Inputs::power_limit, &Inputs::time_factor>(),
      soft<&Outputs::outside_record, &Outputs::record_edge>(
          "software: record range", "a record was fitted on other sizes; the law goes on, its error is not known",
          "size <= to, from <= size"),
      equations::part_limits<&Outputs::parts, &Outputs::step_time>(),
      soft<&Outputs::bubble_time, &Outputs::step_time>("communication: bubble", "share of the step that stages wait",
                                                       "t_bubble <= T"));

  static Facts facts(const Asked& asked) { return training_step_facts(asked); }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare);
  static Outputs solve(const Inputs& in, const Facts& facts) {
    Rare<double> none;
    return rows(in, facts, none);
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);
};

/// Power between idle and the limit, by arithmetic in use (decoding devices: 19 % with a model left out; training steps sit at
/// the limit).
template <class N>
Of<N, Power> device_power(const Of<N, Power>& limit, const N& utilization) {
  constexpr double idle = 0.1;
  return limit * N(idle + (1 - idle) * smaller(N(1.0), N(0.6 + 1.6 * utilization)));
}

/// Recomputation counts as arithmetic; what stages wait for each other is in none of them.
template <class N>
equations::TimePartsOf<N> parts_of(const StepTimeOf<N>& t) {
  return {t.products + t.attention + t.head + t.recomputation, t.elementwise + t.optimizer, t.launches + t.host_gap,
          t.tensor_exchange + t.context_exchange + t.expert_exchange + t.pipeline_transfer + t.data_exchange + t.slices};
}

template <class N>
TrainingStep::OutputsOf<N> TrainingStep::rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare) {
  const StepQuestionOf<N> q = question_of(in, facts, rare);
  StepTimeOf<N> t = step_time(facts.model, q.layout, q.recipe, q.rates);
  OutputsOf<N> out{};
  const StepBand& own = step_band(in, facts);
  if (own.low) out.step_time_low = own.low_factor * t.step;
  if (own.high) out.step_time_high = own.high_factor * t.step;
  const N factor = band_factor(in.band_quantile, own.low, own.high);
  t.step *= factor;
  t.utilization /= factor;
  out.step_time = t.step;
  const double devices = in.fleet->accelerators();
  const N& samples = in.batch_size;
  out.throughput = samples / t.step;
  out.token_rate = samples * N(in.sequence_length) * units::token / t.step;
  out.device_token_rate = out.token_rate / devices;
  out.data_parallel = q.layout.data;
  out.microbatches = q.layout.microbatches;
  const N& ranks = q.layout.pipeline;  // the forward pass of a microbatch is of one tensor and context rank
  out.mfu = (3.0 * q.layout.microbatches / ranks * t.model / q.rates.peak / t.step).value();
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
  out.parts = N(q.rates.trainer.time_factor * factor) * parts_of(t);
  out.outside_record = outside_records(in, facts, q.layout, q.recipe.attention);
  out.memory_capacity = spread<N>(facts.memory.capacity);
  if (facts.shape != nullptr)
    out.memory_footprint = step_memory(*facts.shape, facts.routed, facts.parameters, q.layout, q.recipe);
  if (facts.tdp) {
    const Of<N, Power> tdp = spread<N>(*facts.tdp);
    const Of<N, Power> power = device_power<N>(smaller(value_or(in.power_limit, tdp), tdp), t.utilization);
    out.device_power = power;
    out.energy = devices * power * t.step;
  }
  return out;
}

}  // namespace ironlaw::estimates

#include "training_step_working.hpp"
