#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "kernel_work.hpp"

namespace ironlaw::estimates {

/// What takes most of a kernel's time.
enum class KernelWall { latency, traffic, compute, memory };

/// One kernel on one device, from records of measured kernels.
struct KernelSolver {
  static constexpr auto about =
      Solver::About{"kernel", "Time of one kernel on one device, from records of measured kernels",
                    "laws fitted on the kernel tables of aiconfigurator-core 0.12.0; roofline: Williams 2009"};
  using Inputs = KernelInputs;
  struct Outputs {
    Time kernel_time;
    Maybe<Time> kernel_time_low;
    Maybe<Time> kernel_time_high;
    Time fixed_time;
    Time traffic_time;
    Time compute_time;
    Time memory_time;
    KernelWall wall;
    RateLevel record_level;
    Maybe<double> outside_record;
    double record_edge = 1;
  };
  static constexpr auto inputs = kernel_inputs;
  static constexpr auto outputs = ports(
      port<&Outputs::kernel_time>("time of the kernel").with_band().display("us"),
      port<&Outputs::kernel_time_low>("a tenth of measured kernels take less; absent where the record has no band").display("us"),
      port<&Outputs::kernel_time_high>("a tenth take more").display("us"),
      port<&Outputs::fixed_time>("launch, and what runs serially whatever the size").display("us"),
      port<&Outputs::traffic_time>("quantising and permuting activations outside the operation").display("us"),
      port<&Outputs::compute_time>("arithmetic at the sustained rate").display("us"),
      port<&Outputs::memory_time>("traffic at the sustained bandwidth").display("us"),
      port<&Outputs::wall>("what takes most of it"),
      port<&Outputs::record_level>("whose record answered, from the narrowest to all devices"),
      port<&Outputs::outside_record>(
          "how many times the size lies beyond what the record was fitted on; absent where it lies within"),
      port<&Outputs::record_edge>("1, the edge of that range"));
  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::outside_record, &Outputs::record_edge>(
          "software: record range", "the record was fitted on other sizes; the law goes on, its error is not known",
          "size <= to, from <= size"),
      soft<&Outputs::compute_time, &Outputs::kernel_time>("compute", "arithmetic's share of the time", "F / (eta_c Pi) <= T"),
      soft<&Outputs::memory_time, &Outputs::kernel_time>("memory: traffic", "its share of the time", "B / (eta_m beta) <= T"),
      soft<&Outputs::traffic_time, &Outputs::kernel_time>(
          "memory: activations", "share of the time that quantising and permuting takes", "(q M K + s n k h) / beta <= T"),
      soft<&Outputs::fixed_time, &Outputs::kernel_time>("software", "share of the time that a launch takes", "tau <= T"));

  static RateFound record(const Inputs& in) {
    // Formats of attention are those of the cache, and quantisation has none.
    const std::string_view operation = detail::enumerator_names<KernelOperation>[static_cast<std::size_t>(in.operation)];
    return RateSearch(*in.hardware, in.kernel_rates, in.engine, kernel_laws)
        .need({.operation = operation,
               .format = name_of(in.format),
               .kernel = name_of(in.kernel),
               .phase = in.launch == LaunchMode::eager ? "eager" : ""});
  }
  static Outputs solve(const Inputs& in) {
    const StatedRate rate(record(in), in.constants);
    const RateFound found = rate.found();
    const KernelTime t = kernel_time(in, found);
    Outputs out{};
    out.kernel_time = t.total * band_factor(in.band_quantile, found->low, found->high);
    if (found->low && found->high) {
      out.kernel_time_low = t.total * std::exp(*found->low);
      out.kernel_time_high = t.total * std::exp(*found->high);
    }
    out.fixed_time = t.fixed;
    out.traffic_time = t.traffic;
    out.compute_time = t.compute;
    out.memory_time = t.memory;
    const Time parts[] = {t.fixed, t.traffic, t.compute, t.memory};
    out.wall = static_cast<KernelWall>(std::max_element(std::begin(parts), std::end(parts)) - std::begin(parts));
    out.record_level = found.level;
    out.record_edge = 1;
    if (found->from && found->to) {
      const double outside = std::max(t.size / *found->to, *found->from / t.size);
      if (outside > 1) out.outside_record = outside;
    }
    return out;
  }

