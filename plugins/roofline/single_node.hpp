#pragma once
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::roofline {

/// One pass, or one training step, on one device: the larger of the compute and memory ceilings plus fixed costs, and whether it
/// fits.
struct SingleNode {
  using Bottleneck = equations::Bottleneck;
  using SpillTransfer = equations::SpillTransfer;

  static constexpr auto about = Solver::About{"single_node", "Time, energy and fit of one pass or training step on one device",
                                              "Williams 2009, 'Roofline', CACM 52(4)"};

  struct Inputs {
    const Workload* workload;
    const Hardware* hardware;
    int batch_size = 1;
    Precision precision = Precision::fp16;
    double efficiency = 0.5;
    bool training = false;
    int sequence_length = 2048;
    int context_length = 0;
    int zero_stage = 0;
    int data_parallel = 1;
    bool lora = false;
    bool activation_recomputation = false;
    Maybe<double> tokens_per_sample = absent;
    Maybe<double> activation_weight_fraction = absent;
    bool count_context_operations = true;
    bool count_live_state = true;
    double memory_efficiency = 1;
    double overlap = 1;
    SpillTransfer spill_transfer = SpillTransfer::streamed;
    Time framework_overhead = 1e-5 * units::second;
    Maybe<Bandwidth> default_host_link = absent;
  };

  struct Outputs {
    Time latency;
    Time compute_time;
    Time memory_time;
    Time overhead;
    Rate throughput;
    Bottleneck bottleneck;
    Intensity arithmetic_intensity;
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

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("model to run"), port<&Inputs::hardware>("device to run it on"),
      port<&Inputs::batch_size>("members of the batch: tokens of an inference pass, samples of a training step", at_least_one),
      port<&Inputs::precision>("number format of weights, activations and arithmetic"),
      port<&Inputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
      port<&Inputs::training>("a training step (forward and backward) instead of an inference pass"),
      port<&Inputs::sequence_length>("tokens of a training sample", at_least_one),
      port<&Inputs::context_length>("tokens that each member of an inference batch already holds in its cache", non_negative),
      port<&Inputs::zero_stage>("ZeRO sharding of training state: 1 optimizer, 2 and gradients, 3 and weights", between(0, 3)),
      port<&Inputs::data_parallel>("replicas that ZeRO shards over", at_least_one),
      port<&Inputs::lora>("train low-rank adapters only: rank 16 on four matrices a layer"),
      port<&Inputs::activation_recomputation>("recompute activations in the backward pass: one more forward, far less memory"),
      port<&Inputs::tokens_per_sample>(
          "new tokens of each member; absent: sequence_length when training a model whose unit is a token, otherwise 1",
          positive),
      port<&Inputs::activation_weight_fraction>(
          "activation traffic of each member over the weight bytes; absent: the workload's own activation traffic", non_negative)
          .refinement(),
      port<&Inputs::count_context_operations>("count operations that grow with the context (attention)").parity(),
      port<&Inputs::count_live_state>(
          "inference: count key-value cache and recurrent state in memory and traffic; live activations are left out either way")
          .parity(),
      port<&Inputs::memory_efficiency>("share of a device memory's bandwidth that is sustained", positive_fraction).refinement(),
      port<&Inputs::overlap>("share of the shorter ceiling that hides behind the longer", fraction).refinement(),
      port<&Inputs::spill_transfer>(
          "how what does not fit arrives: streamed beside the resident part, serial after it, or host_link: "
          "all traffic at the narrower of memory and host link")
          .refinement(),
      port<&Inputs::framework_overhead>("cost of each group of kernels, three times in training", non_negative).refinement(),
      port<&Inputs::default_host_link>("link that what does not fit crosses, of a device that states none; absent: refuse",
                                       positive)
          .refinement()
          .display("GB/s"));

  static constexpr auto outputs = ports(
      port<&Outputs::latency>("time of the pass or step"), port<&Outputs::compute_time>("arithmetic at the achieved peak rate"),
      port<&Outputs::memory_time>("traffic at the effective bandwidth; a training step counts that of its forward pass"),
      port<&Outputs::overhead>("dispatch and framework costs"),
      port<&Outputs::throughput>("batch members per time: tokens or samples in inference, samples in training"),
      port<&Outputs::bottleneck>("the larger ceiling"),
      port<&Outputs::arithmetic_intensity>("operations over traffic").display("FLOP/B"),
      port<&Outputs::energy>("energy of the pass; absent where the device states no thermal design power"),
      port<&Outputs::memory_footprint>("memory that the pass or step needs"),
      port<&Outputs::memory_capacity>("main memory of the device"),
      port<&Outputs::achieved_peak_rate>("peak arithmetic rate times efficiency"),
      port<&Outputs::effective_bandwidth>("traffic over memory time"),
      port<&Outputs::mfu>("model FLOP utilisation: without recomputed operations", fraction),
      port<&Outputs::hfu>("hardware FLOP utilisation: with recomputed operations", fraction),
      port<&Outputs::overhead_dominated>("whether the overhead exceeds both ceilings"),
      port<&Outputs::spill>("bytes that do not fit; absent where everything does"),
      port<&Outputs::spill_bandwidth>("bandwidth at which the spilled bytes arrive"));

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "everything the pass holds must fit",
                                                                  "footprint <= capacity"),
      soft<&Outputs::compute_time, &Outputs::latency>("compute", "arithmetic's share of the latency",
                                                      "operations / (peak * eta) <= T"),
      soft<&Outputs::memory_time, &Outputs::latency>("memory: traffic", "its share of the latency", "traffic / beta <= T"),
      soft<&Outputs::overhead, &Outputs::latency>("software", "its share of the latency", "t_dispatch + n * t_framework <= T"));

  static constexpr auto monotone =
      promises(falls<&Outputs::latency, &Inputs::efficiency>, falls<&Outputs::latency, &Inputs::memory_efficiency>,
               rises<&Outputs::latency, &Inputs::framework_overhead>);
  static Outputs solve(const Inputs& in);
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// What the pass asks of the device, before any rate.
  struct Pass {
    Demand demand;
    double multiple;  ///< operations over those of the forward part
    Operations forward;
    Information activations;
    Information cache;  ///< key-value cache, read and added
    Information state;  ///< recurrent state, read and written back
    Information traffic;
  };

  /// Memory that training takes, by part.
  struct TrainingFootprint {
    equations::TrainingState state;
    Information activations;
    double trainable;
  };

  static Conditions conditions(const Inputs& in);
  static Information activation_traffic(const Inputs& in, const Demand& demand);
  static Pass pass(const Inputs& in);
  static Information footprint(const Inputs& in, const Pass& pass);
  static TrainingFootprint transformer_footprint(const Inputs& in, const TransformerShape& shape);
  static void place(const Inputs& in, const Pass& pass, const Memory& main, Outputs& out);

  static void explain_pass(const Inputs& in, const Pass& pass, Working& w);
  static void explain_footprint(const Inputs& in, const Outputs& out, const Pass& pass, Working& w);
  static void explain_memory(const Inputs& in, const Outputs& out, const Pass& pass, Working& w);
};

