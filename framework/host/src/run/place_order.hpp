#pragma once
// Sorting places by one number each, without looking at what lies there.
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace ironlaw::host {

/// Bits that rise as the value does; both zeros have the same, and what is absent comes last.
inline std::uint64_t rising_bits(double value) {
  if (std::isnan(value)) return std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// A number that is sorted by, and the place that it belongs to.
struct KeyedPlaces {
  std::vector<std::uint64_t> keys;
  std::vector<std::uint32_t> places;
  /// Of a place while they are sorted.
  static constexpr std::size_t bytes = 2 * (sizeof(std::uint64_t) + sizeof(std::uint32_t));

  /// By key, those of one key as they were: byte by byte from the lowest on (Hollerith 1887), without those that all keys share.
  void sort() {
    constexpr std::size_t digits = sizeof(std::uint64_t);
    std::array<std::array<std::uint32_t, 256>, digits> counts{};
    for (const std::uint64_t key : keys)
      for (std::size_t d = 0; d < digits; ++d) ++counts[d][key >> 8 * d & 0xff];
    KeyedPlaces to;
    to.keys.resize(keys.size());
    to.places.resize(keys.size());
    for (std::size_t d = 0; d < digits; ++d) {
      auto& next = counts[d];
      if (keys.empty() || next[keys[0] >> 8 * d & 0xff] == keys.size()) continue;
      std::uint32_t begin = 0;
      for (std::uint32_t& n : next) begin += std::exchange(n, begin);
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint32_t at = next[keys[i] >> 8 * d & 0xff]++;
        to.keys[at] = keys[i];
        to.places[at] = places[i];
      }
      keys.swap(to.keys);
      places.swap(to.places);
    }
  }
};

}  // namespace ironlaw::host
