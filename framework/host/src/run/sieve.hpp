#pragma once
// Rows that the conditions on inputs take out of a study's block, and the evaluation of those that are left.
#include "plan/clauses.hpp"
#include "plan/row_runs.hpp"

#include <atomic>
#include <functional>
#include <string>

namespace ironlaw::host {

/// Asks the conditions on inputs of a whole block, one after the other of the rows that those before it left, and once for rows
/// that repeat what a condition reads. Keeps its room between blocks; for one thread at a time.
class Sieve {
 public:
  /// `constraints` must outlive the sieve.
  explicit Sieve(const std::vector<Constraint>& constraints);

  /// Rejects the rows that break a condition, in the name of the first, and adds them to `rejected`, by constraint.
  void sift(const Block& block, std::span<std::atomic<std::uint64_t>> rejected);
  /// Rows with a value yet to come, ascending.
  [[nodiscard]] std::span<const std::uint32_t> left() const { return left_; }

  /// Evaluates what sift() left of the block, in blocks of `most` rows at most that lie close together, so that neighbours are
  /// answered together whatever stood between them. The outputs of all others are absent.
  void evaluate_left(const Block& block, std::size_t most, const std::function<void(const Block&)>& evaluate);

 private:
  void ask(const Expression& condition, const Block& block, std::span<const std::uint32_t> rows);
  [[nodiscard]] std::size_t reject_broken(std::size_t constraint, const Block& block) noexcept;

  const std::vector<Constraint>& constraints_;
  std::vector<std::string> reasons_;  ///< by constraint
  std::vector<std::uint32_t> left_;
  std::vector<double> values_;  ///< of a condition, by row that is left
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> cells_;    ///< columns brought together, by input
  std::vector<std::vector<Cell>> outputs_;  ///< likewise
  std::vector<Column> in_;
  std::vector<Cell*> out_;
  std::vector<RowStatus> status_;
  std::vector<Column> read_;
  std::vector<std::uint8_t> changed_;
  Runs runs_;
  Expression::Workspace workspace_;
};

}  // namespace ironlaw::host
