#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::roofline {

/// Speedup of a fixed problem on more workers when a share of it stays serial.
struct StrongScaling {
  static constexpr auto about = Solver::About{"strong_scaling", "Speedup of a fixed problem on more workers with a serial share",
                                              "Amdahl 1967, AFIPS 'Validity of the single processor approach'"};

  struct Inputs {
    int workers = required;
    double serial_fraction = required;
  };

  struct Outputs {
    double speedup;
    double parallel_efficiency;
    Maybe<double> bound;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workers>("workers that share the problem", at_least_one),
            port<&Inputs::serial_fraction>("share of one worker's time that cannot be shared", fraction));

  static constexpr auto outputs =
      ports(port<&Outputs::speedup>("time of one worker over time of all"),
            port<&Outputs::parallel_efficiency>("speedup over workers", fraction),
            port<&Outputs::bound>("speedup of any number of workers; absent where nothing is serial"));

  static Outputs solve(const Inputs& in) {
    const double n = in.workers;
    Outputs out{};
    out.speedup = n / (1 + (n - 1) * in.serial_fraction);
    out.parallel_efficiency = out.speedup / n;
    if (in.serial_fraction > 0) out.bound = 1 / in.serial_fraction;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("speedup", "n / (1 + (n - 1) * f)", {{"n", in.workers}, {"f", in.serial_fraction}}, out.speedup, "Amdahl 1967");
    w.step("parallel_efficiency", "speedup / n", {{"speedup", out.speedup}, {"n", in.workers}}, out.parallel_efficiency);
    if (out.bound) w.step("bound", "1 / f", {{"f", in.serial_fraction}}, out.bound, "Amdahl 1967");
  }
};

}  // namespace ironlaw::roofline
