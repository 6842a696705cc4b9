#pragma once
// Why a row of a table is not ok.
#include "value/shown_value.hpp"

#include <ironlaw/host/run.hpp>

#include <optional>
#include <vector>

namespace ironlaw::host {

/// The line of a row's error, or the hard limits that it exceeds as far as the table's columns tell them.
class RowReasons {
 public:
  RowReasons(const Pipeline& pipeline, std::span<const ResultColumn> columns);
  /// Empty for a row that is ok.
  [[nodiscard]] std::string of(const ResultRows& rows, std::size_t row) const;

 private:
  /// A side of a limit: in a column of the table, or the same for all rows.
  struct Side {
    std::optional<std::size_t> column;
    double constant = 0;
    [[nodiscard]] double value(const ResultRows& rows, std::size_t row) const {
      return column ? rows.columns[*column][row].number : constant;
    }
  };
  struct Check {
    std::string name;
    std::optional<Side> used;  ///< nothing where the table does not show it
    std::optional<Side> bound;
  };
  [[nodiscard]] std::string limits_of(const ResultRows& rows, std::size_t row) const;
  std::vector<Check> checks_;
};

}  // namespace ironlaw::host
