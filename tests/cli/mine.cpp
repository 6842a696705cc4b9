// The plugin that examples of --help name.
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

namespace {

struct MyShare {
  static constexpr auto about = Solver::About{"my_share", "A share of the peak rate of a device", "nobody"};
  struct Inputs {
    const Hardware* hardware;
    double share = 0.5;
  };
  struct Outputs {
    FlopRate rate;
  };
  static constexpr auto inputs = ports(port<&Inputs::hardware>("device"), port<&Inputs::share>("of its peak", fraction));
  static constexpr auto outputs = ports(port<&Outputs::rate>("rate that is reached"));
  static Outputs solve(const Inputs& in) { return {in.share * in.hardware->peak_rate(Precision::fp16)}; }
};

}  // namespace

IRONLAW_PLUGIN("mine", "1.0.0", "Apache-2.0", MyShare)
