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
    int zero_stage = 0;
    Maybe<bool> lora = absent;
    bool activation_recomputation = false;
    bool count_context_operations = true;
    bool count_live_state = true;
    SpillTransfer spill_transfer = SpillTransfer::streamed;
    equations::MasterWeights master_weights = equations::MasterWeights::where_narrower;
  };
  template <class N>
  struct InputsOf : Given {
    Of<N, int> batch_size = 1;
    N efficiency = 0.5;
    Of<N, int> sequence_length = 2048;
    Of<N, int> context_length = 0;
    Of<N, int> data_parallel = 1;
    Of<N, Maybe<double>> tokens_per_sample = absent;
    Of<N, Maybe<double>> activation_weight_fraction = absent;
    N memory_efficiency = 1;
    N overlap = 1;
    Of<N, Time> framework_overhead = spread<N>(1e-5 * units::second);
    Of<N, Maybe<Bandwidth>> default_host_link = absent;
  };
  using Inputs = InputsOf<double>;
  /// What model and device say.
  struct Facts {
    AskedWorkload model;
    equations::AskedHardware device;
    const TransformerShape* shape;  ///< null: none
    Maybe<double> parameters;
    Maybe<double> adapter_share;  ///< that the model's adapter trains; absent: it has none
    bool adapts;                  ///< adapters alone are trained
    bool by_tokens;               ///< a training sample is sequence_length tokens
    bool live;                    ///< cache and state count
    double multiple;              ///< operations over those of the forward part
    double model_multiple;        ///< the same without what is recomputed; launches, too
  };

  template <class N>
  struct OutputsOf {
    Of<N, Time> latency;
    Of<N, Time> compute_time;
    Of<N, Time> memory_time;
    Of<N, Time> overhead;
    Of<N, Rate> throughput;
    Of<N, Bottleneck> bottleneck;
    Of<N, Intensity> arithmetic_intensity;
    Of<N, Intensity> ridge_point;
    Of<N, Maybe<Energy>> energy;
    Of<N, Information> memory_footprint;
    Of<N, Information> memory_capacity;
    Of<N, Precision> arithmetic_format;
    Of<N, FlopRate> achieved_peak_rate;
    Of<N, Bandwidth> effective_bandwidth;
    N mfu;
    N hfu;
    Of<N, bool> overhead_dominated;
    Of<N, Maybe<Information>> spill;
    Of<N, Maybe<Bandwidth>> spill_bandwidth;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of = ports(
      port<&InputsOf<N>::workload>("model to run"), port<&InputsOf<N>::hardware>("device to run it on"),
      port<&InputsOf<N>::batch_size>("members of the batch: tokens of an inference pass, samples of a training step",
                                     at_least_one),
      port<&InputsOf<N>::precision>(
          "number format of arithmetic, and of weights, activations and cache where nothing else is said"),
      merge<&InputsOf<N>::widths>(format_ports),
      port<&InputsOf<N>::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
      port<&InputsOf<N>::training>("a training step (forward and backward) instead of an inference pass"),
      port<&InputsOf<N>::sequence_length>("tokens of a training sample", at_least_one),
      port<&InputsOf<N>::context_length>("tokens that each member of an inference batch already holds in its cache",
                                         non_negative),
      port<&InputsOf<N>::zero_stage>("ZeRO sharding of training state: 1 optimizer, 2 and gradients, 3 and weights",
                                     between(0, 3)),
      port<&InputsOf<N>::data_parallel>("replicas that ZeRO shards over", at_least_one),
      port<&InputsOf<N>::lora>(
          "train low-rank adapters only: the model's own, else rank 16 on four matrices a layer; left out: where it has its own"),
      port<&InputsOf<N>::activation_recomputation>(
          "recompute activations in the backward pass: one more forward, far less memory"),
      port<&InputsOf<N>::tokens_per_sample>(
          "new tokens of each member; absent: sequence_length when training a model whose unit is a token, otherwise 1",
          positive),
      port<&InputsOf<N>::activation_weight_fraction>(
          "activation traffic of each member over the weight bytes; absent: the workload's own activation traffic", non_negative)
          .refinement(),
      port<&InputsOf<N>::count_context_operations>("count operations that grow with the context (attention)").parity(),
      port<&InputsOf<N>::count_live_state>(
          "inference: count key-value cache and recurrent state in memory and traffic; live activations are left out either way")
          .parity(),
      port<&InputsOf<N>::memory_efficiency>("share of a device memory's bandwidth that is sustained", positive_fraction)
          .refinement(),
      port<&InputsOf<N>::overlap>("share of the shorter ceiling that hides behind the longer", fraction).refinement(),
      port<&InputsOf<N>::spill_transfer>(
          "how what does not fit arrives: streamed beside the resident part, serial after it, or host_link: "
          "all traffic at the narrower of memory and host link")
          .refinement(),
      port<&InputsOf<N>::master_weights>("training: a copy of the weights in fp32 where they are narrower, always, or never")
          .refinement(),
      port<&InputsOf<N>::framework_overhead>("cost of each group of kernels, three times in training", non_negative).refinement(),
      port<&InputsOf<N>::default_host_link>("link that what does not fit crosses, of a device that states none; absent: refuse",
                                            positive)
          .refinement()
          .display("GB/s"));

  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::latency>("time of the pass or step").cheap(),
      port<&OutputsOf<N>::compute_time>("arithmetic at the achieved peak rate"),
      port<&OutputsOf<N>::memory_time>("traffic at the effective bandwidth; a training step counts that of its forward pass"),
      port<&OutputsOf<N>::overhead>("dispatch and framework costs"),
      port<&OutputsOf<N>::throughput>("batch members per time: tokens or samples in inference, samples in training").cheap(),
      port<&OutputsOf<N>::bottleneck>("the larger ceiling"),
      port<&OutputsOf<N>::arithmetic_intensity>("operations over traffic").display("FLOP/B"),
      port<&OutputsOf<N>::ridge_point>("intensity below which memory binds").display("FLOP/B"),
      port<&OutputsOf<N>::energy>("energy of the pass; absent where the device states no thermal design power"),
      port<&OutputsOf<N>::memory_footprint>("memory that the pass or step needs"),
      port<&OutputsOf<N>::memory_capacity>("main memory of the device"),
      port<&OutputsOf<N>::arithmetic_format>(
          "number format that products are computed in; another than precision where the device widens it"),
      port<&OutputsOf<N>::achieved_peak_rate>("peak arithmetic rate times efficiency"),
      port<&OutputsOf<N>::effective_bandwidth>("traffic over memory time"),
      port<&OutputsOf<N>::mfu>("model FLOP utilisation: without recomputed operations", fraction),
      port<&OutputsOf<N>::hfu>("hardware FLOP utilisation: with recomputed operations", fraction),
      port<&OutputsOf<N>::overhead_dominated>("whether the overhead exceeds both ceilings"),
      port<&OutputsOf<N>::spill>("bytes that do not fit; absent where everything does"),
      port<&OutputsOf<N>::spill_bandwidth>("bandwidth at which the spilled bytes arrive"));
  static constexpr auto outputs = outputs_of<double>;

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
  /// One row, or as many as N holds: a row that throws is rare to N, and answered alone.
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare);
  [[gnu::flatten]] static Outputs solve(const Inputs& in, const Facts& facts) {
    Rare<double> none;
    return rows(in, facts, none);
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// What the pass asks of the device, before any rate.
  template <class N>
  struct PassOf {
    DemandOf<N> demand;
    Of<N, Operations> forward;
    Of<N, Information> activations;
    Of<N, Information> cache;  ///< key-value cache, read and added
    Of<N, Information> state;  ///< recurrent state, read and written back
    Of<N, Information> traffic;
  };
  using Pass = PassOf<double>;

  /// Memory that training takes, by part.
  template <class N>
  struct TrainingFootprint {
    equations::TrainingStateOf<N> state;
    Of<N, Information> activations;
    double trainable;
  };

  static double adam_bytes(const Given& in);
  template <class N>
  static Of<N, Information> activation_traffic(const InputsOf<N>& in, const DemandOf<N>& demand, Rare<N>& rare);
  template <class N>
  static PassOf<N> pass(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare);
  template <class N>
  static Of<N, Information> footprint(const InputsOf<N>& in, const Facts& facts, const PassOf<N>& pass, Rare<N>& rare);
  template <class N>
  static TrainingFootprint<N> transformer_footprint(const InputsOf<N>& in, const Facts& facts, const PassOf<N>& pass,
                                                    Rare<N>& rare);
  template <class N>
  static void place(const InputsOf<N>& in, const Facts& facts, const PassOf<N>& pass, OutputsOf<N>& out, Rare<N>& rare);

  static void explain_pass(const Inputs& in, const Facts& facts, const Pass& pass, Working& w);
  static void explain_footprint(const Inputs& in, const Facts& facts, const Outputs& out, const Pass& pass, Working& w);
  static void explain_memory(const Inputs& in, const Facts& facts, const Outputs& out, const Pass& pass, Working& w);
};

