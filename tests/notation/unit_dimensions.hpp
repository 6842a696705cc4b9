#pragma once
// Dimensions that the tests of units write expected results in.
#include <cstdint>
#include <ironlaw/dimension.hpp>

namespace ironlaw::host {

constexpr Dimension of(Base base, int power = 1) {
  Dimension d;
  d[base] = static_cast<std::int8_t>(power);
  return d;
}

inline constexpr Dimension none{};
inline constexpr Dimension time = of(Base::time);
inline constexpr Dimension information = of(Base::information);
inline constexpr Dimension operations = of(Base::operations);
inline constexpr Dimension money = of(Base::money);
inline constexpr Dimension carbon = of(Base::carbon);
inline constexpr Dimension mass = of(Base::mass);
inline constexpr Dimension tokens = of(Base::tokens);
inline constexpr Dimension volume = of(Base::length, 3);
inline constexpr Dimension energy = mass * of(Base::length, 2) / time.power(2);
inline constexpr Dimension power = energy / time;

}  // namespace ironlaw::host
