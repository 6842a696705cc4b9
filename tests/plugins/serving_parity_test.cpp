// Every recorded answer of mlsysim 0.3.0 about serving, with the native terms at their neutral settings.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "hardware/accelerator.hpp"
#include "serving_fixtures.hpp"
#include "workloads/network.hpp"
#include "workloads/sparse_transformer.hpp"
#include "workloads/state_space.hpp"

namespace ironlaw::serving_test {
namespace {

using Json = nlohmann::json;
using Names = std::map<std::string, std::string>;

testing::Fields fields_of(const Json& object, const Names& names) {
  testing::Fields fields;
  for (const auto& [key, name] : names)
    if (object.contains(key) && !object[key].is_null()) fields.emplace_back(std::string_view(name), object[key].get<double>());
  return fields;
}

const Names transformer_names{{"params", "parameters"},
                              {"inference_flops", "operations"},
                              {"layers", "layers"},
                              {"hidden", "hidden_size"},
                              {"heads", "heads"},
                              {"kv_heads", "kv_heads"},
                              {"head_dim", "head_size"},
                              {"kv_lora_rank", "latent_kv_rank"},
                              {"qk_rope", "rope_head_size"},
                              {"active", "active_parameters"},
                              {"experts", "experts"},
                              {"topk", "active_experts"}};
const Names other_names{{"params", "parameters"},
                        {"inference_flops", "operations"},
                        {"layers", "layers"},
                        {"hidden", "hidden_size"},
                        {"state", "state_size"}};
const Names device_names{{"peak", "peak_rate.fp16"},
                         {"cap", "memory_capacity"},
                         {"bw", "memory_bandwidth"},
                         {"io_bw", "host_link"},
                         {"tdp", "tdp"},
                         {"dispatch", "dispatch_overhead"}};

using ModelObject = testing::MadeObject<Workload>;
using DeviceObject = testing::MadeObject<Hardware>;

std::unique_ptr<ModelObject> model_of(const Json& m) {
  const std::string kind = m["kind"];
  if (kind == "cnn")
    return std::make_unique<ModelObject>(kind_adapter<workloads::Convolutional>,
                                         fields_of(m, {{"params", "parameters"}, {"inference_flops", "operations"}}));
  if (kind == "ssm") return std::make_unique<ModelObject>(kind_adapter<workloads::StateSpace>, fields_of(m, other_names));
  auto fields = testing::with(fields_of(m, transformer_names), {{"uneven_heads", "floor"}});
  if (kind == "transformer") return std::make_unique<ModelObject>(kind_adapter<workloads::Transformer>, fields);
  return std::make_unique<ModelObject>(kind_adapter<workloads::SparseTransformer>,
                                       testing::with(fields, {{"expert_reads", "all"}}));
}

std::unique_ptr<DeviceObject> device_of(const Json& h) {
  auto fields = testing::with(fields_of(h, device_names), {{"missing_rate", "use_fp16"}});
  Names rates;
  for (const auto& [format, rate] : h["precision_flops"].items()) rates[format] = "peak_rate." + format;
  return std::make_unique<DeviceObject>(kind_adapter<hardware::Accelerator>,
                                        testing::with(fields, fields_of(h["precision_flops"], rates)));
}

const Solver& solver_named(const std::string& name) {
  const auto found = pass_solvers().find(name);
  return found != pass_solvers().end() ? *found->second : *queue_solvers().at(name);
}

/// Their word for the mean time per output token, in every solver.
constexpr std::string_view their_tpot = "itl";

/// Ports of a solver for the keys of a line, settings of the profile, and outputs whose name or value is ours alone.
struct Mapping {
  std::string solver;
  Names inputs;
  std::map<std::string, std::variant<double, std::string>> settings;
  Names outputs;
  std::vector<std::string> skipped;
};

const Names deployment{{"S", "sequence_length"}, {"B", "batch_size"}, {"prec", "precision"}, {"eta", "efficiency"}};
Names also(Names names, const Names& more) {
  names.insert(more.begin(), more.end());
  return names;
}

const std::map<std::string, Mapping>& mappings() {
  static const std::map<std::string, Mapping> all{
      {"serving",
       {"serving",
        also(deployment, {{"net", "network_bandwidth"},
                          {"alpha", "draft_acceptance_rate"},
                          {"prefix", "cached_prefix"},
                          {"chunk", "prefill_chunk"}}),
        {{"both_ceilings", 0.0},
         {"prefill_operations", "all_parameters"},
         {"check_context", 0.0},
         {"cache_transfer", "serial"},
         {"check_prefill_memory", 0.0},
         {"speculation", "idealized"}},
        {{"decode_stall_bound", "prefill_chunk_time"}},
        {}}},
      {"cb",
       {"continuous_batching",
        also(deployment, {{"Bmax", "max_batch_size"}, {"page", "page_size"}, {"mean", "mean_request_tokens"}}),
        {{"both_ceilings", 0.0},
         {"prefill_operations", "all_parameters"},
         {"check_context", 0.0},
         {"memory_reserve", 0.0},
         {"prompt_schedule", "all_at_once"},
         {"default_tpot", 1000.0}},
        {{"throughput_tokens_per_sec", "throughput"}, {"static_throughput_tokens_per_sec", "static_throughput"}},
        {"mean_request_tokens"}}},
      {"ws",
       {"weight_streaming",
        also(deployment, {{"phase", "phase"}}),
        {{"layer_cost", "all_parameters"}, {"default_injection_bandwidth", 100e9}},
        {{"throughput_tokens_per_sec", "throughput"}},
        {}}},
      {"tail",
       {"tail_latency",
        {{"lam", "arrival_rate"}, {"t", "service_time"}, {"c", "replicas"}, {"cv", "service_time_cv"}},
        {{"quantiles", "wait_plus_mean"}},
        {},
        {}}},
      {"is",
       {"inference_scaling",
        also(deployment, {{"K", "reasoning_steps"}}),
        {{"both_ceilings", 0.0},
         {"prefill_operations", "all_parameters"},
         {"check_context", 0.0},
         {"growing_cache", 0.0},
         {"energy_model", "thermal_design_power"},
         {"default_tdp", 0.0}},
        {},
        {"reasoning_steps"}}},
      {"cap",
       {"serving_capacity",
        {{"qps", "arrival_rate"},
         {"target", "latency_target"},
         {"Smax", "sequence_length"},
         {"mean", "mean_request_tokens"},
         {"out", "output_tokens"},
         {"Bmax", "max_batch_size"},
         {"prec", "precision"},
         {"eta", "efficiency"},
         {"maxrep", "max_replicas"},
         {"cv", "service_time_cv"}},
        {{"both_ceilings", 0.0},
         {"prefill_operations", "all_parameters"},
         {"check_context", 0.0},
         {"memory_reserve", 0.0},
         {"prompt_schedule", "all_at_once"},
         {"name_base_latency", 0.0},
         {"max_replicas_where_none", 1.0}},
        {},
        {"qps_target", "target_p99_latency"}}},
      {"batching",
       {"batching",
        {{"S", "sequence_length"},
         {"prec", "precision"},
         {"eta", "efficiency"},
         {"target", "latency_target"},
         {"lam", "arrival_rate"},
         {"c", "replicas"},
         {"max", "max_search_batch"}},
        {{"both_ceilings", 0.0},
         {"prefill_operations", "all_parameters"},
         {"check_context", 0.0},
         {"schedule", "fixed_batches"},
         {"allow_idle", 1.0}},
        {{"objective_value", "max_throughput"}, {"is_feasible", "feasible"}},
        {"total_searched"}}}};
  return all;
}

/// Their labels by the name of our choice.
const Names labels{{"Compute-Bound", "Compute"},
                   {"Interconnect-Bandwidth-Bound", "Interconnect"},
                   {"Tail Latency", "Tail_Latency"},
                   {"Base Latency", "Base_Latency"}};

double number_of(const PortInfo& port, const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  const std::string text = value;
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "nan") return absent_value;
  const auto label = labels.find(text);
  const auto choice = std::find(port.choices.begin(), port.choices.end(), label == labels.end() ? text : label->second);
  return choice == port.choices.end() ? absent_value : static_cast<double>(choice - port.choices.begin());
}

class Line {
 public:
  explicit Line(const Json& line)
      : line_(line), map_(mappings().at(line["inputs"]["solver"])), solver_(solver_named(map_.solver)) {}

