#pragma once
// Rows of a table before anybody asks for their columns.
#include "text/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// A list of objects, column by column, and where its rows stand.
struct TableRows {
  Json rows = Json::array();
  std::string where;               ///< of the whole
  std::vector<std::size_t> lines;  ///< of a file of lines, by row
  std::string name;                ///< of the file or the entry; empty where the rows are written out
  /// "loads.csv:7", or "loads.json#/5".
  [[nodiscard]] std::string where_of(std::size_t row) const;
  /// "loads.csv:7 [price]", or "loads.json#/5/price".
  [[nodiscard]] std::string where_of(std::size_t row, std::string_view column) const;
};

/// Whether a text names a file of a table: .csv, .arrow, .arrows or .json.
[[nodiscard]] bool names_table_file(std::string_view text);
/// Whether such a file is Arrow's, whose bytes are no text.
[[nodiscard]] bool is_arrow_file(std::string_view name);

/// The rows of a file by its ending: lines of CSV, or else a list in JSON. Throws InputError.
[[nodiscard]] TableRows table_rows(std::string_view text, const std::string& name, const std::string& where);
/// The bytes of an Arrow file as such a list.
[[nodiscard]] std::string arrow_as_json(std::string_view bytes, const std::string& file);

}  // namespace ironlaw::host
