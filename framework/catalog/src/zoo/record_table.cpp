#include "zoo/record_table.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <deque>
#include <vector>

namespace ironlaw::host {
namespace {

/// A table with the memory that its columns point to.
class OwnedTable final : public RecordTable {
 public:
  OwnedTable(std::unique_ptr<const std::string> name, std::span<const ColumnInfo> infos, std::size_t row_count)
      : RecordTable(*name), name_(std::move(name)) {
    rows = row_count;
    for (const ColumnInfo& info : infos) {
      names_.emplace_back(info.name);
      numbers_.emplace_back(info.text ? 0 : row_count, absent_value);
      views_.emplace_back(info.text ? row_count : 0);
      columns_.push_back({names_.back(), info.dimension, numbers_.back(), views_.back()});
    }
    columns = columns_;
  }
  void set(std::size_t column, std::size_t row, double number) { numbers_[column][row] = number; }
  void set(std::size_t column, std::size_t row, std::string text) { views_[column][row] = texts_.emplace_back(std::move(text)); }
  void set_axes(std::vector<std::vector<double>> values) {
    axis_values_ = std::move(values);
    for (const auto& axis : axis_values_) axes_.emplace_back(axis);
    axes = axes_;
  }

 private:
  std::unique_ptr<const std::string> name_;
  std::deque<std::string> names_;
  std::deque<std::vector<double>> numbers_;
  std::deque<std::vector<std::string_view>> views_;
  std::deque<std::string> texts_;
  std::vector<TableColumn> columns_;
  std::vector<std::vector<double>> axis_values_;
  std::vector<std::span<const double>> axes_;
};

PortInfo as_port(const ColumnInfo& column) {
  PortInfo port;
  port.name = column.name;
  port.doc = column.doc;
  port.optional = !column.required;
  port.dimension = column.dimension;
  port.range = column.range;
  port.display = column.display;
  return port;
}

void read_row(OwnedTable& table, std::size_t row, std::span<const ColumnInfo> columns, const TableRows& rows) {
  const Json& value = rows.rows[row];
  const std::string where = rows.where_of(row);
  std::vector<std::string_view> names;
  for (const ColumnInfo& c : columns) names.push_back(c.name);
  for (const auto& [key, cell] : value.items()) {
    const std::string here = rows.where_of(row, key);
    const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), key) - names.begin());
    if (at == names.size()) throw InputError(here, "the table has no column '" + key + "'" + did_you_mean(key, names));
    if (!columns[at].text) {
      table.set(at, row, read_value(as_port(columns[at]), cell, here).number);
    } else if (cell.is_string()) {
      table.set(at, row, cell.get<std::string>());
    } else {
      throw InputError(here, key + " takes a text, not " + cell.dump());
    }
  }
  for (const ColumnInfo& c : columns)
    if (c.required && !value.contains(std::string(c.name)))
      throw InputError(where, "the row lacks " + std::string(c.name) + ", which is required (" + std::string(c.doc) + ")");
}

/// What an open table says of a column: the dimension of its first number, or a text.
ColumnInfo column_of(const std::string& name, const Json& cell, const std::string& where) {
  ColumnInfo column;
  column.name = name;
  column.range = {-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
  const auto unit = [&](const std::string& text) { return parse_unit(text).dimension; };
  try {
    if (cell.is_object() && cell.contains("unit") && cell["unit"].is_string())
      column.dimension = unit(cell["unit"].get<std::string>());
    if (cell.is_string()) column.dimension = parse_quantity(cell.get<std::string>()).dimension;
  } catch (const UnitError& e) {
    if (!cell.is_string()) throw InputError(where, e.what());
    column.text = true;
  }
  return column;
}

/// The columns of a table whose port declares none, in the order in which rows bring them.
std::vector<ColumnInfo> columns_of(const TableRows& table) {
  std::vector<ColumnInfo> columns;
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    for (const auto& [key, cell] : table.rows[row].items())
      if (std::none_of(columns.begin(), columns.end(), [&, &key = key](const ColumnInfo& c) { return c.name == key; }))
        columns.push_back(column_of(key, cell, table.where_of(row)));
  return columns;
}

std::string shown(const ColumnInfo& column, double value) {
  return std::string(column.name) + " = " + format_quantity(value, column.dimension, column.display);
}

/// The values of the keys, rising. Throws InputError where rows do not rise by them or leave a combination out.
std::vector<std::vector<double>> axes_of(const RecordTable& table, std::span<const ColumnInfo> columns, const TableRows& rows) {
  std::vector<std::size_t> keys;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].key) keys.push_back(c);
  const auto value = [&](std::size_t key, std::size_t row) { return table.columns[keys[key]].numbers[row]; };
  std::vector<std::vector<double>> axes(keys.size());
  for (std::size_t k = 0; k < keys.size(); ++k) {
    axes[k].assign(table.columns[keys[k]].numbers.begin(), table.columns[keys[k]].numbers.end());
    std::sort(axes[k].begin(), axes[k].end());
    axes[k].erase(std::unique(axes[k].begin(), axes[k].end()), axes[k].end());
  }
  for (std::size_t row = 1; row < table.rows && !keys.empty(); ++row) {
    std::size_t k = 0;
    while (k + 1 < keys.size() && value(k, row) == value(k, row - 1)) ++k;
    if (value(k, row) > value(k, row - 1)) continue;
    throw InputError(rows.where_of(row), shown(columns[keys[k]], value(k, row)) + " stands behind " +
                                             shown(columns[keys[k]], value(k, row - 1)) +
                                             ": rows rise by their keys, the last key fastest, and none comes twice");
  }
  std::size_t combinations = keys.empty() ? table.rows : 1;
  for (const auto& axis : axes) combinations *= axis.size();
  if (combinations == table.rows) return axes;
  std::string names;
  for (const std::size_t c : keys) names.append(names.empty() ? "" : " and ").append(columns[c].name);
  throw InputError(rows.where, "has " + std::to_string(table.rows) + " rows, and " + names + " make " +
                                   std::to_string(combinations) + " combinations: the table takes each of them");
}

}  // namespace

std::unique_ptr<RecordTable> read_table(const PortInfo& port, const TableRows& table) {
  if (!table.rows.is_array())
    throw InputError(table.where, std::string(port.name) + " takes a list of rows [{...}, ...], not " + shown_json(table.rows));
  if (table.rows.empty())
    throw InputError(table.where, std::string(port.name) + " takes a table with rows, and this one has none");
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    if (!table.rows[row].is_object())
      throw InputError(table.where_of(row), "a row takes an object of columns, not " + shown_json(table.rows[row]));
  const auto own = port.columns.empty() ? columns_of(table) : std::vector<ColumnInfo>();
  const std::span<const ColumnInfo> columns = port.columns.empty() ? own : port.columns;
  auto name = std::make_unique<const std::string>(
      !table.name.empty() ? table.name : "table of " + std::to_string(table.rows.size()) + " rows");
  auto owned = std::make_unique<OwnedTable>(std::move(name), columns, table.rows.size());
  for (std::size_t row = 0; row < table.rows.size(); ++row) read_row(*owned, row, columns, table);
  owned->set_axes(axes_of(*owned, columns, table));
  return owned;
}

}  // namespace ironlaw::host
