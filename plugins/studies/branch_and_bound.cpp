#include "branch_and_bound.hpp"

#include "random_points.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ironlaw::studies {
namespace {

constexpr std::size_t boxes_at_a_time = 2048;
constexpr std::uint64_t few_designs = 8;         // a box so small is looked at whole
constexpr std::uint64_t block_of_designs = 256;  // as is one of which nothing is known at its corners
constexpr std::size_t first_looks = 4096;        // designs that give the search something to beat
constexpr std::uint32_t values_apart = 64;       // an axis along which nothing is known is divided into its values
constexpr double rounding = 1e-9;                // a bound must be worse by more than what promises leave to rounding

constexpr double no_bound = -std::numeric_limits<double>::infinity();

}  // namespace

BranchAndBound::BranchAndBound(Bench& bench, Candidates& candidates, const Promises& promises)
    : bench_(bench),
      candidates_(candidates),
      promises_(promises),
      axes_(bench.space().axes()),
      strides_(axes_),
      cannot_meet_(promises.count()) {
  std::uint64_t stride = 1;
  for (std::size_t a = axes_; a-- > 0; stride *= bench.space().axis(a).size) strides_[a] = stride;
}

bool BranchAndBound::is_bounded(const std::uint32_t* ends, std::size_t what) const {
  for (std::size_t a = 0; a < axes_; ++a)
    if (is_wide(ends, a) && promises_.along(what, a) == Promises::Along::unknown) return false;
  return true;
}

std::uint64_t BranchAndBound::easiest_row(const std::uint32_t* ends, std::size_t what) const {
  std::uint64_t row = 0;
  for (std::size_t a = 0; a < axes_; ++a)
    row += strides_[a] * ends[2 * a + (promises_.along(what, a) == Promises::Along::falls ? 1 : 0)];
  return row;
}

void BranchAndBound::push(const std::uint32_t* ends, double bound) {
  std::uint64_t designs = 1;
  for (std::size_t a = 0; a < axes_; ++a) designs *= std::uint64_t{ends[2 * a + 1]} - ends[2 * a] + 1;
  open_.push_back({designs, bound});
  ends_.insert(ends_.end(), ends, ends + 2 * axes_);
}

void BranchAndBound::take_boxes(std::size_t count) {
  const std::size_t n = std::min(count, open_.size());
  const std::size_t first = open_.size() - n;
  taken_.assign(open_.begin() + static_cast<std::ptrdiff_t>(first), open_.end());
  taken_ends_.assign(ends_.begin() + static_cast<std::ptrdiff_t>(first * 2 * axes_), ends_.end());
  open_.resize(first);
  ends_.resize(first * 2 * axes_);
  gone_.assign(n, 0);
}

/// One row for each corner of a box at which something is easiest.
void BranchAndBound::find_corners() {
  corners_.clear();
  for (std::size_t b = 0; b < taken_.size(); ++b) {
    const std::uint32_t* ends = taken_ends_.data() + b * 2 * axes_;
    const std::size_t first = corners_.size();
    for (std::size_t what = 0; what < promises_.count(); ++what) {
      if (!is_bounded(ends, what)) continue;
      const std::uint64_t row = easiest_row(ends, what);
      const auto known = std::find_if(corners_.begin() + static_cast<std::ptrdiff_t>(first), corners_.end(),
                                      [&](const Corner& c) { return c.row == row; });
      if (known == corners_.end()) {
        corners_.push_back({b, {what}, row});
      } else {
        known->what.push_back(what);
      }
    }
  }
}

/// In the order of the space: neighbours share objects and choices, and are answered together.
std::vector<Candidates::Probed> BranchAndBound::probe_corners() {
  std::vector<std::uint32_t> order(corners_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return corners_[a].row < corners_[b].row; });
  std::vector<std::uint64_t> rows;
  for (const std::uint32_t corner : order) rows.push_back(corners_[corner].row);
  const auto in_order = candidates_.probe_and_keep(rows);
  corners_evaluated_ += rows.size();
  std::vector<Candidates::Probed> probed(corners_.size());
  for (std::size_t i = 0; i < order.size(); ++i) probed[order[i]] = in_order[i];
  return probed;
}

void BranchAndBound::judge_corners() {
  const auto probed = probe_corners();
  std::vector<char> answered(taken_.size());
  for (std::size_t c = 0; c < corners_.size(); ++c) {
    const std::size_t b = corners_[c].box;
    if (probed[c].faults == Candidates::no_value) continue;
    answered[b] = 1;
    for (const std::size_t what : corners_[c].what) {
      if (what == 0) {
        taken_[b].bound = std::max(taken_[b].bound, std::isfinite(probed[c].score) ? probed[c].score : no_bound);
      } else if (gone_[b] == 0 && (probed[c].broken & Candidates::fault(what)) != 0) {
        gone_[b] = 1;
        cannot_meet_[what] += taken_[b].designs;
      }
    }
  }
  for (std::size_t b = 0; b < taken_.size(); ++b) {
    if (gone_[b] != 0) continue;
    const std::uint32_t* ends = taken_ends_.data() + b * 2 * axes_;
    const double bound = taken_[b].bound;
    if (bound - rounding * std::abs(bound) > candidates_.to_beat()) {
      gone_[b] = 1;
      cannot_meet_[0] += taken_[b].designs;
    } else if (taken_[b].designs <= (answered[b] != 0 ? few_designs : block_of_designs)) {
      gone_[b] = 1;
      rows_bound_ = std::min(rows_bound_, bound);
      enumerate(ends);
    }
  }
}

