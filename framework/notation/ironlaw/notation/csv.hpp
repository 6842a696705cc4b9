#pragma once
// Tables as spreadsheets write them: RFC 4180, with the unit of a column in its heading: "price [USD/kWh]".
#include <ironlaw/export.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// "price [USD/kWh]" is a name and a unit, which may be empty.
struct CsvHeading {
  std::string name;
  std::string unit;
};
[[nodiscard]] IRONLAW_API CsvHeading csv_heading(std::string_view text);

/// A table of texts: each row has as many cells as there are headings.
struct CsvTable {
  std::vector<CsvHeading> headings;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  ///< of the file, by row
};

/// Empty lines are left out. Throws InputError "FILE:LINE: what".
[[nodiscard]] IRONLAW_API CsvTable read_csv(std::string_view text, const std::string& file);

}  // namespace ironlaw::host