inline SingleNode::Facts SingleNode::facts(const Given& given) {
  Formats formats = given.widths.formats(given.precision);
  const auto adapter_share = equations::adapter_share(*given.workload);
  const bool adapts = given.lora.value_or(adapter_share.has_value());
  if (given.training && !adapts) formats = formats.or_else(Formats::uniform(given.precision));  // a checkpoint's own are for use
  return {{*given.workload, {.phase = given.training ? Phase::training : Phase::forward, .formats = formats}},
          {*given.hardware, given.precision, given.widths.accumulation},
          given.workload->facet<TransformerShape>(),
          given.workload->parameters(),
          adapter_share,
          adapts,
          given.training && given.workload->unit() == WorkUnit::token,
          given.count_live_state && !given.training,
          equations::operations_multiple(given.training, given.activation_recomputation),
          equations::operations_multiple(given.training, false)};
}

inline double SingleNode::adam_bytes(const Given& in) {
  return equations::optimizer_bytes_per_parameter(equations::Optimizer::adam, in.master_weights, bytes_per_element(in.precision));
}

template <class N>
Of<N, Information> SingleNode::activation_traffic(const InputsOf<N>& in, const DemandOf<N>& demand, Rare<N>& rare) {
  const auto said = has(in.activation_weight_fraction);
  if (rare(!either(said, has(demand.activations))))
    throw MissingData(in.workload->name(), "activation traffic", "set activation_weight_fraction (0.1 is a common guess)");
  const Of<N, Information> by_weights = *in.activation_weight_fraction * N(in.batch_size) * demand.weights_read;
  return select(said, by_weights, *demand.activations);
}

