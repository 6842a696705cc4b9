#pragma once
#include <ironlaw/equations/inference_pass.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <array>
#include <cmath>

namespace ironlaw::inverse {

/// Which number of a device limits the latency of a pass, and by how much.
struct RooflineSensitivity {
  using SpillTransfer = equations::SpillTransfer;

  static constexpr auto about =
      Solver::About{"roofline_sensitivity", "How much each number of a device moves the latency of a pass",
                    "Williams 2009 (roofline); elasticities in closed form"};

  /// elasticity: change of latency over change of the number, both relative, in the limit of small ones.
  /// relative_change: change of latency when the number changes by `perturbation`.
  enum class Measure { elasticity, relative_change };
  enum class Constraint { peak_flops, memory_bandwidth, memory_capacity };

  struct Inputs {
    const Workload* workload;
    const Hardware* hardware;
    Precision precision = Precision::fp16;
    FormatInputs widths{};
    double efficiency = 0.5;
    Measure measure = Measure::elasticity;
    double perturbation = 0.1;
    int batch_size = 1;
    int context_length = 0;
    Maybe<double> activation_weight_fraction = absent;
    bool count_context_operations = true;
    bool count_live_state = true;
    SpillTransfer spill_transfer = SpillTransfer::streamed;
    Time framework_overhead = 1e-5 * units::second;
    Maybe<Bandwidth> default_host_link = absent;
  };

  struct Outputs {
    double peak_rate_sensitivity;
    double memory_bandwidth_sensitivity;
    double memory_capacity_sensitivity;
    Maybe<double> host_link_sensitivity;
    Maybe<double> overhead_sensitivity;
    Constraint binding_constraint;
    Time baseline_latency;
    Time compute_time;
    Time memory_time;
    Time overhead;
    Information memory_footprint;
    Information memory_capacity;
    Maybe<Time> saving_where_it_fits;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("model to run"), port<&Inputs::hardware>("device that runs it"),
      port<&Inputs::precision>("number format of arithmetic, and of weights, activations and cache where nothing else is said"),
      merge<&Inputs::widths>(format_ports),
      port<&Inputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
      port<&Inputs::measure>("elasticity: for small changes; relative_change: of latency when a number changes by perturbation")
          .parity(),
      port<&Inputs::perturbation>("relative change of each number, for relative_change", Range{-1, 1e9, true}).refinement(),
      port<&Inputs::batch_size>("members of the batch", at_least_one),
      port<&Inputs::context_length>("tokens that each member already holds in its cache", non_negative),
      port<&Inputs::activation_weight_fraction>(
          "activation traffic of each member over the weight bytes; left out: the workload's own", non_negative)
          .refinement(),
      port<&Inputs::count_context_operations>("count operations that grow with the context (attention)").parity(),
      port<&Inputs::count_live_state>("count key-value cache and recurrent state in memory and traffic").parity(),
      port<&Inputs::spill_transfer>("how what does not fit arrives: streamed beside the resident part, serial after it, or "
                                    "host_link: all traffic at the narrower of memory and host link")
          .refinement(),
      port<&Inputs::framework_overhead>("cost of each group of kernels", non_negative).refinement(),
      port<&Inputs::default_host_link>("link that what does not fit crosses, of a device that states none; absent: refuse",
                                       positive)
          .refinement()
          .display("GB/s"));