void BranchAndBound::enumerate(const std::uint32_t* ends) {
  std::vector<std::uint32_t> at(axes_);
  for (std::size_t a = 0; a < axes_; ++a) at[a] = ends[2 * a];
  while (true) {
    std::uint64_t row = 0;
    for (std::size_t a = 0; a < axes_; ++a) row += strides_[a] * at[a];
    rows_.push_back(row);
    std::size_t a = axes_;
    while (a > 0 && at[a - 1] == ends[2 * a - 1]) --a;
    if (a == 0) return;
    ++at[a - 1];
    for (; a < axes_; ++a) at[a] = ends[2 * a];
  }
}

/// Along which least is known, the goal first; of those along which all is known the widest.
std::size_t BranchAndBound::axis_to_divide(const std::uint32_t* ends) const {
  std::size_t best = axes_;
  std::uint64_t most = 0;
  for (std::size_t a = 0; a < axes_; ++a) {
    if (!is_wide(ends, a)) continue;
    std::uint64_t unknown = 0;
    for (std::size_t what = 0; what < promises_.count(); ++what)
      if (promises_.along(what, a) == Promises::Along::unknown) unknown += what == 0 ? promises_.count() : 1;
    // Narrow axes come first, which leaves the fewest boxes without a corner.
    const std::uint64_t width = std::uint64_t{ends[2 * a + 1]} - ends[2 * a] + 1;
    constexpr std::uint64_t widest = std::uint64_t{1} << 32;
    const std::uint64_t weight = unknown > 0 ? unknown * 2 * widest + widest - width : width;
    if (best == axes_ || weight > most) {
      best = a;
      most = weight;
    }
  }
  return best;
}

void BranchAndBound::divide(std::size_t box) {
  std::vector<std::uint32_t> ends(taken_ends_.begin() + static_cast<std::ptrdiff_t>(box * 2 * axes_),
                                  taken_ends_.begin() + static_cast<std::ptrdiff_t>((box + 1) * 2 * axes_));
  const std::size_t axis = axis_to_divide(ends.data());
  const std::uint32_t low = ends[2 * axis];
  const std::uint32_t high = ends[2 * axis + 1];
  const bool apart = high - low < values_apart && promises_.along(0, axis) == Promises::Along::unknown;
  const std::uint32_t step = apart ? 1 : (high - low) / 2 + 1;
  for (std::uint64_t from = low; from <= high; from += step) {
    ends[2 * axis] = static_cast<std::uint32_t>(from);
    ends[2 * axis + 1] = static_cast<std::uint32_t>(std::min<std::uint64_t>(from + step - 1, high));
    push(ends.data(), taken_[box].bound);
  }
}

/// A few designs all over the space, so that there is something to beat.
void BranchAndBound::look_at_some() {
  const std::uint64_t designs = bench_.space().rows();
  std::vector<std::uint64_t> rows;
  for (std::uint64_t i = 0; i < first_looks; ++i) rows.push_back(random_bits(bench_.seed(), i, 0) % designs);
  std::sort(rows.begin(), rows.end());
  (void)candidates_.probe_and_keep(rows);
  corners_evaluated_ += rows.size();
}

void BranchAndBound::search() {
  const Space& space = bench_.space();
  look_at_some();
  std::vector<std::uint32_t> whole;
  for (std::size_t a = 0; a < axes_; ++a) {
    whole.push_back(0);
    whole.push_back(static_cast<std::uint32_t>(space.axis(a).size - 1));
  }
  push(whole.data(), no_bound);
  while (!open_.empty() && !bench_.cancelled()) {
    take_boxes(boxes_at_a_time);
    find_corners();
    judge_corners();
    std::vector<std::size_t> left;
    for (std::size_t b = 0; b < taken_.size(); ++b)
      if (gone_[b] == 0) left.push_back(b);
    // The most promising end on top of the stack.
    std::stable_sort(left.begin(), left.end(), [&](std::size_t x, std::size_t y) { return taken_[x].bound > taken_[y].bound; });
    for (const std::size_t b : left) divide(b);
    if (rows_.size() >= rows_at_a_time / 2 || open_.empty()) {
      candidates_.evaluate_designs(rows_);
      rows_.clear();
      rows_bound_ = std::numeric_limits<double>::infinity();
    }
    const std::uint64_t decided =
        candidates_.evaluated() + std::accumulate(cannot_meet_.begin(), cannot_meet_.end(), std::uint64_t{0});
    bench_.progress(static_cast<double>(decided) / static_cast<double>(space.rows()));
  }
}

void BranchAndBound::note_what_was_skipped() const {
  const std::uint64_t rows = bench_.space().rows();
  const std::uint64_t skipped = std::accumulate(cannot_meet_.begin(), cannot_meet_.end(), std::uint64_t{0});
  const std::string of_all = " of " + std::to_string(rows) + " designs ";
  bench_.note(std::to_string(skipped) + of_all + "were passed over by bounds, from " + std::to_string(corners_evaluated_) +
              " rows at corners; " + std::to_string(candidates_.evaluated()) + " were evaluated one by one");
  if (cannot_meet_.front() > 0)
    bench_.note(std::to_string(cannot_meet_.front()) + of_all + "passed over: they cannot be better than the best " +
                std::to_string(candidates_.kept()));
  for (std::size_t what = 1; what < cannot_meet_.size(); ++what)
    if (cannot_meet_[what] > 0)
      bench_.note(std::to_string(cannot_meet_[what]) + of_all + "passed over: " + candidates_.reason_of_fault(what));
  if (const std::uint64_t left = rows - skipped - candidates_.evaluated(); left > 0) {
    double least = rows_bound_;
    for (const Box& box : open_) least = std::min(least, box.bound);
    bench_.note(std::to_string(left) + of_all + "were not decided on; " + candidates_.bound_in_words(least));
  }
}

}  // namespace ironlaw::studies
