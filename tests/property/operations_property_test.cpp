// Properties of cost, energy, carbon, reliability and data paths over generated fleets.
#include "generator.hpp"
#include "question.hpp"

namespace ironlaw::host {
namespace {

const std::string eight_h100 =
    R"("fleet": {"accelerator": {"based_on": "H100"}, "count": 8}, "grid": "US_Avg", "duration": "1 day")";
constexpr double day = 86400;

void randomize_fleet(Question& q, Generator& any) {
  q.set("fleet.count", static_cast<double>(1 + any.below(100000)));
  q.set("fleet.accelerator.tdp", any.logarithmic(1, 2000));
  q.set("fleet.accelerator.price", any.logarithmic(10, 1e6));
  q.set("utilization", any.between(0, 1));
  q.set("duration", any.logarithmic(0.01, 100) * day);
}

/// Every output named grows as the duration does.
void expect_linear_in_duration(Question& q, Generator& any, const std::vector<std::string>& outputs) {
  const auto before = q.ask();
  const double times = any.between(1, 10);
  q.set("duration", times * q.get("duration"));
  const auto after = q.ask();
  for (const auto& output : outputs) EXPECT_NEAR(after[output], times * before[output], 1e-9 * after[output]) << output;
}

TEST(Economics, CostAndEnergyAreLinearInTimeAndSumsOfTheirParts) {
  Question q(R"("solver": "economics",)" + eight_h100);
  Generator any(51);
  for (int i = 0; i < 300; ++i) {
    randomize_fleet(q, any);
    const auto cost = q.ask();
    ASSERT_NEAR(cost["opex"], cost["opex_energy"] + cost["opex_maintenance"], rounding * cost["opex"]);
    ASSERT_NEAR(cost["tco"], cost["capex"] + cost["opex"], rounding * cost["tco"]);
    ASSERT_NEAR(cost["it_energy"], cost["it_power"] * q.get("duration"), rounding * cost["it_energy"]);
    ASSERT_NEAR(cost["facility_energy"], cost["pue"] * cost["it_energy"], rounding * cost["facility_energy"]);
    ASSERT_NEAR(cost["opex_energy"], cost["electricity_price"] * cost["facility_energy"], rounding * cost["opex_energy"]);
    ASSERT_LE(cost["it_power"], q.get("fleet.count") * q.get("fleet.accelerator.tdp") * (1 + rounding));
    expect_linear_in_duration(q, any,
                              {"capex", "opex_energy", "opex_maintenance", "tco", "it_energy", "facility_energy", "carbon"});
  }
}

TEST(Sustainability, CarbonAndWaterAreLinearInTimeAndSumsOfTheirParts) {
  Question q(R"("solver": "sustainability", "datacenter": "US_Hyperscale",)" + eight_h100);
  Generator any(52);
  for (int i = 0; i < 300; ++i) {
    randomize_fleet(q, any);
    const auto footprint = q.ask();
    ASSERT_NEAR(footprint["carbon"], footprint["operational_carbon"] + footprint["embodied_carbon"],
                rounding * footprint["carbon"]);
    ASSERT_NEAR(footprint["operational_carbon"], footprint["carbon_intensity"] * footprint["facility_energy"],
                rounding * footprint["operational_carbon"]);
    const double grid_water = std::isnan(footprint["grid_water"]) ? 0 : footprint["grid_water"];
    ASSERT_NEAR(footprint["water"], footprint["site_water"] + grid_water, rounding * footprint["water"]);
    expect_linear_in_duration(q, any,
                              {"it_energy", "facility_energy", "operational_carbon", "embodied_carbon", "carbon", "water"});
  }
}

TEST(Placement, IsTheCostAndItsCarbon) {
  Question q(R"("solver": "placement",)" + eight_h100);
  Generator any(53);
  for (int i = 0; i < 300; ++i) {
    randomize_fleet(q, any);
    q.set("carbon_price", any.between(0, 1));
    const auto place = q.ask();
    ASSERT_NEAR(place["objective"], place["tco"] + place["carbon_cost"], rounding * place["objective"]);
    ASSERT_NEAR(place["carbon_cost"], q.get("carbon_price") * place["carbon"], rounding * place["carbon_cost"]);
    expect_linear_in_duration(q, any, {"objective", "tco", "carbon_cost", "carbon", "facility_energy"});
  }
}

TEST(Reliability, SharesAreSharesAndPartsThatNeverFailCostCheckpointsAlone) {
  Question q(
      R"("solver": "reliability", "job_duration": "1 day", "fleet": {"node": "DGX_H100", "fabric": "InfiniBand_NDR", "nodes": 8})");
  Generator any(54);
  for (int i = 0; i < 300; ++i) {
    q.set("fleet.nodes", static_cast<double>(1 + any.below(10000)));
    q.set("job_duration", any.logarithmic(0.01, 100) * day);
    q.set("checkpoint_time", any.logarithmic(0.01, 1000));
    q.set("accelerator_mttf", any.logarithmic(1e3, 1e6) * 3600);
    const auto job = q.ask();
    expect_share(job, "failure_probability");
    expect_share(job, "goodput");
    if (job["goodput"] > 0) {
      ASSERT_GE(job["expected_duration"], q.get("job_duration"));
    }
    const double goodput = job["goodput"];
    q.set("accelerator_mttf", 10 * q.get("accelerator_mttf"));
    ASSERT_GE(q.ask()["goodput"], goodput);
    for (const char* part : {"accelerator_mttf", "nic_mttf", "power_supply_mttf"}) q.set(part, 1e30);
    const auto never = q.ask();
    ASSERT_NEAR(never["goodput"], 1, 1e-6);
    ASSERT_LT(never["failure_probability"], 1e-6);
    for (const char* part : {"nic_mttf", "power_supply_mttf"}) q.set(part, 1e5 * 3600);
  }
}

TEST(DataPath, SuppliesNoMoreThanItsNarrowestPart) {
  Question q(R"("solver": "data", "hardware": {"based_on": "H100"}, "data_rate": "1 GB/s", "network_bandwidth": "1 GB/s",
    "storage": {"kind": "storage", "bandwidth": "1 GB/s"})");
  Generator any(55);
  for (int i = 0; i < 300; ++i) {
    q.set("data_rate", any.logarithmic(1e6, 1e12));
    q.set("network_bandwidth", any.logarithmic(1e6, 1e12));
    q.set("storage.bandwidth", any.logarithmic(1e6, 1e12));
    q.set("hardware.host_link", any.logarithmic(1e6, 1e12));
    const auto path = q.ask();
    const double narrowest = std::min({q.get("network_bandwidth"), q.get("storage.bandwidth"), q.get("hardware.host_link")});
    ASSERT_LE(path["supply_bandwidth"], narrowest * (1 + rounding));
    ASSERT_NEAR(path["margin"], path["supply_bandwidth"] - q.get("data_rate"), rounding * (narrowest + q.get("data_rate")));
    ASSERT_NEAR(path["slowdown"], std::max(1.0, path["utilization"]), 1e-9 * path["slowdown"]);
    ASSERT_EQ(path["is_stalled"], path["utilization"] > 1 ? 1 : 0);
  }
}

TEST(Orchestration, SharesAreSharesAndAStableClusterKeepsUp) {
  Question q(R"("solver": "orchestration", "arrival_rate": "1 1/day", "job_duration": "1 day",
    "fleet": {"accelerator": "H100", "count": 64}, "accelerators_per_job": 8)");
  Generator any(56);
  int stable = 0;
  for (int i = 0; i < 300; ++i) {
    q.set("arrival_rate", any.logarithmic(0.01, 100) / day);
    q.set("job_duration", any.logarithmic(0.01, 10) * day);
    const auto queue = q.ask();
    ASSERT_EQ(queue["is_stable"], queue["cluster_utilization"] < 1 ? 1 : 0);
    if (queue["is_stable"] == 0) continue;
    ++stable;
    expect_share(queue, "waiting_probability");
    ASSERT_NEAR(queue["average_queue_length"], q.get("arrival_rate") * queue["average_wait_time"],
                1e-9 * queue["average_queue_length"]);
  }
  EXPECT_GT(stable, 100);
}

}  // namespace
}  // namespace ironlaw::host
