#pragma once
#include "zoo/table_rows.hpp"

#include <ironlaw/record_table.hpp>

#include <memory>

namespace ironlaw::host {

/// The table that a port takes: an array of objects, checked column by column against what the port declares; of a port that
/// declares no columns, whatever columns the rows have. Throws InputError with the row.
[[nodiscard]] std::unique_ptr<RecordTable> read_table(const PortInfo& port, const TableRows& table);

}  // namespace ironlaw::host
