#pragma once
// Exact unit scales, so that converting a quantity rounds once.
#include <array>
#include <cstddef>
#include <cstdint>

namespace ironlaw::host {

/// The scale of a unit as powers of the primes that all units here are made of (a year is 2^7 3^3 5^3 73 s).
struct Scale {
  static constexpr std::array<unsigned, 5> primes = {2, 3, 5, 7, 73};
  std::array<std::int64_t, 5> powers{};

  /// Multiplies by other^n.
  constexpr void multiply(const Scale& other, std::int64_t n = 1) {
    for (std::size_t i = 0; i < powers.size(); ++i) powers[i] += other.powers[i] * n;
  }
  [[nodiscard]] constexpr bool power_of_ten() const { return *this == ten(powers[0]); }
  constexpr bool operator==(const Scale&) const = default;

  static constexpr Scale ten(std::int64_t n) { return {{n, 0, n, 0, 0}}; }
  /// The scale of a whole number above zero; a number with another prime does not compile in a constant.
  static constexpr Scale whole(std::uint64_t n) {
    Scale s;
    for (std::size_t i = 0; i < primes.size(); ++i) {
      for (; n % primes[i] == 0; n /= primes[i]) ++s.powers[i];
    }
    if (n != 1) throw "a unit scale has a prime that Scale::primes lacks";
    return s;
  }
};

}  // namespace ironlaw::host