  Row row() {
    const Json& in = line_["inputs"];
    for (const auto& [key, pointer] : {std::pair{"m", "workload"}, {"draft", "draft"}}) {
      if (!in.contains(key) || in[key].is_null()) continue;
      models_.push_back(model_of(in[key]));
      set(pointer, {.object = models_.back()->get()});
    }
    for (const auto& [key, pointer] : {std::pair{"hw", "hardware"}, {"dhw", "decode_hardware"}}) {
      if (!in.contains(key) || in[key].is_null()) continue;
      devices_.push_back(device_of(in[key]));
      set(pointer, {.object = devices_.back()->get()});
    }
    for (const auto& [name, setting] : map_.settings) {
      const auto* text = std::get_if<std::string>(&setting);
      set(name, {.number = text != nullptr ? number_of(port(name), *text) : std::get<double>(setting)});
    }
    for (const auto& [key, name] : map_.inputs)
      if (in["a"].contains(key) && !in["a"][key].is_null()) set(name, {.number = number_of(port(name), in["a"][key])});
    if (in["a"].contains("meanfrac") && !in["a"]["meanfrac"].is_null())
      set("mean_request_tokens", {.number = in["a"]["meanfrac"].get<double>() * in["a"]["S"].get<double>()});
    return evaluate_cells(solver_, cells_);
  }

