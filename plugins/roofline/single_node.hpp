#pragma once
#include <ironlaw/equations/device.hpp>
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::roofline {

/// One pass, or one training step, on one device: the larger of the compute and memory ceilings plus fixed costs, and whether it
/// fits.
struct SingleNode {
  using Bottleneck = equations::Bottleneck;
  using SpillTransfer = equations::SpillTransfer;

  static constexpr auto about = Solver::About{"single_node", "Time, energy and fit of one pass or training step on one device",
                                              "Williams 2009, 'Roofline', CACM 52(4)"};

  struct Given {
    const Workload* workload;
    const Hardware* hardware;
    Precision precision = Precision::fp16;
    FormatInputs widths{};
    bool training = false;
    bool lora = false;
    bool activation_recomputation = false;
    bool count_context_operations = true;
    bool count_live_state = true;
    SpillTransfer spill_transfer = SpillTransfer::streamed;
    equations::MasterWeights master_weights = equations::MasterWeights::where_narrower;
  };
  struct Inputs : Given {
    int batch_size = 1;
    double efficiency = 0.5;
    int sequence_length = 2048;
    int context_length = 0;
    int zero_stage = 0;
    int data_parallel = 1;
    Maybe<double> tokens_per_sample = absent;
    Maybe<double> activation_weight_fraction = absent;
    double memory_efficiency = 1;
    double overlap = 1;
    Time framework_overhead = 1e-5 * units::second;
    Maybe<Bandwidth> default_host_link = absent;
  };
  /// What model and device say.
  struct Facts {
    AskedWorkload model;
    equations::AskedHardware device;
    const TransformerShape* shape;  ///< null: none
    Maybe<double> parameters;
    bool by_tokens;         ///< a training sample is sequence_length tokens
    bool live;              ///< cache and state count
    double multiple;        ///< operations over those of the forward part
    double model_multiple;  ///< the same without what is recomputed; launches, too
  };

  struct Outputs {
    Time latency;
    Time compute_time;
    Time memory_time;
    Time overhead;
    Rate throughput;
    Bottleneck bottleneck;
    Intensity arithmetic_intensity;
    Intensity ridge_point;
    Maybe<Energy> energy;
    Information memory_footprint;
    Information memory_capacity;
    Precision arithmetic_format;
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
      port<&Inputs::precision>("number format of arithmetic, and of weights, activations and cache where nothing else is said"),
      merge<&Inputs::widths>(format_ports),
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
      port<&Inputs::master_weights>("training: a copy of the weights in fp32 where they are narrower, always, or never")
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
      port<&Outputs::ridge_point>("intensity below which memory binds").display("FLOP/B"),
      port<&Outputs::energy>("energy of the pass; absent where the device states no thermal design power"),
      port<&Outputs::memory_footprint>("memory that the pass or step needs"),
      port<&Outputs::memory_capacity>("main memory of the device"),
      port<&Outputs::arithmetic_format>(
          "number format that products are computed in; another than precision where the device widens it"),
      port<&Outputs::achieved_peak_rate>("peak arithmetic rate times efficiency"),
      port<&Outputs::effective_bandwidth>("traffic over memory time"),
      port<&Outputs::mfu>("model FLOP utilisation: without recomputed operations", fraction),
      port<&Outputs::hfu>("hardware FLOP utilisation: with recomputed operations", fraction),
      port<&Outputs::overhead_dominated>("whether the overhead exceeds both ceilings"),
      port<&Outputs::spill>("bytes that do not fit; absent where everything does"),
      port<&Outputs::spill_bandwidth>("bandwidth at which the spilled bytes arrive"));

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "everything the pass holds must fit",
                                                                  "footprint <= capacity")
          .tightened_by<&Inputs::batch_size, &Inputs::context_length>()
          .loosened_by<&Inputs::data_parallel>(),
      soft<&Outputs::compute_time, &Outputs::latency>("compute", "arithmetic's share of the latency",
                                                      "operations / (peak * eta) <= T"),
      soft<&Outputs::memory_time, &Outputs::latency>("memory: traffic", "its share of the latency", "traffic / beta <= T"),
      soft<&Outputs::overhead, &Outputs::latency>("software", "its share of the latency", "t_dispatch + n * t_framework <= T"));

  static constexpr auto monotone =
      promises(falls<&Outputs::latency, &Inputs::efficiency>, falls<&Outputs::latency, &Inputs::memory_efficiency>,
               rises<&Outputs::latency, &Inputs::framework_overhead>);
  static Facts facts(const Given& given);
  [[gnu::flatten]] static Outputs solve(const Inputs& in, const Facts& facts);
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// What the pass asks of the device, before any rate.
  struct Pass {
    Demand demand;
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

  static double adam_bytes(const Inputs& in);
  static Information activation_traffic(const Inputs& in, const Demand& demand);
  static Pass pass(const Inputs& in, const Facts& facts);
  static Information footprint(const Inputs& in, const Facts& facts, const Pass& pass);
  static TrainingFootprint transformer_footprint(const Inputs& in, const Facts& facts, const Pass& pass);
  static void place(const Inputs& in, const Facts& facts, const Pass& pass, Outputs& out);

  static void explain_pass(const Inputs& in, const Facts& facts, const Pass& pass, Working& w);
  static void explain_footprint(const Inputs& in, const Facts& facts, const Outputs& out, const Pass& pass, Working& w);
  static void explain_memory(const Inputs& in, const Facts& facts, const Outputs& out, const Pass& pass, Working& w);
};

