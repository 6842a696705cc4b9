#pragma once
// Fleets, sites and storage made of plain records, for solvers of energy, money and reliability.
#include "roofline_fixtures.hpp"

#include <ironlaw/equations/energy.hpp>

namespace ironlaw::fleet_test {

using roofline_test::evaluate;
using roofline_test::expect_close;
using roofline_test::expect_working;
using roofline_test::Model;
using roofline_test::ModelFacts;
using roofline_test::Row;

struct AcceleratorFacts {
  Maybe<Power> tdp = 700.0 * units::watt;
  Maybe<Money> price = 30000.0 * units::dollar;
  Maybe<Carbon> embodied{};
  std::optional<Storage> storage{};
};

class Accelerator final : public Hardware {
 public:
  explicit Accelerator(const AcceleratorFacts& facts = {}) : Hardware("H100"), facts_(facts) {}

 private:
  FlopRate do_peak_rate(Precision) const override { return 989e12 * units::flop_per_second; }
  Memory do_memory() const override { return {85899345920 * units::byte, 3350e9 * units::byte_per_second}; }
  Time do_dispatch_overhead() const override { return 1e-5 * units::second; }
  Maybe<Power> do_tdp() const override { return facts_.tdp; }
  Maybe<Money> do_price() const override { return facts_.price; }
  Maybe<Carbon> do_embodied_carbon() const override { return facts_.embodied; }
  const void* do_facet(const FacetKey& key) const override { return answer(key, facts_.storage ? &*facts_.storage : nullptr); }
  AcceleratorFacts facts_;
};

/// Nodes of eight H100 with eight network cards and two power supplies; public members may be changed.
struct Cluster {
  explicit Cluster(double nodes = 32, const AcceleratorFacts& facts = {}) : device(facts) {
    node.accelerator = &device;
    node.accelerators = 8;
    node.link_bandwidth = 450e9 * units::byte_per_second;
    node.nics = 8.0;
    node.power_supplies = 2.0;
    fleet.node = &node;
    fleet.nodes = nodes;
  }
  Accelerator device;
  Node node{"DGX"};
  Fleet fleet{"cluster"};
};

struct GridFacts {
  double carbon_intensity;  ///< g/kWh
  Maybe<double> pue{};
  Maybe<double> wue{};  ///< L/kWh
};
inline constexpr GridFacts poland{820, 1.58, 1.8};
inline constexpr GridFacts quebec{20, 1.06, 0.0};
inline constexpr GridFacts us_average{429, 1.12, 1.8};

inline WaterIntensity litres_per_kilowatt_hour(double n) {
  return n * 1e-3 * units::meter * units::meter * units::meter / units::kilowatt_hour;
}

struct Region {
  explicit Region(const GridFacts& facts, std::string_view name = "grid") : grid(name) {
    grid.carbon_intensity = facts.carbon_intensity * 1e-3 * units::kilogram_co2e / units::kilowatt_hour;
    grid.typical_pue = facts.pue;
    if (facts.wue) grid.typical_wue = litres_per_kilowatt_hour(*facts.wue);
  }
  Grid grid;
};

inline EnergyPrice per_kilowatt_hour(double dollars) { return dollars * units::dollar / units::kilowatt_hour; }

struct PlacedRun : equations::FleetPlace, equations::FleetRun {};
/// A run under the neutral settings.
inline PlacedRun neutral_run(const Cluster& cluster, Time duration, double utilization = 1) {
  PlacedRun run;
  run.fleet = &cluster.fleet;
  run.duration = duration;
  run.utilization = utilization;
  run.power_curve = equations::PowerCurve::linear;
  run.water_basis = equations::WaterBasis::facility_energy;
  return run;
}

template <class In>
void set_run(In& in, const PlacedRun& run) {
  static_cast<equations::FleetPlace&>(in) = run;
  static_cast<equations::FleetRun&>(in) = run;
}

inline void expect_outputs(const Row& row, const std::map<std::string, double>& expected) {
  for (const auto& [name, value] : expected) expect_close(row.out.at(name), value, name);
}

/// The row is refused, and says `part`.
inline void expect_refused(const Row& row, std::string_view part) {
  EXPECT_EQ(row.status, RowStatus::refused);
  EXPECT_NE(row.message.find(part), std::string::npos) << row.message;
}

}  // namespace ironlaw::fleet_test
