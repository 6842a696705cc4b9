#pragma once
#include <ironlaw/equations/money.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::sustainability {

/// What a fleet costs in one region with a price on carbon. Regions are compared in a table with an axis over grid or datacenter.
struct Placement {
  static constexpr auto about = Solver::About{"placement", "Cost of running a fleet in a region, with a price on its carbon",
                                              "Barroso, Hoelzle & Ranganathan 2018"};

  using Given = equations::FleetPlace;
  template <class N>
  struct InputsOf : Given, equations::FleetRunOf<N> {
    equations::CostTermsOf<N> terms{};
    Of<N, CarbonPrice> carbon_price = spread<N>(CarbonPrice(0.1 * units::dollar / units::kilogram_co2e));
  };
  using Inputs = InputsOf<double>;
  using Facts = equations::FleetFacts;

  template <class N>
  struct OutputsOf {
    Of<N, Money> objective;
    Of<N, Money> tco;
    Of<N, Money> carbon_cost;
    Of<N, Carbon> carbon;
    N pue;
    Of<N, EnergyPrice> electricity_price;
    Of<N, equations::PriceSource> electricity_price_from;
    Of<N, Energy> facility_energy;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of =
      ports(equations::fleet_run_ports_of<N>, merge<&InputsOf<N>::terms>(equations::cost_ports_of<N>),
            port<&InputsOf<N>::carbon_price>("what a tonne emitted costs", non_negative).display("USD/tCO2e"));
  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of =
      ports(port<&OutputsOf<N>::objective>("cost of the run and of its carbon; the least is the best region"),
            port<&OutputsOf<N>::tco>("cost of the run"), port<&OutputsOf<N>::carbon_cost>("carbon at its price"),
            port<&OutputsOf<N>::carbon>("of the electricity, CO2e").display("tCO2e"),
            port<&OutputsOf<N>::pue>("power usage effectiveness that was reckoned with"),
            port<&OutputsOf<N>::electricity_price>("what was reckoned with").display("USD/kWh"),
            port<&OutputsOf<N>::electricity_price_from>("who says so; fallback: nobody, default_electricity_price stands in"),
            port<&OutputsOf<N>::facility_energy>("with cooling and losses").display("kWh"));
  static constexpr auto outputs = outputs_of<double>;

  static Facts facts(const Given& given) { return equations::facts_with_grid(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    Rare<double> none;
    return rows(in, f, none);
  }
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& f, Rare<N>& rare) {
    const auto use = equations::energy_of<N>(f, in, rare);
    const auto cost = equations::cost_of<N>(f, in, use, in.terms, rare);
    OutputsOf<N> out;
    out.tco = cost.tco;
    out.carbon = f.site.grid->carbon_intensity * use.facility_energy;
    out.carbon_cost = out.carbon * in.carbon_price;
    out.objective = out.tco + out.carbon_cost;
    out.pue = use.pue;
    out.electricity_price = cost.electricity_price;
    out.electricity_price_from = cost.price_source;
    out.facility_energy = use.facility_energy;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    Rare<double> none;
    const Facts f = facts(in);
    const auto use = equations::energy_of<double>(f, in, none);
    equations::explain_energy(f, in, use, w);
    equations::explain_cost(f, in, use, in.terms, equations::cost_of<double>(f, in, use, in.terms, none), w);
    w.step("carbon", "facility_energy * CI", {{"facility_energy", out.facility_energy}, {"CI", f.site.grid->carbon_intensity}},
           out.carbon, "Patterson 2021");
    w.step("carbon_cost", "carbon * price", {{"carbon", out.carbon}, {"price", in.carbon_price}}, out.carbon_cost);
    w.step("objective", "tco + carbon_cost", {{"tco", out.tco}, {"carbon_cost", out.carbon_cost}}, out.objective);
  }
};

}  // namespace ironlaw::sustainability
