#pragma once
#include <array>
#include <cmath>

#include "engine.hpp"

namespace ironlaw::load {

/// Weighted times in bins of 2 %, from 10 us to over two days.
class TimeHistogram {
 public:
  void add(Time t, double weight) {
    if (!(weight > 0)) return;
    const double seconds = std::max(least, t.value());
    bins_[std::min(bins_.size() - 1, static_cast<std::size_t>(std::log(seconds / least) * bins_a_factor_e))] += weight;
    total_ += weight;
    sum_ += weight * seconds;
  }
  /// Each time as it is with probability 1 - p, else `shift(x)` later for each {x, weight} of `tail`.
  template <class Tail>
  [[nodiscard]] TimeHistogram convolved(double p, Time mean, const Tail& tail) const {
    TimeHistogram made;
    for (std::size_t i = 0; i < bins_.size(); ++i) {
      if (bins_[i] <= 0) continue;
      made.bins_[i] += (1 - p) * bins_[i];
      if (bins_[i] <= 1e-6 * total_) continue;
      for (const auto& [x, weight] : tail) made.add(at(static_cast<double>(i) + 0.5) + x * mean, bins_[i] * p * weight);
    }
    made.total_ += (1 - p) * total_;
    made.sum_ += (1 - p) * sum_;
    return made;
  }
  [[nodiscard]] Spread spread() const {
    Spread s;
    s.mean = Time::from_value(sum_ / total_);
    std::array<Time*, 3> to{&s.p50, &s.p90, &s.p99};
    constexpr std::array levels{0.5, 0.9, 0.99};
    double below = 0;
    std::size_t next = 0;
    for (std::size_t i = 0; i < bins_.size() && next < levels.size(); ++i) {
      if (bins_[i] <= 0) continue;
      for (; next < levels.size() && below + bins_[i] >= levels[next] * total_; ++next)
        *to[next] = at(static_cast<double>(i) + (levels[next] * total_ - below) / bins_[i]);
      below += bins_[i];
    }
    for (; next < levels.size(); ++next) *to[next] = *to[next - 1];
    return s;
  }

 private:
  static constexpr double least = 1e-5;
  static constexpr double bins_a_factor_e = 50;
  static Time at(double bin) { return Time::from_value(least * std::exp(bin / bins_a_factor_e)); }

  std::array<double, 1200> bins_{};
  double total_ = 0;
  double sum_ = 0;
};

/// An exponential distribution of mean 1 in five points.
struct ExponentialAtom {
  double x, weight;
};
inline constexpr std::array<ExponentialAtom, 5> exponential_atoms{{{.307, .5}, {1.11, .3}, {2.07, .13}, {3.19, .05}, {4.91, .02}}};

}  // namespace ironlaw::load
