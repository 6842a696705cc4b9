#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::roofline {

/// What the whole gains when a share of it changes speed, and the share at which a given total is met.
struct Amdahl {
  static constexpr auto about = Solver::About{"amdahl", "Gain of the whole when a share of it gets faster or slower",
                                              "Amdahl 1967, AFIPS 'Validity of the single processor approach'"};

  struct Inputs {
    double improved_fraction = required;
    double stage_speedup = required;
    Maybe<double> relative_time_limit = absent;
  };

  struct Outputs {
    double speedup;
    double relative_time;
    Maybe<double> bound;
    Maybe<double> break_even_fraction;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::improved_fraction>("share of the original time that changes speed", fraction),
            port<&Inputs::stage_speedup>("how many times faster that share gets; below 1 it gets slower", positive),
            port<&Inputs::relative_time_limit>("new total over old total that is to be met, for break_even_fraction", positive));

  static constexpr auto outputs =
      ports(port<&Outputs::speedup>("old total over new total"), port<&Outputs::relative_time>("new total over old total"),
            port<&Outputs::bound>("speedup if the share took no time; absent where nothing else is left"),
            port<&Outputs::break_even_fraction>("share at which the total meets relative_time_limit; absent where none does"));

  static constexpr auto monotone = promises(rises<&Outputs::speedup, &Inputs::stage_speedup>);

  static Outputs solve(const Inputs& in) {
    const double slowdown = 1 / in.stage_speedup;
    const double untouched = 1 - in.improved_fraction;
    Outputs out{};
    out.relative_time = untouched + in.improved_fraction * slowdown;
    out.speedup = 1 / out.relative_time;
    if (untouched > 0) out.bound = 1 / untouched;
    if (in.relative_time_limit && slowdown != 1) {
      const double share = (*in.relative_time_limit - 1) / (slowdown - 1);
      if (fraction.contains(share)) out.break_even_fraction = share;
    }
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("relative_time", "(1 - p) + p / s", {{"p", in.improved_fraction}, {"s", in.stage_speedup}}, out.relative_time,
           "Amdahl 1967");
    w.step("speedup", "1 / relative_time", {{"relative_time", out.relative_time}}, out.speedup);
    if (out.bound) w.step("bound", "1 / (1 - p)", {{"p", in.improved_fraction}}, out.bound, "Amdahl 1967");
    if (out.break_even_fraction) {
      w.step("break_even_fraction", "(C - 1) / (1 / s - 1)", {{"C", in.relative_time_limit}, {"s", in.stage_speedup}},
             out.break_even_fraction);
    }
  }
};

}  // namespace ironlaw::roofline