  /// The one line of the table of operators.
  static void operation(const Inputs& in, const Outputs& out, const RateFound& found, Working& w) {
    constexpr auto walls = detail::enumerator_names<KernelWall>;
    const std::string_view wall = walls[static_cast<std::size_t>(out.wall)];
    const std::string constant = binding_constant(found, wall);
    const KernelWork work = kernel_work(in);
    w.operation({.name = found->operation,
                 .time = kernel_time(in, found).total,
                 .bytes = work.bytes,
                 .operations = work.operations,
                 .wall = wall,
                 .constant = constant,
                 .record = found.records->name(),
                 .source = found->source});
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const StatedRate rate(record(in), in.constants);
    const RateFound found = rate.found();
    w.note("record: " + std::string(found->operation) + " of " + std::string(found.records->name()) +
           (found->engine.empty() ? std::string() : ", " + std::string(found->engine)) +
           (found->format.empty() ? std::string() : ", " + std::string(found->format)) +
           (found->kernel.empty() ? std::string() : ", " + std::string(found->kernel)) + "; " + std::string(found->how) + " on " +
           std::string(found->source));
    rate.explain(in.constants, w);
    // One call at a time, the host's launch of a product passes behind the kernel before it.
    const bool behind = in.operation == KernelOperation::product && in.launch == LaunchMode::eager;
    if (in.operation == KernelOperation::experts)
      w.step("fixed_time", "tau + kappa (h + i)/1000 + tile e_t/SM",
             {{"tau", found->latency}, {"kappa", found->depth_latency}, {"tile", found->tile_latency}}, out.fixed_time);
    else
      w.step("fixed_time", behind ? "(tau^2 + (kappa K/1000)^2)^(1/2)" : "tau + kappa K/1000",
             {{"tau", found->latency}, {"kappa", found->depth_latency}}, out.fixed_time);
    if (out.traffic_time > Time{})
      w.step("traffic_time", "(q M K + s n k h)/beta", {{"q", found->quantize_traffic}, {"s", found->permute_traffic}},
             out.traffic_time);
    if (out.compute_time > Time{})
      w.step("compute_time", "F/(eta_c Pi)", {{"eta_c", found->compute_share}}, out.compute_time, "Williams 2009");
    w.step("memory_time", "B/(eta_m beta)", {{"eta_m", found->memory_share}}, out.memory_time, "Williams 2009");
    const Time estimate = kernel_time(in, found).total;
    w.step(in.band_quantile ? "estimate" : "kernel_time",
           behind ? "(tau^2 + (kappa K/1000 + t_q + (t_c^2 + t_m^2)^(1/2))^2)^(1/2)"
                  : "t_f + t_q + (t_c^2 + t_m^2)^(1/2), or the sum in attention over keys and heads",
           {{"t_f", out.fixed_time}, {"t_q", out.traffic_time}, {"t_c", out.compute_time}, {"t_m", out.memory_time}}, estimate);
    if (in.band_quantile)
      w.step("kernel_time", "estimate * band",
             {{"estimate", estimate}, {"band", band_factor(in.band_quantile, found->low, found->high)}}, out.kernel_time);
    if (out.kernel_time_low) w.step("kernel_time_low", "t exp(low)", {{"t", estimate}, {"low", found->low}}, out.kernel_time_low);
    if (out.kernel_time_high)
      w.step("kernel_time_high", "t exp(high)", {{"t", estimate}, {"high", found->high}}, out.kernel_time_high);
    operation(in, out, found, w);
  }
};

}  // namespace ironlaw::estimates
