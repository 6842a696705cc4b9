#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::roofline {

/// Speedup with contention and with the cost of keeping workers consistent, which turns more workers into less speed.
struct UniversalScalability {
  static constexpr auto about =
      Solver::About{"universal_scalability", "Speedup with contention and coherency costs, and where it peaks",
                    "Gunther 2007, 'Guerrilla Capacity Planning'"};

  struct Inputs {
    int workers = required;
    double contention = required;
    double coherency = required;
  };

  struct Outputs {
    double speedup;
    double parallel_efficiency;
    Maybe<double> best_workers;
    Maybe<double> best_speedup;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workers>("workers that share the problem", at_least_one),
            port<&Inputs::contention>("share of the work that queues for something held by one worker at a time", fraction),
            port<&Inputs::coherency>("cost of each pair of workers agreeing, over the work of one", non_negative));

  static constexpr auto outputs =
      ports(port<&Outputs::speedup>("throughput of all over throughput of one worker"),
            port<&Outputs::parallel_efficiency>("speedup over workers", fraction),
            port<&Outputs::best_workers>("workers of the highest speedup, at least 1; absent where coherency costs nothing"),
            port<&Outputs::best_speedup>("speedup of best_workers"));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.speedup = speedup(in.workers, in);
    out.parallel_efficiency = out.speedup / in.workers;
    if (in.coherency > 0) {
      const double best = std::max(1.0, std::sqrt((1 - in.contention) / in.coherency));
      out.best_workers = best;
      out.best_speedup = speedup(best, in);
    }
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("speedup", "n / (1 + sigma * (n - 1) + kappa * n * (n - 1))",
           {{"n", in.workers}, {"sigma", in.contention}, {"kappa", in.coherency}}, out.speedup, "Gunther 2007");
    w.step("parallel_efficiency", "speedup / n", {{"speedup", out.speedup}, {"n", in.workers}}, out.parallel_efficiency);
    if (!out.best_workers) return;
    w.step("best_workers", "max(1, sqrt((1 - sigma) / kappa))", {{"sigma", in.contention}, {"kappa", in.coherency}},
           out.best_workers, "Gunther 2007");
    w.step("best_speedup", "speedup at n*", {{"n*", out.best_workers}, {"sigma", in.contention}, {"kappa", in.coherency}},
           out.best_speedup);
  }

 private:
  static double speedup(double n, const Inputs& in) { return n / (1 + in.contention * (n - 1) + in.coherency * n * (n - 1)); }
};

}  // namespace ironlaw::roofline
