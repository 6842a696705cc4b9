// Cost, carbon and reliability of fleets against the comparison data, through a session, as configs of one stage.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "../host/sessions.hpp"
#include "peer_line.hpp"

namespace ironlaw::parity {
namespace {

using host::Answer;
using host::Config;
using host::Pipeline;
using host::Session;

constexpr double litre = 1e-3;
constexpr double tonne = 1e3;

/// Their name of an output, ours, and what one of their units is in SI.
struct Output {
  std::string_view theirs;
  std::string_view ours;
  double scale = 1;
};

struct Case {
  Json stage;
  std::vector<Output> outputs;
};

Json fleet_in_full(const Json& fl) {
  Json fleet = fleet_of(fl);
  const Json parts =
      renamed(fl, {{"nics_per_node", "nics"}, {"psus_per_node", "power_supplies"}, {"psu_redundancy", "spare_power_supplies"}});
  fleet["node"].update(parts);
  if (fl.contains("datacenter")) {
    fleet["datacenter"] = renamed(fl["datacenter"], {{"grid", "grid"}, {"pue_override", "pue"}});
  } else if (fl.contains("region") && !fl["region"].is_null()) {
    fleet["datacenter"] = Json{{"grid", fl["region"]}};
  }
  return fleet;
}

Json stage_of(const std::string& solver, const Json& in, const Renames& names) {
  Json stage = renamed(in, names);
  stage["solver"] = solver;
  if (in.contains("fleet")) stage["fleet"] = object_of(in["fleet"], fleet_in_full);
  if (in.contains("datacenter")) stage["datacenter"] = renamed(in["datacenter"], {{"grid", "grid"}, {"pue_override", "pue"}});
  return stage;
}

const Renames run_names{{"duration_days", "duration", "day"}, {"grid", "grid"}, {"mfu", "utilization"}};

Renames with_run(const Renames& more) {
  Renames all = run_names;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Case reliability_case(const Json& in) {
  return {stage_of("reliability", in,
                   {{"job_duration_hours", "job_duration", "hour"},
                    {"checkpoint_time_s", "checkpoint_time", "s"},
                    {"avg_recovery_time_s", "recovery_time", "s"}}),
          {{"fleet_mtbf_s", "mtbf"},
           {"failure_probability", "failure_probability"},
           {"optimal_checkpoint_interval_s", "optimal_checkpoint_interval"},
           {"expected_failures", "expected_failures"},
           {"goodput_ratio", "goodput"}}};
}

Case checkpoint_case(const Json& in) {
  Json stage = stage_of("checkpoint", in,
                        {{"optimizer", "optimizer"},
                         {"n_writers", "writers"},
                         {"checkpoint_interval_hours", "checkpoint_interval", "hour"},
                         {"filesystem_limit_bytes_per_s", "filesystem_limit", "B/s"}});
  stage["workload"] = last_part(in["model"]);
  stage["hardware"] = last_part(in["hardware"]);
  return {stage,
          {{"checkpoint_size_bytes", "checkpoint_size"},
           {"write_time_s", "write_time"},
           {"max_bandwidth_required_bytes_per_s", "storage_bandwidth"},
           {"storage_bottleneck", "storage_bottleneck"},
           {"mfu_penalty_fraction", "penalty"}}};
}

Case economics_case(const Json& in) {
  return {stage_of("economics", in,
                   with_run({{"kwh_price_usd", "electricity_price", "USD/kWh"},
                             {"amortization_years", "amortization", "year"},
                             {"infrastructure_multiplier", "infrastructure_multiplier"}})),
          {{"capex_usd", "capex"},
           {"opex_energy_usd", "opex_energy"},
           {"opex_maintenance_usd", "opex_maintenance"},
           {"total_opex_usd", "opex"},
           {"tco_usd", "tco"},
           {"it_energy_j", "it_energy"},
           {"total_energy_j", "facility_energy"},
           {"carbon_footprint_kg", "carbon"},
           {"water_usage_l", "water", litre},
           {"pue", "pue"}}};
}

Case sustainability_case(const Json& in) {
  return {stage_of("sustainability", in, with_run({{"embodied_carbon_per_device_kg", "embodied_carbon_per_device", "kgCO2e"}})),
          {{"it_energy_j", "it_energy"},
           {"total_energy_j", "facility_energy"},
           {"carbon_footprint_kg", "carbon"},
           {"embodied_carbon_kg", "embodied_carbon"},
           {"water_usage_l", "water", litre},
           {"pue", "pue"}}};
}

Case formula_case(const Json& in) {
  const std::string fn = in["fn"];
  if (fn == "calc_young_daly_interval")
    return {stage_of("checkpoint_interval", in, {{"checkpoint_cost_s", "checkpoint_time", "s"}, {"mtbf_s", "mtbf", "s"}}), {}};
  if (fn == "calc_mtbf_cluster")
    return {stage_of("failures", in, {{"component_mtbf_hours", "component_mtbf", "hour"}, {"n_components", "components"}}),
            {{"mtbf_s", "mtbf"}}};
  if (fn == "calc_failure_probability")
    return {stage_of("failures", in, {{"mtbf_hours", "component_mtbf", "hour"}, {"job_hours", "duration", "hour"}}),
            {{"probability", "failure_probability"}}};
  if (fn == "calc_availability_stacked")
    return {stage_of("availability", in, {{"single_availability", "replica_availability"}, {"n_replicas", "replicas"}}),
            {{"availability", "availability"}}};
  if (fn == "calc_effective_flops")
    return {stage_of("effective_rate", in,
                     {{"peak_flops_flop_per_s", "peak_rate", "FLOP/s"},
                      {"mfu", "mfu"},
                      {"scaling_eff", "scaling_efficiency"},
                      {"goodput_ratio", "goodput"}}),
            {{"effective_flops_flop_per_s", "effective_rate"}}};
  if (fn == "calc_checkpoint_size") {
    Json stage = stage_of("checkpoint", in, {});
    stage["workload"] = Json{{"kind", "network"}, {"parameters", in["n_params"]}};
    return {stage, {{"size_bytes", "checkpoint_size"}}};
  }
  // calc_fleet_tco: bought outright, run at full power, without a facility or maintenance
  Json stage = stage_of("economics", in, {{"years", "duration", "year"}, {"kwh_price_usd", "electricity_price", "USD/kWh"}});
  stage["amortization"] = stage["duration"];
  stage["maintenance_rate"] = Json{{"value", 0}, {"unit", "1/s"}};
  stage["fleet"] = Json{{"accelerator", Json{{"based_on", "H100"}}}, {"count", in["quantity"]}, {"link_bandwidth", "1 GB/s"}};
  stage["fleet"]["accelerator"].update(renamed(in, {{"unit_cost_usd", "price", "USD"}, {"power_w", "tdp", "W"}}));
  stage["datacenter"] = Json{{"grid", "US_Avg"}, {"pue", 1}};
  return {stage, {{"tco_usd", "tco"}}};
}

Case case_of(const Json& line) {
  const std::string solver = line["solver"];
  const Json& in = line["inputs"];
  if (solver == "ReliabilityModel") return reliability_case(in);
  if (solver == "CheckpointModel") return checkpoint_case(in);
  if (solver == "EconomicsModel") return economics_case(in);
  if (solver == "SustainabilityModel") return sustainability_case(in);
  return formula_case(in);
}

/// Our outputs in SI by name, or why the stage was refused.
struct Result {
  std::string refusal;
  std::map<std::string, double, std::less<>> outputs;
};

Result result_of(Session& session, const Json& stage, const std::string& profile) {
  Result result;
  try {
    const Json config{{"version", 1}, {"stages", {{"s", stage}}}};
    const Pipeline pipeline = session.compile(Config::parse(config.dump(), "line"), profile);
    const Answer a = answer(pipeline);
    if (!a.errors.empty()) result.refusal = a.errors.front();
    const auto ports = pipeline.solver().outputs();
    for (std::size_t i = 0; i < ports.size(); ++i) result.outputs[std::string(ports[i].name.substr(2))] = a.outputs[i].number;
  } catch (const InputError& e) {
    result.refusal = e.what();
  }
  return result;
}

void expect_equal(const Result& ours, const Json& theirs, const std::vector<Output>& outputs, const std::string& id) {
  ASSERT_TRUE(ours.refusal.empty()) << id << ": " << ours.refusal;
  for (const auto& [their_name, our_name, scale] : outputs) {
    const Json& value = theirs.at(std::string(their_name));
    const double expected = scale * (value.is_boolean() ? (value.get<bool>() ? 1.0 : 0.0) : value.get<double>());
    const double actual = ours.outputs.find(our_name)->second;
    EXPECT_LE(std::abs(actual - expected), 1e-9 * std::abs(expected))
        << id << ", " << our_name << ": " << actual << ", not " << expected;
  }
}

/// Answered by the other side, with inputs that no system can have.
const std::set<std::string> impossible{
    "EconomicsModel/030",      "EconomicsModel/032",   "EconomicsModel/035",      "EconomicsModel/036",
    "EconomicsModel/038",      "EconomicsModel/039",   "SustainabilityModel/023", "SustainabilityModel/024",
    "SustainabilityModel/026", "ReliabilityModel/017", "CheckpointModel/021",     "CheckpointModel/023",
    "CheckpointModel/026",     "Formula/066"};

class OperationsParity : public ::testing::TestWithParam<const char*> {};

TEST_P(OperationsParity, EveryLine) {
  Session session;
  std::size_t compared = 0;
  for (const Json& line : lines_of(GetParam())) {
    if (line["solver"] == "PlacementOptimizer") continue;
    const std::string id = line["id"];
    const Case c = case_of(line);
    const Result result = result_of(session, c.stage, "mlsysim-0.3");
    if (line["outputs"].contains("error") || impossible.contains(id)) {
      EXPECT_FALSE(result.refusal.empty()) << id << " is answered: " << c.stage;
    } else {
      expect_equal(result, line["outputs"], c.outputs, id);
    }
    ++compared;
  }
  EXPECT_GT(compared, 0U);
}
INSTANTIATE_TEST_SUITE_P(Families, OperationsParity,
                         ::testing::Values("reliability.jsonl", "economics.jsonl", "sustainability.jsonl"));

/// The other side's search over regions as a config: a table over grids, cheapest first, the earlier of two equals first.
Json placement_table(const Json& in, const Json& regions) {
  Json stage = stage_of("placement", in, with_run({{"carbon_tax_usd_per_tonne", "carbon_price", "USD/tCO2e"}}));
  stage["grid"] = "$grid";
  return {{"version", 1},
          {"inputs", {{"grid", "US_Avg"}}},
          {"stages", {{"s", stage}}},
          {"axes", Json::array({Json{{"grid", regions}}})},
          {"report", {{"columns", {"grid", "s.tco", "s.carbon", "s.pue", "s.objective"}}, {"sort", {"min s.objective"}}}}};
}

TEST(PlacementParity, RegionsAreRowsOfATable) {
  std::size_t regions = 0;
  for (const Json& line : lines_of("sustainability.jsonl")) {
    if (line["solver"] != "PlacementOptimizer") continue;
    const std::string id = line["id"];
    const Json& in = line["inputs"];
    const Json searched = in.value("regions", Json{"US_Avg", "Quebec", "Iowa"});
    const auto table = [&] { return host::compiled(placement_table(in, searched).dump(), "mlsysim-0.3"); };
    // A region that nobody knows is left out there; a carbon price below zero is taken.
    if (id == "PlacementOptimizer/010" || id == "PlacementOptimizer/016" || line["outputs"].contains("error")) {
      EXPECT_FALSE(host::refused([&] { (void)table(); }).empty()) << id;
      continue;
    }
    const Pipeline pipeline = table();
    const auto rows = host::rows_of(pipeline).cells;
    const Json& candidates = line["outputs"]["top_candidates"];
    ASSERT_EQ(rows.size(), candidates.size()) << id;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto place = std::find(searched.begin(), searched.end(), candidates[r]["region"]) - searched.begin();
      EXPECT_EQ(rows[r][0].object, pipeline.axes()[0].values[0][static_cast<std::size_t>(place)].object) << id << ", row " << r;
      const std::vector<double> expected{candidates[r]["tco"], candidates[r]["carbon"].get<double>() * tonne,
                                         candidates[r]["pue"], candidates[r]["objective"]};
      for (std::size_t c = 0; c < expected.size(); ++c)
        EXPECT_NEAR(rows[r][c + 1].number, expected[c], 1e-9 * std::abs(expected[c])) << id << ", row " << r << ", column " << c;
      ++regions;
    }
  }
  EXPECT_GT(regions, 0U);
}

}  // namespace
}  // namespace ironlaw::parity