  static constexpr auto outputs = ports(
      port<&Outputs::peak_rate_sensitivity>("of latency to the peak arithmetic rate; below 0 where a higher one helps"),
      port<&Outputs::memory_bandwidth_sensitivity>("of latency to the bandwidth of the main memory"),
      port<&Outputs::memory_capacity_sensitivity>("of latency to the capacity of the main memory; what happens where the pass "
                                                  "begins to fit is a jump, in saving_where_it_fits"),
      port<&Outputs::host_link_sensitivity>("of latency to the host link; absent unless measure = elasticity"),
      port<&Outputs::overhead_sensitivity>("of latency to the fixed costs; absent likewise"),
      port<&Outputs::binding_constraint>("the number that moves latency most; memory_capacity where the pass does not fit"),
      port<&Outputs::baseline_latency>("time of the pass"), port<&Outputs::compute_time>("arithmetic at the achieved peak rate"),
      port<&Outputs::memory_time>("traffic at the bandwidth of the memory that serves it"),
      port<&Outputs::overhead>("dispatch and framework costs"), port<&Outputs::memory_footprint>("memory that the pass needs"),
      port<&Outputs::memory_capacity>("main memory of the device"),
      port<&Outputs::saving_where_it_fits>("time that enough memory would save; absent where the pass fits"));

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::memory_footprint, &Outputs::memory_capacity>("memory", "everything the pass holds must fit",
                                                                                  "footprint <= capacity"),
                      soft<&Outputs::compute_time, &Outputs::baseline_latency>("compute", "arithmetic's share of the latency",
                                                                               "operations / (peak * eta) <= T"),
                      soft<&Outputs::memory_time, &Outputs::baseline_latency>("memory: traffic", "its share of the latency",
                                                                              "traffic / beta <= T"),
                      soft<&Outputs::overhead, &Outputs::baseline_latency>("software", "its share of the latency",
                                                                           "t_dispatch + n * t_framework <= T"));

  static Outputs solve(const Inputs& in);
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// The baseline, before any number moves.
  struct Baseline {
    equations::InferencePass pass;
    FlopRate peak;
    Memory main;
    equations::PassTimes times;
    [[nodiscard]] bool fits() const { return pass.footprint() <= main.capacity; }
  };
  /// Slopes of the memory time, each over what its number is, in time.
  struct Slopes {
    Time bandwidth{};
    Time capacity{};
    Time link{};
  };

  static Baseline baseline(const Inputs& in);
  static Slopes slopes(const Inputs& in, const Baseline& b);
  static Time latency(const Inputs& in, const Baseline& b, FlopRate peak, const Memory& main);
  static void elasticities(const Inputs& in, const Baseline& b, Outputs& out);
  static void relative_changes(const Inputs& in, const Baseline& b, Outputs& out);
  static Constraint binding(const Outputs& out);
  static void explain_elasticities(const Inputs& in, const Baseline& b, const Outputs& out, Working& w);
  static void explain_changes(const Inputs& in, const Outputs& out, Working& w);
};

inline RooflineSensitivity::Baseline RooflineSensitivity::baseline(const Inputs& in) {
  const Conditions conditions{.batch = static_cast<double>(in.batch_size),
                              .cached_tokens = static_cast<double>(in.context_length),
                              .formats = in.widths.formats(in.precision)};
  Baseline b{.pass = equations::inference_pass(*in.workload, conditions,
                                               {.activation_weight_fraction = in.activation_weight_fraction,
                                                .context_operations = in.count_context_operations,
                                                .live_state = in.count_live_state}),
             .peak = in.hardware->peak_rate(in.precision, in.widths.accumulation),
             .main = in.hardware->memory(),
             .times = {}};
  b.times = {b.pass.operations / (b.peak * in.efficiency),
             equations::pass_memory_time(b.pass, *in.hardware, b.main, in.spill_transfer, in.default_host_link),
             in.hardware->dispatch_overhead() + b.pass.launches * in.framework_overhead};
  return b;
}

/// Latency with another peak rate or main memory; on-chip memory, flash and host link stay as they are.
inline Time RooflineSensitivity::latency(const Inputs& in, const Baseline& b, FlopRate peak, const Memory& main) {
  return equations::PassTimes{b.pass.operations / (peak * in.efficiency),
                              equations::pass_memory_time(b.pass, *in.hardware, main, in.spill_transfer, in.default_host_link),
                              b.times.overhead}
      .latency();
}