inline SingleNode::Facts SingleNode::facts(const Given& given) {
  Formats formats = given.widths.formats(given.precision);
  if (given.training && !given.lora)
    formats = formats.or_else(Formats::uniform(given.precision));  // a checkpoint's own are for use
  return {{*given.workload, {.phase = given.training ? Phase::training : Phase::forward, .formats = formats}},
          {*given.hardware, given.precision, given.widths.accumulation},
          given.workload->facet<TransformerShape>(),
          given.workload->parameters(),
          given.training && given.workload->unit() == WorkUnit::token,
          given.count_live_state && !given.training,
          equations::operations_multiple(given.training, given.activation_recomputation),
          equations::operations_multiple(given.training, false)};
}

inline double SingleNode::adam_bytes(const Inputs& in) {
  return equations::optimizer_bytes_per_parameter(equations::Optimizer::adam, in.master_weights, bytes_per_element(in.precision));
}

inline Information SingleNode::activation_traffic(const Inputs& in, const Demand& demand) {
  if (in.activation_weight_fraction) return *in.activation_weight_fraction * in.batch_size * demand.weights_read;
  if (!demand.activations) {
    throw MissingData(in.workload->name(), "activation traffic", "set activation_weight_fraction (0.1 is a common guess)");
  }
  return *demand.activations;
}

inline SingleNode::Pass SingleNode::pass(const Inputs& in, const Facts& f) {
  const double new_tokens = in.tokens_per_sample ? *in.tokens_per_sample : f.by_tokens ? in.sequence_length : 1.0;
  const Demand d = f.model.demand(in.batch_size, new_tokens, in.training ? 0.0 : in.context_length);
  const Information activations = activation_traffic(in, d);
  const Information cache = f.live ? d.cache_read + d.cache_write : Information{};
  const Information state = f.live ? d.state : Information{};
  return {.demand = d,
          .forward = in.count_context_operations ? d.linear + d.logits + d.attention : d.linear + d.logits,
          .activations = activations,
          .cache = cache,
          .state = state,
          .traffic = d.weights_read + activations + cache + 2.0 * state};
}

