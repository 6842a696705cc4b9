#pragma once
#include "run/row_batch.hpp"

namespace ironlaw::host {

/// The Pareto front of the rows so far: those that no other row matches or beats in every goal, where smaller is better. Of rows
/// that are equal in every goal the first stays, so the front does not depend on the order in which rows come.
class Front {
 public:
  explicit Front(std::size_t goals) : goals_(goals) {}
  /// False where the row is not on the front.
  [[nodiscard]] bool admits(std::span<const double> values, std::uint64_t number);
  /// Adds a row that was just admitted; those that it beats go.
  void add(std::span<const double> values, KeptRow row);

  [[nodiscard]] std::span<KeptRow> rows() { return rows_; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// All rows; empty afterwards.
  [[nodiscard]] std::vector<KeptRow> take();

 private:
  [[nodiscard]] std::span<const double> values_of(std::size_t place) const {
    return std::span(values_).subspan(place * goals_, goals_);
  }
  [[nodiscard]] std::size_t beaten_by(std::span<const double> values, std::uint64_t number) const;
  void remove(std::size_t place);

  std::size_t goals_;
  std::vector<KeptRow> rows_;
  std::vector<double> values_;              ///< goals of each row, side by side
  std::map<double, std::size_t> by_first_;  ///< with two goals: places by the first; the second falls as the first rises
  std::vector<double> last_;                ///< of the row that beat another last: mostly it beats the next one too
  std::uint64_t last_number_ = 0;
};

}  // namespace ironlaw::host
