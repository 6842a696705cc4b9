#include "reference_runs.hpp"

#include "text/json.hpp"
#include "value/bytes.hpp"

#include <ironlaw/notation/units.hpp>

#include <ironlaw/host/run.hpp>
#include <ironlaw/host/study.hpp>

#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

/// One stage over a range and a list; two stages over lists alone; one stage at one point.
constexpr std::array<const char*, reference_pipelines> reference_texts{
    R"({"version": 1, "inputs": {"device": "A100", "batch": 8},
        "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch"}},
        "axes": [{"batch": [1, 8, 64]}, {"device.memory_bandwidth": {"from": "1 TB/s", "to": "2 TB/s"}}]})",
    R"({"version": 1, "inputs": {"device": "A100", "batch": 8},
        "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch"},
                   "faster": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time"}},
        "axes": [{"batch": [1, 2, 4, 8]}, {"device": ["A100", "H100", "T4"]}]})",
    R"({"version": 1, "inputs": {"device": "A100", "batch": 8},
        "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch"}}})"};

Json number_of(const OptionInfo& option, double value) {
  if (option.any_dimension || option.dimension.dimensionless()) return value;
  return std::to_string(value) + " " + si_unit(option.dimension);
}

/// What an option takes by its type, and by its name where it is a text.
Json guessed(const OptionInfo& option, const std::string& folder) {
  switch (option.type) {
    case OptionType::goals:
      return Json::array({"min node.latency"});
    case OptionType::inputs:
      return "batch";
    case OptionType::outputs:
      return "node.latency";
    case OptionType::conditions:
      return "node.latency <= 1 s";
    case OptionType::quantity:
      return number_of(option, option.number_fallback > 0 ? option.number_fallback : 1);
    case OptionType::boolean:
      return option.number_fallback != 0;
    case OptionType::texts:
      return Json::array({"node"});
    case OptionType::text:
      break;
  }
  if (option.name == "file") return folder + "/file";
  if (option.name == "stage") return "node";
  if (option.name == "input" || option.name == "port") return "batch_size";
  if (option.name == "output") return "latency";
  return option.text_fallback.empty() ? Json("text") : Json(option.text_fallback);
}

class Bytes final : public RowSink, public StudySink {
 public:
  explicit Bytes(Ran& to) : to_(to) {}
  void rows(const ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) {
      put(to_.bytes, rows.status[r]);
      for (std::size_t c = 0; c < rows.columns.size(); ++c) add(c, rows.columns[c][r], rows.status[r]);
      if (rows.errors == nullptr) continue;
      if (const auto line = rows.errors->find(rows.number(r)); line != rows.errors->end())
        put(to_.bytes, std::string_view(line->second));
    }
    to_.rows += rows.status.size();
  }
  RowSink& table(const std::vector<ResultColumn>& columns) override {
    columns_ = &columns;
    return *this;
  }
  void note(std::string_view text) override { put(to_.bytes, text); }
  void finish(const RunSummary&) override {}

 private:
  void add(std::size_t c, const Cell& cell, RowStatus status) {
    const PortInfo* port = columns_ != nullptr ? &(*columns_)[c].port : nullptr;
    const bool pointer = port != nullptr && (port->type == PortType::object || is_kept(*port));
    if (port == nullptr || pointer) return;  // rows of a sweep are compared by their texts, below
    put(to_.bytes, cell.number);
    const bool must = port->type == PortType::number && !port->optional && has_outputs(status);
    if (must && !std::isfinite(cell.number) && to_.not_finite.empty()) to_.not_finite = (*columns_)[c].name;
  }
  Ran& to_;
  const std::vector<ResultColumn>* columns_ = nullptr;
};

}  // namespace

Config with_study(std::size_t reference, const Study& study, std::string_view changed, double value) {
  Json json = parse_json(reference_texts[reference], "reference");
  Json& asked = json["study"] = {{"use", std::string(study.about().name)}, {"seed", 1}};
  for (const OptionInfo& option : study.options()) {
    if (option.name == changed) {
      asked[std::string(option.name)] = number_of(option, value);
    } else if (option.required) {
      asked[std::string(option.name)] = guessed(option, {});
    }
  }
  return Config::parse(json.dump(), "reference");
}

Config with_callback(std::string_view name, std::span<const OptionInfo> options, const std::string& folder, std::size_t rows) {
  Json json = parse_json(reference_texts[1], "reference");
  json["axes"] = Json::array({{{"batch", {{"from", 1}, {"to", rows}, {"steps", rows}}}}});
  json["report"] = {{"columns", {"batch", "node.latency", "faster.upgraded_overlapped"}}};
  if (!name.empty()) {
    Json callback{{"use", std::string(name)}};
    for (const OptionInfo& option : options)
      if (option.required) callback[std::string(option.name)] = guessed(option, folder);
    json["callbacks"] = Json::array({callback});
  }
  return Config::parse(json.dump(), "reference");
}

Ran ran(const Pipeline& pipeline, std::size_t threads, const std::atomic<bool>* interrupt) {
  Ran ran;
  Bytes sink(ran);
  RunOptions options;
  options.threads = threads;
  options.interrupt = interrupt;
  if (pipeline.study() != nullptr) {
    ran.summary = run_study(pipeline, sink, options);
  } else {
    (void)sink.table(pipeline.columns());
    ran.summary = run(pipeline, sink, options);
  }
  return ran;
}

}  // namespace ironlaw::host
