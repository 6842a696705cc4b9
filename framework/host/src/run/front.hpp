#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace ironlaw::host {

/// The Pareto front of the rows so far: those that no other row matches or beats in every goal, where smaller is better. Of rows
/// that are equal in every goal the first stays, so the front does not depend on the order in which rows come. Rows are known by
/// their places: 0, 1, 2 in the order in which they were added. Those that others beat go when as many came as were there, so
/// that a row costs what its share of `nondominated` costs, and memory is that of two fronts.
class Front {
 public:
  explicit Front(std::size_t goals) : goals_(goals) {}
  /// False where the row is not on the front; where true, it may yet not be.
  [[nodiscard]] bool admits(std::span<const double> values, std::uint64_t number);
  /// A row that was just admitted.
  void add(std::span<const double> values, std::uint64_t number);
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }
  /// As many rows came since the last settling as it left.
  [[nodiscard]] bool due() const;
  /// Takes off what is not on the front, and returns where the others were, rising: so are their places from now on.
  [[nodiscard]] std::vector<std::uint32_t> settle();

 private:
  [[nodiscard]] std::span<const double> values_of(std::size_t place) const {
    return std::span(values_).subspan(place * goals_, goals_);
  }
  void choose_guards();

  std::size_t goals_;
  std::vector<double> values_;  ///< goals of each row, side by side
  std::vector<std::uint64_t> numbers_;
  std::size_t settled_ = 0;            ///< rows that the last settling left
  std::vector<std::uint32_t> guards_;  ///< places of some of them, those that beat others lately first
};

}  // namespace ironlaw::host