inline RooflineSensitivity::Slopes RooflineSensitivity::slopes(const Inputs& in, const Baseline& b) {
  Slopes s;
  if (b.fits()) {
    if (equations::weight_memory(*in.hardware, b.main, b.pass.weights).level == equations::MemoryLevel::main)
      s.bandwidth = -b.times.memory;
    return s;
  }
  const Bandwidth link = equations::spill_link(*in.hardware, in.default_host_link);
  if (in.spill_transfer == SpillTransfer::host_link) {
    (link < b.main.bandwidth ? s.link : s.bandwidth) = -b.times.memory;
    return s;
  }
  const auto t =
      equations::spill_times(in.spill_transfer, b.pass.traffic(), b.pass.footprint() - b.main.capacity, b.main.bandwidth, link);
  const bool serial = in.spill_transfer == SpillTransfer::serial;
  if (serial || t.spilled >= t.resident) {
    s.link = -t.spilled;
    s.capacity -= b.main.capacity / link;
  }
  if (t.resident > Time{} && (serial || t.resident > t.spilled)) {
    s.bandwidth = -t.resident;
    s.capacity += b.main.capacity / b.main.bandwidth;
  }
  return s;
}

/// Only the longer ceiling moves the latency; a tie counts as arithmetic, as its label does.
inline void RooflineSensitivity::elasticities(const Inputs& in, const Baseline& b, Outputs& out) {
  const Time total = out.baseline_latency;
  const auto share = [&](Time slope) -> double { return slope / total; };
  const bool memory_bound = b.times.memory > b.times.compute;
  const Slopes s = memory_bound ? slopes(in, b) : Slopes{};
  out.peak_rate_sensitivity = memory_bound ? 0 : share(-b.times.compute);
  out.memory_bandwidth_sensitivity = share(s.bandwidth);
  out.memory_capacity_sensitivity = share(s.capacity);
  out.host_link_sensitivity = share(s.link);
  out.overhead_sensitivity = share(b.times.overhead);
}

inline void RooflineSensitivity::relative_changes(const Inputs& in, const Baseline& b, Outputs& out) {
  const double factor = 1 + in.perturbation;
  const auto change = [&](FlopRate peak, const Memory& main) -> double {
    return (latency(in, b, peak, main) - out.baseline_latency) / out.baseline_latency;
  };
  out.peak_rate_sensitivity = change(factor * b.peak, b.main);
  out.memory_bandwidth_sensitivity = change(b.peak, {b.main.capacity, factor * b.main.bandwidth});
  out.memory_capacity_sensitivity = change(b.peak, {factor * b.main.capacity, b.main.bandwidth});
}

inline RooflineSensitivity::Constraint RooflineSensitivity::binding(const Outputs& out) {
  if (out.memory_footprint > out.memory_capacity) return Constraint::memory_capacity;
  const std::array<double, 3> sizes{std::abs(out.peak_rate_sensitivity), std::abs(out.memory_bandwidth_sensitivity),
                                    std::abs(out.memory_capacity_sensitivity)};
  return static_cast<Constraint>(std::max_element(sizes.begin(), sizes.end()) - sizes.begin());
}

inline RooflineSensitivity::Outputs RooflineSensitivity::solve(const Inputs& in) {
  const Baseline b = baseline(in);
  Outputs out{};
  out.compute_time = b.times.compute;
  out.memory_time = b.times.memory;
  out.overhead = b.times.overhead;
  out.baseline_latency = b.times.latency();
  out.memory_footprint = b.pass.footprint();
  out.memory_capacity = b.main.capacity;
  (in.measure == Measure::elasticity ? elasticities : relative_changes)(in, b, out);
  out.binding_constraint = binding(out);
  if (!b.fits()) out.saving_where_it_fits = out.baseline_latency - latency(in, b, b.peak, {b.pass.footprint(), b.main.bandwidth});
  return out;
}

}  // namespace ironlaw::inverse

#include "roofline_sensitivity_working.hpp"
