#pragma once
#include "run/row_batch.hpp"

namespace ironlaw::host {

/// Rows that are kept for the end, by column: their numbers, what they are chosen and sorted by, and the cells that do not follow
/// from their numbers. A row is known by its place.
class KeptRows {
 public:
  explicit KeptRows(const Pipeline& pipeline);

  void add(const EvaluatedBlock& block, std::size_t row);
  /// In the place of the row that is there.
  void replace(std::size_t place, const EvaluatedBlock& block, std::size_t row);
  /// No others stay; `places` rise.
  void keep(std::span<const std::uint32_t> places);
  void clear() { keep({}); }

  [[nodiscard]] std::size_t size() const { return numbers_.size(); }
  /// Memory of a row, about.
  [[nodiscard]] std::size_t row_bytes() const;
  [[nodiscard]] std::uint64_t number(std::size_t place) const { return numbers_[place]; }
  [[nodiscard]] double goal(std::size_t goal, std::size_t place) const { return goals_[goal][place]; }
  /// What is kept at a place takes the place of what `row` holds.
  void read(std::size_t place, KeptRow& row) const;
  /// A row with as many goals and cells as each has.
  [[nodiscard]] KeptRow shape() const;

 private:
  void set(std::size_t place, const EvaluatedBlock& block, std::size_t row);

  std::vector<std::size_t> columns_;  ///< that are not inputs
  std::vector<char> is_series_;       ///< by these
  std::vector<std::uint64_t> numbers_;
  std::vector<RowStatus> status_;
  std::vector<std::vector<double>> goals_;                ///< by goal of best, front and sort
  std::vector<std::vector<Cell>> cells_;                  ///< by column that is not an input; of a series 1 where one is there
  std::vector<std::vector<std::vector<double>>> series_;  ///< by column that is a series
  std::size_t series_bytes_ = 0;                          ///< of a row, at most
  std::map<std::uint64_t, std::string> errors_;
};

}  // namespace ironlaw::host
