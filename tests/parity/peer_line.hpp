#pragma once
// Lines of the comparison data as configs: whose names are whose.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ironlaw::parity {

using Json = nlohmann::ordered_json;  // the first of several faults is the one that is named

/// One line: a stage to run and the outputs that it has to give, by port.
struct PeerLine {
  std::string id;
  Json stage;
  Json expected = Json::object();
  bool error = false;     ///< it has to be refused
  bool must_fit = false;  ///< an infeasible row counts as refused
};

/// A key of theirs, the name of ours, and the unit of a quantity.
struct Rename {
  std::string_view theirs;
  std::string_view ours;
  std::string_view unit = {};
};
using Renames = std::vector<Rename>;

inline Json value_of(const Json& value, std::string_view unit) {
  if (unit.empty() || !value.is_number()) return value;
  return Json{{"value", value}, {"unit", unit}};
}

/// What `from` gives under our names; a key that is missing or null is not given.
inline Json renamed(const Json& from, const Renames& names, bool keep_null = false) {
  Json to = Json::object();
  for (const auto& [theirs, ours, unit] : names) {
    const auto it = from.find(theirs);
    if (it != from.end() && (keep_null || !it->is_null())) to[std::string(ours)] = value_of(*it, unit);
  }
  return to;
}

/// Arguments of a line under our names. One that is neither among `names` nor among what the caller reads itself would make the
/// line test less than it says.
inline Json arguments_of(const Json& from, const Renames& names, const std::set<std::string_view>& read_elsewhere,
                         bool keep_null = false) {
  for (const auto& [key, value] : from.items())
    if (!read_elsewhere.contains(key) &&
        std::none_of(names.begin(), names.end(), [&key = key](const Rename& name) { return name.theirs == key; }))
      throw std::runtime_error("nothing reads the argument '" + key + "' of a line");
  return renamed(from, names, keep_null);
}

inline std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

inline Json device_of(const Json& hw) {
  Json device = renamed(hw, {{"cap", "memory_capacity", "B"},
                             {"memory_capacity_bytes", "memory_capacity", "B"},
                             {"bw", "memory_bandwidth", "B/s"},
                             {"memory_bandwidth_bytes_per_s", "memory_bandwidth", "B/s"},
                             {"dispatch", "dispatch_overhead", "s"},
                             {"dispatch_overhead_s", "dispatch_overhead", "s"},
                             {"tdp", "tdp", "W"},
                             {"io_bw", "host_link", "B/s"},
                             {"sram_cap", "on_chip_capacity", "B"},
                             {"sram_bw", "on_chip_bandwidth", "B/s"},
                             {"flash_bw", "flash_bandwidth", "B/s"}});
  device["kind"] = device.contains("flash_bandwidth") ? "microcontroller" : "accelerator";
  device["peak_rate"] = renamed(hw, {{"peak", "fp16", "FLOP/s"}, {"peak_flops_flop_per_s", "fp16", "FLOP/s"}});
  if (hw.contains("precision_flops"))
    for (const auto& [format, rate] : hw["precision_flops"].items()) device["peak_rate"][format] = value_of(rate, "FLOP/s");
  return device;
}

inline Json model_of(const Json& m) {
  Json model = renamed(m, {{"params", "parameters"},
                           {"parameters_count", "parameters"},
                           {"active", "active_parameters"},
                           {"inference_flops", m.value("kind", "") == "diffusion" ? "operations_per_step" : "operations", "FLOP"},
                           {"inference_flops_flop", "operations", "FLOP"},
                           {"layers", "layers"},
                           {"hidden", "hidden_size"},
                           {"heads", "heads"},
                           {"kv_heads", "kv_heads"},
                           {"experts", "experts"},
                           {"topk", "active_experts"},
                           {"steps", "denoising_steps"},
                           {"state", "state_size"}});
  const Json kinds{{"transformer", "transformer"},  {"sparse", "sparse_transformer"}, {"ssm", "state_space"},
                   {"cnn", "convolutional"},        {"diffusion", "diffusion"},       {"plain", "network"},
                   {"CNNWorkload", "convolutional"}};
  model["kind"] = kinds.at(m.contains("kind") ? m["kind"] : m["type"]);
  return model;
}

