#pragma once
// What one replica does with its share of the batch, exchanges apart: time, memory and energy.
#include "step.hpp"

namespace ironlaw::training {

/// Profile of one replica; memory figures are those of one rank.
template <class N>
struct ReplicaOf {
  Of<N, Time> latency;
  Of<N, Time> compute_time;
  Of<N, Time> memory_time;
  Of<N, Time> overhead;
  Of<N, Rate> throughput;
  Of<N, equations::Bottleneck> bottleneck;
  Of<N, Intensity> arithmetic_intensity;
  Of<N, Intensity> ridge_point;
  Of<N, Maybe<Energy>> energy;
  Of<N, Information> memory_footprint;
  Of<N, Information> memory_capacity;
  Of<N, FlopRate> achieved_peak_rate;
  Of<N, Bandwidth> effective_bandwidth;
  N mfu;
  N hfu;
  Of<N, bool> overhead_dominated;
  Of<N, Maybe<Information>> spill;
  Of<N, Maybe<Bandwidth>> spill_bandwidth;
};
using Replica = ReplicaOf<double>;

template <class N>
inline constexpr auto replica_ports_of = ports(
    port<&ReplicaOf<N>::latency>("time of the replica's own work in a step"),
    port<&ReplicaOf<N>::compute_time>("arithmetic at the achieved peak rate"),
    port<&ReplicaOf<N>::memory_time>("traffic of one rank at the effective bandwidth, forward pass only"),
    port<&ReplicaOf<N>::overhead>("dispatch and framework costs"),
    port<&ReplicaOf<N>::throughput>("samples of one replica per time"), port<&ReplicaOf<N>::bottleneck>("the larger ceiling"),
    port<&ReplicaOf<N>::arithmetic_intensity>("operations over traffic").display("FLOP/B"),
    port<&ReplicaOf<N>::ridge_point>("intensity below which memory binds").display("FLOP/B"),
    port<&ReplicaOf<N>::energy>("energy of all ranks of the replica; absent where the device states no thermal design power"),
    port<&ReplicaOf<N>::memory_footprint>("memory that the fullest rank needs"),
    port<&ReplicaOf<N>::memory_capacity>("main memory of a device, less the reserve"),
    port<&ReplicaOf<N>::achieved_peak_rate>("peak arithmetic rate of one device times efficiency"),
    port<&ReplicaOf<N>::effective_bandwidth>("traffic over memory time"),
    port<&ReplicaOf<N>::mfu>("model FLOP utilisation of the replica's own work", fraction),
    port<&ReplicaOf<N>::hfu>("hardware FLOP utilisation: with recomputed operations", fraction),
    port<&ReplicaOf<N>::overhead_dominated>("whether the overhead exceeds both ceilings"),
    port<&ReplicaOf<N>::spill>("bytes of a rank that do not fit; absent where everything does"),
    port<&ReplicaOf<N>::spill_bandwidth>("bandwidth at which the spilled bytes arrive"));

/// Weights that one rank stores, before ZeRO.
template <class N>
Of<N, Information> rank_weights(const StepInputsOf<N>& in, const StepOf<N>& s) {
  const Of<N, Information> all = s.demand.weights_resident;
  if (in.expert_sharding == ExpertSharding::everything || s.experts == nullptr) return all / s.layout.replica();
  return (all - s.routed) / N(s.layout.tensor * s.layout.pipeline) + s.routed / s.layout.replica();
}

/// Traffic of one rank: weights once for each microbatch that is told apart, activations of its share of the batch.
template <class N>
Of<N, Information> rank_traffic(const StepInputsOf<N>& in, const StepOf<N>& s, Rare<N>& rare) {
  using Bytes = Of<N, Information>;
  const Bytes read = s.demand.weights_read;
  const N read_share = (read / s.demand.weights_resident).value();
  const Bytes sweeps = s.repeats * read_share * rank_weights(in, s);
  const auto said = has(in.activation_weight_fraction);
  if (rare(!either(said, has(s.demand.activations))))
    throw MissingData(in.workload->name(), "activation traffic", "set activation_weight_fraction (0.1 is a common guess)");
  const Bytes by_weights = *in.activation_weight_fraction * s.local_batch * read / s.layout.replica();
  return sweeps + select(said, by_weights, Bytes(*s.demand.activations / s.layout.replica()));
}

/// Bytes that Adam keeps for a parameter in the step's format.
inline double adam_bytes(const StepGiven& in) {
  return equations::optimizer_bytes_per_parameter(equations::Optimizer::adam, in.master_weights, bytes_per_element(in.precision));
}

/// What a rank of a transformer is asked to hold.
template <class N>
equations::RankLoadOf<N> rank_load(const StepInputsOf<N>& in, const StepOf<N>& s) {
  using equations::ActivationStrategy;
  const double element = bytes_per_element(in.precision);
  N microbatch = rounded_up(N(s.rank_batch / s.passes));
  N held = microbatch * equations::microbatches_in_flight(s.layout.pipeline, in.microbatches, in.virtual_stages);
  if (in.held_microbatches == HeldMicrobatches::pipeline_depth) {
    const N whole = larger(N(1.0), rounded_down(N(in.microbatches / s.layout.pipeline)));
    const N depths = select(s.layout.pipeline > 1.0, whole, N(1.0));
    held = microbatch = rounded_up(N(s.rank_batch / (in.gradient_accumulation * depths)));
  }
  return {.layout = s.layout,
          .sequence = N(in.sequence_length),
          .held_samples = held,
          .microbatch = microbatch,
          .element_bytes = element,
          .gradient_bytes = element,
          .optimizer_bytes = adam_bytes(in),
          .trainable = trained_share(in, s),
          .zero_stage = in.zero_stage,
          .buffer_fraction = in.communication_buffer_fraction,
          .strategy = in.activation_recomputation ? ActivationStrategy::full : ActivationStrategy::selective,
          .accounting = in.activation_accounting,
          .sequence_parallel = in.sequence_parallel,
          .count_logits = in.count_logits,
          .shard_experts_only = in.expert_sharding == ExpertSharding::experts_only,
          .replicate_attention = replicates_attention(in, *s.shape)};
}

/// Memory of one rank. A model that is no transformer has its state counted, not its activations.
template <class N>
equations::RankMemoryOf<N> rank_memory(const StepInputsOf<N>& in, const StepOf<N>& s) {
  using Bytes = Of<N, Information>;
  const Bytes weights = s.demand.weights_resident;
  const N elements = (weights / (bytes_per_element(in.precision) * units::byte)).value();
  if (s.shape != nullptr) return equations::rank_memory(rank_load(in, s), *s.shape, s.experts, elements);
  const N ranks = s.layout.replica();
  const Bytes optimizer = adam_bytes(in) * elements * units::byte;
  const equations::TrainingStateOf<N> shared{weights / ranks, weights / ranks, optimizer / ranks};
  if (!s.facts->adapts) return {shared, {}, {}};
  const auto whole = ranks == 1.0;
  return {{select(whole, weights, shared.weights), select(whole, Bytes(0.1 * weights), shared.gradients),
           select(whole, Bytes{}, shared.optimizer)},
          {},
          {}};
}

/// Memory time and bandwidth, and the spill where the footprint exceeds what the device has.
template <class N>
void place(const StepInputsOf<N>& in, const StepOf<N>& s, const Of<N, Information>& traffic, ReplicaOf<N>& out, Rare<N>& rare) {
  using Speed = Of<N, Bandwidth>;
  const equations::AskedHardware& device = s.facts->device;
  const Speed main = spread<N>(device.memory.bandwidth);
  out.memory_capacity = (1 - in.memory_reserve) * device.memory.capacity;
  const Speed whole = s.shape == nullptr ? device.weight_bandwidth(s.demand.weights_resident) : main;
  out.effective_bandwidth = s.shape == nullptr ? select(s.layout.replica() == 1.0, whole, main) : main;
  out.memory_time = traffic / out.effective_bandwidth;
  out.spill = absent;
  out.spill_bandwidth = absent;
  const auto spills = !(out.memory_footprint <= out.memory_capacity);
  if (!any(spills)) return;
  if (rare(both(spills, !either(has(in.default_host_link), device.host_link.has_value()))))
    static_cast<void>(device.spill_link(absent));  // throws
  const Speed link = device.host_link ? spread<N>(*device.host_link) : *in.default_host_link;
  const Of<N, Information> spill = out.memory_footprint - out.memory_capacity;
  const auto time = equations::spill_times(in.spill_transfer, traffic, spill, main, link).total;
  out.memory_time = select(spills, time, out.memory_time);
  out.effective_bandwidth = select(spills, Speed(traffic / out.memory_time), out.effective_bandwidth);
  out.spill = select(spills, Of<N, Maybe<Information>>(spill), out.spill);
  const Speed arrives = in.spill_transfer == equations::SpillTransfer::host_link ? smaller(main, link) : link;
  out.spill_bandwidth = select(spills, Of<N, Maybe<Bandwidth>>(arrives), out.spill_bandwidth);
}

/// Groups of kernels that a rank starts in a step.
template <class N>
N launches(const StepInputsOf<N>& in, const StepOf<N>& s) {
  return in.per_microbatch ? N(s.stage_layers * s.repeats) : s.layers;
}

template <class N>
ReplicaOf<N> make_replica(const StepInputsOf<N>& in, const StepOf<N>& s, const equations::RankMemoryOf<N>& memory,
                          Rare<N>& rare) {
  using Flop = Of<N, Operations>;
  const equations::AskedHardware& device = s.facts->device;
  const N ranks = s.layout.replica();
  const FlopRate peak = device.peak;
  const Of<N, FlopRate> all_peak = peak * ranks;
  const Flop operations = s.multiple * s.forward;
  const Of<N, Information> traffic = rank_traffic(in, s, rare);

  ReplicaOf<N> out;
  out.memory_footprint = memory.total();
  place(in, s, traffic, out, rare);
  out.achieved_peak_rate = peak * in.efficiency;
  out.compute_time = operations / (out.achieved_peak_rate * ranks);
  out.overhead = device.dispatch_overhead + 3 * launches(in, s) * in.framework_overhead;
  out.latency = larger(out.compute_time, out.memory_time) + out.overhead;
  out.throughput = s.local_batch / out.latency;
  out.bottleneck = equations::bottleneck_of(out.compute_time, out.memory_time);
  out.arithmetic_intensity = operations / ranks / traffic;
  out.ridge_point = out.achieved_peak_rate / out.effective_bandwidth;
  out.mfu = equations::utilization(Flop(equations::operations_multiple(true, false) * s.forward), all_peak, out.latency);
  out.hfu = equations::utilization(operations, all_peak, out.latency);
  out.energy = absent;
  if (device.tdp) out.energy = ranks * equations::energy_used(*device.tdp, out.hfu, out.latency);
  out.overhead_dominated = out.overhead > larger(out.compute_time, out.memory_time);
  return out;
}

}  // namespace ironlaw::training
