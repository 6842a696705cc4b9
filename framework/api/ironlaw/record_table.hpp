#pragma once
#include <ironlaw/object.hpp>
#include <ironlaw/port_info.hpp>

namespace ironlaw {

/// One column of a table: numbers in SI units, or texts. The host owns what it points to.
struct TableColumn {
  std::span<const double> numbers;          ///< NaN where the row says nothing; empty in a column of texts
  std::span<const std::string_view> texts;  ///< empty where the row says nothing; empty in a column of numbers
};

/// Rows of records, as the zoo or a config has them. Its columns are those that the port declares, in that order; the host has
/// checked names, dimensions and ranges.
class IRONLAW_API RecordTable : public Object {
 public:
  static constexpr std::string_view interface = "table";
  using Object::Object;
  ~RecordTable() override;
  std::size_t rows = 0;
  std::span<const TableColumn> columns;
};

/// Whether a port takes rows of records.
constexpr bool takes_table(const PortInfo& port) {
  return port.type == PortType::object && port.interface == RecordTable::interface;
}

}  // namespace ironlaw
