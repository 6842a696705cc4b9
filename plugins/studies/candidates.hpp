#pragma once
#include "findings.hpp"
#include "rows.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ironlaw::studies {

/// Judges designs: evaluates blocks of them, keeps the best, and counts what takes the others out.
class Candidates {
 public:
  Candidates(Bench& bench, const Options& options);

  /// Designs of the space by their index (axes with values) or by points of the unit cube, a point after the other. Of those that
  /// follow one another, at most rows_at_a_time, conditions on inputs are asked beforehand.
  void evaluate_rows(std::uint64_t first, std::size_t count);
  void evaluate_rows(std::span<const std::uint64_t> rows);
  void evaluate_points(std::span<const double> points);
  /// As evaluate_rows, in any order: of equal designs the one that comes first in the space is the better.
  void evaluate_designs(std::span<const std::uint64_t> rows);
  /// Of the designs evaluated last: smaller is better; infinite where one cannot win.
  [[nodiscard]] std::span<const double> scores() const { return scores_; }
  [[nodiscard]] std::uint64_t evaluated() const { return evaluated_; }

  /// What keeps a design from winning, a bit each: that it has no value, each hard limit, each condition (those past 62 share a
  /// bit). 0: nothing.
  using Faults = std::uint64_t;
  static constexpr Faults no_value = 1;
  struct Probed {
    Faults faults;
    Faults broken;  ///< those of them that are seen by values on both sides: none for want of a value
    double score;   ///< smaller is better, whatever its faults; infinite where there is no value
  };
  /// The bit of the n-th of hard limits and conditions, counted from 1; none where it shares one.
  [[nodiscard]] static Faults fault(std::size_t n) { return n < last_fault ? Faults{1} << n : 0; }
  [[nodiscard]] std::string reason_of_fault(std::size_t n) const;
  /// Looks at designs on the way to one that is judged: none is kept or counted.
  [[nodiscard]] std::vector<Probed> probe(std::span<const std::uint64_t> rows);
  /// The same of designs that are kept where they can win, and counted nowhere.
  [[nodiscard]] std::vector<Probed> probe_and_keep(std::span<const std::uint64_t> rows);
  [[nodiscard]] Probed probe_point(std::span<const double> point);
  /// How many of the best are kept.
  [[nodiscard]] std::size_t kept() const { return most_; }
  /// The worst score of those kept; infinite while there is room.
  [[nodiscard]] double to_beat() const;
  /// "none of them is better than 3 s", of a score.
  [[nodiscard]] std::string bound_in_words(double score);
  /// Only the best is kept: what cannot beat it need not be judged.
  [[nodiscard]] bool keeps_one() const { return most_ == 1; }
  /// Counts designs that are passed over because of that.
  void pass_over(std::uint64_t designs) { passed_over_ += designs; }

  /// The table of the best, and notes on the rest.
  void report();

 private:
  struct Kept {
    double score;
    std::uint64_t order;
    std::vector<Cell> cells;  ///< of the varied inputs, by axis and input
  };
  static constexpr std::size_t last_fault = 63;  ///< a bit that those after it share

  /// The values of an axis, the first of which are at hand.
  class AxisValues {
   public:
    AxisValues(const Space& space, std::size_t axis);
    [[nodiscard]] std::span<const std::size_t> inputs() const { return inputs_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// The cells of value i, one an input; until the next call.
    [[nodiscard]] const Cell* cells(std::uint64_t i) {
      if (i < at_hand_) [[likely]]
        return cells_.data() + i * inputs_.size();
      space_.value(axis_, i, apart_);
      return apart_.data();
    }

   private:
    const Space& space_;
    std::size_t axis_;
    std::span<const std::size_t> inputs_;
    std::uint64_t size_;
    std::uint64_t at_hand_;
    std::vector<Cell> cells_;
    std::vector<Cell> apart_;
  };

  void fill(std::uint64_t first, std::size_t count);
  void fill(std::span<const std::uint64_t> rows);
  void fill(std::span<const double> points);
  void judge();
  [[nodiscard]] Probed probed(std::size_t row) const;
  [[nodiscard]] double signed_goal(std::size_t row) const { return (maximise_ ? -1 : 1) * rows_.value(goal_, row); }
  [[nodiscard]] double score_of(std::size_t row);
  /// One more design that a reason takes out; `counter` is where it is counted, null until it first was.
  template <class Reason>
  void count(std::uint64_t*& counter, const Reason& reason);
  [[nodiscard]] std::uint64_t* counter_of(const std::string& reason);
  void keep(std::size_t row, double score, std::uint64_t order);
  void note_reasons();

  Bench& bench_;
  Rows rows_;
  std::size_t goal_;
  bool maximise_;
  std::vector<std::size_t> conditions_;
  std::vector<std::size_t> shown_;
  std::size_t most_;
  std::vector<std::size_t> varied_;  ///< inputs, by axis
  std::vector<double> scores_;
  /// Designs of a part of the space: room for rows_at_a_time, whose pages are touched as far as designs are left.
  std::unique_ptr<std::uint64_t[]> left_;
  std::span<const std::uint64_t> designs_;  ///< of the rows judged, where they come in any order
  std::vector<Kept> best_;                  ///< a heap, the worst in front
  std::vector<AxisValues> axes_;
  std::map<std::string, std::uint64_t> reasons_;
  std::vector<std::uint64_t*> said_;      ///< counters in reasons_: by reason of a row of the block,
  std::vector<std::uint64_t*> exceeded_;  ///< by limit,
  std::vector<std::uint64_t*> broken_;    ///< by condition
  std::uint64_t* without_goal_ = nullptr;
  std::uint64_t evaluated_ = 0;
  std::uint64_t can_win_ = 0;
  std::uint64_t passed_over_ = 0;
};

}  // namespace ironlaw::studies
