#pragma once
// What a fleet costs over a run: a slice of its purchase, electricity, maintenance.
#include <ironlaw/equations/energy.hpp>

#include <cmath>

namespace ironlaw::equations {

/// Share of a sum that is paid each year so that it and its interest are paid off after `years`.
inline double capital_recovery(double interest, double years) {
  return interest > 0 ? interest / -std::expm1(-years * std::log1p(interest)) : 1 / years;
}

/// What a building costs by the power that it is made for.
using BuildingPrice = decltype(Money{} / Power{});

/// Where a price of electricity comes from.
enum class PriceSource { given, datacenter, grid, fallback };

/// Prices and terms that costs are reckoned with.
struct CostTerms {
  Maybe<EnergyPrice> electricity_price = absent;
  EnergyPrice default_electricity_price = 0.12 * units::dollar / units::kilowatt_hour;
  Maybe<Money> default_price = absent;
  double infrastructure_multiplier = 1.46;                            // a DGX H100 of 350 kUSD holds eight H100 of 30 kUSD
  BuildingPrice building_price = 11.7 * units::dollar / units::watt;  // 19 markets of the USA (Cushman & Wakefield 2025)
  Time building_life = 15.0 * units::year;
  Time amortization = 3.0 * units::year;
  double cost_of_capital = 0.07;
  double salvage_share = 0;
  Rate maintenance_rate = 0.05 / units::year;
};

inline constexpr auto cost_ports = ports(
    port<&CostTerms::electricity_price>("what electricity costs; the site's or its grid's price if left out", non_negative)
        .display("USD/kWh"),
    port<&CostTerms::default_electricity_price>("what it costs where neither port nor site states a price", non_negative)
        .refinement()
        .display("USD/kWh"),
    port<&CostTerms::default_price>("purchase price where the device states none", non_negative).refinement(),
    port<&CostTerms::infrastructure_multiplier>(
        "purchase of devices, hosts and network over that of the devices alone; 1: only devices are bought", non_negative)
        .refinement(),
    port<&CostTerms::building_price>("building, power and cooling for a watt of design power; 0: somebody else's", non_negative)
        .refinement()
        .display("USD/W"),
    port<&CostTerms::building_life>("time over which the building is paid off", positive).refinement().display("year"),
    port<&CostTerms::amortization>("time over which the purchase is paid off", positive).display("year"),
    port<&CostTerms::cost_of_capital>("interest a year on what is not paid off; 0 is straight-line depreciation", non_negative)
        .refinement(),
    port<&CostTerms::salvage_share>("share of the purchase that is worth something at the end", fraction).refinement(),
    port<&CostTerms::maintenance_rate>("maintenance over purchase, per time", non_negative).refinement().display("%/year"));

struct RunCost {
  Money purchase;
  Money building;  ///< slice of the building that falls on the run
  Money capex;     ///< that, and the slice of the purchase
  EnergyPrice electricity_price;
  PriceSource price_source;
  Money opex_energy;
  Money opex_maintenance;
  Money opex;
  Money tco;
};

inline Money purchase_price(const FleetRun& run, const CostTerms& terms) {
  const Hardware& device = *run.fleet->node->accelerator;
  auto price = device.price();
  if (!price) price = terms.default_price;
  if (!price) throw MissingData(device.name(), "price", "give default_price");
  return *price;
}

/// What the purchase costs a year over its price: recovery of what is lost, interest on what is got back.
inline double yearly_capital_share(const CostTerms& terms) {
  const double years = in(terms.amortization, units::year);
  return (1 - terms.salvage_share) * capital_recovery(terms.cost_of_capital, years) + terms.salvage_share * terms.cost_of_capital;
}

/// The same of the building, which is worth nothing at the end.
inline double yearly_building_share(const CostTerms& terms) {
  return capital_recovery(terms.cost_of_capital, in(terms.building_life, units::year));
}

inline PriceSource price_source(const FleetRun& run, const CostTerms& terms) {
  if (terms.electricity_price) return PriceSource::given;
  const Site site = site_of(run);
  if (!site.electricity_price()) return PriceSource::fallback;
  return site.datacenter != nullptr && site.datacenter->electricity_price ? PriceSource::datacenter : PriceSource::grid;
}

inline RunCost cost_of(const FleetRun& run, const EnergyUse& use, const CostTerms& terms) {
  RunCost cost;
  cost.purchase = purchase_price(run, terms) * run.fleet->accelerators() * terms.infrastructure_multiplier;
  const double years = in(run.duration, units::year);
  cost.building = terms.building_price * design_power(run) * yearly_building_share(terms) * years;
  cost.capex = cost.purchase * yearly_capital_share(terms) * years + cost.building;
  cost.price_source = price_source(run, terms);
  const auto of_site = site_of(run).electricity_price();
  cost.electricity_price = terms.electricity_price.value_or(of_site.value_or(terms.default_electricity_price));
  cost.opex_energy = cost.electricity_price * use.facility_energy;
  cost.opex_maintenance = cost.purchase * static_cast<double>(terms.maintenance_rate * run.duration);
  cost.opex = cost.opex_energy + cost.opex_maintenance;
  cost.tco = cost.capex + cost.opex;
  return cost;
}

/// Steps of every member of RunCost but the electricity price.
inline void explain_cost(const FleetRun& run, const EnergyUse& use, const CostTerms& terms, const RunCost& cost, Working& w) {
  w.step("purchase", "price * N * k",
         {{"price", purchase_price(run, terms)}, {"N", run.fleet->accelerators()}, {"k", terms.infrastructure_multiplier}},
         cost.purchase);
  w.step("yearly capital share", terms.cost_of_capital > 0 ? "(1 - s) * i / (1 - (1 + i)^-Y) + s * i" : "(1 - s) / Y",
         {{"s", terms.salvage_share}, {"i", terms.cost_of_capital}, {"Y", in(terms.amortization, units::year)}},
         yearly_capital_share(terms), terms.cost_of_capital > 0 ? "capital recovery factor" : "straight-line depreciation");
  w.step("building_cost", "c_b * P_design * CRF(Y_b) * t",
         {{"c_b", terms.building_price},
          {"P_design", design_power(run)},
          {"CRF(Y_b)", yearly_building_share(terms)},
          {"t", in(run.duration, units::year)}},
         cost.building, "Cushman & Wakefield 2025, 'Data Center Development Cost Guide'");
  w.step("capex", "purchase * share * t + building",
         {{"purchase", cost.purchase},
          {"share", yearly_capital_share(terms)},
          {"t", in(run.duration, units::year)},
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
