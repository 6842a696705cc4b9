#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "exchanges.hpp"

namespace ironlaw::training {

/// One optimizer step on a fleet, spread by data, tensor, pipeline and expert parallelism.
struct Distributed {
  static constexpr auto about =
      Solver::About{"distributed", "Time, memory and efficiency of one training step spread over a fleet",
                    "Narayanan 2021, 'Efficient large-scale language model training on GPU clusters', SC21"};

  using Given = StepGiven;
  using Inputs = StepInputs;
  using Facts = StepFacts;

  struct Outputs {
    Replica node;
    double data_parallel;
    Time data_parallel_time;
    Time tensor_parallel_time;
    Time expert_parallel_time;
    Time pipeline_transfer_time;
    Time communication_time;
    Time exposed_data_parallel_time;
    Precision arithmetic_format;
    double bubble_fraction;
    Time bubble_time;
    Time optimizer_time;
    Time step_time;
    double scaling_efficiency;
    double mfu;
    Rate throughput;
    Maybe<Power> device_power;
    Maybe<Energy> energy;
  };

  static constexpr auto inputs =
      ports(layout_ports, port<&Inputs::microbatches>("microbatches of an accumulation step", at_least_one).whole(),
            merge<&Inputs::memory>(memory_ports), merge<&Inputs::terms>(step_ports));

  static constexpr auto outputs = ports(
      group<&Outputs::node>(replica_ports), port<&Outputs::data_parallel>("replicas of the model", at_least_one).whole(),
      port<&Outputs::data_parallel_time>("exchange of gradients and sharded weights over the replicas, hidden or not"),
      port<&Outputs::tensor_parallel_time>("all-reduces of the layers, hidden or not"),
      port<&Outputs::expert_parallel_time>("exchange of tokens with routed experts"),
      port<&Outputs::pipeline_transfer_time>("messages between pipeline stages that nothing hides"),
      port<&Outputs::communication_time>("the four together"),
      port<&Outputs::exposed_data_parallel_time>("what the backward pass does not hide of data_parallel_time"),
      port<&Outputs::arithmetic_format>(
          "number format that products are computed in; another than precision where the device widens it"),
      port<&Outputs::bubble_fraction>("share of the pipeline's time that it idles", fraction),
      port<&Outputs::bubble_time>("time that a stage waits for others"),
      port<&Outputs::optimizer_time>("update of the parameters, at memory bandwidth"),
      port<&Outputs::step_time>("time of one optimizer step"),
      port<&Outputs::scaling_efficiency>("the replica's own work and its optimizer's over the step: 1 on one device", fraction),
      port<&Outputs::mfu>("model FLOP utilisation of the fleet over the step", fraction),
      port<&Outputs::throughput>("samples of the fleet per time"),
      port<&Outputs::device_power>("mean power of one device, at work or waiting for others; absent where it states no thermal "
                                   "design power")
          .display("W"),
      port<&Outputs::energy>("of all devices in a step, while they wait too; absent likewise"));

  static constexpr auto limits =
      ironlaw::limits(lift<&Outputs::node>(ironlaw::limits(hard<&Replica::memory_footprint, &Replica::memory_capacity>(
                          "memory", "a rank's share must fit", "rank <= capacity"))),
                      soft<at<&Outputs::node, &Replica::compute_time>, &Outputs::step_time>(
                          "compute", "arithmetic's share of the step", "operations / (peak * eta) <= T"),
                      soft<at<&Outputs::node, &Replica::memory_time>, &Outputs::step_time>(
                          "memory: traffic", "its share of the step", "traffic / beta <= T"),
                      soft<at<&Outputs::node, &Replica::overhead>, &Outputs::step_time>("software", "its share of the step",
                                                                                        "t_dispatch + n * t_framework <= T"),
                      soft<&Outputs::communication_time, &Outputs::step_time>(
                          "communication", "messages' share of the step, hidden or not", "sum of exchanges <= T"),
                      soft<&Outputs::bubble_time, &Outputs::step_time>("communication: bubble",
                                                                       "share of the step that stages wait", "t_bubble <= T"));

