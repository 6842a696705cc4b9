#pragma once
#include <ironlaw/equations/device.hpp>
#include <ironlaw/equations/time_parts.hpp>
#include <ironlaw/sdk/demand_form.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <cmath>
#include <optional>

namespace ironlaw::serving {

/// A wafer that keeps activations and cache on the die and takes the weights in layer by layer, each while the one before
/// computes.
struct WeightStreaming {
  static constexpr auto about =
      Solver::About{"weight_streaming", "Throughput of a wafer that streams weights in layer by layer", "Lie 2022"};

  enum class Bottleneck { Compute, Interconnect };
  enum class ServedPhase { decode, prefill };
  /// demand: what the workload asks of a layer, cache reads included. all_parameters: two operations a stored parameter and
  /// token, and for prompts one product of the key-value heads with every pair.
  enum class LayerCost { demand, all_parameters };

  struct Given {
    const Workload* workload;
    const Hardware* hardware;
    Precision precision = Precision::fp16;
    FormatInputs widths{};
    ServedPhase phase = ServedPhase::decode;
    LayerCost layer_cost = LayerCost::demand;
  };
  struct Inputs : Given {
    double sequence_length = required;
    double batch_size = 1;
    double efficiency = 0.5;
    Maybe<Bandwidth> default_injection_bandwidth = absent;
  };

  struct Outputs {
    TokenRate throughput;
    Bottleneck bottleneck;
    Time layer_compute_time;
    Time layer_injection_time;
    Time step_latency;
    equations::TimeParts parts;
    double optimal_batch_size;
    double largest_batch_size;
    Information memory_required;
    Information memory_capacity;
    double wafer_memory_utilization;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model to serve, a transformer that generates tokens"),
            port<&Inputs::hardware>("wafer; its memory is the memory on the die, its host link the injection link"),
            port<&Inputs::sequence_length>("tokens of each request", at_least_one).whole(),
            port<&Inputs::batch_size>("requests served together", at_least_one).whole(),
            port<&Inputs::precision>("number format of weights, cache and arithmetic"), merge<&Inputs::widths>(format_ports),
            port<&Inputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
            port<&Inputs::phase>("generation or prompts"),
            port<&Inputs::layer_cost>(
                "demand: what the workload asks of a layer, cache reads included; all_parameters: two operations a "
                "stored parameter and token, and one product of the key-value heads in prompts")
                .parity(),
            port<&Inputs::default_injection_bandwidth>("injection link of a wafer that states none; absent: refuse", positive)
                .refinement()
                .display("GB/s"));

  static constexpr auto outputs =
      ports(port<&Outputs::throughput>("tokens of all requests; 0 where they do not fit"),
            port<&Outputs::bottleneck>("the longer of computing a layer and taking it in; a tie is Compute"),
            port<&Outputs::layer_compute_time>("arithmetic, cache and dispatch of a layer"),
            port<&Outputs::layer_injection_time>("weights of a layer over the injection link"),
            port<&Outputs::step_latency>("one pass alone, with the first layer's way in and the last one's computing"),
            merge<&Outputs::parts>(equations::time_part_ports),
            port<&Outputs::optimal_batch_size>("requests at which computing a layer takes as long as taking it in", at_least_one)
                .whole(),
            port<&Outputs::largest_batch_size>("requests that the memory holds", non_negative).whole(),
            port<&Outputs::memory_required>("cache and activations"), port<&Outputs::memory_capacity>("memory on the die"),
            port<&Outputs::wafer_memory_utilization>("required over capacity; above 1 where it does not fit", non_negative));

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::memory_required, &Outputs::memory_capacity>(
                          "memory", "cache and activations must fit on the wafer", "1.1 * KV <= capacity"),
                      equations::part_limits<&Outputs::parts, &Outputs::step_latency>({.communication = "streaming"}));

