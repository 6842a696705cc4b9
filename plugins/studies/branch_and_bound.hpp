#pragma once
#include "candidates.hpp"
#include "promises.hpp"

#include <limits>

namespace ironlaw::studies {

/// Looks for the best designs of a space whose axes all have values, and passes over boxes of them that cannot hold one: a hard
/// limit or a condition is broken at the corner where it is easiest to meet, or the goal at its best corner is worse than every
/// design kept (Land and Doig 1960). What is found is what a look at every design finds, as far as the ports' promises hold.
class BranchAndBound {
 public:
  BranchAndBound(Bench& bench, Candidates& candidates, const Promises& promises);

  void search();
  /// How many designs were passed over for which reason, and what is left where the search was ended.
  void note_what_was_skipped() const;

 private:
  /// Values [low, high] of each axis stand in ends_, two an axis.
  struct Box {
    std::uint64_t designs;
    double bound;  ///< no design in it has a smaller score
  };
  struct Corner {
    std::size_t box;
    std::vector<std::size_t> what;  ///< of the promises, what is easiest there
    std::uint64_t row;
  };
  [[nodiscard]] bool is_wide(const std::uint32_t* ends, std::size_t axis) const { return ends[2 * axis + 1] > ends[2 * axis]; }
  [[nodiscard]] bool is_bounded(const std::uint32_t* ends, std::size_t what) const;
  [[nodiscard]] std::uint64_t easiest_row(const std::uint32_t* ends, std::size_t what) const;
  void look_at_some();
  void take_boxes(std::size_t count);
  void find_corners();
  [[nodiscard]] std::vector<Candidates::Probed> probe_corners();
  void judge_corners();
  void divide(std::size_t box);
  [[nodiscard]] std::size_t axis_to_divide(const std::uint32_t* ends) const;
  void push(const std::uint32_t* ends, double bound);
  void enumerate(const std::uint32_t* ends);

  Bench& bench_;
  Candidates& candidates_;
  const Promises& promises_;
  std::size_t axes_;
  std::vector<std::uint64_t> strides_;  ///< of a row, by axis
  std::vector<Box> open_;               ///< a stack
  std::vector<std::uint32_t> ends_;
  std::vector<Box> taken_;
  std::vector<std::uint32_t> taken_ends_;
  std::vector<Corner> corners_;
  std::vector<char> gone_;           ///< of the boxes taken
  std::vector<std::uint64_t> rows_;  ///< to be evaluated one by one
  double rows_bound_ = std::numeric_limits<double>::infinity();
  std::vector<std::uint64_t> cannot_meet_;  ///< designs passed over, by what; of the goal, those that cannot win
  std::uint64_t corners_evaluated_ = 0;
};

}  // namespace ironlaw::studies