template <class N>
SingleNode::PassOf<N> SingleNode::pass(const InputsOf<N>& in, const Facts& f, Rare<N>& rare) {
  const N unsaid = f.by_tokens ? N(in.sequence_length) : N(1.0);
  const DemandOf<N> d = f.model.demand(N(in.batch_size), select(has(in.tokens_per_sample), *in.tokens_per_sample, unsaid),
                                       in.training ? N(0.0) : N(in.context_length));
  using Bytes = Of<N, Information>;
  const Bytes activations = activation_traffic(in, d, rare);
  const Bytes cache = f.live ? Bytes(d.cache_read + d.cache_write) : Bytes{};
  const Bytes state = f.live ? d.state : Bytes{};
  using Flop = Of<N, Operations>;
  return {.demand = d,
          .forward = in.count_context_operations ? Flop(d.linear + d.logits + d.attention) : Flop(d.linear + d.logits),
          .activations = activations,
          .cache = cache,
          .state = state,
          .traffic = d.weights_read + activations + cache + 2.0 * state};
}

template <class N>
SingleNode::TrainingFootprint<N> SingleNode::transformer_footprint(const InputsOf<N>& in, const Facts& f, const PassOf<N>& p,
                                                                   Rare<N>& rare) {
  if (rare(!f.parameters.has_value())) throw MissingData(in.workload->name(), "number of parameters");
  const double element = bytes_per_element(in.precision);
  const double trainable = !f.adapts         ? 1.0
                           : f.adapter_share ? *f.adapter_share
                                             : equations::lora_share(*f.parameters, f.shape->layers, f.shape->hidden_size);
  const auto one = equations::training_state(*f.parameters, element, adam_bytes(in), trainable);
  // Weights in the widths that they are stored in: frozen ones may be narrow.
  const equations::TrainingStateOf<N> state{p.demand.weights_resident, spread<N>(one.gradients), spread<N>(one.optimizer)};
  const auto strategy = in.activation_recomputation ? equations::ActivationStrategy::full : equations::ActivationStrategy::none;
  return {equations::zero_sharded(state, in.zero_stage, N(in.data_parallel)),
          equations::activation_memory(strategy, f.shape->layers, f.shape->hidden_size, f.shape->heads, N(in.sequence_length),
                                       N(in.batch_size), element),
          trainable};
}

