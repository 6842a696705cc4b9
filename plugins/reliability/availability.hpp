#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::reliability {

/// How often enough of several independent replicas are up.
struct Availability {
  static constexpr auto about =
      Solver::About{"availability", "Share of the time that enough replicas are up", "Barlow & Proschan 1965"};

  struct Inputs {
    Maybe<double> replica_availability = absent;
    Maybe<Time> mtbf = absent;
    Maybe<Time> repair_time = absent;
    double replicas = 1;
    double needed = 1;
  };

  struct Outputs {
    double availability;
    double unavailability;
    Time downtime_per_year;
    double single_availability;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::replica_availability>("share of the time that one replica is up", fraction),
            port<&Inputs::mtbf>("of one replica, instead of its availability", positive).display("hour"),
            port<&Inputs::repair_time>("of one replica, instead of its availability", non_negative).display("hour"),
            port<&Inputs::replicas>("independent replicas, at most 100000", between(1, 100000)).whole(),
            port<&Inputs::needed>("replicas that must be up", at_least_one).whole());

  static constexpr auto outputs = ports(port<&Outputs::availability>("share of the time that enough are up", fraction),
                                        port<&Outputs::unavailability>("share of the time that too few are up", fraction),
                                        port<&Outputs::downtime_per_year>("that, of a year").display("min"),
                                        port<&Outputs::single_availability>("of one replica", fraction));

  static constexpr auto rules = ironlaw::rules(
      rule("needed exceeds replicas", [](const Inputs& in) { return in.needed <= in.replicas; }),
      rule("give replica_availability, or mtbf and repair_time", [](const Inputs& in) {
        return in.replica_availability.has_value() != in.mtbf.has_value() && in.mtbf.has_value() == in.repair_time.has_value();
      }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.single_availability = in.mtbf ? static_cast<double>(*in.mtbf / (*in.mtbf + *in.repair_time)) : *in.replica_availability;
    out.unavailability = equations::too_few_up(in.replicas, in.needed, out.single_availability, down(in));
    out.availability = 1 - out.unavailability;
    out.downtime_per_year = out.unavailability * units::year;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    if (in.mtbf) {
      w.step("single_availability", "M / (M + R)", {{"M", in.mtbf}, {"R", in.repair_time}}, out.single_availability);
    } else {
      w.step("single_availability", "A", {{"A", in.replica_availability}}, out.single_availability);
    }
    w.step("unavailability", "sum over i < k of C(n, i) * A^i * (1 - A)^(n - i)",
           {{"n", in.replicas}, {"k", in.needed}, {"A", out.single_availability}}, out.unavailability, "Barlow & Proschan 1965");
    w.step("availability", "1 - unavailability", {{"unavailability", out.unavailability}}, out.availability);
    w.step("downtime_per_year", "unavailability * year", {{"unavailability", out.unavailability}}, out.downtime_per_year);
  }

 private:
  static double down(const Inputs& in) {
    return in.mtbf ? static_cast<double>(*in.repair_time / (*in.mtbf + *in.repair_time)) : 1 - *in.replica_availability;
  }
};

}  // namespace ironlaw::reliability
