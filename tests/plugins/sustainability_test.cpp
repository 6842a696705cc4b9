#include "fleet_fixtures.hpp"

#include <random>

#include "sustainability/placement.hpp"
#include "sustainability/sustainability.hpp"

namespace ironlaw::fleet_test {
namespace {

using namespace ironlaw::sustainability;

constexpr double litre = 1e-3;

Sustainability::Inputs neutral(const Cluster& cluster, Time duration, double utilization) {
  Sustainability::Inputs in;
  set_run(in, neutral_run(cluster, duration, utilization));
  in.embodied_carbon_per_device = Carbon{};
  in.embodied_share = Sustainability::EmbodiedShare::whole;
  return in;
}

TEST(SustainabilityWorkedExample, AMonthOf256DevicesInPoland) {
  const Cluster cluster;
  const Region region(poland);
  auto in = neutral(cluster, 30.0 * units::day, 0.4);
  in.grid = &region.grid;
  in.embodied_carbon_per_device = 150.0 * units::kilogram_co2e;
  const Row row = evaluate<Sustainability>(in);
  EXPECT_EQ(row.status, RowStatus::ok);
  expect_outputs(row, {{"it_energy", 269402112000},
                       {"facility_energy", 425655336960},
                       {"pue", 1.58},
                       {"carbon", 135354.826752},
                       {"embodied_carbon", 38400},
                       {"water", 212827.66848 * litre}});
}

TEST(SustainabilityNative, WaterCountsItEnergyAndEmbodiedCarbonItsShareOfTheServiceLife) {
  const Cluster cluster(32, {.embodied = 150.0 * units::kilogram_co2e});
  Region region(poland);
  Sustainability::Inputs in;
  set_run(in, neutral_run(cluster, 30.0 * units::day, 0.4));
  in.grid = &region.grid;
  in.water_basis = equations::WaterBasis::it_energy;
  Row row = evaluate<Sustainability>(in);
  expect_outputs(row, {{"water", 134701.056 * litre}, {"embodied_carbon", 38400 * 30 / 1095.0}});
  EXPECT_NEAR(row.out.at("embodied_carbon"), 1052.0548, 1e-4);

  region.grid.water_intensity = litres_per_kilowatt_hour(2);
  row = evaluate<Sustainability>(in);
  expect_outputs(row, {{"site_water", 134701.056 * litre},
                       {"grid_water", 2 * 425655336960 / 3.6e6 * litre},
                       {"water", (134701.056 + 2 * 425655336960 / 3.6e6) * litre}});
  in.service_utilization = 0.5;
  expect_close(evaluate<Sustainability>(in).out.at("embodied_carbon"), 2 * 38400 * 30 / 1095.0);
}

TEST(SustainabilityNative, PowerIsConcaveInUtilizationAndMeetsTheLineAtItsEnds) {
  using equations::power_share;
  using enum equations::PowerCurve;
  expect_close(power_share(concave, 0.0), power_share(linear, 0.0));
  expect_close(power_share(concave, 1.0), power_share(linear, 1.0));
  EXPECT_GT(power_share(concave, 0.4), power_share(linear, 0.4));
  EXPECT_EQ(power_share(concave, 0.5), 0.3 + 0.7 * (1 - std::pow(0.5, 1.4)));
}

TEST(SustainabilityNative, TheHostIsPoweredTooAndAKnownPowerComesFirst) {
  Cluster cluster(2);
  const Region region(quebec);
  auto in = neutral(cluster, units::hour, 0.5);
  in.grid = &region.grid;
  cluster.node.host_power = 4600.0 * units::watt;
  expect_close(evaluate<Sustainability>(in).out.at("it_power"), 2 * (8 * 700 + 4600) * 0.65);
  in.device_power = 500.0 * units::watt;
  expect_close(evaluate<Sustainability>(in).out.at("it_power"), 2 * (8 * 500 + 4600 * 0.65));
}

TEST(SustainabilitySite, TheFirstThatIsGivenOfDatacenterGridFleetAndDefault) {
  Cluster cluster;
  const Region a(poland), b(quebec), c(us_average), d({100, absent, absent});
  Datacenter facility("facility");
  facility.grid = &a.grid;
  facility.pue = 1.3;
  Datacenter own("own");
  own.grid = &c.grid;
  auto in = neutral(cluster, units::day, 1);
  const auto expect_site = [&](double intensity, double pue) {
    const Row row = evaluate<Sustainability>(in);
    expect_close(row.out.at("carbon_intensity"), intensity * 1e-3 / 3.6e6);
    EXPECT_EQ(row.out.at("pue"), pue);
  };
  in.default_grid = &d.grid;
  expect_site(100, 1.12);
  EXPECT_TRUE(std::isnan(evaluate<Sustainability>(in).out.at("water")));
  cluster.fleet.datacenter = &own;
  expect_site(429, 1.12);
  in.grid = &b.grid;
  expect_site(20, 1.06);
  in.datacenter = &facility;
  expect_site(820, 1.3);
  facility.wue = litres_per_kilowatt_hour(0.3);
  expect_close(evaluate<Sustainability>(in).out.at("site_water"), 0.3 * litre * 256 * 0.7 * 24 * 1.3);
}

TEST(SustainabilityRefuses, WhatItCannotKnowAndWhatCannotBe) {
  const Cluster cluster(32, {.tdp = absent});
  const Region region(quebec);
  auto in = neutral(cluster, units::day, 1);
  expect_refused(evaluate<Sustainability>(in), "cluster states no datacenter; give a datacenter or a grid");
  in.grid = &region.grid;
  expect_refused(evaluate<Sustainability>(in), "H100 states no tdp; give device_power or default_tdp");
  in.default_tdp = 700.0 * units::watt;
  EXPECT_EQ(evaluate<Sustainability>(in).status, RowStatus::ok);

  const auto with = [&](auto change) {
    auto changed = in;
    change(changed);
    return evaluate<Sustainability>(changed);
  };
  expect_refused(with([](auto& i) { i.duration = -1.0 * units::day; }), "duration");
  expect_refused(with([](auto& i) { i.utilization = 1.5; }), "utilization");
  expect_refused(with([](auto& i) { i.utilization = std::nan(""); }), "utilization");
  expect_refused(with([](auto& i) { i.default_pue = 0.9; }), "default_pue");
  expect_refused(with([](auto& i) { i.embodied_carbon_per_device = -1.0 * units::kilogram_co2e; }), "embodied_carbon_per_device");
  expect_refused(with([](auto& i) { i.service_life = Time{}; }), "service_life");
}

TEST(SustainabilityProperties, EnergyAndCarbonAreProportionalToTimeAndFleet) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> share(0.01, 1);
  const Region region(us_average);
  for (int i = 0; i < 100; ++i) {
    const double nodes = std::ceil(1000 * share(random)), factor = 1 + 9 * share(random), u = share(random);
    const Cluster one(1), many(nodes);
    auto in = neutral(one, share(random) * units::year, u);
    in.grid = &region.grid;
    in.power_curve = equations::PowerCurve::concave;
    const Row small = evaluate<Sustainability>(in);
    in.fleet = &many.fleet;
    in.duration *= factor;
    const Row large = evaluate<Sustainability>(in);
    for (const char* name : {"it_energy", "facility_energy", "carbon", "water"})
      EXPECT_NEAR(large.out.at(name) / small.out.at(name), nodes * factor, 1e-9 * nodes * factor) << name;
    in.utilization = u / 2;
    EXPECT_LT(evaluate<Sustainability>(in).out.at("carbon"), large.out.at("carbon"));
  }
  const Cluster one(1);
  auto nothing = neutral(one, Time{}, 1);
  nothing.grid = &region.grid;
  expect_outputs(evaluate<Sustainability>(nothing), {{"carbon", 0}, {"it_energy", 0}, {"water", 0}});
}

TEST(SustainabilityWorking, EveryOutputHasItsStep) {
  Cluster cluster(32, {.embodied = 164.0 * units::kilogram_co2e});
  Region region(poland);
  Sustainability::Inputs in;
  set_run(in, neutral_run(cluster, 30.0 * units::day, 0.4));
  in.grid = &region.grid;
  expect_working<Sustainability>(in, {"pue", "carbon_intensity"});
  in.power_curve = equations::PowerCurve::concave;
  in.water_basis = equations::WaterBasis::it_energy;
  in.embodied_share = Sustainability::EmbodiedShare::whole;
  region.grid.water_intensity = litres_per_kilowatt_hour(2);
  cluster.node.host_power = 4600.0 * units::watt;
  expect_working<Sustainability>(in, {"pue", "carbon_intensity"});
}

Placement::Inputs neutral_placement(const Cluster& cluster, const Region& region) {
  Placement::Inputs in;
  set_run(in, neutral_run(cluster, 30.0 * units::day, 0.4));
  in.grid = &region.grid;
  in.terms.cost_of_capital = 0;
  in.terms.infrastructure_multiplier = 1;
  in.terms.building_price = {};
  return in;
}

TEST(PlacementWorkedExample, QuebecAgainstTheUnitedStates) {
  const Cluster cluster;
  const Region cold(quebec), average(us_average);
  const Row a = evaluate<Placement>(neutral_placement(cluster, cold));
  const Row b = evaluate<Placement>(neutral_placement(cluster, average));
  expect_outputs(a, {{"objective", 251650.125274126}, {"tco", 251491.477363726}, {"carbon", 1586.479104}, {"pue", 1.06}});
  expect_outputs(b, {{"objective", 255625.90177588604}});
  const Cluster cheaper(32, {.price = 25000.0 * units::dollar});
  expect_outputs(evaluate<Placement>(neutral_placement(cheaper, cold)), {{"objective", 211321.35815083835}});
}

TEST(PlacementNative, APriceOfItsOwnAndCarbonForNothing) {
  const Cluster cluster;
  Region region(quebec);
  region.grid.electricity_price = per_kilowatt_hour(0.05);
  auto in = neutral_placement(cluster, region);
  in.carbon_price = CarbonPrice{};
  const Row row = evaluate<Placement>(in);
  EXPECT_EQ(row.out.at("objective"), row.out.at("tco"));
  expect_close(row.out.at("electricity_price"), 0.05 / 3.6e6);
  expect_working<Placement>(in, {"pue", "electricity_price"});
}

TEST(PlacementRefuses, NoRegionAndANegativeCarbonPrice) {
  const Cluster cluster;
  const Region region(quebec);
  auto in = neutral_placement(cluster, region);
  in.carbon_price = -0.5 * units::dollar / units::kilogram_co2e;
  expect_refused(evaluate<Placement>(in), "carbon_price");
  in = neutral_placement(cluster, region);
  in.grid = nullptr;
  expect_refused(evaluate<Placement>(in), "give a datacenter or a grid");
}

}  // namespace
}  // namespace ironlaw::fleet_test
