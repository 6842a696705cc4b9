#pragma once
#include <ironlaw/object.hpp>
#include <ironlaw/port_info.hpp>

namespace ironlaw {

/// One column of a table: numbers in SI units, or texts. The host owns what it points to.
struct TableColumn {
  std::string_view name;
  Dimension dimension{};
  std::span<const double> numbers;          ///< NaN where the row says nothing; empty in a column of texts
  std::span<const std::string_view> texts;  ///< empty where the row says nothing; empty in a column of numbers
};

/// Rows of records, as the zoo, a config or a file has them, read once and never written. Its columns are those that the port
/// declares, in that order, or those that its rows have where the port declares none; the host has checked names, dimensions and
/// ranges, and that rows rise by their keys. With two keys or more they hold every combination: a grid.
class IRONLAW_API RecordTable : public Object {
 public:
  static constexpr std::string_view interface = "table";
  using Object::Object;
  ~RecordTable() override;
  std::size_t rows = 0;
  std::span<const TableColumn> columns;
  std::span<const std::span<const double>> axes;  ///< the values of each key, rising; empty where the port names no keys
  /// The column of that name, or null.
  [[nodiscard]] const TableColumn* column(std::string_view column_name) const {
    for (const TableColumn& c : columns)
      if (c.name == column_name) return &c;
    return nullptr;
  }
};

/// Whether a port takes rows of records.
constexpr bool takes_table(const PortInfo& port) {
  return port.type == PortType::object && port.interface == RecordTable::interface;
}

}  // namespace ironlaw
