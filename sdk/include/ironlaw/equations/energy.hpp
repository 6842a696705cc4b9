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

/// A fleet and where it runs: the inputs that rows of energy, carbon and money share.
struct FleetPlace {
  const Fleet* fleet = nullptr;
  const Datacenter* datacenter = nullptr;
  const Grid* grid = nullptr;
  const Grid* default_grid = nullptr;
  PowerCurve power_curve = PowerCurve::concave;
  WaterBasis water_basis = WaterBasis::it_energy;
};
/// How it runs there.
template <class N>
struct FleetRunOf {
  Of<N, Time> duration = required;
  N utilization = 1.0;
  Of<N, Maybe<Power>> device_power = absent;
  Of<N, Maybe<Power>> default_tdp = absent;
  N default_pue = 1.12;  // design value of a new hyperscale facility (Microsoft 2022)
};
using FleetRun = FleetRunOf<double>;

/// Of an Inputs that derives from both.
template <class N>
inline constexpr auto fleet_run_ports_of = ports(
    port<&FleetPlace::fleet>("devices that run"),
    port<&FleetRunOf<N>::duration>("how long they run", non_negative).display("day"),
    port<&FleetPlace::datacenter>("facility they stand in; comes before grid, and both before the fleet's own").optional(),
    port<&FleetPlace::grid>("grid that feeds them, where the facility is not known").optional(),
    port<&FleetPlace::default_grid>("grid where neither these ports nor the fleet name a site").refinement().optional(),
    port<&FleetRunOf<N>::utilization>("share of a device's capacity that is busy", fraction),
    port<&FleetPlace::power_curve>("how power rises from idle to the design power: concave 2u - u^1.4, or linear u").refinement(),
    port<&FleetRunOf<N>::device_power>("mean power of one device, where it is known; estimated from utilization if left out",
                                       non_negative)
        .refinement(),
    port<&FleetRunOf<N>::default_tdp>("design power where the device states none", positive).refinement(),
    port<&FleetRunOf<N>::default_pue>("power usage effectiveness where neither facility nor grid states one", at_least_one)
        .refinement(),
    port<&FleetPlace::water_basis>("energy that water usage effectiveness counts against").parity());

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
inline Site site_of(const FleetPlace& at) {
  if (at.datacenter != nullptr) return {at.datacenter->grid, at.datacenter};
  if (at.grid != nullptr) return {at.grid, nullptr};
  if (at.fleet->datacenter != nullptr) return {at.fleet->datacenter->grid, at.fleet->datacenter};
  return {at.default_grid, nullptr};
}

/// What fleet and site say of themselves.
struct FleetFacts {
  explicit FleetFacts(const FleetPlace& at)
      : fleet(at.fleet),
        device(at.fleet->node->accelerator),
        site(site_of(at)),
        power_curve(at.power_curve),
        water_basis(at.water_basis),
        accelerators(at.fleet->accelerators()),
        tdp(device->tdp()),
        price(device->price()),
        embodied_carbon(device->embodied_carbon()),
        host_power(at.fleet->node->host_power.value_or(Power{})) {}

  const Fleet* fleet;
  const Hardware* device;
  Site site;
  PowerCurve power_curve;
  WaterBasis water_basis;
  double accelerators;
  Maybe<Power> tdp;
  Maybe<Money> price;
  Maybe<Carbon> embodied_carbon;
  Power host_power;  ///< of a node, but its devices: its design power; 0 where it states none
};

/// For solvers whose answer is nothing without a grid: throws MissingData where there is none.
inline FleetFacts facts_with_grid(const FleetPlace& at) {
  FleetFacts f(at);
  if (f.site.grid == nullptr) throw MissingData(f.fleet->name(), "datacenter", "give a datacenter or a grid");
  return f;
}

/// Share of the design power that a device draws.
template <class N>
N power_share(PowerCurve curve, const N& utilization) {
  static_assert(!std::is_integral_v<N>, "a share is a fraction");
  const N busy = curve == PowerCurve::linear ? utilization
                                             : N(2 * utilization - each([](double u) { return std::pow(u, 1.4); }, utilization));
  return idle_power_share + dynamic_power_share * busy;
}

/// Design power of a device, or what stands in for it; absent where nobody says.
template <class N>
Of<N, Maybe<Power>> device_design_power(const FleetFacts& f, const FleetRunOf<N>& run) {
  using P = Of<N, Power>;
  if (f.tdp) return P(spread<N>(*f.tdp));
  return run.default_tdp;
}

/// Mean power of one device, `share` of its design power where the run does not say. Throws MissingData.
template <class N>
Of<N, Power> device_power(const FleetFacts& f, const FleetRunOf<N>& run, const N& share, Rare<N>& rare) {
  const auto said = has(run.device_power);
  const auto design = device_design_power(f, run);
  if (rare(!either(said, has(design)))) throw MissingData(f.device->name(), "tdp", "give device_power or default_tdp");
  return select(said, Of<N, Power>(*run.device_power), Of<N, Power>(*design * share));
}

