#include "design.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"
#include "plan/study_plan.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/study.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Keeps the first row of a study's table.
class FirstRow final : public StudySink, RowSink {
 public:
  std::vector<ResultColumn> columns;
  std::vector<Cell> cells;
  RowStatus status = RowStatus::failed;
  RunSummary summary;

 private:
  RowSink& table(const std::vector<ResultColumn>& declared) override {
    columns = declared;
    return *this;
  }
  void rows(const ResultRows& rows) override {
    if (!cells.empty() || rows.status.empty()) return;
    status = rows.status[0];
    for (const Column& column : rows.columns) cells.push_back(column[0]);
  }
  void finish(const RunSummary& done) override { summary = done; }
};

bool same(const PortInfo& port, const Cell& a, const Cell& b) {
  return port.type == PortType::object ? a.object == b.object : a.number == b.number;
}

Json json_of(const Pipeline& pipeline, std::size_t input, const Cell& cell) {
  const PortInfo& port = pipeline.solver().inputs()[input];
  return value_json({{}, &port, cell, object_name(pipeline.environment().zoo(), port, cell)});
}

/// What the config itself says for a value of an axis: an object written out has no name to say it by.
Json value_on_axis(const Config& config, const Pipeline& pipeline, std::size_t axis, std::size_t input_of_axis,
                   std::size_t value) {
  const Axis& bound = pipeline.axes()[axis];
  const std::size_t input = bound.inputs[input_of_axis];
  const Json& written = config.impl().root["axes"][axis];
  const std::string name(pipeline.solver().inputs()[input].name);
  if (written.contains(name) && written[name].is_array()) return written[name][value];
  return json_of(pipeline, input, bound.values[input_of_axis][value]);
}

double side_of(const Answer& answer, const PortReference& side) {
  return side.side == PortReference::Side::output ? answer.outputs[side.index].number : answer.inputs[side.index].number;
}

/// "cost: L40S states no price", of notes such as "12 of 30 rows: cost: L40S states no price": what took out the designs that
/// came furthest through the stages, the most frequent first.
std::vector<std::string> reasons_of(const Pipeline& pipeline, const std::vector<std::string>& notes) {
  constexpr std::string_view behind = " rows: ";
  const auto& stages = pipeline.plan().stages();
  std::vector<std::pair<std::ptrdiff_t, std::string>> reasons;  // and the stage reached, negative
  for (const auto& note : notes) {
    const auto at = note.find(behind);
    if (at == note.npos) continue;
    const std::string reason = note.substr(at + behind.size());
    const auto stage = std::find_if(stages.begin(), stages.end(), [&](const PlanStage& s) {
      return reason.starts_with(s.name) && reason.find_first_of(".:") == s.name.size();
    });
    reasons.emplace_back(stages.begin() - stage, reason);  // what breaks a condition came through all of them
  }
  std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> texts;
  for (auto& [stage, text] : reasons)
    if (stage == reasons.front().first) texts.push_back(std::move(text));
  return texts.empty() && !notes.empty() ? std::vector{notes.front()} : texts;
}

}  // namespace

Config with_value(const Config& config, const std::string& name, const Json& value) {
  Config fixed = copy_of(config);
  fixed.set(name, value.is_string() ? value.get<std::string>() : value.dump(), "the answer");
  return fixed;
}

std::vector<Json> axis_values(const Config& config, const Pipeline& pipeline, const std::string& name) {
  std::vector<Json> values;
  for (std::size_t a = 0; a < pipeline.axes().size(); ++a)
    for (std::size_t k = 0; k < pipeline.axes()[a].inputs.size(); ++k)
      if (pipeline.solver().inputs()[pipeline.axes()[a].inputs[k]].name == name)
        for (std::size_t v = 0; v < pipeline.axes()[a].size(); ++v) values.push_back(value_on_axis(config, pipeline, a, k, v));
  return values;
}

std::string goal_of(const Json& study) {
  const std::string goal = study.contains("goal") && study["goal"].is_string() ? study["goal"].get<std::string>() : "";
  return goal.substr(std::min(goal.find(' ') + 1, goal.size()));
}

