#include "plan/table_values.hpp"

#include "value/check.hpp"
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {

bool TableValues::reads(const PortInfo& port) { return is_kept(port) || takes_table(port); }

bool TableValues::is_column(const Json& value) { return value.is_object() && value.contains("table"); }

const TableRows& TableValues::rows(const std::string& name, const std::string& where) {
  if (const auto known = tables_.find(name); known != tables_.end()) return known->second;
  if (!names_table_file(name)) return tables_.emplace(name, zoo_.impl().table_entry(name, where)).first->second;
  const std::string text = config_.included_table(name, where);
  return tables_.emplace(name, table_rows(text, name, config_.includes->path(config_.folder / name).string())).first->second;
}

Cell TableValues::value(const PortInfo& port, const Json& value, const std::string& where) {
  if (takes_table(port) && value.is_string()) return zoo_.impl().make_table(port, rows(value.get<std::string>(), where));
  if (port.type == PortType::series && value.is_string()) return series(port, Json{{"table", value}}, where);
  if (port.type == PortType::series && is_column(value)) return series(port, value, where);
  return zoo_.impl().make_value(port, value, where);
}

std::vector<TableValues::Place> TableValues::column(const PortInfo& port, const Json& value, const std::string& where) {
  constexpr std::array<std::string_view, 2> keys{"table", "column"};
  for (const auto& [key, v] : value.items()) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw InputError(where, "unknown key '" + key + "'" + did_you_mean(key, keys));
    if (!v.is_string()) throw InputError(where, "\"" + key + "\" takes a text, not " + shown_json(v));
  }
  const std::string name = value.value("column", std::string(port.name.substr(port.name.rfind('.') + 1)));
  const TableRows& table = rows(value["table"].get<std::string>(), where);
  if (!table.rows.is_array() || table.rows.empty()) throw InputError(where, table.where + " has no rows");
  std::vector<Place> cells;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const Json& all = table.rows[row];
    if (!all.is_object()) throw InputError(table.where_of(row), "a row takes an object of columns, not " + shown_json(all));
    if (row == 0 &&
        std::none_of(table.rows.begin(), table.rows.end(), [&](const Json& r) { return r.is_object() && r.contains(name); })) {
      std::vector<std::string_view> names;
      for (const auto& [column, cell] : all.items()) names.push_back(column);
      throw InputError(where, table.where + " has no column '" + name + "'" + did_you_mean(name, names));
    }
    if (!all.contains(name)) throw InputError(table.where_of(row), "the row lacks " + name);
    cells.push_back({all[name], table.where_of(row, name)});
  }
  return cells;
}

Cell TableValues::series(const PortInfo& port, const Json& value, const std::string& where) {
  const PortInfo one = value_of_series(port);
  std::vector<double> values;
  for (const Place& cell : column(port, value, where)) values.push_back(read_value(one, cell.value, cell.where).number);
  const Cell cell = zoo_.impl().kept.series(values);
  if (!accepts(port, cell)) throw InputError(where, std::string(port.name) + " " + reason_refused(port, cell));
  return cell;
}

}  // namespace ironlaw::host
