#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>

namespace ironlaw::economics {

/// A load over time on a tariff: what it costs and emits, and whether a battery keeps it below what the connection gives.
struct Tariff {
  static constexpr auto about =
      Solver::About{"tariff", "Energy, cost and carbon of a load over time, with a battery that keeps it below a limit",
                    "Sums over the steps of the load; the battery serves what exceeds the limit and fills where there is room"};
  static constexpr std::uint32_t longest = 8784;  ///< hours of a leap year

  struct Inputs {
    Series<Power> load;
    Series<EnergyPrice> price;
    Series<CarbonIntensity> carbon_intensity;
    Time step = 1.0 * units::hour;
    Maybe<Power> limit = absent;
    Energy battery{};
    double efficiency = 1;
  };

  struct Outputs {
    Energy energy;
    Maybe<Money> cost;
    Maybe<EnergyPrice> mean_price;
    Maybe<Carbon> carbon;
    Power peak;
    Energy least_charge;
    SeriesOut<Power, longest> drawn;
    SeriesOut<Energy, longest> charge;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::load>("power of the load, step by step", non_negative).over("step").length(1, longest).display("MW"),
            port<&Inputs::price>("of electricity in each step; may fall below zero").over("step").optional().display("USD/kWh"),
            port<&Inputs::carbon_intensity>("of electricity in each step", non_negative).over("step").optional().display("g/kWh"),
            port<&Inputs::step>("length of a step", positive).display("hour"),
            port<&Inputs::limit>("what the connection gives at most; absent: no end", positive).display("MW"),
            port<&Inputs::battery>("what the battery holds; it begins full", non_negative).display("MWh"),
            port<&Inputs::efficiency>("share of what goes into the battery that comes out", positive_fraction).refinement());

  static constexpr auto outputs = ports(
      port<&Outputs::energy>("drawn from the grid").display("MWh"),
      port<&Outputs::cost>("of that energy; absent without a price"),
      port<&Outputs::mean_price>("cost of a unit of energy").display("USD/kWh"),
      port<&Outputs::carbon>("of that energy, CO2e; absent without a carbon intensity").display("tCO2e"),
      port<&Outputs::peak>("highest power drawn").display("MW"), port<&Outputs::least_charge>("of the battery").display("MWh"),
      port<&Outputs::drawn>("power drawn from the grid in each step").over("step").display("MW"),
      port<&Outputs::charge>("of the battery at the end of each step").over("step").display("MWh"));

  static constexpr auto limits = ironlaw::limits(hard<&Outputs::peak, &Inputs::limit>(
      "sustainability: connection", "the battery must serve what the connection does not", "P <= P_max"));

  static void solve(const Inputs& in, Outputs& out) {
    Energy charge = in.battery;
    Money cost{};
    Carbon carbon{};
    out.energy = Energy{};
    out.peak = Power{};
    out.least_charge = charge;
    for (std::size_t i = 0; i < in.load.size(); ++i) {
      const Power drawn = drawn_power(in, in.load[i], charge);
      const Energy energy = drawn * in.step;
      out.energy += energy;
      if (!in.price.empty()) cost += energy * in.price[i];
      if (!in.carbon_intensity.empty()) carbon += energy * in.carbon_intensity[i];
      out.peak = std::max(out.peak, drawn);
      out.least_charge = std::min(out.least_charge, charge);
      out.drawn.push_back(drawn);
      out.charge.push_back(charge);
    }
    if (!in.price.empty()) out.cost = cost;
    if (!in.price.empty() && out.energy > Energy{}) out.mean_price = cost / out.energy;
    if (!in.carbon_intensity.empty()) out.carbon = carbon;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("energy", "sum(P_i) * step",
           {{"mean P", out.energy / in.step / static_cast<double>(in.load.size())}, {"step", in.step}}, out.energy);
    if (out.cost)
      w.step("cost", "sum(P_i * price_i) * step", {{"energy", out.energy}, {"mean price", *out.mean_price}}, *out.cost);
  }

 private:
  /// What a step draws from the grid; the battery takes part where there is a limit.
  static Power drawn_power(const Inputs& in, Power load, Energy& charge) {
    if (!in.limit) return load;
    if (load > *in.limit) {
      const Energy given = std::min((load - *in.limit) * in.step, charge);
      charge -= given;
      return load - given / in.step;
    }
    const Energy taken = std::min((*in.limit - load) * in.step, (in.battery - charge) / in.efficiency);
    charge = std::min(in.battery, charge + taken * in.efficiency);
    return load + taken / in.step;
  }
};

}  // namespace ironlaw::economics
