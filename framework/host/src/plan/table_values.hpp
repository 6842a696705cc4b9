#pragma once
// Values that stand in tables: in files beside a config, and in entries of the zoo.
#include "config/config_impl.hpp"
#include "zoo/table_rows.hpp"

#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

#include <map>

namespace ironlaw::host {

/// Reads tables, series and texts of a config, each table once. What it makes lives as long as the zoo.
class TableValues {
 public:
  TableValues(const Config::Impl& config, Zoo& zoo) : config_(config), zoo_(zoo) {}

  /// Whether the values of a port go through here.
  static bool reads(const PortInfo& port);
  /// A table is a list of rows, a file or an entry of the zoo; a series is a list, a file or {"table": name, "column": name}.
  /// Throws InputError.
  Cell value(const PortInfo& port, const Json& value, const std::string& where);

  /// Whether a value stands for a column of a table: {"table": name, "column": name}.
  static bool is_column(const Json& value);
  /// A cell of a table and where it stands.
  struct Place {
    Json value;
    std::string where;
  };
  /// The cells of such a column from the first row on, each there; the column is named like the port where nothing else is said.
  std::vector<Place> column(const PortInfo& port, const Json& value, const std::string& where);

 private:
  const TableRows& rows(const std::string& name, const std::string& where);
  Cell series(const PortInfo& port, const Json& value, const std::string& where);

  const Config::Impl& config_;
  Zoo& zoo_;
  std::map<std::string, TableRows> tables_;  ///< by name
};

}  // namespace ironlaw::host
