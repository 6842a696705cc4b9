#pragma once
#include "plan/clauses.hpp"

#include <ironlaw/host/run.hpp>

#include <array>

namespace ironlaw::host {

/// The ends of an answer that has none.
[[nodiscard]] std::vector<Answer::End> no_ends(const Pipeline& pipeline);

/// The rows of a block with every band at its low end, and with every band at its high end: what a block's own evaluation leaves
/// out. The plan is evaluated once more for each end, over the rows that have an answer.
class BandRows {
 public:
  /// `wanted`: the outputs of the plan that the block's own evaluation stores.
  BandRows(const Pipeline& pipeline, std::span<const char> wanted);

  /// `slots` are inputs of the plan and outputs behind them, `shown` the columns of the result as the block evaluated them.
  void evaluate(std::span<const Column> slots, std::span<const Column> shown, std::span<const RowStatus> status);

  /// A column of the result that is an end; valid until the next block.
  [[nodiscard]] Column column(std::size_t column) const { return {ends_[column].data(), 1}; }
  /// By row: whether every result lies between its ends; absent where none has ends, or an estimate lies outside its own band.
  [[nodiscard]] Column monotone() const { return {monotone_.data(), 1}; }

 private:
  struct End {
    std::vector<std::vector<Cell>> stored;  ///< by output of the plan
    std::vector<Cell*> out;
    std::vector<Column> slots;
    std::vector<RowStatus> status;
    Cell quantile{};
  };
  void evaluate_end(End& end, std::span<const Column> slots, std::span<const RowStatus> status);
  void read(const End& end, std::size_t column, std::size_t rows);
  void compare(const BandedColumn& banded, const Column& estimate, std::size_t rows);
  [[nodiscard]] bool holds_estimates(std::span<const Column> slots, std::size_t row) const;

  const Pipeline& pipeline_;
  const Clauses& clauses_;
  const Bands& bands_;
  std::array<End, 2> both_;
  std::vector<std::vector<Cell>> ends_;  ///< by column of the result; empty where it is no end
  std::vector<Cell> monotone_;
  std::vector<double> values_;
  Expression::Workspace workspace_;
};

}  // namespace ironlaw::host