namespace {

/// The one design of a config whose axes all got one value.
Design only_design(const Config& config, Session& session, const std::string& profile) {
  Config::Impl impl = config.impl();
  const Json study = impl.root["study"];
  Json conditions = study.value("subject_to", Json::array());
  if (!conditions.is_array()) conditions = Json::array({conditions});
  impl.root.erase("study");
  Design design;
  design.rows = 1;
  const Config plain = Config::copy_of(impl);
  impl.root["assert"] = conditions;
  impl.root["report"] = Json{{"columns", Json::array({goal_of(study)})}};
  const Pipeline pipeline = session.compile(Config::copy_of(impl), profile);
  const Answer found = answer(pipeline);
  const double goal = found.cell(pipeline.columns().front()).number;
  if (found.status == RowStatus::ok && found.violated.empty() && !std::isnan(goal)) {
    design.config = plain;
    design.goal = goal;
    design.maximise = study.value("goal", "").starts_with("max");
    return design;
  }
  for (const auto& line : found.violated) design.why_none.push_back("breaks " + line);
  for (const auto& limit : pipeline.solver().limits())
    if (found.status == RowStatus::infeasible && limit.hard && side_of(found, limit.used) > side_of(found, limit.bound))
      design.why_none.push_back("infeasible: " + std::string(limit.name));
  for (const auto& line : found.errors) design.why_none.push_back(line);
  if (design.why_none.empty()) design.why_none.push_back("the goal has no value");
  return design;
}

/// Without a least or most value of an axis that a flag gave one value.
Config without_idle_options(const Config& config) {
  Config::Impl impl = config.impl();
  const Json none = Json::array();
  for (const char* option : {"least", "most"}) {
    const Json& axes = impl.section("axes", none);
    Json& study = impl.root["study"];
    if (!study.contains(option) || !study[option].is_string()) continue;
    const std::string name = study[option].get<std::string>();
    if (std::none_of(axes.begin(), axes.end(), [&](const Json& axis) { return axis.contains(name); })) study.erase(option);
  }
  return Config::copy_of(impl);
}

}  // namespace

Design best_design(const Config& asked, Session& session, const std::string& profile, const RunOptions& options) {
  const Json none = Json::array();
  if (asked.impl().section("axes", none).empty()) return only_design(asked, session, profile);
  const Config config = without_idle_options(asked);
  const Pipeline pipeline = session.compile(config, profile);
  FirstRow found;
  run_study(pipeline, found, options);
  Design design;
  design.rows = found.summary.rows;
  design.notes = found.summary.notes;
  if (found.status != RowStatus::ok) {
    design.why_none = reasons_of(pipeline, design.notes);
    return design;
  }

  Config fixed = copy_of(config);
  fixed.without_study();
  std::size_t column = 0;  // the inputs of the axes come first, in their order
  for (std::size_t a = 0; a < pipeline.axes().size(); ++a) {
    const Axis& axis = pipeline.axes()[a];
    const std::size_t first = column;
    column += axis.inputs.size();
    std::size_t value = 0;
    const auto matches = [&](std::size_t v) {
      for (std::size_t k = 0; k < axis.inputs.size(); ++k)
        if (!same(pipeline.solver().inputs()[axis.inputs[k]], axis.values[k][v], found.cells[first + k])) return false;
      return true;
    };
    while (!axis.distribution && value < axis.size() && !matches(value)) ++value;
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) {
      const std::string name(pipeline.solver().inputs()[axis.inputs[k]].name);
      const bool listed = !axis.distribution && value < axis.size();
      fixed = with_value(
          fixed, name,
          listed ? value_on_axis(config, pipeline, a, k, value) : json_of(pipeline, axis.inputs[k], found.cells[first + k]));
    }
  }
  design.goal = found.cells.at(column).number;
  design.maximise = pipeline.study()->options->maximise("goal", 0);
  design.config = std::move(fixed);
  return design;
}

}  // namespace ironlaw::host
