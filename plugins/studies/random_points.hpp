#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace ironlaw::studies {

/// 64 bits that only their seed, row and column decide: rows may be drawn in any order. SplitMix64 (Steele et al. 2014) over a
/// counter.
inline std::uint64_t random_bits(std::uint64_t seed, std::uint64_t row, std::uint64_t column) {
  const auto mix = [](std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  };
  constexpr std::uint64_t golden = 0x9E3779B97F4A7C15ull;
  return mix(mix(mix(seed + golden) ^ (row + 1) * golden) + (column + 1) * golden);
}
/// A number in (0, 1), never an end.
inline double share_of(std::uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }
inline double random_share(std::uint64_t seed, std::uint64_t row, std::uint64_t column) {
  return share_of(random_bits(seed, row, column));
}

}  // namespace ironlaw::studies
