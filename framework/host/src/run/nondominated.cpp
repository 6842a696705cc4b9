#include "run/nondominated.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace ironlaw::host {
namespace {

using Rows = std::vector<std::uint32_t>;

/// Rows of a list that lie below, at and above a value; each part keeps the list's order.
struct Parts {
  Rows below, at, above;
};

class Filter {
 public:
  Filter(std::span<const double> values, std::size_t goals, std::span<const std::uint64_t> numbers)
      : values_(values), goals_(goals), swept_(goals < 2 ? 0 : goals - 2), numbers_(numbers), beaten_(numbers.size(), 0) {}

  Rows front() {
    Rows rows(numbers_.size());
    std::iota(rows.begin(), rows.end(), 0u);
    std::sort(rows.begin(), rows.end(), [this](std::uint32_t a, std::uint32_t b) { return comes_before(a, b); });
    rows.resize(within(rows));
    std::sort(rows.begin(), rows.end());
    return rows;
  }

 private:
  [[nodiscard]] double value(std::uint32_t row, std::size_t goal) const { return values_[row * goals_ + goal]; }

  /// By the goals in their order, then by the number: who comes later beats nobody who comes before.
  [[nodiscard]] bool comes_before(std::uint32_t a, std::uint32_t b) const {
    for (std::size_t g = 0; g < goals_; ++g)
      if (value(a, g) != value(b, g)) return value(a, g) < value(b, g);
    return numbers_[a] < numbers_[b];
  }

  [[nodiscard]] bool matches(std::uint32_t a, std::uint32_t b, std::size_t from) const {
    for (std::size_t g = from; g < goals_; ++g)
      if (value(a, g) > value(b, g)) return false;
    return true;
  }

  /// Of rows in the order of comes_before, those on their front come first, sorted by the swept goal; returns how many they are.
  std::size_t within(std::span<std::uint32_t> rows) {
    const auto by_swept = [this](std::uint32_t a, std::uint32_t b) { return value(a, swept_) < value(b, swept_); };
    constexpr std::size_t few = 24;
    if (rows.size() <= few) {
      for (std::size_t b = 1; b < rows.size(); ++b)
        for (std::size_t a = 0; a < b && !beaten_[rows[b]]; ++a)
          beaten_[rows[b]] = !beaten_[rows[a]] && matches(rows[a], rows[b], 1);
      const std::size_t left = keep_unbeaten(rows);
      std::stable_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(left), by_swept);
      return left;
    }
    const auto former = rows.first(rows.size() / 2);
    const auto latter = rows.subspan(rows.size() / 2);
    const std::size_t of_former = within(former);
    const std::size_t of_latter = within(latter);
    between(former.first(of_former), latter.first(of_latter), 1);
    const std::size_t staying = keep_unbeaten(latter.first(of_latter));
    const auto end = std::copy_n(latter.begin(), staying, rows.begin() + static_cast<std::ptrdiff_t>(of_former));
    std::inplace_merge(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(of_former), end, by_swept);
    return of_former + staying;
  }

  std::size_t keep_unbeaten(std::span<std::uint32_t> rows) const {
    const auto end = std::stable_partition(rows.begin(), rows.end(), [this](std::uint32_t row) { return !beaten_[row]; });
    return static_cast<std::size_t>(end - rows.begin());
  }

  /// Marks the `later` rows that an `earlier` one matches in the goals from `goal` on; in those before it does anyway. Both come
  /// sorted by the swept goal.
  void between(std::span<const std::uint32_t> earlier, std::span<const std::uint32_t> later, std::size_t goal) {
    constexpr std::size_t few_pairs = 256;
    if (earlier.empty() || later.empty()) return;
    if (goal > swept_ || goal == goals_) return sweep_last(earlier, later, goal);
    if (earlier.size() * later.size() <= few_pairs) return compare_all(earlier, later, goal);
    if (goal == swept_) return sweep(earlier, later);
    const double middle = median(earlier, later, goal);
    const Parts from = split(earlier, goal, middle);
    const Parts to = split(later, goal, middle);
    between(from.below, to.below, goal);
    between(from.below, to.at, goal + 1);
    between(from.at, to.at, goal + 1);
    between(from.below, to.above, goal + 1);
    between(from.at, to.above, goal + 1);
    between(from.above, to.above, goal);
  }

  void compare_all(std::span<const std::uint32_t> earlier, std::span<const std::uint32_t> later, std::size_t goal) {
    for (const std::uint32_t b : later)
      for (std::size_t a = 0; a < earlier.size() && !beaten_[b]; ++a) beaten_[b] = matches(earlier[a], b, goal);
  }

  /// The last goal alone is left, or none.
  void sweep_last(std::span<const std::uint32_t> earlier, std::span<const std::uint32_t> later, std::size_t goal) {
    double least = -std::numeric_limits<double>::infinity();
    if (goal < goals_) {
      least = value(earlier[0], goal);
      for (const std::uint32_t a : earlier) least = std::min(least, value(a, goal));
    }
    for (const std::uint32_t b : later) beaten_[b] |= goal == goals_ || least <= value(b, goal);
  }

  /// The last two goals are left: along the first of them, the least of the second so far.
  void sweep(std::span<const std::uint32_t> earlier, std::span<const std::uint32_t> later) {
    bool any = false;
    double least = 0;
    std::size_t a = 0;
    for (const std::uint32_t b : later) {
      for (; a < earlier.size() && value(earlier[a], swept_) <= value(b, swept_); ++a) {
        const double last = value(earlier[a], swept_ + 1);
        least = any ? std::min(least, last) : last;
        any = true;
      }
      beaten_[b] |= any && least <= value(b, swept_ + 1);
    }
  }

  [[nodiscard]] double median(std::span<const std::uint32_t> earlier, std::span<const std::uint32_t> later, std::size_t goal) {
    scratch_.clear();
    for (const std::uint32_t a : earlier) scratch_.push_back(value(a, goal));
    for (const std::uint32_t b : later) scratch_.push_back(value(b, goal));
    const auto middle = scratch_.begin() + static_cast<std::ptrdiff_t>(scratch_.size() / 2);
    std::nth_element(scratch_.begin(), middle, scratch_.end());
    return *middle;
  }

  [[nodiscard]] Parts split(std::span<const std::uint32_t> rows, std::size_t goal, double middle) const {
    Parts parts;
    for (const std::uint32_t row : rows) {
      const double v = value(row, goal);
      (v < middle ? parts.below : v > middle ? parts.above : parts.at).push_back(row);
    }
    return parts;
  }

  std::span<const double> values_;
  std::size_t goals_;
  std::size_t swept_;  ///< the goal before the last
  std::span<const std::uint64_t> numbers_;
  std::vector<char> beaten_;  ///< by row
  std::vector<double> scratch_;
};

}  // namespace

std::vector<std::uint32_t> nondominated(std::span<const double> values, std::size_t goals,
                                        std::span<const std::uint64_t> numbers) {
  return Filter(values, goals, numbers).front();
}

}  // namespace ironlaw::host
