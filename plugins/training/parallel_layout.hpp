#pragma once
#include <ironlaw/equations/time_parts.hpp>

#include "distributed.hpp"

namespace ironlaw::training {

/// One layout of a training step, priced so that a study can search over layouts: microbatches follow from the batch.
struct ParallelLayout {
  static constexpr auto about = Solver::About{
      "parallel_layout", "Price of one layout of tensor, pipeline and data parallelism; a study searches over layouts",
      "Narayanan 2021, 'Efficient large-scale language model training on GPU clusters', SC21"};

  using Given = StepGiven;
  using Facts = StepFacts;
  template <class N>
  struct InputsOf : StepInputsOf<N> {
    constexpr InputsOf() { this->overlap = true; }
    Of<N, Maybe<double>> given_microbatches = absent;
    Of<N, Maybe<double>> state_share = absent;
  };
  using Inputs = InputsOf<double>;

  template <class N>
  struct OutputsOf {
    N data_parallel;
    N microbatches;
    Of<N, Time> step_time;
    Of<N, Rate> throughput;
    N mfu;
    N scaling_efficiency;
    N scaled_efficiency;
    Of<N, Information> memory_footprint;
    Of<N, Information> memory_capacity;
    Of<N, Maybe<Information>> training_state;
    Of<N, Maybe<Information>> training_state_limit;
    Of<N, Time> work_time;
    equations::TimePartsOf<N> parts;
    Of<N, Time> bubble_time;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of = ports(
      layout_ports_of<N>,
      port<&InputsOf<N>::given_microbatches>(
          "microbatches of an accumulation step; absent: one sample each where there is a pipeline, else 1", at_least_one)
          .named("microbatches")
          .whole(),
      port<&InputsOf<N>::state_share>("share of the memory that 16 bytes a parameter may take; absent: only the whole must fit",
                                      positive_fraction)
          .parity(),
      memory_ports_of<N>, step_ports_of<N>);
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::data_parallel>("replicas of the model", at_least_one).whole(),
      port<&OutputsOf<N>::microbatches>("microbatches of a step", at_least_one).whole(),
      port<&OutputsOf<N>::step_time>("time of one step"), port<&OutputsOf<N>::throughput>("samples of the fleet per time"),
      port<&OutputsOf<N>::mfu>("model FLOP utilisation of the fleet over the step", fraction),
      port<&OutputsOf<N>::scaling_efficiency>("a replica's own work and its optimizer's over the step", fraction),
      port<&OutputsOf<N>::scaled_efficiency>("scaling_efficiency times efficiency", fraction),
      port<&OutputsOf<N>::memory_footprint>("memory that the fullest rank needs"),
      port<&OutputsOf<N>::memory_capacity>("main memory of a device, less the reserve"),
      port<&OutputsOf<N>::training_state>("16 bytes for each parameter of a rank; absent without state_share"),
      port<&OutputsOf<N>::training_state_limit>("share of the memory that they may take"),
      port<&OutputsOf<N>::work_time>("the replica's own work"), merge<&OutputsOf<N>::parts>(equations::time_part_ports_of<N>),
      port<&OutputsOf<N>::bubble_time>("time that a stage waits for others"));
  static constexpr auto outputs = outputs_of<double>;

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "a rank's share must fit", "rank <= capacity"),
      hard<&Outputs::training_state, &Outputs::training_state_limit>("memory: training state", "state alone must leave room",
                                                                     "16 * P / ranks <= share * capacity"),
      equations::part_limits<&Outputs::parts, &Outputs::step_time>(),
      soft<&Outputs::bubble_time, &Outputs::step_time>("communication: bubble", "share of the step that stages wait",
                                                       "t_bubble <= T"));

  static constexpr auto rules = ironlaw::rules(
      rule("tensor_parallel * pipeline_parallel * expert_parallel must divide the accelerators of the fleet", divides_fleet),
      rule("tensor_parallel must not exceed the accelerators of a node; allowed: less, or tensor_across_nodes = true",
           tensor_fits_node),
      rule("pipeline_parallel must not exceed the layers; allowed: less, or uneven = round", stages_have_layers),
      rule("expert_parallel must divide the routed experts of the workload; allowed: a divisor, 1, or uneven = round",
           experts_divide),
      rule("batch_size must be a multiple of replicas * expert_parallel * microbatches * gradient_accumulation; allowed: one, or "
           "uneven = round",
           []<class N>(const InputsOf<N>& in) { return batch_divides(with_microbatches<N>(in, in.given_microbatches)); }),
      rule("schedule = zero_bubble needs virtual_stages = 1", schedule_exists));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& facts) {
    Rare<double> none;
    return rows(in, facts, none);
  }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare) {
    const auto step_inputs = with_microbatches<N>(in, in.given_microbatches);
    const auto step = Distributed::rows(step_inputs, facts, rare);
    OutputsOf<N> out;
    out.data_parallel = step.data_parallel;
    out.microbatches = step_inputs.microbatches;
    out.step_time = step.step_time;
    out.throughput = step.throughput;
    out.mfu = step.mfu;
    out.scaling_efficiency = step.scaling_efficiency;
    out.scaled_efficiency = step.scaling_efficiency * in.efficiency;
    out.memory_footprint = step.node.memory_footprint;
    out.memory_capacity = step.node.memory_capacity;
    const auto bounded = has(in.state_share);
    using Bytes = Of<N, Information>;
    using Bound = Of<N, Maybe<Information>>;
    const Bytes state = state_bytes * facts.parameters.value_or(0) / replica_ranks(step_inputs) * units::byte;
    const Bytes most = *in.state_share * step.node.memory_capacity;
    out.training_state = select(bounded, Bound(state), Bound(absent));
    out.training_state_limit = select(bounded, Bound(most), Bound(absent));
    out.work_time = step.node.latency;
    out.parts = {step.node.compute_time, step.node.memory_time, step.node.overhead, step.communication_time};
    out.bubble_time = step.bubble_time;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto step_inputs = with_microbatches<double>(in, in.given_microbatches);
    w.note("The price of the step itself is that of the solver distributed.");
    w.step("data_parallel", "N / (t * p * e)",
           {{"N", in.fleet->accelerators()}, {"t", in.tensor_parallel}, {"p", in.pipeline_parallel}, {"e", in.expert_parallel}},
           out.data_parallel);
    w.step("microbatches", "m", {{"m", step_inputs.microbatches}}, out.microbatches);
    Distributed::explain(step_inputs, Distributed::solve(step_inputs), w);
    equations::explain_parts("", out.parts, w);
    w.step("work_time", "T_n", {{"T_n", out.work_time}}, out.work_time);
    w.step("scaled_efficiency", "scaling_efficiency * eta",
           {{"scaling_efficiency", out.scaling_efficiency}, {"eta", in.efficiency}}, out.scaled_efficiency);
    w.step("memory_footprint", "that of a rank", {{"footprint", out.memory_footprint}}, out.memory_footprint);
    w.step("memory_capacity", "capacity less the reserve", {{"capacity", out.memory_capacity}}, out.memory_capacity);
    if (in.state_share) {
      w.step("training_state", "16 * P / ranks", {{"P", in.workload->parameters()}, {"ranks", replica_ranks(step_inputs)}},
             out.training_state, "Rajbhandari 2020");
      w.step("training_state_limit", "share * capacity", {{"share", in.state_share}, {"capacity", out.memory_capacity}},
             out.training_state_limit);
    }
  }

 private:
  static constexpr double state_bytes = 16;  ///< weights and gradients in two bytes, Adam in twelve
};

}  // namespace ironlaw::training
