#pragma once
#include "run/shared_block.hpp"
#include "value/kept_values.hpp"

namespace ironlaw::host {

/// A block out of its workers' reach. What they left in memory that they share may be anything, so only what a row can be counts.
class BlockCopy {
 public:
  /// `columns` are those of the block and outlive the copy; so many constraints may have taken a row out.
  BlockCopy(std::span<const ResultColumn> columns, std::size_t goals, std::size_t constraints);
  /// Copies so many rows. Those that can be none are failed and absent, and counted among the numbers that it gives. Columns of
  /// inputs are the caller's.
  std::vector<std::size_t> take(const SharedBlock& block, std::size_t rows);

  [[nodiscard]] std::vector<Cell>& column(std::size_t c) { return cells_[c]; }
  /// All columns; valid as long as the copy.
  [[nodiscard]] std::span<const Column> columns() const { return columns_; }
  [[nodiscard]] std::span<const RowStatus> status(std::size_t rows) const { return std::span(status_).first(rows); }
  [[nodiscard]] std::span<const std::uint16_t> rejected(std::size_t rows) const { return std::span(rejected_).first(rows); }
  [[nodiscard]] std::span<const std::vector<double>> goals() const { return goals_; }

  /// What a row is told whose values are none.
  static constexpr const char* overwritten = "its values were overwritten";

 private:
  bool copy_series(const SharedBlock& block, std::size_t row);
  [[nodiscard]] bool can_be(std::size_t row) const;
  void spoil(std::size_t row);

  std::span<const ResultColumn> of_;
  std::size_t constraints_;
  std::vector<RowStatus> status_;
  std::vector<std::uint16_t> rejected_;
  std::vector<std::vector<Cell>> cells_;  ///< by column
  std::vector<Column> columns_;
  std::vector<std::vector<double>> goals_;
  KeptValues series_;
};

/// Whether a solver may have written the cell to an output's column; of a series its place among values is not looked at.
[[nodiscard]] bool can_be_of(const PortInfo& port, const Cell& cell);

}  // namespace ironlaw::host
