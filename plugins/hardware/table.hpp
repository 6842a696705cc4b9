#pragma once
// Rows that anybody may name: a tariff, a load, a measured grid.
#include <ironlaw/error.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>

namespace ironlaw::hardware {

/// A table of whatever columns its rows have. A port that takes a table, a series or an axis reads it by the entry's name, and
/// holds its columns to its own.
struct TableKind {
  static constexpr auto about = Kind::About{"table", "rows that a series, a table or an axis reads by the name of the entry"};
  using Interface = RecordTable;

  struct Fields {
    const RecordTable* rows = nullptr;
  };
  static constexpr auto fields =
      ports(port<&Fields::rows>("a list of objects, column by column; each column holds numbers of one unit, or texts"));

  struct Made final : RecordTable {
    Made(const RecordTable& table, std::string_view name) : RecordTable(name) {
      rows = table.rows;
      columns = table.columns;
    }
  };
  static Made make(const Fields& f, std::string_view name) {
    if (f.rows == nullptr) throw MissingData(name, "rows");
    return Made(*f.rows, name);
  }
};

}  // namespace ironlaw::hardware
