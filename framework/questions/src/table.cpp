#include "table.hpp"

#include "plan/environment.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace ironlaw::host {
namespace {

std::vector<AskedValue> asked_by(const TableSpec& table) {
  std::vector<AskedValue> asked;
  for (const ColumnSpec& column : table.columns)
    asked.push_back({column.expression, table.where + "/columns" + pointer("", std::string_view(column.title))});
  return asked;
}

/// What varies begins as the first of its values: an object that is written out could not vary as a whole.
void begin_on_axes(Json& root) {
  const auto inputs = root.find("inputs");
  if (inputs == root.end()) return;
  for (const Json& axis : root["axes"])
    for (const auto& [name, values] : axis.items())
      if (inputs->contains(name) && (*inputs)[name].is_object() && values.is_array() && !values.empty())
        (*inputs)[name] = values.front();
}

/// The answer's design over the axes of a table.
Config swept_config(const TableSpec& table, const TableGround& ground) {
  Config::Impl impl = ground.design.impl();
  Json axes = Json::array();
  for (const TableAxis& axis : table.axes) {
    if (axis.own.empty()) {
      axes.push_back(axis.axis);
      continue;
    }
    const Json none = Json::array();
    const Json& own = ground.asked.impl().section("axes", none);
    const auto found = std::find_if(own.begin(), own.end(), [&](const Json& a) { return a.contains(axis.own); });
    if (found != own.end()) axes.push_back(*found);  // an axis that a flag gave one value has none
  }
  Json report = table.report;
  report["columns"] = Json::array();
  for (const AskedValue& value : asked_by(table)) {
    impl.flags[pointer("/report/columns", report["columns"].size())] = value.where;
    report["columns"].push_back(value.expression);
  }
  impl.root["axes"] = std::move(axes);
  begin_on_axes(impl.root);
  impl.root["report"] = std::move(report);
  if (!table.conditions.empty()) impl.root["assert"] = table.conditions;
  Config config = Config::copy_of(impl);
  for (const auto& [name, value] : table.set) config = with_value(config, name, value);
  return config;
}

/// Rows as cells that people read.
class Rows final : public RowSink {
 public:
  Rows(const Pipeline& pipeline, const TableSpec& table) : pipeline_(pipeline), table_(table) {}
  std::vector<std::vector<ToldCell>> cells;
  std::map<std::string, std::size_t> refused;  ///< reasons, and how many rows each has

 private:
  void rows(const ResultRows& block) override {
    for (std::size_t r = 0; r < block.status.size(); ++r) {
      if (block.status[r] != RowStatus::ok) {
        if (block.errors == nullptr) continue;
        if (const auto error = block.errors->find(block.number(r)); error != block.errors->end()) ++refused[error->second];
        continue;
      }
      auto& row = cells.emplace_back();
      for (std::size_t c = 0; c < block.columns.size(); ++c) row.push_back(cell(c, block.columns[c][r]));
    }
  }
  [[nodiscard]] ToldCell cell(std::size_t c, const Cell& value) const {
    const ResultColumn& column = pipeline_.columns()[c];
    const ShownValue shown{column.name, &column.port, value, object_name(pipeline_.environment().zoo(), column.port, value)};
    return {text_in_unit(shown, table_.columns[c].unit, table_.where), value_json(shown).dump()};
  }
  const Pipeline& pipeline_;
  const TableSpec& table_;
};

/// As many as are asked for, the first and the last among them.
void thin_out(std::vector<std::vector<ToldCell>>& rows, std::size_t most) {
  if (most == 0 || rows.size() <= most) return;
  std::vector<std::vector<ToldCell>> kept;
  for (std::size_t i = 0; i < most; ++i) kept.push_back(std::move(rows[most == 1 ? 0 : i * (rows.size() - 1) / (most - 1)]));
  rows = std::move(kept);
}

/// Of rows that share the values of their first columns the first.
void keep_first(std::vector<std::vector<ToldCell>>& rows, std::size_t columns) {
  if (columns == 0) return;
  std::set<std::vector<std::string>> seen;
  std::erase_if(rows, [&](const std::vector<ToldCell>& row) {
    std::vector<std::string> key;
    for (std::size_t c = 0; c < columns; ++c) key.push_back(row[c].json);
    return !seen.insert(std::move(key)).second;
  });
}

double number_in(const ToldCell& cell) {
  const Json value = Json::parse(cell.json);
  const Json& number = value.is_object() && value.contains("value") ? value["value"] : value;
  return number.is_number() ? number.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// Where a row of its own belongs among rows that are sorted by one of their columns; at their top where they are by no column.
std::size_t place_of(const std::vector<ToldCell>& own, const std::vector<std::vector<ToldCell>>& rows, const TableSpec& table) {
  const Json sort = table.report.value("sort", Json::array());
  if (!sort.is_array() || sort.empty() || !sort[0].is_string()) return 0;
  const std::string text = sort[0].get<std::string>();
  const bool descending = text.starts_with("max ");
  const auto by = std::find_if(table.columns.begin(), table.columns.end(),
                               [&](const ColumnSpec& column) { return column.expression == text.substr(text.find(' ') + 1); });
  if (by == table.columns.end()) return 0;
  const auto c = static_cast<std::size_t>(by - table.columns.begin());
  const double value = number_in(own[c]);
  const auto behind = std::find_if(rows.begin(), rows.end(), [&](const std::vector<ToldCell>& row) {
    return descending ? number_in(row[c]) < value : number_in(row[c]) > value;
  });
  return static_cast<std::size_t>(behind - rows.begin());
}

}  // namespace

ToldPart empty_table(const TableSpec& table) {
  ToldPart part;
  part.title = table.title;
  for (const ColumnSpec& column : table.columns) part.header.push_back(column.title);
  return part;
}

std::vector<ToldCell> row_of(const TableSpec& table, const DesignValues& values) {
  std::vector<ToldCell> row;
  for (const ColumnSpec& column : table.columns) {
    const ShownValue shown = values.shown(column.expression);
    row.push_back({text_in_unit(shown, column.unit, table.where), value_json(shown).dump()});
  }
  return row;
}

ToldPart swept_table(const TableSpec& table, const TableGround& ground) {
  const Pipeline pipeline = ground.session.compile(swept_config(table, ground), ground.profile);
  Rows rows(pipeline, table);
  run(pipeline, rows, ground.options);
  ToldPart part = empty_table(table);
  keep_first(rows.cells, table.first_of);
  const std::size_t all = rows.cells.size();
  thin_out(rows.cells, table.rows);
  if (rows.cells.size() < all) part.notes.push_back(std::to_string(rows.cells.size()) + " of " + std::to_string(all) + " rows");
  part.rows = std::move(rows.cells);
  if (table.with_answer) {
    std::vector<ToldCell> own = row_of(table, DesignValues(ground.design, asked_by(table), ground.session, ground.profile));
    part.answer_row = place_of(own, part.rows, table);
    part.rows.insert(part.rows.begin() + static_cast<std::ptrdiff_t>(*part.answer_row), std::move(own));
  }
  for (const auto& [reason, count] : rows.refused)
    if (part.rows.size() < 2 || count == 1) part.notes.push_back("left out: " + reason);
  return part;
}

}  // namespace ironlaw::host
