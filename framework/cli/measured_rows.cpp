#include "measured_rows.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/input_file.hpp>
#include <ironlaw/import/measured_runs.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/records.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace ironlaw::cli {
namespace {

/// Cells of one line; quotes keep commas, and two quotes in them are one (RFC 4180, without line breaks in cells).
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\r') continue;
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

struct Column {
  std::string name;
  std::string unit;  ///< of values that bring none
  std::vector<std::string> values;
};

/// "step.step_time [ms]" is a name and a unit.
Column column_of(const std::string& heading, const std::string& stage) {
  const auto open = heading.find('[');
  const auto close = heading.rfind(']');
  Column c;
  c.name = heading.substr(0, open);
  c.name.erase(c.name.find_last_not_of(' ') + 1);
  if (open != heading.npos && close != heading.npos && open < close) c.unit = heading.substr(open + 1, close - open - 1);
  if (!stage.empty() && c.name.find('.') == c.name.npos) c.name = stage + "." + c.name;
  return c;
}

bool is_number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789+-.eE") == text.npos; }

std::vector<Column> read(const std::filesystem::path& file, const std::string& stage) {
  std::istringstream in(host::read_file(file));
  std::vector<Column> columns;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line == "\r") continue;
    const auto cells = cells_of(line);
    if (columns.empty()) {
      for (const std::string& heading : cells) columns.push_back(column_of(heading, stage));
      continue;
    }
    const std::string where = file.string() + ":" + std::to_string(number);
    if (cells.size() != columns.size())
      throw InputError(where, std::to_string(cells.size()) + " values; the first line names " + std::to_string(columns.size()));
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (cells[c].empty()) throw InputError(where, columns[c].name + " has no value");
      columns[c].values.push_back(is_number(cells[c]) && !columns[c].unit.empty() ? cells[c] + " " + columns[c].unit : cells[c]);
    }
  }
  if (columns.size() < 2 || columns.front().values.empty())
    throw InputError(file.string(), "needs a line of names, inputs first and what was measured last, and a row");
  return columns;
}

/// A measured value in SI base units; a number alone has none.
host::Parsed measured_value(const std::string& text, const std::string& where) {
  try {
    return host::parse_quantity(text);
  } catch (const host::UnitError& e) {
    throw InputError(where, e.what());
  }
}

/// What was measured, as options of the study.
void observe(host::Config& config, const std::vector<std::string>& measured, const std::string& name, const std::string& where) {
  std::string observed;
  Dimension dimension{};
  for (const std::string& text : measured) {
    const host::Parsed value = measured_value(text, where);
    if (!observed.empty() && !(value.dimension == dimension))
      throw InputError(where, name + ": '" + text + "' has another dimension than the values before it");
    dimension = value.dimension;
    char exact[40];
    std::snprintf(exact, sizeof exact, "%.17g", value.value);
    observed += (observed.empty() ? "[\"" : ", \"") + std::string(exact) + "\"";
  }
  config.set_study_option("observed", {observed + "]"}, "--measured");
  config.set_study_option("unit", {"1 " + host::si_unit(dimension)}, "--measured");
}

void add_csv(host::Config& config, const std::string& file, const std::string& stage, const std::string& predicts) {
  auto columns = read(file, stage);
  const Column measured = std::move(columns.back());
  columns.pop_back();
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> values;
  for (Column& c : columns) {
    names.push_back(c.name);
    values.push_back(std::move(c.values));
  }
  config.add_joint_axis(names, values, file);
  observe(config, measured.values, measured.name, file);
  if (predicts.empty()) config.set_study_option("predicts", {measured.name}, file);
}

const std::string* find(const host::MeasuredRun::Named& all, std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == name; });
  return found == all.end() ? nullptr : &found->second;
}

/// The pipeline that runs are put to, without its study.
class RunsOfAPipeline {
 public:
  RunsOfAPipeline(const host::Config& config, Context& context) : pipeline_(compiled(config, context)) {}

  /// "step.step_time": the output that `run` measured, of the stage that has it; `asked` names one of several.
  [[nodiscard]] std::string predicted(const host::MeasuredRun& run, const std::string& asked) const {
    std::string known;
    for (const auto& [name, value] : run.measured) known += (known.empty() ? "" : ", ") + name;
    if (!asked.empty()) {
      const std::string bare = asked.substr(asked.rfind('.') + 1);
      if (find(run.measured, bare) == nullptr) throw InputError(run.where, "tells nothing of " + bare + "; it has " + known);
      return asked.find('.') != asked.npos ? asked : only_stage_with(bare, run.where) + "." + bare;
    }
    for (const auto& [name, value] : run.measured)
      if (const auto stages = stages_with(name); !stages.empty()) return only_stage_with(name, run.where) + "." + name;
    throw InputError(run.where, "no stage has an output that it tells of: " + known);
  }
  [[nodiscard]] bool has_input(const std::string& name) const {
    const auto inputs = pipeline_.solver().inputs();
    return std::any_of(inputs.begin(), inputs.end(), [&](const PortInfo& p) { return p.name == name; });
  }
  /// The fleet of the stage, or the named one, by its object or by the fields of one that is written out.
  void check_devices(const host::MeasuredRun& run, const std::string& stage) const {
    if (run.devices == 0) return;
    for (const std::string& fleet : {stage + ".fleet", std::string("fleet")}) {
      double devices = 0;
      if (const auto* object = static_cast<const Fleet*>(object_at(fleet, Fleet::interface))) {
        devices = object->accelerators();
      } else if (const auto* node = static_cast<const Node*>(object_at(fleet + ".node", Node::interface))) {
        devices = node->accelerators * number_at(fleet + ".nodes");
      }
      if (devices > 0 && devices != run.devices)
        throw InputError(run.where, "ran on " + host::format_quantity(run.devices, {}) + " devices, and " + fleet + " has " +
                                        host::format_quantity(devices, {}));
    }
  }

