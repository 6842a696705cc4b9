#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::reliability {

/// Failures of equal components of which all are needed, and whether a pool of spares lasts.
struct Failures {
  static constexpr auto about =
      Solver::About{"failures", "Failures of equal components in series, and of their pool of spares", "Barlow & Proschan 1965"};

  struct Inputs {
    Time component_mtbf = required;
    double components = 1;
    Maybe<Time> duration = absent;
    Maybe<double> spares = absent;
    Maybe<Time> repair_time = absent;
  };

  struct Outputs {
    Time mtbf;
    Maybe<double> failure_probability;
    Maybe<double> expected_failures;
    Maybe<double> shortage_probability;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::component_mtbf>("mean time between failures of one component", positive).display("hour"),
            port<&Inputs::components>("components that are all needed", at_least_one).whole(),
            port<&Inputs::duration>("time to look at", non_negative).display("hour"),
            port<&Inputs::spares>("spares in the pool, at most 100000", between(0, 100000)).whole(),
            port<&Inputs::repair_time>("until a failed component is back in the pool", non_negative).display("hour"));

  static constexpr auto outputs =
      ports(port<&Outputs::mtbf>("mean time between failures of them all").display("hour"),
            port<&Outputs::failure_probability>("at least one failure in duration", fraction),
            port<&Outputs::expected_failures>("mean count of failures in duration"),
            port<&Outputs::shortage_probability>("more components in repair than there are spares, at any moment", fraction));

  static constexpr auto rules =
      ironlaw::rules(rule("spares and repair_time belong together: give both or neither",
                          [](const Inputs& in) { return in.spares.has_value() == in.repair_time.has_value(); }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.mtbf = in.component_mtbf / in.components;
    if (in.duration) {
      out.failure_probability = equations::failure_probability(*in.duration, out.mtbf);
      out.expected_failures = static_cast<double>(*in.duration / out.mtbf);
    }
    if (in.spares) out.shortage_probability = more_than(*in.spares, static_cast<double>(*in.repair_time / out.mtbf));
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("mtbf", "M_1 / n", {{"M_1", in.component_mtbf}, {"n", in.components}}, out.mtbf, "Barlow & Proschan 1965");
    if (in.duration) {
      w.step("failure_probability", "1 - exp(-T / M)", {{"T", in.duration}, {"M", out.mtbf}}, out.failure_probability);
      w.step("expected_failures", "T / M", {{"T", in.duration}, {"M", out.mtbf}}, out.expected_failures);
    }
    if (in.spares) {
      w.step("shortage_probability", "P(Poisson(t / M) > s)", {{"t", in.repair_time}, {"M", out.mtbf}, {"s", in.spares}},
             out.shortage_probability);
    }
  }

 private:
  /// P(Poisson(mean) > n), summed from the term nearest the mean of the smaller side so that nothing cancels.
  static double more_than(double n, double mean) {
    if (mean == 0) return 0;
    const bool upper = n + 1 > mean;
    double k = upper ? n + 1 : n;
    double term = std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
    double sum = 0;
    while (k >= 0 && term > 1e-18 * sum) {
      sum += term;
      term *= upper ? mean / (k + 1) : k / mean;
      k += upper ? 1 : -1;
    }
    return std::clamp(upper ? sum : 1 - sum, 0.0, 1.0);
  }
};

}  // namespace ironlaw::reliability