/// What a run draws, from the devices to the facility.
template <class N>
struct EnergyUseOf {
  Of<N, Power> device_power;  ///< mean, of one device
  Of<N, Power> host_power;    ///< mean, of everything in a node but its devices, at the devices' share
  Of<N, Power> it_power;
  Of<N, Energy> it_energy;
  N pue;
  Of<N, Energy> facility_energy;
  Of<N, Maybe<Carbon>> carbon;      ///< of generation; absent without a grid
  Of<N, Maybe<Volume>> site_water;  ///< absent where neither facility nor grid states one
  Of<N, Maybe<Volume>> grid_water;  ///< absent where the grid states none
  Of<N, Maybe<Volume>> water;       ///< on site, and at power plants where the grid says how much
};
using EnergyUse = EnergyUseOf<double>;

template <class N>
EnergyUseOf<N> energy_of(const FleetFacts& f, const FleetRunOf<N>& run, Rare<N>& rare) {
  using V = Of<N, Volume>;
  const Site& site = f.site;
  const N share = power_share(f.power_curve, run.utilization);
  EnergyUseOf<N> use;
  use.device_power = device_power(f, run, share, rare);
  use.host_power = f.host_power * share;
  use.it_power = f.accelerators * use.device_power + f.fleet->nodes * use.host_power;
  use.it_energy = use.it_power * run.duration;
  const Maybe<double> stated = site.pue();
  use.pue = stated ? N(*stated) : run.default_pue;
  use.facility_energy = use.it_energy * use.pue;
  use.carbon = absent;
  use.site_water = use.grid_water = use.water = absent;
  if (site.grid != nullptr) use.carbon = Of<N, Carbon>(site.grid->carbon_intensity * use.facility_energy);
  const auto wue = site.wue();
  const bool generation = site.grid != nullptr && site.grid->water_intensity;
  const V at_plants = generation ? V(*site.grid->water_intensity * use.facility_energy) : V{};
  if (generation) use.grid_water = at_plants;
  if (!wue) return use;
  const V on_site = *wue * (f.water_basis == WaterBasis::it_energy ? use.it_energy : use.facility_energy);
  use.site_water = on_site;
  use.water = V(on_site + at_plants);
  return use;
}

/// What everything draws at most, which the building's power and cooling are made for: design powers of devices and nodes.
template <class N>
Of<N, Power> design_power(const FleetFacts& f, const FleetRunOf<N>& run, const EnergyUseOf<N>& use) {
  const auto design = device_design_power(f, run);
  return f.accelerators * select(has(design), Of<N, Power>(*design), use.device_power) + f.fleet->nodes * f.host_power;
}

/// Steps `it_power`, `it_energy`, `facility_energy`.
inline void explain_energy(const FleetFacts& f, const FleetRun& run, const EnergyUse& use, Working& w) {
  if (!run.device_power) {
    w.step("device power", f.power_curve == PowerCurve::linear ? "tdp * (0.3 + 0.7 * u)" : "tdp * (0.3 + 0.7 * (2 * u - u^1.4))",
           {{"tdp", device_design_power(f, run)}, {"u", run.utilization}}, use.device_power,
           f.power_curve == PowerCurve::linear ? "Barroso & Hoelzle 2007" : "Fan 2007");
  }
  if (!f.fleet->node->host_power) w.note("The node states no host_power: only its devices are counted.");
  w.step("it_power", "N * P_device + nodes * P_host",
         {{"N", f.accelerators}, {"P_device", use.device_power}, {"nodes", f.fleet->nodes}, {"P_host", use.host_power}},
         use.it_power);
  w.step("it_energy", "it_power * t", {{"it_power", use.it_power}, {"t", run.duration}}, use.it_energy);
  w.step("facility_energy", "it_energy * PUE", {{"it_energy", use.it_energy}, {"PUE", use.pue}}, use.facility_energy,
         "Malone & Belady 2006; ISO/IEC 30134-2");
}

/// Steps `site_water`, `grid_water` and `water`, where they are present.
inline void explain_water(const FleetFacts& f, const EnergyUse& use, Working& w) {
  if (!use.site_water) return;
  const bool it = f.water_basis == WaterBasis::it_energy;
  w.step("site_water", it ? "it_energy * WUE" : "facility_energy * WUE",
         {{it ? "it_energy" : "facility_energy", it ? use.it_energy : use.facility_energy}, {"WUE", f.site.wue()}},
         use.site_water, "ISO/IEC 30134-9");
  if (use.grid_water) {
    w.step("grid_water", "facility_energy * EWIF",
           {{"facility_energy", use.facility_energy}, {"EWIF", f.site.grid->water_intensity}}, use.grid_water, "Li 2023");
  }
  w.step("water", "site_water + grid_water", {{"site_water", use.site_water}, {"grid_water", use.grid_water.value_or(Volume{})}},
         use.water);
}

}  // namespace ironlaw::equations