 private:
  static host::Pipeline compiled(const host::Config& config, Context& context) {
    host::Config alone = host::Config::copy_of(config.impl());
    alone.without_study();
    return context.session.compile(alone, context.flags.profile);
  }
  [[nodiscard]] const void* object_at(const std::string& name, std::string_view interface) const {
    for (std::size_t i = 0; i < base_.size(); ++i)
      if (const PortInfo& port = pipeline_.solver().inputs()[i]; port.name == name && port.interface == interface)
        return base_[i].object;
    return nullptr;
  }
  [[nodiscard]] double number_at(const std::string& name) const {
    for (std::size_t i = 0; i < base_.size(); ++i)
      if (pipeline_.solver().inputs()[i].name == name) return base_[i].number;
    return 0;
  }
  [[nodiscard]] std::vector<std::string> stages_with(const std::string& output) const {
    std::vector<std::string> stages;
    for (const PortInfo& p : pipeline_.solver().outputs())
      if (p.name.ends_with("." + output)) stages.emplace_back(p.name.substr(0, p.name.size() - output.size() - 1));
    return stages;
  }
  [[nodiscard]] std::string only_stage_with(const std::string& output, const std::string& where) const {
    const auto stages = stages_with(output);
    if (stages.size() == 1) return stages.front();
    throw InputError(where, stages.empty() ? "no stage has an output '" + output + "'"
                                           : "several stages have an output '" + output + "'; say which: --predicts " +
                                                 stages.front() + "." + output);
  }
  host::Pipeline pipeline_;
  std::vector<Cell> base_ = pipeline_.base();
};

void add_runs(host::Config& config, const std::vector<host::MeasuredRun>& runs, const std::string& predicts, Context& context) {
  const RunsOfAPipeline pipeline(config, context);
  const std::string output = pipeline.predicted(runs.front(), predicts);
  const std::string stage = output.substr(0, output.rfind('.'));
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> values;
  std::string not_taken;
  for (const auto& [input, value] : runs.front().inputs) {
    if (pipeline.has_input(stage + "." + input)) {
      names.push_back(stage + "." + input);
      values.emplace_back();
    } else {
      not_taken += (not_taken.empty() ? "" : ", ") + input;
    }
  }
  if (names.empty()) throw InputError(runs.front().where, "says nothing that " + stage + " takes");
  std::vector<std::string> measured;
  for (const host::MeasuredRun& run : runs) {
    pipeline.check_devices(run, stage);
    for (std::size_t k = 0; k < names.size(); ++k) {
      const std::string input = names[k].substr(stage.size() + 1);
      const std::string* value = find(run.inputs, input);
      if (value == nullptr) throw InputError(run.where, "does not say " + input + ", as " + runs.front().where + " does");
      values[k].push_back(*value);
    }
    const std::string* seen = find(run.measured, output.substr(stage.size() + 1));
    if (seen == nullptr) throw InputError(run.where, "tells nothing of " + output.substr(stage.size() + 1));
    measured.push_back(*seen);
  }
  if (!not_taken.empty()) print_message(runs.front().where + ": " + stage + " takes no " + not_taken);
  config.add_joint_axis(names, values, "--measured");
  observe(config, measured, output, "--measured");
  if (predicts.empty() || predicts.find('.') == predicts.npos) config.set_study_option("predicts", {output}, "--measured");
}

}  // namespace

void add_measured_rows(host::Config& config, const std::vector<std::string>& files, const std::string& stage,
                       const std::string& predicts, Context& context) {
  std::vector<host::MeasuredRun> runs;
  for (const std::string& file : files) {
    auto found = host::read_measured_runs(file);
    if (found.empty() && files.size() > 1)
      throw InputError(file, "is no log of Megatron or NeMo and no benchmark of vLLM or SGLang; of CSV one file is taken, alone");
    if (found.empty()) return add_csv(config, file, stage, predicts);
    runs.insert(runs.end(), found.begin(), found.end());
  }
  add_runs(config, runs, predicts, context);
}

}  // namespace ironlaw::cli
