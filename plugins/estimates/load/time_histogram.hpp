#pragma once
#include <array>
#include <bit>
#include <cstdint>

#include "engine.hpp"

namespace ironlaw::load {

/// Weighted times in bins that a double's own bits name: 64 for each power of two (0.8 to 1.6 % wide), from 8 us to six days.
class TimeHistogram {
 public:
  void add(Time t, double weight) {
    if (!(weight > 0)) return;
    const std::size_t bin = bin_of(t.value());
    reach(bin);
    bins_[bin] += weight;
    total_ += weight;
    sum_ += weight * t.value();
  }
  /// Each time as it is with probability 1 - p, else x * `mean` later for each {x, weight} of `tail`.
  template <class Tail>
  [[nodiscard]] TimeHistogram convolved(double p, Time mean, const Tail& tail) const {
    TimeHistogram made;
    if (lowest_ > highest_) return made;
    made.reach(lowest_);
    made.reach(highest_);
    for (std::size_t i = lowest_; i <= highest_; ++i) {
      if (bins_[i] <= 0) continue;
      made.bins_[i] += (1 - p) * bins_[i];
      if (bins_[i] <= 1e-6 * total_) continue;
      for (const auto& [x, weight] : tail) made.add(at(i, 0.5) + x * mean, bins_[i] * p * weight);
    }
    made.total_ += (1 - p) * total_;
    made.sum_ += (1 - p) * sum_;
    return made;
  }
  [[nodiscard]] Spread spread() const {
    Spread s;
    s.mean = Time::from_value(sum_ / total_);
    const std::array<Time*, 3> to{&s.p50, &s.p90, &s.p99};
    constexpr std::array levels{0.5, 0.9, 0.99};
    double below = 0;
    std::size_t next = 0;
    std::size_t last = 0;
    for (std::size_t i = lowest_; i <= highest_ && next < levels.size(); ++i) {
      if (bins_[i] <= 0) continue;
      // A level between two bins lies half-way, whichever of them rounding would take.
      const double edge = 1e-9 * total_;
      for (; next < levels.size() && below + bins_[i] > levels[next] * total_ + edge; ++next)
        *to[next] = below < levels[next] * total_ - edge ? at(i, (levels[next] * total_ - below) / bins_[i])
                                                         : (at(last, 1) + at(i, 0)) / 2.0;
      below += bins_[i];
      last = i;
    }
    for (; next < levels.size(); ++next) *to[next] = at(last, 1);
    return s;
  }

 private:
  /// Takes a bin, and all between it and those that are there, into the range that holds something.
  void reach(std::size_t bin) {
    if (lowest_ > highest_) {
      bins_[bin] = 0;
      lowest_ = highest_ = bin;
    }
    while (bin < lowest_) bins_[--lowest_] = 0;
    while (bin > highest_) bins_[++highest_] = 0;
  }

  static constexpr int mantissa_bits = 6;
  static constexpr int shift = 52 - mantissa_bits;
  static constexpr double least = 0x1p-17;
  static constexpr std::uint64_t first = std::bit_cast<std::uint64_t>(least) >> shift;

  static std::size_t bin_of(double seconds) {
    if (!(seconds > least)) return 0;
    return std::min(bins - 1, static_cast<std::size_t>((std::bit_cast<std::uint64_t>(seconds) >> shift) - first));
  }
  /// The time at a share of a bin.
  static Time at(std::size_t bin, double share) {
    const double low = std::bit_cast<double>((first + bin) << shift);
    const double high = std::bit_cast<double>((first + bin + 1) << shift);
    return Time::from_value(low + share * (high - low));
  }

  static constexpr std::size_t bins = 36u << mantissa_bits;
  std::array<double, bins> bins_;  ///< written where they are reached
  std::size_t lowest_ = bins, highest_ = 0;
  double total_ = 0;
  double sum_ = 0;
};

/// An exponential distribution of mean 1 in five points.
struct ExponentialAtom {
  double x, weight;
};
inline constexpr std::array<ExponentialAtom, 5> exponential_atoms{
    {{.307, .5}, {1.11, .3}, {2.07, .13}, {3.19, .05}, {4.91, .02}}};

}  // namespace ironlaw::load
