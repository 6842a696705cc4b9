#pragma once
#include <ironlaw/sdk.hpp>

#include <algorithm>

using namespace ironlaw;

/// A load with panels of its own in front of the tariff: what the grid gives is the tariff's to say, with and without them.
struct SolarSite {
  static constexpr auto about =
      Solver::About{"solar_site", "A load on a tariff, with solar panels of its own", "Sums over the steps"};
  struct Inputs {
    Series<Power> load;
    Series<EnergyPrice> price;
    Series<double> sun;
    Power panels{};
  };
  struct Outputs {
    Money saved;
    Energy drawn;
    SeriesOut<Power, 8784> from_grid;
  };
  static constexpr auto inputs = ports(port<&Inputs::load>("power of the load", non_negative).over("step").length(1, 8784),
                                       port<&Inputs::price>("of electricity").over("step"),
                                       port<&Inputs::sun>("share of the panels' power", fraction).over("step"),
                                       port<&Inputs::panels>("power of the panels in full sun", non_negative));
  static constexpr auto outputs =
      ports(port<&Outputs::saved>("by the panels"), port<&Outputs::drawn>("from the grid").display("MWh"),
            port<&Outputs::from_grid>("power drawn from the grid").over("step").display("MW"));

  /// The load as it is: its series are passed on.
  struct Without {
    static constexpr std::string_view solver = "tariff";
    struct Outputs {
      Maybe<Money> cost;
    };
    static constexpr auto outputs = ports(called<&Outputs::cost>());
  };
  /// What the panels leave of it: a series of its own making.
  struct With {
    static constexpr std::string_view solver = "tariff";
    struct Inputs {
      SeriesOut<Power, 8784> load;
      Series<EnergyPrice> price;
    };
    struct Outputs {
      Maybe<Money> cost;
      Energy energy;
      Series<Power> drawn;
    };
    static constexpr auto inputs = ports(called<&Inputs::load>(), called<&Inputs::price>());
    static constexpr auto outputs = ports(called<&Outputs::cost>(), called<&Outputs::energy>(), called<&Outputs::drawn>());
    static void ask(const SolarSite::Inputs& in, Inputs& asked) {
      for_each_value([&](Power load, double sun) { asked.load.push_back(std::max(Power{}, Power(load - sun * in.panels))); },
                     in.load, in.sun);
      asked.price = in.price;
    }
  };
  using Calls = ironlaw::Calls<Without, With>;

  static void solve(const Inputs&, const Without::Outputs& without, const With::Outputs& with, Outputs& out) {
    out.saved = *without.cost - *with.cost;
    out.drawn = with.energy;
    for_each_value([&](Power drawn) { out.from_grid.push_back(drawn); }, with.drawn);
  }
};
