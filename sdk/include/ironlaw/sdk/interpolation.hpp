#pragma once
// Values of a table between its rows: made once for the rows of a sweep that share the table (in Facts), asked in each.
#include <ironlaw/error.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>
#include <span>
#include <string>

namespace ironlaw {
namespace detail {

struct Place {
  std::size_t index = 0;
  double share = 0;  ///< of the way to the next
};

/// The interval of a rising axis that holds `value`; beyond the ends the end itself.
inline Place place_on(std::span<const double> axis, double value) {
  if (axis.size() == 1) return {};
  std::size_t low = 0;
  for (std::size_t n = axis.size() - 1; n > 1;) {  // no branch on the value
    const std::size_t half = n / 2;
    low = axis[low + half] <= value ? low + half : low;
    n -= half;
  }
  return {low, std::clamp((value - axis[low]) / (axis[low + 1] - axis[low]), 0.0, 1.0)};
}

/// Throws DomainError where the table has other than `keys` keys, or lacks the column.
inline const TableColumn& grid_column(const RecordTable& table, std::string_view column, std::size_t keys) {
  const TableColumn* found = table.column(column);
  if (found == nullptr || table.axes.size() != keys)
    throw DomainError(table.name(), "is no table of " + std::to_string(keys) + " keys with a column " + std::string(column));
  return *found;
}

}  // namespace detail

/// A column of a table with one key, between its rows by straight lines, beyond them the end's. In SI units.
class Linear {
 public:
  /// Throws DomainError where the table has another number of keys, or lacks the column.
  Linear(const RecordTable& table, std::string_view column)
      : values_(detail::grid_column(table, column, 1).numbers), x_(table.axes[0]) {}
  double operator()(double x) const {
    const auto [i, share] = detail::place_on(x_, x);
    return share == 0 ? values_[i] : values_[i] + share * (values_[i + 1] - values_[i]);
  }

 private:
  std::span<const double> values_;
  std::span<const double> x_;
};

/// A column of a table with two keys, likewise.
class Bilinear {
 public:
  Bilinear(const RecordTable& table, std::string_view column)
      : values_(detail::grid_column(table, column, 2).numbers), x_(table.axes[0]), y_(table.axes[1]) {}
  double operator()(double x, double y) const {
    const auto [i, across] = detail::place_on(x_, x);
    const auto [j, along] = detail::place_on(y_, y);
    const auto row = [&, j = j, along = along](std::size_t k) {
      const double* const p = values_.data() + k * y_.size() + j;
      return along == 0 ? p[0] : p[0] + along * (p[1] - p[0]);
    };
    const double low = row(i);
    return across == 0 ? low : low + across * (row(i + 1) - low);
  }

 private:
  std::span<const double> values_;
  std::span<const double> x_;
  std::span<const double> y_;
};

}  // namespace ironlaw
