#pragma once
// The working that roofline_sensitivity shows; included by it.
#include "roofline_sensitivity.hpp"

namespace ironlaw::inverse {

inline void RooflineSensitivity::explain_elasticities(const Inputs& in, const Baseline& b, const Outputs& out, Working& w) {
  const Term total{"T", out.baseline_latency};
  const Slopes s = out.memory_time > out.compute_time ? slopes(in, b) : Slopes{};
  w.step("peak_rate_sensitivity", "-t_c / T where t_c >= t_m, else 0",
         {{"t_c", out.compute_time}, {"t_m", out.memory_time}, total}, out.peak_rate_sensitivity);
  w.step("memory_bandwidth_sensitivity", "bandwidth * d t_m / d bandwidth / T where t_m > t_c, else 0",
         {{"bandwidth * d t_m / d bandwidth", s.bandwidth}, total}, out.memory_bandwidth_sensitivity);
  w.step("memory_capacity_sensitivity", "capacity * d t_m / d capacity / T where t_m > t_c, else 0",
         {{"capacity * d t_m / d capacity", s.capacity}, total}, out.memory_capacity_sensitivity);
  w.step("host_link_sensitivity", "link * d t_m / d link / T where t_m > t_c, else 0", {{"link * d t_m / d link", s.link}, total},
         out.host_link_sensitivity);
  w.step("overhead_sensitivity", "t_o / T", {{"t_o", out.overhead}, total}, out.overhead_sensitivity);
}

inline void RooflineSensitivity::explain_changes(const Inputs& in, const Outputs& out, Working& w) {
  const Term total{"T", out.baseline_latency};
  const Term factor{"f", 1 + in.perturbation};
  w.step("peak_rate_sensitivity", "(T(f * peak) - T) / T", {factor, total}, out.peak_rate_sensitivity);
  w.step("memory_bandwidth_sensitivity", "(T(f * bandwidth) - T) / T", {factor, total}, out.memory_bandwidth_sensitivity);
  w.step("memory_capacity_sensitivity", "(T(f * capacity) - T) / T", {factor, total}, out.memory_capacity_sensitivity);
}

inline void RooflineSensitivity::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Baseline b = baseline(in);
  w.step("compute_time", "operations / (peak * eta)",
         {{"operations", b.pass.operations}, {"peak", b.peak}, {"eta", in.efficiency}}, out.compute_time, "Williams 2009");
  w.step("memory_time", b.fits() ? "traffic / bandwidth" : "traffic, with what does not fit over the host link",
         {{"traffic", b.pass.traffic()}}, out.memory_time, "Williams 2009");
  w.step("overhead", "dispatch + L * framework",
         {{"dispatch", in.hardware->dispatch_overhead()}, {"L", b.pass.launches}, {"framework", in.framework_overhead}},
         out.overhead);
  w.step("memory_footprint", "W + cache + state", {{"W", b.pass.weights}, {"cache + state", b.pass.other_held}},
         out.memory_footprint);
  w.step("baseline_latency", "max(t_c, t_m) + t_o", {{"t_c", out.compute_time}, {"t_m", out.memory_time}, {"t_o", out.overhead}},
         out.baseline_latency);
  if (in.measure == Measure::elasticity) {
    explain_elasticities(in, b, out, w);
  } else {
    explain_changes(in, out, w);
  }
  if (out.saving_where_it_fits)
    w.step("saving_where_it_fits", "T - T(capacity = footprint)",
           {{"T", out.baseline_latency}, {"footprint", out.memory_footprint}}, out.saving_where_it_fits);
}

}  // namespace ironlaw::inverse
