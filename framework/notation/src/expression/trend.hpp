#pragma once
// Which way a value goes where one thing that it reads grows and all else stays.
#include <cstdint>

namespace ironlaw::host {

enum class Trend : std::uint8_t { constant, rises, falls, unknown };

[[nodiscard]] constexpr Trend opposite(Trend t) {
  return t == Trend::rises ? Trend::falls : t == Trend::falls ? Trend::rises : t;
}
/// Of what grows with both, as their sum does.
[[nodiscard]] constexpr Trend together(Trend a, Trend b) {
  if (a == Trend::constant) return b;
  return b == Trend::constant || a == b ? a : Trend::unknown;
}
/// Of what goes by `outer` with something that goes by `inner`.
[[nodiscard]] constexpr Trend through(Trend inner, Trend outer) {
  if (inner == Trend::constant || outer == Trend::constant) return Trend::constant;
  if (inner == Trend::unknown || outer == Trend::unknown) return Trend::unknown;
  return inner == outer ? Trend::rises : Trend::falls;
}

/// A value that an expression reads: its trend, and where it can lie.
struct Trended {
  Trend trend = Trend::unknown;
  bool non_negative = false;
  bool positive = false;
};

}  // namespace ironlaw::host
