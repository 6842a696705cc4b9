#pragma once
// What one replica does with its share of the batch, exchanges apart: time, memory and energy.
#include "step.hpp"

namespace ironlaw::training {

/// Profile of one replica; memory figures are those of one rank.
struct Replica {
  Time latency;
  Time compute_time;
  Time memory_time;
  Time overhead;
  Rate throughput;
  equations::Bottleneck bottleneck;
  Intensity arithmetic_intensity;
  Intensity ridge_point;
  Maybe<Energy> energy;
  Information memory_footprint;
  Information memory_capacity;
  FlopRate achieved_peak_rate;
  Bandwidth effective_bandwidth;
  double mfu;
  double hfu;
  bool overhead_dominated;
  Maybe<Information> spill;
  Maybe<Bandwidth> spill_bandwidth;
};

inline constexpr auto replica_ports =
    ports(port<&Replica::latency>("time of the replica's own work in a step"),
          port<&Replica::compute_time>("arithmetic at the achieved peak rate"),
          port<&Replica::memory_time>("traffic of one rank at the effective bandwidth, forward pass only"),
          port<&Replica::overhead>("dispatch and framework costs"), port<&Replica::throughput>("samples of one replica per time"),
          port<&Replica::bottleneck>("the larger ceiling"),
          port<&Replica::arithmetic_intensity>("operations over traffic").display("FLOP/B"),
          port<&Replica::ridge_point>("intensity below which memory binds").display("FLOP/B"),
          port<&Replica::energy>("energy of all ranks of the replica; absent where the device states no thermal design power"),
          port<&Replica::memory_footprint>("memory that the fullest rank needs"),
          port<&Replica::memory_capacity>("main memory of a device, less the reserve"),
          port<&Replica::achieved_peak_rate>("peak arithmetic rate of one device times efficiency"),
          port<&Replica::effective_bandwidth>("traffic over memory time"),
          port<&Replica::mfu>("model FLOP utilisation of the replica's own work", fraction),
          port<&Replica::hfu>("hardware FLOP utilisation: with recomputed operations", fraction),
          port<&Replica::overhead_dominated>("whether the overhead exceeds both ceilings"),
          port<&Replica::spill>("bytes of a rank that do not fit; absent where everything does"),
          port<&Replica::spill_bandwidth>("bandwidth at which the spilled bytes arrive"));

/// Weights that one rank stores, before ZeRO.
inline Information rank_weights(const StepInputs& in, const Step& s) {
  const Information all = s.demand.weights_resident;
  if (in.memory.expert_sharding == ExpertSharding::everything || s.experts == nullptr) return all / s.layout.replica();
  return (all - s.routed) / (s.layout.tensor * s.layout.pipeline) + s.routed / s.layout.replica();
}

/// Traffic of one rank: weights once for each microbatch that is told apart, activations of its share of the batch.
inline Information rank_traffic(const StepInputs& in, const Step& s) {
  const Information read = s.demand.weights_read;
  const double read_share = read / s.demand.weights_resident;
  const Information sweeps = s.repeats * read_share * rank_weights(in, s);
  if (in.terms.activation_weight_fraction)
    return sweeps + *in.terms.activation_weight_fraction * s.local_batch * read / s.layout.replica();
  if (!s.demand.activations)
    throw MissingData(in.workload->name(), "activation traffic", "set activation_weight_fraction (0.1 is a common guess)");
  return sweeps + *s.demand.activations / s.layout.replica();
}

/// Bytes that Adam keeps for a parameter in the step's format.
inline double adam_bytes(const StepInputs& in) {
  return equations::optimizer_bytes_per_parameter(equations::Optimizer::adam, in.memory.master_weights,
                                                  bytes_per_element(in.precision));
}

/// What a rank of a transformer is asked to hold.
inline equations::RankLoad rank_load(const StepInputs& in, const Step& s) {
  using equations::ActivationStrategy;
  const double element = bytes_per_element(in.precision);
  double microbatch = std::ceil(s.rank_batch / s.passes);
  double held = microbatch * equations::microbatches_in_flight(s.layout.pipeline, in.microbatches, in.virtual_stages);
  if (in.terms.held_microbatches == HeldMicrobatches::pipeline_depth) {
    const double depths = s.layout.pipeline > 1 ? std::max(1.0, std::floor(in.microbatches / s.layout.pipeline)) : 1;
    held = microbatch = std::ceil(s.rank_batch / (in.gradient_accumulation * depths));
  }
  return {.layout = s.layout,
          .sequence = static_cast<double>(in.sequence_length),
          .held_samples = held,
          .microbatch = microbatch,
          .element_bytes = element,
          .gradient_bytes = element,
          .optimizer_bytes = adam_bytes(in),
          .trainable = trained_share(in, s),
          .zero_stage = in.zero_stage,
          .buffer_fraction = in.memory.communication_buffer_fraction,
          .strategy = in.activation_recomputation ? ActivationStrategy::full : ActivationStrategy::selective,
          .accounting = in.memory.activation_accounting,
          .sequence_parallel = in.memory.sequence_parallel,
          .count_logits = in.memory.count_logits,
          .shard_experts_only = in.memory.expert_sharding == ExpertSharding::experts_only,
          .replicate_attention = replicates_attention(in, *s.shape)};
}

/// Memory of one rank. A model that is no transformer has its state counted, not its activations.
inline equations::RankMemory rank_memory(const StepInputs& in, const Step& s) {
  const Information weights = s.demand.weights_resident;
  const double elements = weights / (bytes_per_element(in.precision) * units::byte);
  if (s.shape != nullptr) return equations::rank_memory(rank_load(in, s), *s.shape, s.experts, elements);
  const double ranks = s.layout.replica();
  if (in.lora && ranks == 1) return {{weights, 0.1 * weights, {}}, {}, {}};
  const Information optimizer = adam_bytes(in) * elements * units::byte;
  return {{weights / ranks, weights / ranks, optimizer / ranks}, {}, {}};
}

/// Memory time and bandwidth, and the spill where the footprint exceeds what the device has.
inline void place(const StepInputs& in, const Step& s, Information traffic, Replica& out) {
  const equations::AskedHardware& device = s.facts->device;
  const Memory& main = device.memory;
  out.memory_capacity = (1 - in.memory.memory_reserve) * main.capacity;
  if (out.memory_footprint <= out.memory_capacity) {
    const bool whole = s.shape == nullptr && s.layout.replica() == 1;
    out.effective_bandwidth = whole ? device.weight_memory(s.demand.weights_resident).bandwidth : main.bandwidth;
    out.memory_time = traffic / out.effective_bandwidth;
    return;
  }
  const Bandwidth link = device.spill_link(in.terms.default_host_link);
  out.spill = out.memory_footprint - out.memory_capacity;
  out.memory_time = equations::spill_times(in.terms.spill_transfer, traffic, *out.spill, main.bandwidth, link).total;
  out.effective_bandwidth = traffic / out.memory_time;
  const bool all_over_link = in.terms.spill_transfer == equations::SpillTransfer::host_link;
  out.spill_bandwidth = all_over_link ? std::min(main.bandwidth, link) : link;
}

/// Groups of kernels that a rank starts in a step.
inline double launches(const StepInputs& in, const Step& s) {
  return in.terms.per_microbatch ? s.stage_layers * s.repeats : s.layers;
}

inline Replica make_replica(const StepInputs& in, const Step& s, const equations::RankMemory& memory) {
  const equations::AskedHardware& device = s.facts->device;
  const double ranks = s.layout.replica();
  const FlopRate peak = device.peak;
  const Operations operations = s.multiple * s.forward;
  const Information traffic = rank_traffic(in, s);

  Replica out{};
  out.memory_footprint = memory.total();
  place(in, s, traffic, out);
  out.achieved_peak_rate = peak * in.efficiency;
  out.compute_time = operations / (out.achieved_peak_rate * ranks);
  out.overhead = device.dispatch_overhead + 3 * launches(in, s) * in.terms.framework_overhead;
  out.latency = std::max(out.compute_time, out.memory_time) + out.overhead;
  out.throughput = s.local_batch / out.latency;
  out.bottleneck = equations::bottleneck_of(out.compute_time, out.memory_time);
  out.arithmetic_intensity = operations / ranks / traffic;
  out.ridge_point = out.achieved_peak_rate / out.effective_bandwidth;
  out.mfu = equations::utilization(equations::operations_multiple(true, false) * s.forward, peak * ranks, out.latency);
  out.hfu = equations::utilization(operations, peak * ranks, out.latency);
  if (device.tdp) out.energy = ranks * equations::energy_used(*device.tdp, out.hfu, out.latency);
  out.overhead_dominated = out.overhead > std::max(out.compute_time, out.memory_time);
  return out;
}

}  // namespace ironlaw::training
