#pragma once
#include <array>
#include <bit>
#include <cstdint>

#include "engine.hpp"

namespace ironlaw::load {

/// A time over a number, worked out at four numbers a power of two when it is first asked for there, and straight between them:
/// iterations bend so little that this is within 0.2 %.
class TabulatedTime {
 public:
  template <class TimeOf>
  Time operator()(double number, TimeOf&& time_of) {
    const std::uint64_t bin = std::bit_cast<std::uint64_t>(number) >> shift;
    if (!(number > 0) || bin < first || bin - first + 1 >= times_.size()) return time_of(number);
    // Where in its bin a number lies is what its bits say below those that name the bin.
    const double share =
        static_cast<double>(std::bit_cast<std::uint64_t>(number) & ((1ull << shift) - 1)) * (1.0 / (1ull << shift));
    const double from = at(bin, time_of);
    return Time::from_value(from + (at(bin + 1, time_of) - from) * share);
  }

 private:
  static constexpr int node_bits = 2;
  static constexpr int shift = 52 - node_bits;
  static constexpr std::uint64_t first = std::bit_cast<std::uint64_t>(0x1p-6) >> shift;
  static constexpr std::size_t nodes = (26u << node_bits) + 1;

  template <class TimeOf>
  double at(std::uint64_t bin, TimeOf& time_of) {
    double& kept = times_[bin - first];
    if (kept == 0) kept = time_of(std::bit_cast<double>(bin << shift)).value();
    return kept;
  }
  std::array<double, nodes> times_{};
};

}  // namespace ironlaw::load
