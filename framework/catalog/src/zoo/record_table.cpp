#include "zoo/record_table.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <deque>
#include <vector>

namespace ironlaw::host {
namespace {

/// A table with the memory that its columns point to.
class OwnedTable final : public RecordTable {
 public:
  OwnedTable(const PortInfo& port, std::size_t row_count) : RecordTable("table") {
    rows = row_count;
    for (const ColumnInfo& info : port.columns) {
      numbers_.emplace_back(info.text ? 0 : row_count, absent_value);
      views_.emplace_back(info.text ? row_count : 0);
      columns_.push_back({numbers_.back(), views_.back()});
    }
    columns = columns_;
  }
  void set(std::size_t column, std::size_t row, double number) { numbers_[column][row] = number; }
  void set(std::size_t column, std::size_t row, std::string text) { views_[column][row] = texts_.emplace_back(std::move(text)); }

 private:
  std::deque<std::vector<double>> numbers_;
  std::deque<std::vector<std::string_view>> views_;
  std::deque<std::string> texts_;
  std::vector<TableColumn> columns_;
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

void read_row(OwnedTable& table, std::size_t row, std::span<const ColumnInfo> columns, const Json& value,
              const std::string& where) {
  std::vector<std::string_view> names;
  for (const ColumnInfo& c : columns) names.push_back(c.name);
  for (const auto& [key, cell] : value.items()) {
    const std::string here = pointer(where, std::string_view(key));
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

}  // namespace

std::unique_ptr<RecordTable> read_table(const PortInfo& port, const Json& value, const std::string& where) {
  if (!value.is_array())
    throw InputError(where, std::string(port.name) + " takes a list of rows [{...}, ...], not " + value.dump());
  auto table = std::make_unique<OwnedTable>(port, value.size());
  for (std::size_t row = 0; row < value.size(); ++row) {
    const std::string here = pointer(where, row);
    if (!value[row].is_object()) throw InputError(here, "a row takes an object of columns, not " + value[row].dump());
    read_row(*table, row, port.columns, value[row], here);
  }
  return table;
}

}  // namespace ironlaw::host
