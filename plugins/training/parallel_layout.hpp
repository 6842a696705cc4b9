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
  struct Inputs : StepInputs {
    constexpr Inputs() { overlap = true; }
    Maybe<double> given_microbatches = absent;
    Maybe<double> state_share = absent;
  };

  struct Outputs {
    double data_parallel;
    double microbatches;
    Time step_time;
    Rate throughput;
    double mfu;
    double scaling_efficiency;
    double scaled_efficiency;
    Information memory_footprint;
    Information memory_capacity;
    Maybe<Information> training_state;
    Maybe<Information> training_state_limit;
    Time work_time;
    equations::TimeParts parts;
    Time bubble_time;
  };

  static constexpr auto inputs =
      ports(layout_ports,
            port<&Inputs::given_microbatches>(
                "microbatches of an accumulation step; absent: one sample each where there is a pipeline, else 1", at_least_one)
                .named("microbatches")
                .whole(),
            port<&Inputs::state_share>("share of the memory that 16 bytes a parameter may take; absent: only the whole must fit",
                                       positive_fraction)
                .parity(),
            merge<&StepInputs::memory>(memory_ports), merge<&StepInputs::terms>(step_ports));

  static constexpr auto outputs =
      ports(port<&Outputs::data_parallel>("replicas of the model", at_least_one).whole(),
            port<&Outputs::microbatches>("microbatches of a step", at_least_one).whole(),
            port<&Outputs::step_time>("time of one step"), port<&Outputs::throughput>("samples of the fleet per time"),
            port<&Outputs::mfu>("model FLOP utilisation of the fleet over the step", fraction),
            port<&Outputs::scaling_efficiency>("a replica's own work and its optimizer's over the step", fraction),
            port<&Outputs::scaled_efficiency>("scaling_efficiency times efficiency", fraction),
            port<&Outputs::memory_footprint>("memory that the fullest rank needs"),
            port<&Outputs::memory_capacity>("main memory of a device, less the reserve"),
            port<&Outputs::training_state>("16 bytes for each parameter of a rank; absent without state_share"),
            port<&Outputs::training_state_limit>("share of the memory that they may take"),
            port<&Outputs::work_time>("the replica's own work"), merge<&Outputs::parts>(equations::time_part_ports),
            port<&Outputs::bubble_time>("time that a stage waits for others"));

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "a rank's share must fit", "rank <= capacity"),
      hard<&Outputs::training_state, &Outputs::training_state_limit>("memory: training state", "state alone must leave room",
                                                                     "16 * P / ranks <= share * capacity"),
      equations::part_limits<&Outputs::parts, &Outputs::step_time>(),
      soft<&Outputs::bubble_time, &Outputs::step_time>("communication: bubble", "share of the step that stages wait",
                                                       "t_bubble <= T"));

  static constexpr auto rules = ironlaw::rules(
      rule("tensor_parallel * pipeline_parallel * expert_parallel must divide the accelerators of the fleet",
           [](const Inputs& in) { return divides_fleet(in); }),
      rule("tensor_parallel must not exceed the accelerators of a node; allowed: less, or tensor_across_nodes = true",
           [](const Inputs& in) { return tensor_fits_node(in); }),
      rule("pipeline_parallel must not exceed the layers; allowed: less, or uneven = round",
           [](const Inputs& in) { return stages_have_layers(in); }),
      rule("expert_parallel must divide the routed experts of the workload; allowed: a divisor, 1, or uneven = round",
           [](const Inputs& in) { return experts_divide(in); }),
      rule("batch_size must be a multiple of replicas * expert_parallel * microbatches * gradient_accumulation; allowed: one, or "
           "uneven = round",
           [](const Inputs& in) { return batch_divides(with_microbatches(in, in.given_microbatches)); }),
      rule("schedule = zero_bubble needs virtual_stages = 1", [](const Inputs& in) { return schedule_exists(in); }));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& facts) {
    const auto step_inputs = with_microbatches(in, in.given_microbatches);
    const auto step = Distributed::solve(step_inputs, facts);
    Outputs out{};
    out.data_parallel = step.data_parallel;
    out.microbatches = step_inputs.microbatches;
    out.step_time = step.step_time;
    out.throughput = step.throughput;
    out.mfu = step.mfu;
    out.scaling_efficiency = step.scaling_efficiency;
    out.scaled_efficiency = step.scaling_efficiency * in.efficiency;
    out.memory_footprint = step.node.memory_footprint;
    out.memory_capacity = step.node.memory_capacity;
    if (in.state_share) {
      out.training_state = state_bytes * facts.parameters.value_or(0) / replica_ranks(step_inputs) * units::byte;
      out.training_state_limit = *in.state_share * step.node.memory_capacity;
    }
    out.work_time = step.node.latency;
    out.parts = {step.node.compute_time, step.node.memory_time, step.node.overhead, step.communication_time};
    out.bubble_time = step.bubble_time;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto step_inputs = with_microbatches(in, in.given_microbatches);
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
