#pragma once
// Run-time dimensions: what a column of doubles is measured in.
#include <array>
#include <cstddef>
#include <cstdint>

namespace ironlaw {

/// The sixteen base dimensions. Everything that is counted has one of its own, so that bytes never add to FLOP.
enum class Base : std::uint8_t {
  length,
  mass,
  time,
  current,
  temperature,
  amount,
  luminosity,  // SI: m, kg, s, A, K, mol, cd
  information,
  operations,
  money,
  carbon,
  tokens,
  requests,  // byte, FLOP, USD, kgCO2e, token, request
  spare0,
  spare1,
  spare2  // for plugins
};
inline constexpr std::size_t base_count = 16;

/// Exponents of the base dimensions; all zero is dimensionless.
struct Dimension {
  std::array<std::int8_t, base_count> exponents{};

  constexpr std::int8_t& operator[](Base b) { return exponents[static_cast<std::size_t>(b)]; }
  constexpr std::int8_t operator[](Base b) const { return exponents[static_cast<std::size_t>(b)]; }
  constexpr bool operator==(const Dimension&) const = default;
  [[nodiscard]] constexpr bool dimensionless() const { return *this == Dimension{}; }

  friend constexpr Dimension operator*(Dimension a, const Dimension& b) {
    for (std::size_t i = 0; i < base_count; ++i) a.exponents[i] = static_cast<std::int8_t>(a.exponents[i] + b.exponents[i]);
    return a;
  }
  friend constexpr Dimension operator/(Dimension a, const Dimension& b) {
    for (std::size_t i = 0; i < base_count; ++i) a.exponents[i] = static_cast<std::int8_t>(a.exponents[i] - b.exponents[i]);
    return a;
  }
  [[nodiscard]] constexpr Dimension power(int n) const {
    Dimension d = *this;
    for (auto& e : d.exponents) e = static_cast<std::int8_t>(e * n);
    return d;
  }
};

}  // namespace ironlaw
