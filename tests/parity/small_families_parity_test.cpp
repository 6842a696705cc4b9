// Every line of the comparison data of the families data, scaling, compression, orchestration, responsible and inverse.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "peer_line.hpp"

namespace ironlaw::parity {
namespace {

/// How a solver of theirs reads in ours.
struct Translation {
  std::string_view solver;
  Renames inputs;
  Renames outputs;
};

const std::map<std::string, Translation>& translations() {
  static const Translation data{
      "data",
      {{"workload_data_rate_bytes_per_s", "data_rate", "B/s"}, {"rate", "data_rate", "B/s"}, {"hardware", "hardware"}},
      {{"is_stalled", "is_stalled"},
       {"utilization", "utilization"},
       {"supply_bw_bytes_per_s", "supply_bandwidth"},
       {"supply_bw", "supply_bandwidth"},
       {"margin_bytes_per_s", "margin"},
       {"margin", "margin"},
       {"bottleneck", "bottleneck"}}};
  static const Translation transformation{"transformation",
                                          {{"batch_size", "batch_size"},
                                           {"B", "batch_size"},
                                           {"sample_size_bytes", "sample_size", "B"},
                                           {"s", "sample_size", "B"},
                                           {"cpu_throughput_bytes_per_s", "cpu_throughput", "B/s"},
                                           {"c", "cpu_throughput", "B/s"},
                                           {"accelerator_step_time_s", "accelerator_step_time", "s"},
                                           {"ta", "accelerator_step_time", "s"}},
                                          {{"transform_time_s", "transform_time"},
                                           {"transform_time", "transform_time"},
                                           {"is_bottleneck", "is_bottleneck"},
                                           {"accelerator_utilization", "accelerator_utilization"},
                                           {"slowdown_factor", "slowdown_factor"}}};
  static const Translation scaling{"scaling",
                                   {{"compute_budget_flop", "compute_budget", "FLOP"},
                                    {"C", "compute_budget", "FLOP"},
                                    {"compute_budget_gpu_days", "accelerator_time", "day"},
                                    {"days", "accelerator_time", "day"},
                                    {"compute_budget_dimension_error_bytes", "compute_budget", "B"},
                                    {"compute_budget_dimension_error_usd", "compute_budget", "USD"},
                                    {"target_parameters", "target_parameters"},
                                    {"P", "target_parameters"}},
                                   {{"optimal_parameters_count", "optimal_parameters"},
                                    {"optimal_parameters", "optimal_parameters"},
                                    {"optimal_tokens_count", "optimal_tokens"},
                                    {"optimal_tokens", "optimal_tokens"},
                                    {"compute_budget_flop", "compute"},
                                    {"compute_budget_flops", "compute"},
                                    {"tokens_per_parameter", "tokens_per_parameter"}}};
  static const Translation compression{"compression",
                                       {{"model", "workload"},
                                        {"hardware", "hardware"},
                                        {"method", "method"},
                                        {"target_bitwidth", "target_bits"},
                                        {"sparsity", "sparsity"},
                                        {"sparsity_type", "sparsity_type"}},
                                       {{"original_size_bytes", "original_size"},
                                        {"compressed_size_bytes", "compressed_size"},
                                        {"compression_ratio", "compression_ratio"},
                                        {"estimated_accuracy_delta", "accuracy_delta"},
                                        {"memory_savings", "memory_savings"},
                                        {"inference_speedup", "inference_speedup"}}};
  static const Translation orchestration{"orchestration",
                                         {{"fleet", "fleet"},
                                          {"arrival_rate_jobs_per_day", "arrival_rate", "1/day"},
                                          {"lam", "arrival_rate", "1/day"},
                                          {"avg_job_duration_days", "job_duration", "day"},
                                          {"D", "job_duration", "day"}},
                                         {{"cluster_utilization", "cluster_utilization"},
                                          {"avg_wait_time_s", "average_wait_time"},
                                          {"avg_queue_length", "average_queue_length"},
                                          {"is_stable", "is_stable"}}};
  static const Translation responsible{"responsible",
                                       {{"base_training_time_s", "base_training_time", "s"},
                                        {"epsilon", "epsilon"},
                                        {"delta", "delta"},
                                        {"min_subgroup_prevalence", "min_subgroup_prevalence"}},
                                       {{"dp_slowdown_factor", "dp_slowdown_factor"},
                                        {"privacy_cost_ratio", "dp_slowdown_factor"},
                                        {"effective_training_time_s", "effective_training_time"},
                                        {"additional_data_requirement", "fairness_data_ratio"},
                                        {"fairness_data_ratio", "fairness_data_ratio"}}};
  static const Translation synthesis{"inverse_roofline",
                                     {{"model", "workload"},
                                      {"target_latency_s", "target_latency", "s"},
                                      {"precision", "precision"},
                                      {"efficiency", "efficiency"}},
                                     {{"required_bw_bytes_per_s", "required_bandwidth"},
                                      {"required_flops_flop_per_s", "required_rate"},
                                      {"required_memory_bytes", "required_memory"},
                                      {"model_size_bytes", "model_size"},
                                      {"compute_memory_ratio_flop_per_byte", "compute_memory_ratio"},
                                      {"total_ops_flop", "operations"}}};
  static const Translation sensitivity{"roofline_sensitivity",
                                       {{"model", "workload"},
                                        {"hardware", "hardware"},
                                        {"precision", "precision"},
                                        {"perturbation", "perturbation"},
                                        {"efficiency", "efficiency"}},
                                       {{"peak_flops", "peak_rate_sensitivity"},
                                        {"memory_bandwidth", "memory_bandwidth_sensitivity"},
                                        {"memory_capacity", "memory_capacity_sensitivity"},
                                        {"binding_constraint", "binding_constraint"},
                                        {"baseline_latency_s", "baseline_latency"},
                                        {"feasible", "feasible"}}};
  static const std::map<std::string, Translation> all{{"DataModel", data},
                                                      {"data", data},
                                                      {"TransformationModel", transformation},
                                                      {"xf", transformation},
                                                      {"ScalingModel", scaling},
                                                      {"scal", scaling},
                                                      {"CompressionModel", compression},
                                                      {"OrchestrationModel", orchestration},
                                                      {"orch", orchestration},
                                                      {"ResponsibleEngineeringModel", responsible},
                                                      {"SynthesisSolver", synthesis},
                                                      {"SensitivitySolver", sensitivity}};
  return all;
}

/// The two links that data come in over, where they are given.
Json data_device(const Json& hw) {
  Json device = renamed(hw, {{"cap", "memory_capacity", "B"},
                             {"bw", "memory_bandwidth", "B/s"},
                             {"io_bw", "host_link", "B/s"},
                             {"sto_bw", "storage_bandwidth", "B/s"}});
  device["kind"] = "accelerator";
  device["peak_rate"] = renamed(hw, {{"peak", "fp16", "FLOP/s"}});
  return device;
}

/// Percent become shares, and nested outputs come up.
Json in_shares(Json values) {
  if (const auto nested = values.find("sensitivities"); nested != values.end()) values.update(Json(*nested));
  for (const auto& [percent, share] : {std::pair{"perturbation_pct", "perturbation"}, {"memory_savings_pct", "memory_savings"}})
    if (values.contains(percent)) values[share] = values[percent].get<double>() / 100;
  return values;
}

PeerLine line_of(const Json& line) {
  const Json& inputs = line["inputs"];
  const Translation& ours = translations().at(line.contains("solver") ? line["solver"] : inputs["solver"]);
  PeerLine result;
  result.id = line["id"];
  result.stage = renamed(in_shares(inputs.contains("a") ? inputs["a"] : inputs), ours.inputs);
  for (const char* object : {"workload", "hardware", "fleet"})
    if (result.stage.contains(object)) result.stage[object] = last_part(result.stage[object]);
  if (inputs.contains("hw")) result.stage["hardware"] = data_device(inputs["hw"]);
  result.stage["solver"] = ours.solver;
  result.expected = renamed(in_shares(line["outputs"]), ours.outputs, true);
  return result;
}

/// What became of a line.
struct LineAnswer {
  std::string refusal;
  RowStatus status = RowStatus::refused;
  Json outputs = Json::object();
};

Json shown(const PortInfo& port, const Cell& cell) {
  if (std::isnan(cell.number)) return nullptr;
  if (port.type == PortType::boolean) return cell.number != 0;
  if (port.type == PortType::choice) return port.choices[static_cast<std::size_t>(cell.number)];
  return cell.number;
}

LineAnswer answered(host::Session& session, const Json& stage, const std::string& profile) {
  LineAnswer result;
  try {
    const Json config{{"version", 1}, {"stages", {{"s", stage}}}};
    const host::Pipeline pipeline = session.compile(host::Config::parse(config.dump(), "line"), profile);
    const host::Answer a = host::answer(pipeline);
    result.status = a.status;
    if (a.status == RowStatus::refused) result.refusal = a.errors.front();
    const auto ports = pipeline.solver().outputs();
    for (std::size_t i = 0; i < ports.size(); ++i)
      result.outputs[std::string(ports[i].name.substr(2))] = shown(ports[i], a.outputs[i]);
  } catch (const InputError& e) {
    result.refusal = e.what();
  }
  return result;
}

bool equal(const Json& ours, const Json& theirs) {
  if (theirs.is_null() || theirs == "inf") return ours.is_null();
  if (!theirs.is_number()) return ours == theirs;
  return ours.is_number() && std::abs(ours.get<double>() - theirs.get<double>()) <= 1e-9 * std::abs(theirs.get<double>());
}

/// Lines with inputs that no system can have, and the port that a refusal has to name. Some of them are answered by the other
/// side.
const std::map<std::string, std::string> impossible_ports{{"TransformationModel/014", "sample_size"},
                                                          {"TransformationModel/015", "cpu_throughput"},
                                                          {"TransformationModel/017", "accelerator_step_time"},
                                                          {"TransformationModel/018", "sample_size"},
                                                          {"ScalingModel/017", "target_parameters"},
                                                          {"ScalingModel/018", "target_parameters"},
                                                          {"ScalingModel/021", "compute_budget"},
                                                          {"ScalingModel/022", "compute_budget"},
                                                          {"CompressionModel/030", "sparsity_type"},
                                                          {"CompressionModel/040", "target_bits"},
                                                          {"CompressionModel/041", "target_bits"},
                                                          {"CompressionModel/042", "sparsity"},
                                                          {"OrchestrationModel/017", "job_duration"},
                                                          {"SynthesisSolver/017", "efficiency"},
                                                          {"SynthesisSolver/018", "efficiency"},
                                                          {"SynthesisSolver/021", "target_latency"},
                                                          {"SensitivitySolver/033", "perturbation"},
                                                          {"SensitivitySolver/034", "perturbation"},
                                                          {"SensitivitySolver/036", "efficiency"},
                                                          {"SensitivitySolver/037", "precision"},
                                                          {"ResponsibleEngineeringModel/011", "epsilon"},
                                                          {"ResponsibleEngineeringModel/014", "min_subgroup_prevalence"},
                                                          {"ResponsibleEngineeringModel/016", "delta"},
                                                          {"ResponsibleEngineeringModel/017", "epsilon"}};
/// A budget in TFLOP, of which the other side reads the number alone.
constexpr const char* other_unit = "ScalingModel/023";

struct Count {
  std::size_t equal = 0;
  std::size_t refused = 0;
};

void expect_refused(const LineAnswer& result, const PeerLine& line) {
  EXPECT_EQ(result.status, RowStatus::refused) << line.id << " is answered: " << line.stage;
  EXPECT_NE(result.refusal.find(impossible_ports.at(line.id)), std::string::npos) << line.id << ": " << result.refusal;
}

void expect_equal(const LineAnswer& result, const PeerLine& line) {
  EXPECT_TRUE(has_outputs(result.status)) << line.id << ": " << result.refusal;
  for (const auto& [port, theirs] : line.expected.items())
    EXPECT_TRUE(equal(result.outputs.value(port, Json()), theirs))
        << line.id << ", " << port << ": " << result.outputs.value(port, Json()) << ", not " << theirs;
}

/// Compares a file with the profile, and holds its impossible lines against the native physics too.
void expect_lines(const std::string& file, std::size_t equal_lines, std::size_t refused_lines) {
  host::Session session;
  Count count;
  for (const Json& json : lines_of(file)) {
    const PeerLine line = line_of(json);
    if (line.id == other_unit) continue;
    if (impossible_ports.contains(line.id)) {
      expect_refused(answered(session, line.stage, "mlsysim-0.3"), line);
      expect_refused(answered(session, line.stage, "native"), line);
      ++count.refused;
    } else {
      expect_equal(answered(session, line.stage, "mlsysim-0.3"), line);
      ++count.equal;
    }
  }
  EXPECT_EQ(count.equal, equal_lines);
  EXPECT_EQ(count.refused, refused_lines);
}

TEST(SmallFamiliesParity, Data) { expect_lines("data.jsonl", 464, 4); }
TEST(SmallFamiliesParity, Scaling) { expect_lines("scaling.jsonl", 234, 4); }
TEST(SmallFamiliesParity, Compression) { expect_lines("compression.jsonl", 29, 4); }
TEST(SmallFamiliesParity, Orchestration) { expect_lines("orchestration.jsonl", 237, 1); }
TEST(SmallFamiliesParity, Responsible) { expect_lines("responsible.jsonl", 6, 4); }
TEST(SmallFamiliesParity, Inverse) { expect_lines("inverse.jsonl", 32, 7); }

}  // namespace
}  // namespace ironlaw::parity
