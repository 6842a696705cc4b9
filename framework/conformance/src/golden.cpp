// Questions and answers of the author: JSON Lines, one question a line.
//   {"solver": "NAME", "inputs": {...}, "profile": "NAME", "outputs": {"time": "1 ms"}, "tolerance": 1e-9}
//   {"config": {... "study": {...}}, "rows": 3, "outputs": {"column": ...}}: of a study's table, its rows and the last of them
//   {"import": "FILE", "importer": "NAME", "entries": {"KEY": {"tdp": "300 W"}}}: fields of entries, as they are imported
//   {"config": {...} or "FILE", "outputs": {"stage.port": ...}}, {"config": ..., "rows": 9}, {"solver": ..., "refused": "TEXT"}
#include "breaches.hpp"
#include "checks.hpp"
#include "files/input_files.hpp"
#include "text/json.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/import/foreign_file.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace ironlaw::host {
namespace {

constexpr double default_tolerance = 1e-9;

class Ignore final : public RowSink {
  void rows(const ResultRows&) override {}
};

/// The table of a study: how many rows are ok, and the last one.
class LastRow final : public StudySink, private RowSink {
 public:
  std::vector<ResultColumn> columns;
  std::vector<Cell> last;
  std::uint64_t ok = 0;

 private:
  RowSink& table(const std::vector<ResultColumn>& declared) override {
    columns = declared;
    return *this;
  }
  void rows(const ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) {
      ok += rows.status[r] == RowStatus::ok ? 1 : 0;
      last.clear();
      for (const Column& column : rows.columns) last.push_back(column[r]);
    }
  }
  void finish(const RunSummary&) override {}
};

/// One line of the file.
class Question {
 public:
  Question(const Json& json, std::filesystem::path folder, std::string where)
      : json_(json), folder_(std::move(folder)), where_(std::move(where)) {
    constexpr std::array<std::string_view, 11> keys{"solver",  "inputs", "config", "profile",  "outputs", "tolerance",
                                                    "refused", "rows",   "import", "importer", "entries"};
    if (!json.is_object()) throw InputError(where_, "a question takes an object with \"solver\" or \"config\"");
    for (const auto& [name, value] : json.items())
      if (std::find(keys.begin(), keys.end(), name) == keys.end())
        throw InputError(where_, "unknown key '" + name + "'" + did_you_mean(name, keys));
    if (json.contains("solver") + json.contains("config") + json.contains("import") != 1)
      throw InputError(where_, "a question takes either \"solver\", \"config\" or \"import\"");
    if (!json.contains("outputs") && !json.contains("refused") && !json.contains("rows") && !json.contains("entries"))
      throw InputError(where_, "a question takes its answer: \"outputs\", \"entries\", \"refused\" or \"rows\"");
  }

  /// What is wrong with the answer, or an empty text.
  [[nodiscard]] std::string wrong(Session& session) const {
    try {
      if (json_.contains("import")) return wrong_entries(session);
      const Pipeline pipeline = session.compile(config(), text("profile"));
      if (pipeline.study() != nullptr) return wrong_study(pipeline);
      if (json_.contains("rows")) return wrong_rows(pipeline);
      const Answer answer = host::answer(pipeline);
      if (!has_outputs(answer.status)) return wrong_refusal(answer.errors.empty() ? "no reason" : answer.errors.front());
      if (json_.contains("refused")) return "it is answered, where a refusal was expected";
      return wrong_outputs(pipeline, answer);
    } catch (const InputError& e) {
      return wrong_refusal(e.what());
    }
  }

 private:
  [[nodiscard]] std::string text(const char* key) const {
    if (!json_.contains(key)) return {};
    if (!json_[key].is_string()) throw InputError(pointer(where_, std::string_view(key)), "takes a text");
    return json_[key].get<std::string>();
  }

  [[nodiscard]] Config config() const {
    if (json_.contains("config") && json_["config"].is_string()) return Config::read(folder_ / text("config"));
    if (json_.contains("config")) return Config::parse(json_["config"].dump(), where_);
    Json stage = json_.contains("inputs") ? json_["inputs"] : Json::object();
    if (!stage.is_object()) throw InputError(where_, "\"inputs\" takes an object");
    stage["solver"] = text("solver");
    return Config::parse(Json{{"version", 1}, {"stages", {{stage_name(), stage}}}}.dump(), where_);
  }
  [[nodiscard]] std::string stage_name() const {
    const std::string solver = text("solver");
    return solver.substr(solver.rfind('/') + 1);
  }

  [[nodiscard]] std::string wrong_refusal(const std::string& why) const {
    if (!json_.contains("refused")) return "it is refused: " + why;
    const std::string wanted = text("refused");
    return why.find(wanted) != why.npos ? "" : "expected a refusal with '" + wanted + "', found: " + why;
  }

  [[nodiscard]] std::string wrong_entries(Session& session) const {
    const ForeignFormats formats{session.zoo_folders(), session.plugins(), text("importer")};
    const Json found = parse_json(import_file(formats, folder_ / text("import")), where_)["entries"];
    if (json_.contains("refused")) return "it is imported, where a refusal was expected";
    for (const auto& [key, fields] : json_["entries"].items()) {
      if (!found.contains(key)) return "there is no entry '" + key + "'";
      for (const auto& [field, expected] : fields.items())
        if (!found[key].contains(field) || found[key][field] != expected)
          return key + ": " + field + ": expected " + shown_json(expected) + ", found " +
                 (found[key].contains(field) ? shown_json(found[key][field]) : "none");
    }
    return {};
  }

