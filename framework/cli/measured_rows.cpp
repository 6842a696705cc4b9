#include "measured_rows.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <cstdio>
#include <fstream>
#include <vector>

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
  std::ifstream in(file);
  if (!in) throw InputError(file.string(), "cannot be read");
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

std::string in_base_units(const std::string& text, const std::string& where) {
  try {
    const double value = is_number(text) ? std::stod(text) : host::parse_quantity(text).value;
    char exact[32];
    std::snprintf(exact, sizeof exact, "%.17g", value);
    return exact;
  } catch (const std::exception& e) {
    throw InputError(where, "'" + text + "': " + e.what());
  }
}

}  // namespace

void add_measured_rows(host::Config& config, const std::filesystem::path& file, const std::string& stage, bool predicts) {
  auto columns = read(file, stage);
  const Column measured = std::move(columns.back());
  columns.pop_back();
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> values;
  for (Column& c : columns) {
    names.push_back(c.name);
    values.push_back(std::move(c.values));
  }
  std::string observed;
  for (const std::string& text : measured.values)
    observed += (observed.empty() ? "[\"" : ", \"") + in_base_units(text, file.string()) + "\"";
  config.add_joint_axis(names, values, file.string());
  config.set_study_option("observed", {observed + "]"}, "--measured");
  if (!predicts) config.set_study_option("predicts", {measured.name}, file.string());
}

}  // namespace ironlaw::cli