inline SingleNode::TrainingFootprint SingleNode::transformer_footprint(const Inputs& in, const Facts& f, const Pass& p) {
  if (!f.parameters) throw MissingData(in.workload->name(), "number of parameters");
  const double element = bytes_per_element(in.precision);
  const double trainable = in.lora ? equations::lora_share(*f.parameters, f.shape->layers, f.shape->hidden_size) : 1.0;
  auto state = equations::training_state(*f.parameters, element, adam_bytes(in), trainable);
  state.weights = p.demand.weights_resident;  // in the widths that they are stored in: frozen ones may be narrow
  const auto strategy = in.activation_recomputation ? equations::ActivationStrategy::full : equations::ActivationStrategy::none;
  return {equations::zero_sharded(state, in.zero_stage, in.data_parallel),
          equations::activation_memory(strategy, f.shape->layers, f.shape->hidden_size, f.shape->heads, in.sequence_length,
                                       in.batch_size, element),
          trainable};
}

inline Information SingleNode::footprint(const Inputs& in, const Facts& f, const Pass& p) {
  const Information weights = p.demand.weights_resident;
  if (!in.training) return in.count_live_state ? weights + p.demand.cache_resident + p.state : weights;
  if (f.shape != nullptr) {
    const auto training = transformer_footprint(in, f, p);
    return training.state.total() + training.activations;
  }
  if (in.lora) return 1.1 * weights;
  return 2.0 * weights + adam_bytes(in) / bytes_per_element(in.precision) * weights;
}

/// Memory time and bandwidth, and the spill where the footprint exceeds main memory.
inline void SingleNode::place(const Inputs& in, const Facts& f, const Pass& p, Outputs& out) {
  const Memory& main = f.device.memory;
  if (out.memory_footprint <= main.capacity) {
    out.effective_bandwidth = in.memory_efficiency * f.device.weight_memory(p.demand.weights_resident).bandwidth;
    out.memory_time = p.traffic / out.effective_bandwidth;
    return;
  }
  const Bandwidth link = f.device.spill_link(in.default_host_link);
  const Bandwidth memory = in.memory_efficiency * main.bandwidth;
  out.spill = out.memory_footprint - main.capacity;
  out.memory_time = equations::spill_times(in.spill_transfer, p.traffic, *out.spill, memory, link).total;
  out.effective_bandwidth = p.traffic / out.memory_time;
  out.spill_bandwidth = in.spill_transfer == SpillTransfer::host_link ? std::min(memory, link) : link;
}

inline SingleNode::Outputs SingleNode::solve(const Inputs& in, const Facts& f) {
  const Pass p = pass(in, f);
  const FlopRate peak = f.device.peak;
  const Operations operations = f.multiple * p.forward;

  Outputs out;
  out.memory_footprint = footprint(in, f, p);
  out.memory_capacity = f.device.memory.capacity;
  place(in, f, p, out);
  out.arithmetic_format = f.device.arithmetic;
  out.achieved_peak_rate = peak * in.efficiency;
  out.compute_time = operations / out.achieved_peak_rate;
  out.overhead = f.device.dispatch_overhead + f.model_multiple * p.demand.launches * in.framework_overhead;
  out.latency = equations::overlapped(out.compute_time, out.memory_time, in.overlap) + out.overhead;
  out.throughput = static_cast<double>(in.batch_size) / out.latency;
  out.bottleneck = equations::bottleneck_of(out.compute_time, out.memory_time);
  out.arithmetic_intensity = operations / p.traffic;
  out.ridge_point = out.achieved_peak_rate / out.effective_bandwidth;
  out.mfu = equations::utilization(f.model_multiple * p.forward, peak, out.latency);
  out.hfu = equations::utilization(operations, peak, out.latency);
  if (f.device.tdp) out.energy = equations::energy_used(*f.device.tdp, out.hfu, out.latency);
  out.overhead_dominated = out.overhead > std::max(out.compute_time, out.memory_time);
  return out;
}

}  // namespace ironlaw::roofline

#include "single_node_working.hpp"
