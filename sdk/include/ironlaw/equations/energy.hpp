#pragma once
// Energy of a fleet that runs for a while, and what it draws from its site: electricity, carbon of generation, water.
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <cmath>

namespace ironlaw::equations {

/// How power rises from idle to the design power with utilization: 2u - u^1.4 (Fan 2007) or in proportion.
enum class PowerCurve { concave, linear };
/// What a facility's water usage effectiveness is multiplied by: IT energy, as it is defined, or facility energy.
enum class WaterBasis { it_energy, facility_energy };

/// A fleet that runs for a while somewhere: the inputs that solvers of energy, carbon and money share.
struct FleetRun {
  const Fleet* fleet = nullptr;
  Time duration = required;
  const Datacenter* datacenter = nullptr;
  const Grid* grid = nullptr;
  const Grid* default_grid = nullptr;
  double utilization = 1;
  PowerCurve power_curve = PowerCurve::concave;
  Maybe<Power> device_power = absent;
  Maybe<Power> default_tdp = absent;
  double default_pue = 1.12;  // design value of a new hyperscale facility (Microsoft 2022)
  WaterBasis water_basis = WaterBasis::it_energy;
};

inline constexpr auto fleet_run_ports = ports(
    port<&FleetRun::fleet>("devices that run"), port<&FleetRun::duration>("how long they run", non_negative).display("day"),
    port<&FleetRun::datacenter>("facility they stand in; comes before grid, and both before the fleet's own").optional(),
    port<&FleetRun::grid>("grid that feeds them, where the facility is not known").optional(),
    port<&FleetRun::default_grid>("grid where neither these ports nor the fleet name a site").refinement().optional(),
    port<&FleetRun::utilization>("share of a device's capacity that is busy", fraction),
    port<&FleetRun::power_curve>("how power rises from idle to the design power: concave 2u - u^1.4, or linear u").refinement(),
    port<&FleetRun::device_power>("mean power of one device, where it is known; estimated from utilization if left out",
                                  non_negative)
        .refinement(),
    port<&FleetRun::default_tdp>("design power where the device states none", positive).refinement(),
    port<&FleetRun::default_pue>("power usage effectiveness where neither facility nor grid states one", at_least_one)
        .refinement(),
    port<&FleetRun::water_basis>("energy that water usage effectiveness counts against").parity());

/// Where a fleet runs; null where nobody said.
struct Site {
  const Grid* grid = nullptr;
  const Datacenter* datacenter = nullptr;

  [[nodiscard]] Maybe<double> pue() const {
    if (datacenter != nullptr && datacenter->pue) return datacenter->pue;
    return grid != nullptr ? grid->typical_pue : Maybe<double>();
  }
  [[nodiscard]] Maybe<WaterIntensity> wue() const {
    if (datacenter != nullptr && datacenter->wue) return datacenter->wue;
    return grid != nullptr ? grid->typical_wue : Maybe<WaterIntensity>();
  }
  [[nodiscard]] Maybe<EnergyPrice> electricity_price() const {
    if (datacenter != nullptr && datacenter->electricity_price) return datacenter->electricity_price;
    return grid != nullptr ? grid->electricity_price : Maybe<EnergyPrice>();
  }
};

/// The first that is given: datacenter, grid, the fleet's own datacenter, default_grid.
inline Site site_of(const FleetRun& run) {
  if (run.datacenter != nullptr) return {run.datacenter->grid, run.datacenter};
  if (run.grid != nullptr) return {run.grid, nullptr};
  if (run.fleet->datacenter != nullptr) return {run.fleet->datacenter->grid, run.fleet->datacenter};
  return {run.default_grid, nullptr};
}

/// For solvers whose answer is nothing without a grid.
inline const Grid& grid_of(const FleetRun& run) {
  const Grid* grid = site_of(run).grid;
  if (grid == nullptr) throw MissingData(run.fleet->name(), "datacenter", "give a datacenter or a grid");
  return *grid;
}

/// Share of the design power that a device draws.
inline double power_share(PowerCurve curve, double utilization) {
  const double busy = curve == PowerCurve::linear ? utilization : 2 * utilization - std::pow(utilization, 1.4);
  return idle_power_share + dynamic_power_share * busy;
}

/// Mean power of one device.
inline Power device_power(const FleetRun& run) {
  if (run.device_power) return *run.device_power;
  const Hardware& device = *run.fleet->node->accelerator;
  auto tdp = device.tdp();
  if (!tdp) tdp = run.default_tdp;
  if (!tdp) throw MissingData(device.name(), "tdp", "give device_power or default_tdp");
  return *tdp * power_share(run.power_curve, run.utilization);
}

/// Mean power of everything in a node but its devices: its design power, at the devices' share; 0 where the node states none.
inline Power host_power(const FleetRun& run) {
  return run.fleet->node->host_power.value_or(Power{}) * power_share(run.power_curve, run.utilization);
}

/// What everything draws at most, which the building's power and cooling are made for: design powers of devices and nodes.
inline Power design_power(const FleetRun& run) {
  auto device = run.fleet->node->accelerator->tdp();
  if (!device) device = run.default_tdp;
  return run.fleet->accelerators() * device.value_or(device_power(run)) +
         run.fleet->nodes * run.fleet->node->host_power.value_or(Power{});
}

struct EnergyUse {
  Power it_power;
  Energy it_energy;
  double pue;
  Energy facility_energy;
  Maybe<Carbon> carbon;      ///< of generation; absent without a grid
  Maybe<Volume> site_water;  ///< absent where neither facility nor grid states one
  Maybe<Volume> grid_water;  ///< absent where the grid states none