inline Json fleet_of(const Json& fl) {
  const bool in_full = fl.contains("fabric");
  const Json& fabric = in_full ? fl["fabric"] : fl;
  Json fleet{{"kind", "cluster"}, {"nodes", fl[in_full ? "node_count" : "nodes"]}};
  fleet["node"] = renamed(fl, {{"g", "accelerators"},
                               {"accelerators_per_node", "accelerators"},
                               {"intra", "link_bandwidth", "B/s"},
                               {"intra_node_bandwidth_bytes_per_s", "link_bandwidth", "B/s"}});
  fleet["node"]["kind"] = "node";
  fleet["node"]["accelerator"] = in_full ? Json(last_part(fl["accelerator"])) : device_of(fl["hw"]);
  fleet["fabric"] = renamed(fabric, {{"bw", "link_bandwidth", "B/s"},
                                     {"bandwidth_bytes_per_s", "link_bandwidth", "B/s"},
                                     {"osub", "oversubscription"},
                                     {"oversubscription_ratio", "oversubscription"},
                                     {"lat", "latency", "s"},
                                     {"latency_s", "latency", "s"}});
  fleet["fabric"]["kind"] = "fabric";
  return fleet;
}

/// An object that is named by its key, or written out.
inline Json object_of(const Json& object, Json (*written_out)(const Json&)) {
  return object.is_string() ? Json(last_part(object)) : written_out(object);
}

/// Arguments of all three solvers, in both spellings.
inline const Renames arguments{{"batch_size", "batch_size"},
                               {"B", "batch_size"},
                               {"precision", "precision"},
                               {"prec", "precision"},
                               {"efficiency", "efficiency"},
                               {"eta", "efficiency"},
                               {"is_training", "training"},
                               {"train", "training"},
                               {"seq_len", "sequence_length"},
                               {"S", "sequence_length"},
                               {"zero_stage", "zero_stage"},
                               {"z", "zero_stage"},
                               {"dp_size", "data_parallel"},
                               {"dp", "data_parallel"},
                               {"is_lora", "lora"},
                               {"lora", "lora"},
                               {"activation_recomputation", "activation_recomputation"},
                               {"ar", "activation_recomputation"},
                               {"use_flash_attention", "flash_attention"},
                               {"flash", "flash_attention"},
                               {"workload_type", "workload_type"},
                               {"wtype", "workload_type"}};

