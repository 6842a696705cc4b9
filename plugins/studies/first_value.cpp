#include "first_value.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ironlaw::studies {
namespace {

constexpr auto no_value = Candidates::no_value;
constexpr std::size_t first_group = 32;  // designs until there is something to beat

/// A design of the other axes on its way along the axis: it fails at `low` and does not at `high`, in steps from the near end.
struct Bracket {
  std::uint64_t design;
  std::uint64_t low = 0;
  std::uint64_t high;
  Candidates::Faults must_end = 0;  ///< what keeps it from winning at `low`, and must not at `high`
  double score_low;                 ///< of the goal at `low`
};

/// Rows of a space by its other axes and by steps along one axis from its near end.
class AlongAxis {
 public:
  AlongAxis(const Space& space, std::size_t axis, bool from_largest) : size_(space.axis(axis).size), from_largest_(from_largest) {
    for (std::size_t a = axis + 1; a < space.axes(); ++a) inner_ *= space.axis(a).size;
  }
  [[nodiscard]] std::uint64_t last() const { return size_ - 1; }
  [[nodiscard]] std::uint64_t row(std::uint64_t design, std::uint64_t step) const {
    const std::uint64_t value = from_largest_ ? last() - step : step;
    return (design / inner_ * size_ + value) * inner_ + design % inner_;
  }

 private:
  std::uint64_t size_;
  std::uint64_t inner_ = 1;
  bool from_largest_;
};

class FirstValues {
 public:
  FirstValues(Candidates& candidates, const AlongAxis& along)
      : candidates_(candidates), along_(along), passes_over_(candidates.keeps_one()) {}

  /// Those that need least at the near end first: they set what the others have to beat.
  void judge(std::uint64_t first, std::uint64_t count) {
    std::vector<Bracket> all;
    for (std::uint64_t d = first; d < first + count; ++d) all.push_back({d, 0, along_.last(), 0, 0});
    const auto near = probe(all, [](const Bracket&) { return std::uint64_t{0}; });
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].must_end = near[i].faults;
      all[i].score_low = near[i].score;
    }
    std::stable_sort(all.begin(), all.end(), [](const Bracket& a, const Bracket& b) { return a.score_low < b.score_low; });
    std::size_t group = first_group;
    for (std::size_t begin = 0; begin < all.size(); begin += group, group *= 2) {
      const std::size_t end = std::min(all.size(), begin + group);
      open_.assign(all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end));
      judge_group();
    }
    std::sort(chosen_.begin(), chosen_.end());
    candidates_.evaluate_rows(chosen_);
    chosen_.clear();
  }

 private:
  /// Designs, each at a step of its own.
  template <class Step>
  std::vector<Candidates::Probed> probe(const std::vector<Bracket>& designs, Step step_of) {
    std::vector<std::uint64_t> rows;
    for (const Bracket& d : designs) rows.push_back(along_.row(d.design, step_of(d)));
    auto probed = candidates_.probe(rows);
    for (const auto& p : probed)
      if (p.faults == 0) best_ = std::min(best_, p.score);
    return probed;
  }

  /// Takes out of those on their way the ones that are done, at the steps to judge them at.
  template <class Done, class Step>
  void settle(Done done, Step step_of) {
    const auto end = std::stable_partition(open_.begin(), open_.end(), [&](const Bracket& b) { return !done(b); });
    for (auto it = end; it != open_.end(); ++it) chosen_.push_back(along_.row(it->design, step_of(*it)));
    open_.erase(end, open_.end());
  }

  void pass_over() {
    if (!passes_over_) return;
    const auto hopeless = [&](const Bracket& b) { return b.score_low > best_ && std::isfinite(b.score_low); };
    const auto end = std::remove_if(open_.begin(), open_.end(), hopeless);
    candidates_.pass_over(static_cast<std::uint64_t>(open_.end() - end));
    open_.erase(end, open_.end());
  }

  void judge_group() {
    settle([](const Bracket& b) { return b.must_end == 0; }, [](const Bracket&) { return std::uint64_t{0}; });
    pass_over();
    const auto far = probe(open_, [&](const Bracket&) { return along_.last(); });
    for (std::size_t i = 0; i < open_.size(); ++i) {
      Bracket& b = open_[i];
      if (far[i].score < b.score_low) passes_over_ = false;  // the goal gets better along the axis
      if ((far[i].faults & (b.must_end | no_value)) != 0) b.low = along_.last();
      if (b.must_end == no_value) b.must_end = ~far[i].faults;  // nothing else is known of the near end
      b.must_end |= no_value;
    }
    while (true) {
      settle([](const Bracket& b) { return b.high - std::min(b.high, b.low) <= 1; }, [](const Bracket& b) { return b.high; });
      pass_over();
      if (open_.empty()) return;
      const auto middle = [](const Bracket& b) { return b.low + (b.high - b.low) / 2; };
      const auto probed = probe(open_, middle);
      for (std::size_t i = 0; i < open_.size(); ++i) {
        Bracket& b = open_[i];
        const std::uint64_t at = middle(b);
        if ((probed[i].faults & b.must_end) == 0) {
          b.high = at;
        } else {
          b.low = at;
          b.score_low = probed[i].score;
        }
      }
    }
  }

  Candidates& candidates_;
  const AlongAxis& along_;
  bool passes_over_;
  double best_ = std::numeric_limits<double>::infinity();
  std::vector<Bracket> open_;
  std::vector<std::uint64_t> chosen_;
};

}  // namespace

void judge_first_values(Bench& bench, Candidates& candidates, std::size_t axis, bool from_largest) {
  const AlongAxis along(bench.space(), axis, from_largest);
  const std::uint64_t designs = bench.space().rows() / (along.last() + 1);
  FirstValues first_values(candidates, along);
  for (std::uint64_t first = 0; first < designs && !bench.cancelled(); first += rows_at_a_time) {
    first_values.judge(first, std::min<std::uint64_t>(rows_at_a_time, designs - first));
    bench.progress(static_cast<double>(std::min<std::uint64_t>(first + rows_at_a_time, designs)) / static_cast<double>(designs));
  }
}

}  // namespace ironlaw::studies