  [[nodiscard]] std::string wrong_rows(const Pipeline& pipeline) const {
    Ignore sink;
    const RunSummary summary = run(pipeline, sink, {1});
    const std::string found = std::to_string(summary.ok);
    return json_["rows"] == summary.ok ? "" : "expected " + shown_json(json_["rows"]) + " rows that are ok, found " + found;
  }

  /// Of a study "rows" counts those of its table that are ok, and "outputs" are columns of its last row.
  [[nodiscard]] std::string wrong_study(const Pipeline& pipeline) const {
    LastRow table;
    (void)run_study(pipeline, table, {1});
    if (json_.contains("refused")) return "it is answered, where a refusal was expected";
    if (json_.contains("rows") && json_["rows"] != table.ok)
      return "expected a table of " + shown_json(json_["rows"]) + " rows that are ok, found " + std::to_string(table.ok);
    const Json none = Json::object();
    for (const auto& [name, expected] : (json_.contains("outputs") ? json_["outputs"] : none).items()) {
      const auto column =
          std::find_if(table.columns.begin(), table.columns.end(), [&, n = name](const ResultColumn& c) { return c.name == n; });
      if (column == table.columns.end()) return "its table has no column '" + name + "'";
      if (table.last.empty()) return "its table has no row";
      const double found = table.last[static_cast<std::size_t>(column - table.columns.begin())].number;
      if (std::string wrong = wrong_number(name, column->port, expected, found); !wrong.empty()) return wrong;
    }
    return {};
  }

  [[nodiscard]] std::string wrong_number(const std::string& name, const PortInfo& port, const Json& expected,
                                         double found) const {
    const double tolerance = json_.contains("tolerance") ? json_["tolerance"].get<double>() : default_tolerance;
    const double wanted = expected.is_null() ? std::nan("") : read_value(port, expected, name).number;
    if (std::isnan(wanted) ? std::isnan(found) : std::abs(found - wanted) <= tolerance * std::abs(wanted)) return {};
    const auto shown = [&port](double v) {
      if (std::isnan(v)) return std::string("absent");
      return port.type == PortType::choice ? std::string(port.choices[static_cast<std::size_t>(v)])
                                           : format_quantity(v, port.dimension, port.display);
    };
    return name + ": expected " + shown(wanted) + ", found " + shown(found);
  }

  [[nodiscard]] std::string wrong_outputs(const Pipeline& pipeline, const Answer& answer) const {
    const double tolerance = json_.contains("tolerance") ? json_["tolerance"].get<double>() : default_tolerance;
    for (const auto& [name, expected] : json_["outputs"].items()) {
      const std::string full = json_.contains("solver") ? stage_name() + "." + name : name;
      const std::size_t index = pipeline.output(full, where_);
      const PortInfo& port = pipeline.solver().outputs()[index];
      if (port.type == PortType::series) {
        if (const std::string wrong = wrong_series(port, expected, answer.outputs[index], tolerance); !wrong.empty())
          return name + ": " + wrong;
        continue;
      }
      if (std::string wrong = wrong_number(name, port, expected, answer.outputs[index].number); !wrong.empty()) return wrong;
    }
    return {};
  }

  static std::string wrong_series(const PortInfo& port, const Json& expected, const Cell& found, double tolerance) {
    KeptValues kept;
    const SeriesCell* wanted = series_of(read_value(port, expected, std::string(port.name), kept));
    const SeriesCell* given = series_of(found);
    if (wanted == nullptr || given == nullptr) return wanted == given ? "" : "a series on one side alone";
    if (wanted->size != given->size)
      return "expected " + std::to_string(wanted->size) + " values, found " + std::to_string(given->size);
    for (std::uint32_t i = 0; i < wanted->size; ++i)
      if (!(std::abs(given->data[i] - wanted->data[i]) <= tolerance * std::abs(wanted->data[i])))
        return "value " + std::to_string(i) + ": expected " + format_quantity(wanted->data[i], port.dimension, port.display) +
               ", found " + format_quantity(given->data[i], port.dimension, port.display);
    return {};
  }

  const Json& json_;
  std::filesystem::path folder_;
  std::string where_;
};

}  // namespace

Finding check_golden(Specimen& specimen, const std::filesystem::path& golden) {
  std::istringstream lines(read_file(golden));
  Breaches problems;
  std::size_t number = 0;
  std::size_t asked = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string where = golden.string() + ":" + std::to_string(++number);
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const Json json = parse_json(line, where);
    const std::string wrong = Question(json, golden.parent_path(), where).wrong(specimen.session);
    if (!wrong.empty()) problems.add(where + ": " + wrong);
    ++asked;
  }
  if (asked == 0) return {CheckStatus::skipped, golden.string() + " asks nothing"};
  return problems.finding(counted(asked, "question") + " answered as expected");
}

}  // namespace ironlaw::host