  static constexpr auto rules = ironlaw::rules(
      rule("tensor_parallel * pipeline_parallel * expert_parallel must divide the accelerators of the fleet", divides_fleet),
      rule("tensor_parallel must not exceed the accelerators of a node; allowed: less, or tensor_across_nodes = true",
           tensor_fits_node),
      rule("pipeline_parallel must not exceed the layers; allowed: less, or uneven = round", stages_have_layers),
      rule("expert_parallel must divide the routed experts of the workload; allowed: a divisor, 1, or uneven = round",
           experts_divide),
      rule("batch_size must be a multiple of replicas * expert_parallel * microbatches * gradient_accumulation; allowed: one, or "
           "uneven = round",
           batch_divides),
      rule("schedule = zero_bubble needs virtual_stages = 1", schedule_exists));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in, const Facts& facts);
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  static double bubble_over_work(const Inputs& in, const Step& s);
  static Time bubble_base(const Inputs& in, const Outputs& out);
  static Time optimizer_time(const Inputs& in, const Step& s, const equations::RankMemory& memory);
  static double slowest(const Inputs& in) {
    return in.straggler * equations::slowest_over_mean(in.fleet->accelerators(), in.terms.step_variation);
  }

  static void explain_memory(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_replica(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_data_parallel(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_messages(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_step(const Inputs& in, const Outputs& out, const Step& s, Working& w);
};

inline double Distributed::bubble_over_work(const Inputs& in, const Step& s) {
  return equations::bubble_over_work(in.schedule, in.pipeline_parallel, in.microbatches, in.virtual_stages, s.multiple);
}

/// Work of a stage that the other stages wait for.
inline Time Distributed::bubble_base(const Inputs& in, const Outputs& out) {
  if (in.terms.bubble_base == BubbleBase::whole_step) return out.node.latency;
  return std::max(out.node.compute_time, out.node.memory_time) + (1 - in.terms.tensor_overlap) * out.tensor_parallel_time +
         out.expert_parallel_time;
}

/// Reads gradients, moments and master weights and writes them back, for the parameters that this rank updates.
inline Time Distributed::optimizer_time(const Inputs& in, const Step& s, const equations::RankMemory& memory) {
  const double updated = memory.state.optimizer / (adam_bytes(in) * units::byte);
  return updated * in.terms.optimizer_traffic / s.facts->device.memory.bandwidth;
}

inline Distributed::Outputs Distributed::solve(const Inputs& in, const Facts& facts) {
  const Step s = make_step(in, facts);
  const auto memory = rank_memory(in, s);
  Outputs out{};
  out.arithmetic_format = facts.device.arithmetic;
  out.node = make_replica(in, s, memory);
  out.data_parallel = s.layout.data;
  out.data_parallel_time = training::data_parallel_time(in, s);
  out.tensor_parallel_time = training::tensor_parallel_time(in, s);
  out.expert_parallel_time = training::expert_parallel_time(in, s);
  out.pipeline_transfer_time = training::pipeline_transfer_time(in, s);
  out.communication_time =
      out.data_parallel_time + out.tensor_parallel_time + out.expert_parallel_time + out.pipeline_transfer_time;
  out.exposed_data_parallel_time = training::exposed_data_parallel_time(in, s, out.node, out.data_parallel_time);

  const double idle = bubble_over_work(in, s);
  out.bubble_fraction = idle / (1 + idle);
  out.bubble_time = idle * bubble_base(in, out);
  out.optimizer_time = optimizer_time(in, s, memory);
  out.step_time = slowest(in) *
                  (out.node.latency + out.exposed_data_parallel_time + (1 - in.terms.tensor_overlap) * out.tensor_parallel_time +
                   out.expert_parallel_time + out.pipeline_transfer_time + out.bubble_time + out.optimizer_time);
  out.scaling_efficiency = (out.node.latency + out.optimizer_time) / out.step_time;
  out.throughput = s.layout.data * s.local_batch / out.step_time;
  const FlopRate peak = facts.device.peak * s.layout.replica();
  out.mfu = equations::utilization(equations::operations_multiple(true, false) * s.forward, peak, out.step_time);
  if (facts.device.tdp) {
    out.device_power = *facts.device.tdp * (equations::idle_power_share + equations::dynamic_power_share * out.node.hfu);
    out.energy = in.fleet->accelerators() * *out.device_power * out.step_time;
  }
  return out;
}

}  // namespace ironlaw::training

#include "distributed_working.hpp"
