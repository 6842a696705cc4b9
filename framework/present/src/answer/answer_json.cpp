#include "answer/answers.hpp"
#include "answer/facts_used.hpp"
#include "answer/operator_table.hpp"
#include "answer/provenance.hpp"
#include "answer/walls.hpp"
#include "answer/working_text.hpp"
#include "plan/clauses.hpp"

#include <ostream>

namespace ironlaw::host {
namespace {

/// A value, and where `texts` is set how people read it.
Json json_with_text(const ShownValue& value, bool texts) {
  Json json = value_json(value);
  if (!texts) return json;
  if (!json.is_object()) json = Json{{"value", std::move(json)}};
  json["text"] = value_text(value);
  return json;
}

Json values_json(const std::vector<ShownValue>& values, bool texts) {
  Json object = Json::object();
  for (const ShownValue& value : values) object[value.name] = json_with_text(value, texts);
  return object;
}

/// The ends of the values that have them.
Json bands_json(const std::vector<ShownValue>& values) {
  Json object = Json::object();
  for (const ShownValue& value : values) {
    if (band_text(value).empty()) continue;
    ShownValue end = value;
    end.cell = value.low;
    object[value.name]["low"] = value_json(end);
    end.cell = value.high;
    object[value.name]["high"] = value_json(end);
  }
  return object;
}

/// What is left below the bound; negative where it is exceeded.
Json margin_json(const Wall& wall) {
  return quantity_json(wall.bound.cell.number - wall.used.cell.number, wall.used.port->dimension);
}

Json limits_json(const std::vector<Wall>& walls, bool texts) {
  Json list = Json::array();
  for (const Wall& wall : walls) {
    list.push_back({{"limit", wall.limit->name},
                    {"hard", wall.limit->hard},
                    {"used", json_with_text(wall.used, texts)},
                    {"bound", json_with_text(wall.bound, texts)},
                    {"margin", margin_json(wall)},
                    {"exceeded", wall.exceeded()}});
    if (!texts) continue;
    list.back()["text"] = wall_text(wall);
    list.back()["doc"] = wall.limit->doc;
  }
  return list;
}

/// The hard limits that are exceeded; named by their stage where `stages` is set.
void append_infeasible(const AnsweredStage& stage, bool stages, Json& list) {
  for (const Wall& wall : stage.walls) {
    if (!wall.limit->hard || !wall.exceeded()) continue;
    Json entry = Json::object();
    if (stages) entry["stage"] = stage.name;
    entry["limit"] = wall.limit->name;
    entry["used"] = value_json(wall.used);
    entry["bound"] = value_json(wall.bound);
    list.push_back(std::move(entry));
  }
}

Json working_json(const WorkingLine& line) {
  if (!line.note.empty()) return {{"note", line.note}};
  Json terms = Json::array();
  for (const auto& [symbol, value] : line.terms)
    terms.push_back({{"symbol", symbol}, {"value", quantity_json(value.number, value.dimension)}});
  Cell cell;
  cell.number = line.result.number;
  Json result = line.output != nullptr ? value_json({line.what, line.output, cell, {}})
                                       : quantity_json(line.result.number, line.result.dimension);
  return {{"what", line.what},
          {"equation", line.equation},
          {"terms", std::move(terms)},
          {"result", std::move(result)},
          {"source", line.source}};
}

void append_stage(const AnsweredStage& stage, bool texts, Json& json) {
  json["solver"] = stage.solver->about().name;
  json["status"] = status_name(stage.status);
  json["inputs"] = values_json(stage.inputs, texts);
  json["outputs"] = values_json(stage.outputs, texts);
  if (has_ends(stage.outputs)) json["bands"] = bands_json(stage.outputs);
  json["limits"] = limits_json(stage.walls, texts);
  if (stage.working.empty()) return;
  Json explain = Json::array();
  for (const WorkingLine& line : stage.working) {
    explain.push_back(working_json(line));
    if (!texts) continue;
    std::string text;
    for (const auto& piece : working_pieces(line)) text.append(text.empty() ? "" : " ").append(piece);
    explain.back()["text"] = std::move(text);
  }
  json["explain"] = std::move(explain);
  if (!stage.operators.empty()) json["operators"] = operators_json(stage.operators);
}

}  // namespace

void print_answer_json(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages, bool single,
                       const ReportOptions& options, std::ostream& out) {
  Json json = Json::object();
  if (single) {
    append_stage(stages.back(), options.texts, json);
  } else {
    json["name"] = pipeline.solver().about().name;
    json["status"] = status_name(answer.status);
    json["stages"] = Json::object();
    for (const AnsweredStage& stage : stages) append_stage(stage, options.texts, json["stages"][std::string(stage.name)]);
  }
  if (const auto derived = derived_values(pipeline, answer); !derived.empty()) {
    json["derived"] = values_json(derived, options.texts);
    if (has_ends(derived)) json["derived_bands"] = bands_json(derived);
  }
  if (!answer.band_faults.empty()) json["band_faults"] = answer.band_faults;
  if (answer.status == RowStatus::infeasible) {
    json["infeasible"] = Json::array();
    for (const AnsweredStage& stage : stages) append_infeasible(stage, !single, json["infeasible"]);
  }
  if (pipeline.clauses().walls) json["walls"] = list_json(wall_table(stages));
  for (const AmendedValue& one : amended_values(pipeline, answer))
    json["amended"].push_back(
        {{"input", one.used.name}, {"asked", value_json(one.asked)}, {"used", value_json(one.used)}, {"guards", one.guards}});
  if (!answer.violated.empty()) json["violated"] = answer.violated;
  if (!answer.errors.empty()) json["errors"] = answer.errors;
  if (!options.question.empty()) {
    json["question"] = Json::parse(options.question);
    json["facts"] = facts_used(pipeline, options.kept ? Tables::whole : Tables::sums);
  }
  json["provenance"] = provenance(pipeline, options);
  out << dump(json, 2) << '\n';
}

}  // namespace ironlaw::host
