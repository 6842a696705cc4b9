#include "zoo/table_rows.hpp"

#include "arrow/arrow_reader.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/csv.hpp>

#include <charconv>
#include <cmath>

namespace ironlaw::host {
namespace {

/// As a text, which is read to the nearest double whatever the unit.
Json with_unit(const Json& number, const std::string& text, const std::string& unit) {
  return unit.empty() ? number : Json(text + " " + unit);
}

/// A number takes its heading's unit; any other text speaks for itself.
Json cell_of(const std::string& text, const std::string& unit) {
  const char* const end = text.data() + text.size();
  double number = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) return Json(text);
  const Json exact = Json::parse(text, nullptr, false);  // whole numbers stay whole
  return with_unit(exact.is_number() ? exact : Json(number), text, unit);
}

TableRows rows_of_csv(std::string_view text, const std::string& where) {
  CsvTable csv = read_csv(text, where);
  TableRows table{Json::array(), where, std::move(csv.lines), {}};
  for (const auto& cells : csv.rows) {
    Json row = Json::object();
    for (std::size_t c = 0; c < cells.size(); ++c)
      if (!cells[c].empty()) row[csv.headings[c].name] = cell_of(cells[c], csv.headings[c].unit);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::string TableRows::where_of(std::size_t row) const {
  if (row < lines.size()) return where + ":" + std::to_string(lines[row]);
  return pointer(where, row);
}

std::string TableRows::where_of(std::size_t row, std::string_view column) const {
  return row < lines.size() ? where_of(row).append(" [").append(column).append("]") : pointer(where_of(row), column);
}

bool is_arrow_file(std::string_view name) { return name.ends_with(".arrow") || name.ends_with(".arrows"); }

bool names_table_file(std::string_view text) { return text.ends_with(".csv") || text.ends_with(".json") || is_arrow_file(text); }

TableRows table_rows(std::string_view text, const std::string& name, const std::string& where) {
  TableRows table = name.ends_with(".csv") ? rows_of_csv(text, where) : TableRows{parse_json(text, where), where + "#", {}, {}};
  table.name = name;
  return table;
}

std::string arrow_as_json(std::string_view bytes, const std::string& file) {
  const auto columns = read_arrow(bytes, file);
  Json rows = Json::array();
  for (std::size_t r = 0; r < columns.front().values.size(); ++r) {
    Json row = Json::object();
    for (const ArrowSourceColumn& column : columns) {
      const CsvHeading heading = csv_heading(column.name);
      const ArrowValue& value = column.values[r];
      if (const auto* number = std::get_if<double>(&value)) {
        if (!std::isfinite(*number)) continue;
        const bool whole = *number == std::floor(*number) && std::abs(*number) < 9e15;
        const Json exact = whole ? Json(static_cast<std::int64_t>(*number)) : Json(*number);
        row[heading.name] = with_unit(exact, exact.dump(), heading.unit.empty() ? column.unit : heading.unit);
      } else if (const auto* flag = std::get_if<bool>(&value)) {
        row[heading.name] = *flag;
      } else if (const auto* text = std::get_if<std::string>(&value)) {
        row[heading.name] = *text;
      }
    }
    rows.push_back(std::move(row));
  }
  try {
    return rows.dump();
  } catch (const Json::type_error&) {
    throw InputError(file, "holds a text that is no UTF-8");
  }
}

}  // namespace ironlaw::host
