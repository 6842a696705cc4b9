#include <ironlaw/sdk.hpp>

using namespace ironlaw;

/// Peak arithmetic that a device buys with each watt of its thermal design power.
struct PowerEfficiency {
  static constexpr auto about =
      Solver::About{"power_efficiency", "Peak arithmetic of a device for each watt of its thermal design power",
                    "Horowitz 2014, 'Computing's energy problem', ISSCC"};

  struct Inputs {
    const Hardware* hardware;
    Precision precision = Precision::fp16;
  };
  struct Outputs {
    FlopRate peak_rate;
    Power tdp;
    FlopRatePerPower efficiency;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::hardware>("device to rate"), port<&Inputs::precision>("number format of the arithmetic"));
  static constexpr auto outputs =
      ports(port<&Outputs::peak_rate>("dense peak arithmetic rate at that precision").display("TFLOP/s"),
            port<&Outputs::tdp>("thermal design power").display("W"),
            port<&Outputs::efficiency>("peak rate over power").display("TFLOP/s/kW"));

  static Outputs solve(const Inputs& in) {
    const FlopRate peak = in.hardware->peak_rate(in.precision);
    const Maybe<Power> tdp = in.hardware->tdp();
    if (!tdp) throw MissingData(in.hardware->name(), "thermal design power", "give its tdp");
    return {peak, *tdp, peak / *tdp};
  }
};

IRONLAW_PLUGIN("power_efficiency", "1.0.0", "Apache-2.0", PowerEfficiency)