  struct Facts {
    equations::AskedHardware device;
    const TransformerShape* shape;
    std::optional<AskedWorkload> model;  ///< of layer_cost = demand, which alone asks for one
    double parameters;                   ///< of the other
  };
  static Facts facts(const Given& given) {
    const auto* shape = given.workload->facet<TransformerShape>();
    if (shape == nullptr) throw Unsupported(given.workload->name(), "it states no transformer shape; allowed: a transformer");
    Facts f{{*given.hardware, given.precision, given.widths.accumulation}, shape, {}, 0};
    if (given.layer_cost == LayerCost::demand) {
      const Phase phase = given.phase == ServedPhase::prefill ? Phase::prefill : Phase::decode;
      f.model.emplace(*given.workload, Conditions{.phase = phase, .formats = given.widths.formats(given.precision)});
    } else {
      const auto parameters = given.workload->parameters();
      if (!parameters) throw MissingData(given.workload->name(), "number of parameters");
      f.parameters = *parameters;
    }
    return f;
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const Layer layer = layer_of(in, f);
    const double layers = f.shape->layers;
    Outputs out{};
    out.memory_required = memory_for_cache * layer.cache;
    out.memory_capacity = f.device.memory.capacity;
    out.wafer_memory_utilization = out.memory_required / out.memory_capacity;
    out.layer_injection_time = layer.weights / injection_link(in, f);
    out.layer_compute_time = layer.busy() + f.device.dispatch_overhead;
    const bool computes = out.layer_compute_time >= out.layer_injection_time;
    out.bottleneck = computes ? Bottleneck::Compute : Bottleneck::Interconnect;
    const Time longer = std::max(out.layer_compute_time, out.layer_injection_time);
    out.step_latency = out.layer_injection_time + (layers - 1) * longer + out.layer_compute_time;
    out.parts = layers * equations::TimeParts{layer.compute, layer.memory, f.device.dispatch_overhead, out.layer_injection_time};
    if (out.memory_required <= out.memory_capacity) out.throughput = tokens(in) * units::token / (layers * longer);
    out.optimal_batch_size =
        std::max(1.0, std::floor(static_cast<double>((out.layer_injection_time - layer.overhead) / layer.per_request)));
    out.largest_batch_size = std::floor(static_cast<double>(out.memory_capacity / out.memory_required * in.batch_size));
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Facts f = facts(in);
    const Layer layer = layer_of(in, f);
    const double layers = f.shape->layers;
    const Time longer = std::max(out.layer_compute_time, out.layer_injection_time);
    w.step("memory_required", "1.1 * KV", {{"KV", layer.cache}}, out.memory_required);
    w.step("wafer_memory_utilization", "M / C", {{"M", out.memory_required}, {"C", out.memory_capacity}},
           out.wafer_memory_utilization);
    w.step("layer_injection_time", "W_layer / beta_in", {{"W_layer", layer.weights}, {"beta_in", injection_link(in, f)}},
           out.layer_injection_time, "Lie 2022");
    w.step("layer_compute_time", "t_busy + t_dispatch", {{"t_busy", layer.busy()}, {"t_dispatch", f.device.dispatch_overhead}},
           out.layer_compute_time);
    w.step("step_latency", "t_in + (L - 1) * max(t_in, t_c) + t_c",
           {{"t_in", out.layer_injection_time}, {"t_c", out.layer_compute_time}, {"L", layers}}, out.step_latency);
    equations::explain_parts("", out.parts, w);
    w.step("throughput", "tokens / (L * max(t_in, t_c)), 0 where M > C", {{"tokens", tokens(in)}, {"L", layers}, {"max", longer}},
           out.throughput, "Lie 2022");
    w.step("optimal_batch_size", "max(1, floor((t_in - t_0) / t_request))",
           {{"t_in", out.layer_injection_time}, {"t_0", layer.overhead}, {"t_request", layer.per_request}},
           out.optimal_batch_size);
    w.step("largest_batch_size", "floor(C / M * B)",
           {{"C", out.memory_capacity}, {"M", out.memory_required}, {"B", in.batch_size}}, out.largest_batch_size);
  }

 private:
  static constexpr double memory_for_cache = 1.1;  ///< cache and live activations over cache

  /// One layer of a pass.
  struct Layer {
    Information weights;  ///< that stream in
    Information cache;    ///< of all layers
    Time compute;         ///< arithmetic of the batch
    Time memory;          ///< its cache
    Time per_request;     ///< what one more request adds to it
    Time overhead;        ///< what a layer takes beside its requests
    [[nodiscard]] Time busy() const { return compute + memory; }
  };

  static Bandwidth injection_link(const Inputs& in, const Facts& f) {
    if (f.device.host_link) return *f.device.host_link;
    if (!in.default_injection_bandwidth)
      throw MissingData(in.hardware->name(), "injection link",
                        "weights come in over one; set default_injection_bandwidth to go without");
    return *in.default_injection_bandwidth;
  }
  static double tokens(const Inputs& in) { return in.batch_size * (in.phase == ServedPhase::prefill ? in.sequence_length : 1); }
  static FlopRate rate(const Inputs& in, const Facts& f) { return f.device.peak * in.efficiency; }

  static Layer layer_of(const Inputs& in, const Facts& f) {
    return in.layer_cost == LayerCost::demand ? demanded(in, f) : estimated(in, f);
  }

  static Layer demanded(const Inputs& in, const Facts& f) {
    const double layers = f.shape->layers;
    const bool prompts = in.phase == ServedPhase::prefill;
    const Demand d =
        prompts ? f.model->demand(in.batch_size, in.sequence_length, 0) : f.model->demand(in.batch_size, 1, in.sequence_length);
    const Information moved = d.cache_read + 2.0 * d.state;
    const Time compute = (d.linear + d.attention) / rate(in, f) / layers;
    const Time memory = moved / f.device.memory.bandwidth / layers;
    return {d.weights_read / layers,
            f.model->held(in.batch_size, in.sequence_length),
            compute,
            memory,
            (compute + memory) / in.batch_size,
            f.device.dispatch_overhead};
  }

  static Layer estimated(const Inputs& in, const Facts& f) {
    const TransformerShape& s = *f.shape;
    const double in_layer = f.parameters / s.layers;
    const double element = bytes_per_element(in.precision);
    const double kv_width = s.kv_heads * std::floor(s.hidden_size / s.heads);
    const double length = in.sequence_length;
    Operations operations = 2 * in_layer * tokens(in) * units::flop;
    if (in.phase == ServedPhase::prefill) operations += 2 * kv_width * length * length * in.batch_size * units::flop;
    return {in_layer * element * units::byte,
            2 * s.layers * kv_width * length * in.batch_size * element * units::byte,
            operations / rate(in, f),
            Time{},
            2 * in_layer * units::flop / rate(in, f),
            Time{}};
  }
};

}  // namespace ironlaw::serving
