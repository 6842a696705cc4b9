#pragma once
// What a fleet costs over a run: a slice of its purchase, electricity, maintenance.
#include <ironlaw/equations/energy.hpp>

#include <cmath>

namespace ironlaw::equations {

/// Share of a sum that is paid each year so that it and its interest are paid off after `years`.
inline double capital_recovery(double interest, double years) {
  return interest > 0 ? interest / -std::expm1(-years * std::log1p(interest)) : 1 / years;
}
template <int W>
Lanes<W> capital_recovery(const Lanes<W>& interest, const Lanes<W>& years) {
  return each([](double i, double y) { return capital_recovery(i, y); }, interest, years);
}
template <class T>
auto in_years(const T& time) {
  return typename T::value_type((time / units::year).value());
}

/// What a building costs by the power that it is made for.
using BuildingPrice = decltype(Money{} / Power{});

/// Where a price of electricity comes from.
enum class PriceSource { given, datacenter, grid, fallback };

/// Prices and terms that costs are reckoned with.
template <class N>
struct CostTermsOf {
  Of<N, Maybe<EnergyPrice>> electricity_price = absent;
  Of<N, EnergyPrice> default_electricity_price = spread<N>(EnergyPrice(0.12 * units::dollar / units::kilowatt_hour));
  Of<N, Maybe<Money>> default_price = absent;
  N infrastructure_multiplier = 1.46;  // a DGX H100 of 350 kUSD holds eight H100 of 30 kUSD
  /// 19 markets of the USA (Cushman & Wakefield 2025)
  Of<N, BuildingPrice> building_price = spread<N>(BuildingPrice(11.7 * units::dollar / units::watt));
  Of<N, Time> building_life = spread<N>(Time(15.0 * units::year));
  Of<N, Time> amortization = spread<N>(Time(3.0 * units::year));
  N cost_of_capital = 0.07;
  N salvage_share = 0.0;
  Of<N, Rate> maintenance_rate = spread<N>(Rate(0.05 / units::year));
};
using CostTerms = CostTermsOf<double>;

template <class N>
inline constexpr auto cost_ports_of = ports(
    port<&CostTermsOf<N>::electricity_price>("what electricity costs; the site's or its grid's price if left out", non_negative)
        .display("USD/kWh"),
    port<&CostTermsOf<N>::default_electricity_price>("what it costs where neither port nor site states a price", non_negative)
        .refinement()
        .display("USD/kWh"),
    port<&CostTermsOf<N>::default_price>("purchase price where the device states none", non_negative).refinement(),
    port<&CostTermsOf<N>::infrastructure_multiplier>(
        "purchase of devices, hosts and network over that of the devices alone; 1: only devices are bought", non_negative)
        .refinement(),
    port<&CostTermsOf<N>::building_price>("building, power and cooling for a watt of design power; 0: somebody else's",
                                          non_negative)
        .refinement()
        .display("USD/W"),
    port<&CostTermsOf<N>::building_life>("time over which the building is paid off", positive).refinement().display("year"),
    port<&CostTermsOf<N>::amortization>("time over which the purchase is paid off", positive).display("year"),
    port<&CostTermsOf<N>::cost_of_capital>("interest a year on what is not paid off; 0 is straight-line depreciation",
                                           non_negative)
        .refinement(),
    port<&CostTermsOf<N>::salvage_share>("share of the purchase that is worth something at the end", fraction).refinement(),
    port<&CostTermsOf<N>::maintenance_rate>("maintenance over purchase, per time", non_negative).refinement().display("%/year"));

/// What a run costs, and its parts.
template <class N>
struct RunCostOf {
  Of<N, Money> purchase;
  Of<N, Money> building;  ///< slice of the building that falls on the run
  Of<N, Money> capex;     ///< that, and the slice of the purchase
  Of<N, EnergyPrice> electricity_price;
  Of<N, PriceSource> price_source;
  Of<N, Money> opex_energy;
  Of<N, Money> opex_maintenance;
  Of<N, Money> opex;
  Of<N, Money> tco;
};
using RunCost = RunCostOf<double>;

/// Whether somebody says what a device costs.
template <class N>
Of<N, bool> priced(const FleetFacts& f, const CostTermsOf<N>& terms) {
  return either(has(terms.default_price), f.price.has_value());
}
/// Throws MissingData.
template <class N>
Of<N, Money> purchase_price(const FleetFacts& f, const CostTermsOf<N>& terms, Rare<N>& rare) {
  if (rare(!priced(f, terms))) throw MissingData(f.device->name(), "price", "give default_price");
  return f.price ? Of<N, Money>(spread<N>(*f.price)) : Of<N, Money>(*terms.default_price);
}

/// What the purchase costs a year over its price: recovery of what is lost, interest on what is got back.
template <class N>
N yearly_capital_share(const CostTermsOf<N>& terms) {
  return (1 - terms.salvage_share) * capital_recovery(terms.cost_of_capital, in_years(terms.amortization)) +
         terms.salvage_share * terms.cost_of_capital;
}

/// The same of the building, which is worth nothing at the end.
template <class N>
N yearly_building_share(const CostTermsOf<N>& terms) {
  return capital_recovery(terms.cost_of_capital, in_years(terms.building_life));
}

/// Who says so where the run does not.
inline PriceSource price_source(const Site& site) {
  if (!site.electricity_price()) return PriceSource::fallback;
  return site.datacenter != nullptr && site.datacenter->electricity_price ? PriceSource::datacenter : PriceSource::grid;
}

template <class N>
RunCostOf<N> cost_of(const FleetFacts& f, const FleetRunOf<N>& run, const EnergyUseOf<N>& use, const CostTermsOf<N>& terms,
                     Rare<N>& rare) {
  RunCostOf<N> cost;
  cost.purchase = purchase_price(f, terms, rare) * f.accelerators * terms.infrastructure_multiplier;
  const N years = in_years(run.duration);
  cost.building = terms.building_price * design_power(f, run, use) * yearly_building_share(terms) * years;
  cost.capex = cost.purchase * yearly_capital_share(terms) * years + cost.building;
  const auto given = has(terms.electricity_price);
  cost.price_source = select(given, PriceSource::given, price_source(f.site));
  const Maybe<EnergyPrice> of_site = f.site.electricity_price();
  const Of<N, EnergyPrice> unsaid = of_site ? spread<N>(*of_site) : terms.default_electricity_price;
  cost.electricity_price = select(given, Of<N, EnergyPrice>(*terms.electricity_price), unsaid);
  cost.opex_energy = cost.electricity_price * use.facility_energy;
  cost.opex_maintenance = cost.purchase * N((terms.maintenance_rate * run.duration).value());
  cost.opex = cost.opex_energy + cost.opex_maintenance;
  cost.tco = cost.capex + cost.opex;
  return cost;
}

/// Steps of every member of RunCost but the electricity price.
inline void explain_cost(const FleetFacts& f, const FleetRun& run, const EnergyUse& use, const CostTerms& terms,
                         const RunCost& cost, Working& w) {
  Rare<double> none;
  w.step("purchase", "price * N * k",
         {{"price", purchase_price(f, terms, none)}, {"N", f.accelerators}, {"k", terms.infrastructure_multiplier}},
         cost.purchase);
  w.step("yearly capital share", terms.cost_of_capital > 0 ? "(1 - s) * i / (1 - (1 + i)^-Y) + s * i" : "(1 - s) / Y",
         {{"s", terms.salvage_share}, {"i", terms.cost_of_capital}, {"Y", in_years(terms.amortization)}},
         yearly_capital_share(terms), terms.cost_of_capital > 0 ? "capital recovery factor" : "straight-line depreciation");
  w.step("building_cost", "c_b * P_design * CRF(Y_b) * t",
         {{"c_b", terms.building_price},
          {"P_design", design_power(f, run, use)},
          {"CRF(Y_b)", yearly_building_share(terms)},
          {"t", in_years(run.duration)}},
         cost.building, "Cushman & Wakefield 2025, 'Data Center Development Cost Guide'");
  w.step("capex", "purchase * share * t + building",
         {{"purchase", cost.purchase},
          {"share", yearly_capital_share(terms)},
          {"t", in_years(run.duration)},
          {"building", cost.building}},
         cost.capex, "Barroso, Hoelzle & Ranganathan 2018, chapter 6");
  if (cost.price_source == PriceSource::fallback)
    w.note("Neither port nor site states a price of electricity: default_electricity_price stands in.");
  w.step("opex_energy", "facility_energy * p", {{"facility_energy", use.facility_energy}, {"p", cost.electricity_price}},
         cost.opex_energy);
  w.step("opex_maintenance", "purchase * m * t",
         {{"purchase", cost.purchase}, {"m", terms.maintenance_rate}, {"t", run.duration}}, cost.opex_maintenance);
  w.step("opex", "energy + maintenance", {{"energy", cost.opex_energy}, {"maintenance", cost.opex_maintenance}}, cost.opex);
  w.step("tco", "capex + opex", {{"capex", cost.capex}, {"opex", cost.opex}}, cost.tco);
}

}  // namespace ironlaw::equations
