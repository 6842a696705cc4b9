#pragma once
#include <ironlaw/equations/money.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::sustainability {

/// What a fleet costs in one region with a price on carbon. Regions are compared in a table with an axis over grid or datacenter.
struct Placement {
  using FleetRun = equations::FleetRun;
  using CostTerms = equations::CostTerms;

  static constexpr auto about = Solver::About{"placement", "Cost of running a fleet in a region, with a price on its carbon",
                                              "Barroso, Hoelzle & Ranganathan 2018"};

  struct Inputs {
    FleetRun run{};
    CostTerms terms{};
    CarbonPrice carbon_price = 0.1 * units::dollar / units::kilogram_co2e;
  };

  struct Outputs {
    Money objective;
    Money tco;
    Money carbon_cost;
    Carbon carbon;
    double pue;
    EnergyPrice electricity_price;
    equations::PriceSource electricity_price_from;
    Energy facility_energy;
  };

  static constexpr auto inputs =
      ports(merge<&Inputs::run>(equations::fleet_run_ports), merge<&Inputs::terms>(equations::cost_ports),
            port<&Inputs::carbon_price>("what a tonne emitted costs", non_negative).display("USD/tCO2e"));

  static constexpr auto outputs =
      ports(port<&Outputs::objective>("cost of the run and of its carbon; the least is the best region"),
            port<&Outputs::tco>("cost of the run"), port<&Outputs::carbon_cost>("carbon at its price"),
            port<&Outputs::carbon>("of the electricity, CO2e").display("tCO2e"),
            port<&Outputs::pue>("power usage effectiveness that was reckoned with"),
            port<&Outputs::electricity_price>("what was reckoned with").display("USD/kWh"),
            port<&Outputs::electricity_price_from>("who says so; fallback: nobody, default_electricity_price stands in"),
            port<&Outputs::facility_energy>("with cooling and losses").display("kWh"));

  static Outputs solve(const Inputs& in) {
    const Grid& grid = equations::grid_of(in.run);
    const auto use = equations::energy_of(in.run);
    const auto cost = equations::cost_of(in.run, use, in.terms);
    Outputs out{};
    out.tco = cost.tco;
    out.carbon = grid.carbon_intensity * use.facility_energy;
    out.carbon_cost = out.carbon * in.carbon_price;
    out.objective = out.tco + out.carbon_cost;
    out.pue = use.pue;
    out.electricity_price = cost.electricity_price;
    out.electricity_price_from = cost.price_source;
    out.facility_energy = use.facility_energy;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto use = equations::energy_of(in.run);
    equations::explain_energy(in.run, use, w);
    equations::explain_cost(in.run, use, in.terms, equations::cost_of(in.run, use, in.terms), w);
    w.step("carbon", "facility_energy * CI",
           {{"facility_energy", out.facility_energy}, {"CI", equations::grid_of(in.run).carbon_intensity}}, out.carbon,
           "Patterson 2021");
    w.step("carbon_cost", "carbon * price", {{"carbon", out.carbon}, {"price", in.carbon_price}}, out.carbon_cost);
    w.step("objective", "tco + carbon_cost", {{"tco", out.tco}, {"carbon_cost", out.carbon_cost}}, out.objective);
  }
};

}  // namespace ironlaw::sustainability