inline Conditions SingleNode::conditions(const Inputs& in) {
  const auto new_tokens = [&] {
    if (in.tokens_per_sample) return *in.tokens_per_sample;
    return in.training && in.workload->unit() == WorkUnit::token ? static_cast<double>(in.sequence_length) : 1.0;
  };
  return {.phase = in.training ? Phase::training : Phase::forward,
          .batch = static_cast<double>(in.batch_size),
          .new_tokens = new_tokens(),
          .cached_tokens = in.training ? 0.0 : static_cast<double>(in.context_length),
          .weights = in.precision,
          .activations = in.precision,
          .cache = in.precision};
}

inline Information SingleNode::activation_traffic(const Inputs& in, const Demand& demand) {
  if (in.activation_weight_fraction) return *in.activation_weight_fraction * in.batch_size * demand.weights_read;
  if (!demand.activations) {
    throw MissingData(in.workload->name(), "activation traffic", "set activation_weight_fraction (0.1 is a common guess)");
  }
  return *demand.activations;
}

inline SingleNode::Pass SingleNode::pass(const Inputs& in) {
  Pass p;
  p.demand = in.workload->demand(conditions(in));
  p.multiple = equations::operations_multiple(in.training, in.activation_recomputation);
  p.forward = p.demand.linear + p.demand.logits;
  if (in.count_context_operations) p.forward += p.demand.attention;
  p.activations = activation_traffic(in, p.demand);
  const bool live = in.count_live_state && !in.training;
  p.cache = live ? p.demand.cache_read + p.demand.cache_write : Information{};
  p.state = live ? p.demand.state : Information{};
  p.traffic = p.demand.weights_read + p.activations + p.cache + 2.0 * p.state;
  return p;
}

