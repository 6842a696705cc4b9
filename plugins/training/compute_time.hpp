#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// What a number of devices really delivers, and how long operations take at that rate.
struct ComputeTime {
  static constexpr auto about = Solver::About{
      "compute_time", "Arithmetic rate that devices deliver after every loss, and the time of operations at that rate",
      "Chowdhery 2022, 'PaLM', appendix B"};

  struct Inputs {
    Maybe<Operations> operations = absent;
    FlopRate peak_rate = required;
    double devices = 1;
    double efficiency = 1;
    double scaling_efficiency = 1;
    double goodput = 1;
  };

  struct Outputs {
    FlopRate delivered_rate;
    double delivered_fraction;
    Maybe<Time> time;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::operations>("operations to do; without them, no time", non_negative),
            port<&Inputs::peak_rate>("peak arithmetic rate of one device", positive).display("TFLOP/s"),
            port<&Inputs::devices>("devices that share the work", at_least_one).whole(),
            port<&Inputs::efficiency>("share of the peak that one device sustains", positive_fraction).refinement(),
            port<&Inputs::scaling_efficiency>("share that is left when they work together", positive_fraction),
            port<&Inputs::goodput>("share of the time that is not lost to failures", positive_fraction));

  static constexpr auto outputs = ports(port<&Outputs::delivered_rate>("rate of all devices after every loss").display("PFLOP/s"),
                                        port<&Outputs::delivered_fraction>("the same over their peak", fraction),
                                        port<&Outputs::time>("time of the operations").display("day"));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.delivered_fraction = in.efficiency * in.scaling_efficiency * in.goodput;
    out.delivered_rate = in.devices * in.peak_rate * out.delivered_fraction;
    if (in.operations) out.time = *in.operations / out.delivered_rate;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("delivered_fraction", "efficiency * scaling * goodput",
           {{"efficiency", in.efficiency}, {"scaling", in.scaling_efficiency}, {"goodput", in.goodput}}, out.delivered_fraction);
    w.step("delivered_rate", "N * peak * delivered_fraction",
           {{"N", in.devices}, {"peak", in.peak_rate}, {"delivered_fraction", out.delivered_fraction}}, out.delivered_rate);
    if (out.time)
      w.step("time", "operations / delivered_rate", {{"operations", in.operations}, {"delivered_rate", out.delivered_rate}},
             out.time, "Williams 2009");
  }
};

}  // namespace ironlaw::training