  void expect_same(const Row& row) const {
    const bool none = line_["inputs"]["solver"] == "batching" && row.status == RowStatus::infeasible;
    for (const auto& [key, expected] : line_["outputs"].items()) {
      if (std::find(map_.skipped.begin(), map_.skipped.end(), key) != map_.skipped.end()) continue;
      const auto renamed = map_.outputs.find(key);
      const std::string name = renamed != map_.outputs.end() ? renamed->second : key == their_tpot ? "tpot" : key;
      if (!row.out.contains(name)) {
        ADD_FAILURE() << line_["id"] << " has no output " << name;
        continue;
      }
      const double actual = row.out.at(name);
      const auto outputs = solver_.outputs();
      const auto info = std::find_if(outputs.begin(), outputs.end(), [&](const PortInfo& p) { return p.name == name; });
      if (expected.is_null() || expected == "inf" || (none && info->optional)) {  // where no batch is left the peer writes 0
        EXPECT_TRUE(std::isnan(actual)) << line_["id"] << " " << name << " " << actual;
        continue;
      }
      const double wanted = number_of(*info, expected);
      EXPECT_TRUE(std::abs(actual - wanted) <= 1e-9 * std::abs(wanted))
          << line_["id"] << " " << name << " " << actual << " against " << wanted;
    }
  }

 private:
  const PortInfo& port(std::string_view name) const {
    const auto ports = solver_.inputs();
    return *std::find_if(ports.begin(), ports.end(), [&](const PortInfo& p) { return p.name == name; });
  }
  void set(std::string_view name, Cell cell) { cells_[std::string(name)] = cell; }

  Json line_;
  const Mapping& map_;
  const Solver& solver_;
  NamedCells cells_;
  std::vector<std::unique_ptr<ModelObject>> models_;
  std::vector<std::unique_ptr<DeviceObject>> devices_;
};

TEST(ServingParity, EveryRecordedLine) {
  std::ifstream file(IRONLAW_PARITY_DATA "/serving.jsonl");
  ASSERT_TRUE(file);
  std::map<std::string, int> compared;
  int refused = 0;
  for (std::string text; std::getline(file, text);) {
    const Json json = Json::parse(text);
    Line line(json);
    const Row row = line.row();
    if (json["outputs"].contains("error")) {
      EXPECT_EQ(row.status, RowStatus::refused) << json["id"];
      EXPECT_FALSE(row.message.empty()) << json["id"];
      ++refused;
      continue;
    }
    ASSERT_TRUE(has_outputs(row.status)) << json["id"] << " " << row.message;
    line.expect_same(row);
    ++compared[json["inputs"]["solver"]];
  }
  const std::map<std::string, int> all{{"serving", 311}, {"cb", 241},  {"ws", 237},     {"tail", 240},
                                       {"is", 233},      {"cap", 225}, {"batching", 13}};
  EXPECT_EQ(compared, all);
  EXPECT_EQ(refused, 44);
}

}  // namespace
}  // namespace ironlaw::serving_test
