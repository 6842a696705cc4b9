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
  template <class N>
  using InputsOf = StepInputsOf<N>;
  using Inputs = StepInputs;
  using Facts = StepFacts;

  template <class N>
  struct OutputsOf {
    ReplicaOf<N> node;
    N data_parallel;
    Of<N, Time> data_parallel_time;
    Of<N, Time> tensor_parallel_time;
    Of<N, Time> expert_parallel_time;
    Of<N, Time> pipeline_transfer_time;
    Of<N, Time> communication_time;
    Of<N, Time> exposed_data_parallel_time;
    Of<N, Precision> arithmetic_format;
    N bubble_fraction;
    Of<N, Time> bubble_time;
    Of<N, Time> optimizer_time;
    Of<N, Time> step_time;
    N scaling_efficiency;
    N mfu;
    Of<N, Rate> throughput;
    Of<N, Maybe<Power>> device_power;
    Of<N, Maybe<Energy>> energy;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of =
      ports(layout_ports_of<N>, port<&InputsOf<N>::microbatches>("microbatches of an accumulation step", at_least_one).whole(),
            memory_ports_of<N>, step_ports_of<N>);
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of =
      ports(group<&OutputsOf<N>::node>(replica_ports_of<N>),
            port<&OutputsOf<N>::data_parallel>("replicas of the model", at_least_one).whole(),
            port<&OutputsOf<N>::data_parallel_time>("exchange of gradients and sharded weights over the replicas, hidden or not"),
            port<&OutputsOf<N>::tensor_parallel_time>("all-reduces of the layers, hidden or not"),
            port<&OutputsOf<N>::expert_parallel_time>("exchange of tokens with routed experts"),
            port<&OutputsOf<N>::pipeline_transfer_time>("messages between pipeline stages that nothing hides"),
            port<&OutputsOf<N>::communication_time>("the four together"),
            port<&OutputsOf<N>::exposed_data_parallel_time>("what the backward pass does not hide of data_parallel_time"),
            port<&OutputsOf<N>::arithmetic_format>(
                "number format that products are computed in; another than precision where the device widens it"),
            port<&OutputsOf<N>::bubble_fraction>("share of the pipeline's time that it idles", fraction),
            port<&OutputsOf<N>::bubble_time>("time that a stage waits for others"),
            port<&OutputsOf<N>::optimizer_time>("update of the parameters, at memory bandwidth"),
            port<&OutputsOf<N>::step_time>("time of one optimizer step"),
            port<&OutputsOf<N>::scaling_efficiency>("the replica's own work and its optimizer's over the step: 1 on one device",
                                                    fraction),
            port<&OutputsOf<N>::mfu>("model FLOP utilisation of the fleet over the step", fraction),
            port<&OutputsOf<N>::throughput>("samples of the fleet per time"),
            port<&OutputsOf<N>::device_power>(
                "mean power of one device, at work or waiting for others; absent where it states no thermal "
                "design power")
                .display("W"),
            port<&OutputsOf<N>::energy>("of all devices in a step, while they wait too; absent likewise"));
  static constexpr auto outputs = outputs_of<double>;

  /// What moves the time alone both tightens and loosens the memory's limit: it leaves it as it is.
  static constexpr auto limits =
      ironlaw::limits(hard<at<&Outputs::node, &Replica::memory_footprint>, at<&Outputs::node, &Replica::memory_capacity>>(
                          "memory", "a rank's share must fit", "rank <= capacity")
                          .tightened_by<&Inputs::batch_size, &Inputs::sequence_length, &Inputs::memory_reserve,
                                        &Inputs::communication_buffer_fraction, &Inputs::efficiency, &Inputs::congestion,
                                        &Inputs::straggler, &Inputs::overlap_efficiency, &Inputs::tensor_overlap,
                                        &Inputs::pipeline_overlap, &Inputs::framework_overhead>()
                          .loosened_by<&Inputs::zero_stage, &Inputs::gradient_accumulation, &Inputs::efficiency,
                                       &Inputs::congestion, &Inputs::straggler, &Inputs::overlap_efficiency,
                                       &Inputs::tensor_overlap, &Inputs::pipeline_overlap, &Inputs::framework_overhead>(),
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

  static constexpr auto monotone =
      promises(rises<&Outputs::step_time, &Inputs::batch_size>, rises<&Outputs::step_time, &Inputs::sequence_length>,
               rises<&Outputs::step_time, &Inputs::congestion>, rises<&Outputs::step_time, &Inputs::straggler>,
               rises<&Outputs::step_time, &Inputs::framework_overhead>, falls<&Outputs::step_time, &Inputs::efficiency>,
               falls<&Outputs::step_time, &Inputs::overlap_efficiency>, falls<&Outputs::step_time, &Inputs::tensor_overlap>,
               falls<&Outputs::step_time, &Inputs::pipeline_overlap>, falls<&Outputs::throughput, &Inputs::sequence_length>,
               falls<&Outputs::throughput, &Inputs::congestion>, falls<&Outputs::throughput, &Inputs::straggler>,
               falls<&Outputs::throughput, &Inputs::framework_overhead>, rises<&Outputs::throughput, &Inputs::efficiency>,
               rises<&Outputs::throughput, &Inputs::overlap_efficiency>, rises<&Outputs::throughput, &Inputs::tensor_overlap>,
               rises<&Outputs::throughput, &Inputs::pipeline_overlap>);

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
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare);
  static Outputs solve(const Inputs& in, const Facts& facts) {
    Rare<double> none;
    return rows(in, facts, none);
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  template <class N>
  static N bubble_over_work(const InputsOf<N>& in, const StepOf<N>& s) {
    return equations::bubble_over_work(in.schedule, in.pipeline_parallel, in.microbatches, in.virtual_stages, s.multiple);
  }
  template <class N>
  static Of<N, Time> bubble_base(const InputsOf<N>& in, const OutputsOf<N>& out);
  template <class N>
  static Of<N, Time> optimizer_time(const InputsOf<N>& in, const StepOf<N>& s, const equations::RankMemoryOf<N>& memory);
  template <class N>
  static N slowest(const InputsOf<N>& in) {
    return in.straggler * equations::slowest_over_mean(in.fleet->accelerators(), in.step_variation);
  }

  static void explain_memory(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_replica(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_data_parallel(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_messages(const Inputs& in, const Outputs& out, const Step& s, Working& w);
  static void explain_step(const Inputs& in, const Outputs& out, const Step& s, Working& w);
};

/// Work of a stage that the other stages wait for.
template <class N>
Of<N, Time> Distributed::bubble_base(const InputsOf<N>& in, const OutputsOf<N>& out) {
  if (in.bubble_base == BubbleBase::whole_step) return out.node.latency;
  return larger(out.node.compute_time, out.node.memory_time) + (1 - in.tensor_overlap) * out.tensor_parallel_time +
         out.expert_parallel_time;
}

/// Reads gradients, moments and master weights and writes them back, for the parameters that this rank updates.
template <class N>
Of<N, Time> Distributed::optimizer_time(const InputsOf<N>& in, const StepOf<N>& s, const equations::RankMemoryOf<N>& memory) {
  const N updated = (memory.state.optimizer / (adam_bytes(in) * units::byte)).value();
  return updated * in.optimizer_traffic / s.facts->device.memory.bandwidth;
}

template <class N>
Distributed::OutputsOf<N> Distributed::rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare) {
  const StepOf<N> s = make_step(in, facts, rare);
  const auto memory = rank_memory(in, s);
  const auto gradients = gradient_volume(in, s);
  OutputsOf<N> out;
  out.arithmetic_format = facts.device.arithmetic;
  out.node = make_replica(in, s, memory, rare);
  out.data_parallel = s.layout.data;
  out.data_parallel_time = training::data_parallel_time(in, s, gradients, rare);
  out.tensor_parallel_time = training::tensor_parallel_time(in, s, rare);
  out.expert_parallel_time = training::expert_parallel_time(in, s, rare);
  out.pipeline_transfer_time = training::pipeline_transfer_time(in, s, rare);
  out.communication_time =
      out.data_parallel_time + out.tensor_parallel_time + out.expert_parallel_time + out.pipeline_transfer_time;
  out.exposed_data_parallel_time = training::exposed_data_parallel_time(in, s, gradients, out.node, out.data_parallel_time);

  const N idle = bubble_over_work(in, s);
  out.bubble_fraction = idle / (1 + idle);
  out.bubble_time = idle * bubble_base(in, out);
  out.optimizer_time = optimizer_time(in, s, memory);
  out.step_time =
      slowest(in) * (out.node.latency + out.exposed_data_parallel_time + (1 - in.tensor_overlap) * out.tensor_parallel_time +
                     out.expert_parallel_time + out.pipeline_transfer_time + out.bubble_time + out.optimizer_time);
  out.scaling_efficiency = ((out.node.latency + out.optimizer_time) / out.step_time).value();
  out.throughput = s.layout.data * s.local_batch / out.step_time;
  const Of<N, FlopRate> peak = facts.device.peak * s.layout.replica();
  const Of<N, Operations> useful = equations::operations_multiple(true, false) * s.forward;
  out.mfu = equations::utilization(useful, peak, out.step_time);
  out.device_power = absent;
  out.energy = absent;
  if (facts.device.tdp) {
    out.device_power = *facts.device.tdp * (equations::idle_power_share + equations::dynamic_power_share * out.node.hfu);
    out.energy = in.fleet->accelerators() * *out.device_power * out.step_time;
  }
  return out;
}

}  // namespace ironlaw::training

#include "distributed_working.hpp"
