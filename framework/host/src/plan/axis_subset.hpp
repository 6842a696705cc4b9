#pragma once
#include <ironlaw/host/pipeline.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace ironlaw::host {

/// Calls f(begin, end, value) for each run of the rows [first, first + count), counted from 0, in which an axis keeps its value.
/// The value of row r is (r / inner) % size; walked without a division a row.
template <class F>
void for_each_value(std::uint64_t inner, std::size_t size, std::uint64_t first, std::size_t count, F f) {
  auto value = static_cast<std::size_t>(first / inner % size);
  std::uint64_t left = inner - first % inner;
  for (std::size_t r = 0; r < count;) {
    const std::size_t end = left < count - r ? r + static_cast<std::size_t>(left) : count;
    f(r, end, value);
    r = end;
    if (++value == size) value = 0;
    left = inner;
  }
}

/// Every combination of some of a pipeline's axes, in the order of rows: the last axis varies fastest.
class AxisSubset {
 public:
  /// `members` are indices into `axes`, ascending.
  AxisSubset(std::span<const Axis> axes, std::vector<std::size_t> members);

  [[nodiscard]] const std::vector<std::size_t>& members() const { return members_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  /// Rows for which the value of a member stays.
  [[nodiscard]] std::uint64_t inner(std::size_t axis) const;

  /// The row of `part`, whose members are among these, for each of the rows from `first` on. True where it is one for all.
  bool locate(const AxisSubset& part, std::span<const Axis> axes, std::uint64_t first, std::span<std::uint32_t> rows) const;

 private:
  std::vector<std::size_t> members_;
  std::vector<std::uint64_t> inner_;
  std::uint64_t rows_ = 1;
};

}  // namespace ironlaw::host