inline SingleNode::TrainingFootprint SingleNode::transformer_footprint(const Inputs& in, const TransformerShape& shape) {
  const auto parameters = in.workload->parameters();
  if (!parameters) throw MissingData(in.workload->name(), "number of parameters");
  const double element = bytes_per_element(in.precision);
  const double trainable = in.lora ? equations::lora_share(*parameters, shape.layers, shape.hidden_size) : 1.0;
  const auto state = equations::training_state(*parameters, element, equations::adam_bytes_per_parameter, trainable);
  const auto strategy = in.activation_recomputation ? equations::ActivationStrategy::full : equations::ActivationStrategy::none;
  return {equations::zero_sharded(state, in.zero_stage, in.data_parallel),
          equations::activation_memory(strategy, shape.layers, shape.hidden_size, shape.heads, in.sequence_length, in.batch_size,
                                       element),
          trainable};
}

inline Information SingleNode::footprint(const Inputs& in, const Pass& p) {
  const Information weights = p.demand.weights_resident;
  if (!in.training) return in.count_live_state ? weights + p.demand.cache_resident + p.state : weights;
  if (const auto* shape = in.workload->facet<TransformerShape>()) {
    const auto training = transformer_footprint(in, *shape);
    return training.state.total() + training.activations;
  }
  if (in.lora) return 1.1 * weights;
  return 2.0 * weights + equations::adam_bytes_per_parameter / bytes_per_element(in.precision) * weights;
}

/// Memory time and bandwidth, and the spill where the footprint exceeds main memory.
inline void SingleNode::place(const Inputs& in, const Pass& p, const Memory& main, Outputs& out) {
  if (out.memory_footprint <= main.capacity) {
    out.effective_bandwidth =
        in.memory_efficiency * equations::weight_memory(*in.hardware, main, p.demand.weights_resident).bandwidth;
    out.memory_time = p.traffic / out.effective_bandwidth;
    return;
  }
  const Bandwidth link = equations::spill_link(*in.hardware, in.default_host_link);
  const Bandwidth memory = in.memory_efficiency * main.bandwidth;
  out.spill = out.memory_footprint - main.capacity;
  out.memory_time = equations::spill_times(in.spill_transfer, p.traffic, *out.spill, memory, link).total;
  out.effective_bandwidth = p.traffic / out.memory_time;
  out.spill_bandwidth = in.spill_transfer == SpillTransfer::host_link ? std::min(memory, link) : link;
}

inline SingleNode::Outputs SingleNode::solve(const Inputs& in) {
  const Pass p = pass(in);
  const FlopRate peak = in.hardware->peak_rate(in.precision);
  const Memory main = in.hardware->memory();
  const Operations operations = p.multiple * p.forward;

  Outputs out{};
  out.memory_footprint = footprint(in, p);
  out.memory_capacity = main.capacity;
  place(in, p, main, out);
  out.achieved_peak_rate = peak * in.efficiency;
  out.compute_time = operations / out.achieved_peak_rate;
  out.overhead = in.hardware->dispatch_overhead() + (in.training ? 3 : 1) * p.demand.launches * in.framework_overhead;
  out.latency = equations::overlapped(out.compute_time, out.memory_time, in.overlap) + out.overhead;
  out.throughput = static_cast<double>(in.batch_size) / out.latency;
  out.bottleneck = equations::bottleneck_of(out.compute_time, out.memory_time);
  out.arithmetic_intensity = operations / p.traffic;
  out.mfu = equations::utilization(equations::operations_multiple(in.training, false) * p.forward, peak, out.latency);
  out.hfu = equations::utilization(operations, peak, out.latency);
  if (const auto tdp = in.hardware->tdp()) out.energy = equations::energy_used(*tdp, out.hfu, out.latency);
  out.overhead_dominated = out.overhead > std::max(out.compute_time, out.memory_time);
  return out;
}

}  // namespace ironlaw::roofline

#include "single_node_working.hpp"