template <class N>
Of<N, Information> SingleNode::footprint(const InputsOf<N>& in, const Facts& f, const PassOf<N>& p, Rare<N>& rare) {
  const Of<N, Information> weights = p.demand.weights_resident;
  if (!in.training) {
    if (!in.count_live_state) return weights;
    return weights + p.demand.cache_resident + p.state;
  }
  if (f.shape != nullptr) {
    const auto training = transformer_footprint(in, f, p, rare);
    return training.state.total() + training.activations;
  }
  if (f.adapts) return 1.1 * weights;
  return 2.0 * weights + adam_bytes(in) / bytes_per_element(in.precision) * weights;
}

/// Memory time and bandwidth, and the spill where the footprint exceeds main memory.
template <class N>
void SingleNode::place(const InputsOf<N>& in, const Facts& f, const PassOf<N>& p, OutputsOf<N>& out, Rare<N>& rare) {
  const Memory& main = f.device.memory;
  out.effective_bandwidth = in.memory_efficiency * f.device.weight_bandwidth(p.demand.weights_resident);
  out.memory_time = p.traffic / out.effective_bandwidth;
  out.spill = absent;
  out.spill_bandwidth = absent;
  const auto spills = !(out.memory_footprint <= main.capacity);
  if (!any(spills)) return;
  if (rare(both(spills, !either(has(in.default_host_link), f.device.host_link.has_value()))))
    static_cast<void>(f.device.spill_link(absent));  // throws
  using Speed = Of<N, Bandwidth>;
  const Speed link = f.device.host_link ? spread<N>(*f.device.host_link) : *in.default_host_link;
  const Speed memory = in.memory_efficiency * main.bandwidth;
  const Of<N, Information> spill = out.memory_footprint - main.capacity;
  const auto time = equations::spill_times(in.spill_transfer, p.traffic, spill, memory, link).total;
  out.memory_time = select(spills, time, out.memory_time);
  out.effective_bandwidth = select(spills, Speed(p.traffic / out.memory_time), out.effective_bandwidth);
  out.spill = select(spills, Of<N, Maybe<Information>>(spill), out.spill);
  const Speed arrives = in.spill_transfer == SpillTransfer::host_link ? smaller(memory, link) : link;
  out.spill_bandwidth = select(spills, Of<N, Maybe<Bandwidth>>(arrives), out.spill_bandwidth);
}

template <class N>
SingleNode::OutputsOf<N> SingleNode::rows(const InputsOf<N>& in, const Facts& f, Rare<N>& rare) {
  const PassOf<N> p = pass(in, f, rare);
  const FlopRate peak = f.device.peak;
  const Of<N, Operations> operations = f.multiple * p.forward;

  OutputsOf<N> out;
  out.memory_footprint = footprint(in, f, p, rare);
  out.memory_capacity = spread<N>(f.device.memory.capacity);
  place(in, f, p, out, rare);
  out.arithmetic_format = f.device.arithmetic;
  out.achieved_peak_rate = peak * in.efficiency;
  out.compute_time = operations / out.achieved_peak_rate;
  out.overhead = f.device.dispatch_overhead + f.model_multiple * p.demand.launches * in.framework_overhead;
  out.latency = equations::overlapped(out.compute_time, out.memory_time, in.overlap) + out.overhead;
  out.throughput = N(in.batch_size) / out.latency;
  out.bottleneck = equations::bottleneck_of(out.compute_time, out.memory_time);
  out.arithmetic_intensity = operations / p.traffic;
  out.ridge_point = out.achieved_peak_rate / out.effective_bandwidth;
  out.mfu = equations::utilization(Of<N, Operations>(f.model_multiple * p.forward), peak, out.latency);
  out.hfu = equations::utilization(operations, peak, out.latency);
  out.energy = absent;
  if (f.device.tdp) out.energy = equations::energy_used(*f.device.tdp, out.hfu, out.latency);
  out.overhead_dominated = out.overhead > larger(out.compute_time, out.memory_time);
  return out;
}

}  // namespace ironlaw::roofline

#include "single_node_working.hpp"
