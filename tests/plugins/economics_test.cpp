#include "fleet_fixtures.hpp"

#include <random>

#include "economics/economics.hpp"
#include "economics/own_or_rent.hpp"

namespace ironlaw::fleet_test {
namespace {

using namespace ironlaw::economics;

Economics::Inputs neutral(const Cluster& cluster, const Region& region, Time duration, double utilization) {
  Economics::Inputs in;
  set_run(in, neutral_run(cluster, duration, utilization));
  in.grid = &region.grid;
  in.terms.cost_of_capital = 0;
  in.terms.infrastructure_multiplier = 1;
  in.terms.building_price = {};
  return in;
}

TEST(EconomicsWorkedExample, AMonthOf256DevicesInQuebec) {
  const Cluster cluster;
  const Region region(quebec);
  const Row row = evaluate<Economics>(neutral(cluster, region, 30.0 * units::day, 0.4));
  EXPECT_EQ(row.status, RowStatus::ok);
  expect_outputs(row, {{"purchase", 7680000},
                       {"capex", 210410.95890410958},
                       {"opex_energy", 9518.874624},
                       {"opex_maintenance", 31561.643835616436},
                       {"opex", 41080.51845961643},
                       {"tco", 251491.477363726},
                       {"it_energy", 269402112000},
                       {"facility_energy", 285566238720},
                       {"carbon", 1586.479104},
                       {"water", 0}});
  const Cluster cheaper(32, {.price = 25000.0 * units::dollar});
  expect_outputs(evaluate<Economics>(neutral(cheaper, region, 30.0 * units::day, 0.4)),
                 {{"capex", 175342.46575342465}, {"opex_maintenance", 26301.369863013697}, {"tco", 211162.71024043835}});
}

TEST(EconomicsWorkedExample, OtherTerms) {
  const Cluster cluster;
  const Region region(us_average);
  auto in = neutral(cluster, region, 90.0 * units::day, 0.35);
  in.terms.electricity_price = per_kilowatt_hour(0.08);
  in.terms.amortization = 4.0 * units::year;
  in.terms.infrastructure_multiplier = 2;
  expect_outputs(evaluate<Economics>(in), {{"capex", 946849.3150684931},
                                           {"opex_energy", 18901.499904},
                                           {"opex_maintenance", 189369.86301369863},
                                           {"tco", 1155120.6779861918}});
}

TEST(EconomicsWorkedExample, DevicesBoughtOutrightAndRunAtFullPower) {
  Cluster cluster(125);
  const Region region({0, 1.0, absent});
  auto in = neutral(cluster, region, 3.0 * units::year, 1);
  in.terms.maintenance_rate = Rate{};
  expect_outputs(evaluate<Economics>(in), {{"tco", 32207520}});
}

/// Eight devices of 30,000 USD and 700 W for a year: 350,400 USD with hosts and network, paid off over three years, and 11.7 USD
/// for each of 5,600 W of building, paid off over fifteen.
TEST(EconomicsNative, AnHourCountsHostNetworkAndBuilding) {
  const Cluster cluster(1);
  Economics::Inputs in;
  set_run(in, neutral_run(cluster, 1.0 * units::year, 1));
  in.terms.maintenance_rate = Rate{};
  in.terms.electricity_price = EnergyPrice{};
  const Row row = evaluate<Economics>(in);
  const auto recovery = [](double years) { return 0.07 * std::pow(1.07, years) / (std::pow(1.07, years) - 1); };
  const double purchase = 8 * 30000 * 1.46;
  const double building = 11.7 * 8 * 700 * recovery(15);
  expect_close(row.out.at("purchase"), purchase);
  expect_close(row.out.at("building_cost"), building);
  expect_close(row.out.at("tco"), purchase * recovery(3) + building);
  expect_close(row.out.at("per_accelerator_hour"), row.out.at("tco") / 8 / 8760);
  expect_working<Economics>(in, {"electricity_price", "pue"});
}

TEST(EconomicsNative, SaysWhoseThePriceOfElectricityIs) {
  const Cluster cluster;
  Region region(quebec);
  Datacenter facility("facility");
  facility.grid = &region.grid;
  auto in = neutral(cluster, region, units::day, 1);
  using equations::PriceSource;
  const auto source = [&] { return Economics::solve(in).electricity_price_from; };
  EXPECT_EQ(source(), PriceSource::fallback);
  region.grid.electricity_price = per_kilowatt_hour(0.05);
  EXPECT_EQ(source(), PriceSource::grid);
  in.datacenter = &facility;
  EXPECT_EQ(source(), PriceSource::grid);
  facility.electricity_price = per_kilowatt_hour(0.04);
  EXPECT_EQ(source(), PriceSource::datacenter);
  in.terms.electricity_price = per_kilowatt_hour(0.03);
  EXPECT_EQ(source(), PriceSource::given);
}

TEST(EconomicsNative, CapitalHasACost) {
  const Cluster cluster;
  const Region region(quebec);
  auto in = neutral(cluster, region, 30.0 * units::day, 0.4);
  in.terms.cost_of_capital = 0.07;
  expect_close(equations::capital_recovery(0.07, 3), 0.07 * std::pow(1.07, 3) / (std::pow(1.07, 3) - 1));
  EXPECT_NEAR(equations::capital_recovery(0.07, 3), 0.38105166568, 1e-11);
  EXPECT_NEAR(evaluate<Economics>(in).out.at("capex"), 240532.34, 0.01);
  in.terms.salvage_share = 1;
  expect_close(evaluate<Economics>(in).out.at("capex"), 7680000 * 0.07 * 30 / 365);
  expect_close(equations::capital_recovery(1e-9, 3), equations::capital_recovery(0, 3) * (1 + 2e-9));
}

TEST(EconomicsNative, TheSiteSetsThePriceAndFreeIsNotAbsent) {
  const Cluster cluster;
  Region region(quebec);
  region.grid.electricity_price = per_kilowatt_hour(0.05);
  Datacenter facility("facility");
  facility.grid = &region.grid;
  auto in = neutral(cluster, region, units::day, 1);
  const auto price = [&] { return evaluate<Economics>(in).out.at("electricity_price") * 3.6e6; };
  expect_close(price(), 0.05);
  in.datacenter = &facility;
  expect_close(price(), 0.05);
  facility.electricity_price = per_kilowatt_hour(0.04);
  expect_close(price(), 0.04);
  in.terms.electricity_price = EnergyPrice{};
  EXPECT_EQ(price(), 0);
  in.terms.electricity_price = absent;
  in.grid = nullptr;
  in.datacenter = nullptr;
  expect_close(price(), 0.12);
  const Row row = evaluate<Economics>(in);
  EXPECT_EQ(row.status, RowStatus::ok);
  EXPECT_EQ(row.out.at("pue"), 1.12);
  EXPECT_TRUE(std::isnan(row.out.at("carbon")));
  EXPECT_TRUE(std::isnan(row.out.at("water")));
}

TEST(EconomicsNative, UnitCosts) {
  const Cluster cluster;
  const Region region(quebec);
  auto in = neutral(cluster, region, 30.0 * units::day, 0.4);
  EXPECT_TRUE(std::isnan(evaluate<Economics>(in).out.at("per_million_tokens")));
  in.throughput = 1e6 * units::token / units::second;
  in.request_rate = 1e3 * units::request / units::second;
  in.useful_share = 0.5;
  const double tco = 251491.477363726, seconds = 30 * 86400.0;
  expect_outputs(evaluate<Economics>(in), {{"per_million_tokens", 1e6 * tco / (1e6 * 0.5 * seconds)},
                                           {"per_request", tco / (1e3 * 0.5 * seconds)},
                                           {"per_accelerator_hour", tco / 256 / 720}});
  in.duration = Time{};
  const Row nothing = evaluate<Economics>(in);
  EXPECT_EQ(nothing.status, RowStatus::ok);
  EXPECT_EQ(nothing.out.at("tco"), 0);
  EXPECT_TRUE(std::isnan(nothing.out.at("per_million_tokens")));
  EXPECT_TRUE(std::isnan(nothing.out.at("per_accelerator_hour")));
}

TEST(EconomicsRefuses, WhatItCannotKnowAndWhatCannotBe) {
  const Cluster priceless(32, {.price = absent});
  const Region region(quebec);
  auto in = neutral(priceless, region, units::day, 1);
  expect_refused(evaluate<Economics>(in), "H100 states no price; give default_price");
  in.terms.default_price = Money{};
  EXPECT_EQ(evaluate<Economics>(in).out.at("capex"), 0);

  const auto with = [&](auto change) {
    auto changed = in;
    change(changed);
    return evaluate<Economics>(changed);
  };
  expect_refused(with([](auto& i) { i.duration = std::nan("") * units::second; }), "duration");
  expect_refused(with([](auto& i) { i.terms.electricity_price = per_kilowatt_hour(-1); }), "electricity_price");
  expect_refused(with([](auto& i) { i.terms.amortization = -3.0 * units::year; }), "amortization");
  expect_refused(with([](auto& i) { i.terms.infrastructure_multiplier = -1; }), "infrastructure_multiplier");
  expect_refused(with([](auto& i) { i.terms.salvage_share = 2; }), "salvage_share");
  expect_refused(with([](auto& i) { i.throughput = TokenRate{}; }), "throughput");
  expect_refused(with([](auto& i) { i.useful_share = 0; }), "useful_share");
}

TEST(EconomicsProperties, CostRisesWithEveryPrice) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> share(0.01, 1);
  const Region region(us_average);
  for (int i = 0; i < 100; ++i) {
    const Cluster cluster(std::ceil(100 * share(random)), {.price = 1e5 * share(random) * units::dollar});
    auto in = neutral(cluster, region, share(random) * units::year, share(random));
    in.terms.electricity_price = per_kilowatt_hour(share(random));
    const Row low = evaluate<Economics>(in);
    in.terms.cost_of_capital = share(random);
    const Row capital = evaluate<Economics>(in);
    EXPECT_GT(capital.out.at("capex"), low.out.at("capex"));
    in.terms.electricity_price = *in.terms.electricity_price * 2.0;
    EXPECT_NEAR(evaluate<Economics>(in).out.at("opex_energy") / low.out.at("opex_energy"), 2, 1e-12);
    EXPECT_NEAR(low.out.at("tco"), low.out.at("capex") + low.out.at("opex_energy") + low.out.at("opex_maintenance"),
                1e-9 * low.out.at("tco"));
  }
}

TEST(EconomicsWorking, EveryOutputHasItsStep) {
  const Cluster cluster;
  const Region region(us_average);
  auto in = neutral(cluster, region, 30.0 * units::day, 0.4);
  in.terms.cost_of_capital = 0.07;
  in.throughput = 1e6 * units::token / units::second;
  in.request_rate = 1e3 * units::request / units::second;
  expect_working<Economics>(in, {"pue", "electricity_price"});
}

TEST(OwnOrRentNative, BreakEven) {
  OwnOrRent::Inputs in;
  in.purchase = 30000.0 * units::dollar;
  in.rent = 2.5 * units::dollar / units::hour;
  in.running_cost = 0.1 * units::dollar / units::hour;
  in.fixed_cost = 0.2 * units::dollar / units::hour;
  in.cost_of_capital = 0;
  Row row = evaluate<OwnOrRent>(in);
  const double standing = 30000.0 / 3 / 8760 + 0.2;
  expect_outputs(row, {{"own_cost", (standing + 0.1) / 3600},
                       {"rent_cost", 2.5 / 3600},
                       {"break_even_utilization", standing / 2.4},
                       {"owning_is_cheaper", 1}});
  in.utilization = row.out.at("break_even_utilization");
  row = evaluate<OwnOrRent>(in);
  expect_close(row.out.at("own_cost"), row.out.at("rent_cost"));
  in.utilization = 0.1;
  EXPECT_EQ(evaluate<OwnOrRent>(in).out.at("owning_is_cheaper"), 0);
  in.rent = 1.0 * units::dollar / units::hour;
  EXPECT_TRUE(std::isnan(evaluate<OwnOrRent>(in).out.at("break_even_utilization")));
  in.rent = in.running_cost;
  EXPECT_TRUE(std::isnan(evaluate<OwnOrRent>(in).out.at("break_even_utilization")));
  in.rent = 3.0 * units::dollar / units::hour;
  expect_working<OwnOrRent>(in, {"owning_is_cheaper"});
}

}  // namespace
}  // namespace ironlaw::fleet_test