  /// On site, and at power plants where the grid says how much.
  [[nodiscard]] Maybe<Volume> water() const {
    if (!site_water) return absent;
    return *site_water + grid_water.value_or(Volume{});
  }
};

inline EnergyUse energy_of(const FleetRun& run) {
  const Site site = site_of(run);
  EnergyUse use;
  use.it_power = run.fleet->accelerators() * device_power(run) + run.fleet->nodes * host_power(run);
  use.it_energy = use.it_power * run.duration;
  use.pue = site.pue().value_or(run.default_pue);
  use.facility_energy = use.it_energy * use.pue;
  if (const auto wue = site.wue())
    use.site_water = *wue * (run.water_basis == WaterBasis::it_energy ? use.it_energy : use.facility_energy);
  if (site.grid == nullptr) return use;
  use.carbon = site.grid->carbon_intensity * use.facility_energy;
  if (site.grid->water_intensity) use.grid_water = *site.grid->water_intensity * use.facility_energy;
  return use;
}

/// Steps `it_power`, `it_energy`, `facility_energy`.
inline void explain_energy(const FleetRun& run, const EnergyUse& use, Working& w) {
  if (!run.device_power) {
    w.step("device power",
           run.power_curve == PowerCurve::linear ? "tdp * (0.3 + 0.7 * u)" : "tdp * (0.3 + 0.7 * (2 * u - u^1.4))",
           {{"tdp", run.fleet->node->accelerator->tdp() ? run.fleet->node->accelerator->tdp() : run.default_tdp},
            {"u", run.utilization}},
           device_power(run), run.power_curve == PowerCurve::linear ? "Barroso & Hoelzle 2007" : "Fan 2007");
  }
  if (!run.fleet->node->host_power) w.note("The node states no host_power: only its devices are counted.");
  w.step("it_power", "N * P_device + nodes * P_host",
         {{"N", run.fleet->accelerators()},
          {"P_device", device_power(run)},
          {"nodes", run.fleet->nodes},
          {"P_host", host_power(run)}},
         use.it_power);
  w.step("it_energy", "it_power * t", {{"it_power", use.it_power}, {"t", run.duration}}, use.it_energy);
  w.step("facility_energy", "it_energy * PUE", {{"it_energy", use.it_energy}, {"PUE", use.pue}}, use.facility_energy,
         "Malone & Belady 2006; ISO/IEC 30134-2");
}

/// Steps `site_water`, `grid_water` and `water`, where they are present.
inline void explain_water(const FleetRun& run, const EnergyUse& use, Working& w) {
  const Site site = site_of(run);
  if (!use.site_water) return;
  const bool it = run.water_basis == WaterBasis::it_energy;
  w.step("site_water", it ? "it_energy * WUE" : "facility_energy * WUE",
         {{it ? "it_energy" : "facility_energy", it ? use.it_energy : use.facility_energy}, {"WUE", site.wue()}}, use.site_water,
         "ISO/IEC 30134-9");
  if (use.grid_water) {
    w.step("grid_water", "facility_energy * EWIF",
           {{"facility_energy", use.facility_energy}, {"EWIF", site.grid->water_intensity}}, use.grid_water, "Li 2023");
  }
  w.step("water", "site_water + grid_water", {{"site_water", use.site_water}, {"grid_water", use.grid_water.value_or(Volume{})}},
         use.water());
}

}  // namespace ironlaw::equations
