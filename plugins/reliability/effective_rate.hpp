#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::reliability {

/// What is left of a fleet's peak rate for work that lasts.
struct EffectiveRate {
  static constexpr auto about =
      Solver::About{"effective_rate", "Arithmetic rate that is left after utilization, scaling and failures", "Chowdhery 2022"};

  struct Inputs {
    FlopRate peak_rate = required;
    double mfu = required;
    double scaling_efficiency = 1;
    double goodput = 1;
  };

  struct Outputs {
    FlopRate effective_rate;
    double share_of_peak;
  };

  static constexpr auto inputs = ports(port<&Inputs::peak_rate>("of the whole fleet", positive),
                                       port<&Inputs::mfu>("model FLOP utilization of one device", fraction),
                                       port<&Inputs::scaling_efficiency>("what is left when many work together", fraction),
                                       port<&Inputs::goodput>("share of the time that is not lost to failures", fraction));

  static constexpr auto outputs = ports(port<&Outputs::effective_rate>("arithmetic that lasts, per time"),
                                        port<&Outputs::share_of_peak>("over the peak rate", fraction));

  static Outputs solve(const Inputs& in) {
    const double share = in.mfu * in.scaling_efficiency * in.goodput;
    return {in.peak_rate * share, share};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("share_of_peak", "mfu * scaling * goodput",
           {{"mfu", in.mfu}, {"scaling", in.scaling_efficiency}, {"goodput", in.goodput}}, out.share_of_peak);
    w.step("effective_rate", "peak * share", {{"peak", in.peak_rate}, {"share", out.share_of_peak}}, out.effective_rate);
  }
};

}  // namespace ironlaw::reliability
