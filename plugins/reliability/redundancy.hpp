#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <cmath>

namespace ironlaw::reliability {

/// The inverse of `availability`: how many replicas there must be so that enough are up.
struct Redundancy {
  static constexpr auto about =
      Solver::About{"redundancy", "Spare replicas that keep enough of them up for an availability", "Barlow & Proschan 1965"};

  struct Inputs {
    Time mtbf = required;
    Time repair_time = required;
    double needed = 1;
    double target = 0;
  };

  struct Outputs {
    double spares;
    double replicas;
    double availability;
    double availability_without_spares;
    Time downtime_per_year;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::mtbf>("mean time between failures of one replica", positive).display("hour"),
            port<&Inputs::repair_time>("until a failed replica serves again", non_negative).display("hour"),
            port<&Inputs::needed>("replicas that must be up", between(1, 100000)).whole(),
            port<&Inputs::target>("share of the time that enough must be up; 0 asks for no spare", between(0, 0.999999999)));

  static constexpr auto outputs = ports(port<&Outputs::spares>("replicas beyond those that are needed").whole(),
                                        port<&Outputs::replicas>("replicas in all").whole(),
                                        port<&Outputs::availability>("share of the time that enough are up", fraction),
                                        port<&Outputs::availability_without_spares>("the same without a spare", fraction),
                                        port<&Outputs::downtime_per_year>("time of a year that too few are up").display("min"));

  static constexpr double most_spares = 1000;

  /// Throws DomainError beyond `most_spares`.
  static Outputs solve(const Inputs& in) {
    const double up = static_cast<double>(in.mtbf / (in.mtbf + in.repair_time));
    const double down = static_cast<double>(in.repair_time / (in.mtbf + in.repair_time));
    Outputs out{};
    double missing = equations::too_few_up(in.needed, in.needed, up, down);
    out.availability_without_spares = 1 - missing;
    // One spare more helps where it is up and one too few of the others are.
    double one_too_few = std::log(in.needed) + (in.needed - 1) * std::log(up) + std::log(down);
    for (; missing > 1 - in.target; ++out.spares) {
      if (out.spares == most_spares)
        throw DomainError("target", "needs more than 1000 spares: one is up for too little of the time");
      missing -= up * std::exp(one_too_few);
      one_too_few += std::log(down * (in.needed + out.spares + 1) / (out.spares + 2));
    }
    if (out.spares > 0) missing = equations::too_few_up(in.needed + out.spares, in.needed, up, down);
    out.replicas = in.needed + out.spares;
    out.availability = 1 - missing;
    out.downtime_per_year = missing * units::year;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const double up = static_cast<double>(in.mtbf / (in.mtbf + in.repair_time));
    w.step("share of the time that one is up", "M / (M + R)", {{"M", in.mtbf}, {"R", in.repair_time}}, up);
    w.step("spares", "the least s with sum over i < k of C(k + s, i) * A^i * (1 - A)^(k + s - i) <= 1 - target",
           {{"k", in.needed}, {"A", up}, {"target", in.target}}, out.spares, "Barlow & Proschan 1965");
    w.step("availability", "1 - the same sum for that s", {{"k", in.needed}, {"s", out.spares}, {"A", up}}, out.availability);
    w.step("availability_without_spares", "A^k", {{"A", up}, {"k", in.needed}}, out.availability_without_spares);
    w.step("replicas", "k + s", {{"k", in.needed}, {"s", out.spares}}, out.replicas);
    w.step("downtime_per_year", "(1 - availability) * year", {{"availability", out.availability}}, out.downtime_per_year);
  }
};

}  // namespace ironlaw::reliability