/// Outputs by solver, in both spellings.
inline const Renames& outputs_of(const std::string& solver) {
  static const Renames single_node{{"latency_s", "latency"},
                                   {"latency", "latency"},
                                   {"compute_s", "compute_time"},
                                   {"latency_compute", "compute_time"},
                                   {"memory_s", "memory_time"},
                                   {"latency_memory", "memory_time"},
                                   {"overhead_s", "overhead"},
                                   {"latency_overhead", "overhead"},
                                   {"throughput_per_s", "throughput"},
                                   {"throughput", "throughput"},
                                   {"bottleneck", "bottleneck"},
                                   {"arithmetic_intensity_flop_per_byte", "arithmetic_intensity"},
                                   {"arithmetic_intensity", "arithmetic_intensity"},
                                   {"energy_j", "energy"},
                                   {"energy", "energy"},
                                   {"memory_footprint_bytes", "memory_footprint"},
                                   {"memory_footprint", "memory_footprint"},
                                   {"effective_flops_flop_per_s", "achieved_peak_rate"},
                                   {"peak_flops_actual", "achieved_peak_rate"},
                                   {"effective_bandwidth_bytes_per_s", "effective_bandwidth"},
                                   {"peak_bw_actual", "effective_bandwidth"},
                                   {"mfu", "mfu"},
                                   {"hfu", "hfu"},
                                   {"overhead_dominated", "overhead_dominated"},
                                   {"offload_spill_bytes", "spill"},
                                   {"offload_effective_bw_bytes_per_s", "spill_bandwidth"},
                                   {"offload_effective_bw", "spill_bandwidth"},
                                   {"feasible", "feasible"}};
  static const Renames network_roofline{{"latency_s", "latency"},
                                        {"latency", "latency"},
                                        {"compute_s", "compute_time"},
                                        {"latency_compute", "compute_time"},
                                        {"memory_s", "network_time"},
                                        {"latency_memory", "network_time"},
                                        {"throughput_per_s", "throughput"},
                                        {"throughput", "throughput"},
                                        {"bottleneck", "bottleneck"},
                                        {"arithmetic_intensity_flop_per_byte", "communication_intensity"},
                                        {"arithmetic_intensity", "communication_intensity"},
                                        {"memory_footprint_bytes", "gradient_traffic"},
                                        {"memory_footprint", "gradient_traffic"},
                                        {"effective_flops_flop_per_s", "achieved_peak_rate"},
                                        {"peak_flops_actual", "achieved_peak_rate"},
                                        {"effective_bandwidth_bytes_per_s", "effective_bandwidth"},
                                        {"peak_bw_actual", "effective_bandwidth"},
                                        {"mfu", "mfu"}};
  static const Renames efficiency{{"mfu", "mfu"},
                                  {"achievable_flops_flop_per_s", "achievable_rate"},
                                  {"achievable_flops", "achievable_rate"},
                                  {"peak_flops_flop_per_s", "peak_rate"},
                                  {"peak_flops", "peak_rate"},
                                  {"occupancy_loss", "occupancy_loss"},
                                  {"memory_stall", "memory_stall"}};
  if (solver == "single_node") return single_node;
  if (solver == "network_roofline") return network_roofline;
  return efficiency;
}

inline Json outputs_from(Json theirs, const std::string& solver) {
  if (theirs.contains("overhead_breakdown")) theirs.update(theirs["overhead_breakdown"]);
  Json ours = renamed(theirs, outputs_of(solver));
  if (solver == "single_node")
    for (const char* absent_unless_given : {"spill", "spill_bandwidth"})
      if (!ours.contains(absent_unless_given)) ours[absent_unless_given] = nullptr;
  return ours;
}

/// A line of named.jsonl or random.jsonl.
inline PeerLine peer_line(const Json& line) {
  static const Json solvers{{"SingleNodeModel", "single_node"}, {"NetworkRooflineModel", "network_roofline"},
                            {"EfficiencyModel", "efficiency"},  {"engine", "single_node"},
                            {"net", "network_roofline"},        {"eff", "efficiency"}};
  const Json& inputs = line["inputs"];
  const std::string solver = solvers.at(line.contains("solver") ? line["solver"] : inputs["solver"]);
  PeerLine result;
  result.id = line["id"];
  result.error = line["outputs"].contains("error");
  result.must_fit = inputs.value("raise_errors", false);
  const std::set<std::string_view> objects{"model", "hardware", "fleet", "raise_errors"};
  result.stage = arguments_of(inputs.contains("a") ? inputs["a"] : inputs, arguments, objects, !inputs.contains("a"));
  result.stage["solver"] = solver;
  if (solver != "efficiency") result.stage["workload"] = object_of(inputs[inputs.contains("m") ? "m" : "model"], model_of);
  if (solver == "network_roofline") {
    result.stage["fleet"] = object_of(inputs[inputs.contains("fl") ? "fl" : "fleet"], fleet_of);
  } else {
    result.stage["hardware"] = object_of(inputs[inputs.contains("hw") ? "hw" : "hardware"], device_of);
  }
  if (!result.error) result.expected = outputs_from(line["outputs"], solver);
  return result;
}

inline std::vector<Json> lines_of(const std::string& file) {
  std::ifstream in(std::filesystem::path(IRONLAW_PARITY_DATA) / file);
  if (!in) throw std::runtime_error(file + " cannot be read");
  std::vector<Json> lines;
  for (std::string text; std::getline(in, text);)
    if (!text.empty()) lines.push_back(Json::parse(text));
  return lines;
}

}  // namespace ironlaw::parity
