#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>

namespace ironlaw::roofline {

/// The time of a program as memory, compute and overhead, in sequence or overlapped, before and after an upgrade.
struct IronLaw {
  static constexpr auto about =
      Solver::About{"iron_law", "Memory, compute and overhead in sequence or overlapped, before and after an upgrade",
                    "Hennessy & Patterson 2019, ch. 1; Williams 2009"};

  struct Inputs {
    Time memory_time = required;
    Time compute_time = required;
    Time overhead_time = Time{};
    double memory_speedup = 1;
    double compute_speedup = 1;
  };

  struct Outputs {
    Time sequential;
    Time overlapped;
    Time upgraded_sequential;
    Time upgraded_overlapped;
    Time naive;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::memory_time>("time that memory needs", non_negative),
            port<&Inputs::compute_time>("time that arithmetic needs", non_negative),
            port<&Inputs::overhead_time>("time that neither upgrade touches", non_negative).refinement(),
            port<&Inputs::memory_speedup>("how many times faster memory gets", positive),
            port<&Inputs::compute_speedup>("how many times faster arithmetic gets", positive));

  static constexpr auto outputs = ports(port<&Outputs::sequential>("one after the other"),
                                        port<&Outputs::overlapped>("the longer of memory and compute, then overhead"),
                                        port<&Outputs::upgraded_sequential>("one after the other, after the upgrade"),
                                        port<&Outputs::upgraded_overlapped>("overlapped, after the upgrade"),
                                        port<&Outputs::naive>("everything faster by both factors: what a data sheet promises"));

  static constexpr auto limits = ironlaw::limits(
      soft<&Inputs::compute_time, &Outputs::overlapped>("compute", "arithmetic's share of the overlapped time", "c <= T"),
      soft<&Inputs::memory_time, &Outputs::overlapped>("memory: traffic", "its share of the overlapped time", "m <= T"),
      soft<&Inputs::overhead_time, &Outputs::overlapped>("software", "its share of the overlapped time", "o <= T"));

  static constexpr auto monotone =
      promises(rises<&Outputs::sequential, &Inputs::memory_time>, rises<&Outputs::overlapped, &Inputs::compute_time>,
               falls<&Outputs::upgraded_overlapped, &Inputs::memory_speedup>, falls<&Outputs::naive, &Inputs::compute_speedup>);

  static Outputs solve(const Inputs& in) {
    const Time memory = in.memory_time / in.memory_speedup;
    const Time compute = in.compute_time / in.compute_speedup;
    const Time before = in.memory_time + in.compute_time + in.overhead_time;
    return {before, std::max(in.memory_time, in.compute_time) + in.overhead_time, memory + compute + in.overhead_time,
            std::max(memory, compute) + in.overhead_time, before / (in.memory_speedup * in.compute_speedup)};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Time m = in.memory_time;
    const Time c = in.compute_time;
    const Time o = in.overhead_time;
    const double s_m = in.memory_speedup;
    const double s_c = in.compute_speedup;
    w.step("sequential", "m + c + o", {{"m", m}, {"c", c}, {"o", o}}, out.sequential);
    w.step("overlapped", "max(m, c) + o", {{"m", m}, {"c", c}, {"o", o}}, out.overlapped, "Williams 2009");
    w.step("upgraded_sequential", "m / s_m + c / s_c + o", {{"m", m}, {"s_m", s_m}, {"c", c}, {"s_c", s_c}, {"o", o}},
           out.upgraded_sequential);
    w.step("upgraded_overlapped", "max(m / s_m, c / s_c) + o", {{"m", m}, {"s_m", s_m}, {"c", c}, {"s_c", s_c}, {"o", o}},
           out.upgraded_overlapped, "Williams 2009");
    w.step("naive", "(m + c + o) / (s_m * s_c)", {{"m", m}, {"c", c}, {"o", o}, {"s_m", s_m}, {"s_c", s_c}}, out.naive);
  }
};

}  // namespace ironlaw::roofline
