#pragma once
#include "text/json.hpp"

#include <ironlaw/record_table.hpp>

#include <memory>

namespace ironlaw::host {

/// Reads a list of rows ([{"column": value, ...}, ...]) as the table that the port declares. Throws InputError at the row and
/// column, with the nearest spelling.
[[nodiscard]] std::unique_ptr<RecordTable> read_table(const PortInfo& port, const Json& value, const std::string& where);

}  // namespace ironlaw::host
