#include "units/numbers_in_unit.hpp"

#include <ironlaw/notation/units.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr int most_power = 18;
constexpr std::array<double, most_power + 1> tens{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                                  1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

double times_power_of_ten(double value, int power) {
  return power >= 0 ? value * tens[static_cast<std::size_t>(power)] : value / tens[static_cast<std::size_t>(-power)];
}

/// Appends significant digits as a whole number with a power of ten, as Decimal::text writes them.
void append_digits(bool negative, std::uint64_t digits, int exponent, std::string& text) {
  while (digits % 10 == 0) {
    digits /= 10;
    ++exponent;
  }
  std::array<char, 24> buffer;
  const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), digits).ptr;
  const std::string_view all(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const int point = static_cast<int>(all.size()) + exponent;
  if (negative) text += '-';
  if (point <= 0) {
    text.append("0.").append(static_cast<std::size_t>(-point), '0').append(all);
  } else if (exponent >= 0) {
    text.append(all).append(static_cast<std::size_t>(exponent), '0');
  } else {
    text.append(all.substr(0, static_cast<std::size_t>(point)))
        .append(1, '.')
        .append(all.substr(static_cast<std::size_t>(point)));
  }
}

}  // namespace

NumbersInUnit::NumbersInUnit(const Dimension& dimension, std::string unit, int digits)
    : dimension_(dimension), unit_(std::move(unit)), digits_(digits) {
  if (!unit_.empty()) {
    scale_ = parse_unit(unit_, dimension_).value;
  } else if (dimension_.dimensionless()) {
    scale_ = 1;
  }
}

void NumbersInUnit::append_exactly(double value, std::string& text) const {
  const std::string whole = format_quantity(value, dimension_, unit_, digits_);
  text.append(whole, 0, whole.find(' '));
}

/// The digits are those of value / scale, whose error is far below 1e-9 of the last one: only next to a half does rounding need
/// to know more.
void NumbersInUnit::append(double value, std::string& text) const {
  if (scale_ == 0) return append_exactly(value, text);
  if (value == 0 && !std::signbit(value)) {
    text += '0';
    return;
  }
  const double shown = std::abs(value) / scale_;
  constexpr double least = 1e-3;  // what is smaller or larger is written with an exponent
  constexpr double most = 1e15;
  if (!(shown >= least && shown < most)) return append_exactly(value, text);
  int power = 0;  // shown is at least 10^power
  while (power < most_power && shown >= tens[static_cast<std::size_t>(power + 1)]) ++power;
  while (shown < times_power_of_ten(1, power)) --power;
  const double scaled = times_power_of_ten(shown, digits_ - 1 - power);
  const double below = std::floor(scaled);
  const double rest = scaled - below;
  constexpr double too_close = 1e-6;
  if (std::abs(rest - 0.5) < too_close) return append_exactly(value, text);
  const auto digits = static_cast<std::uint64_t>(below) + (rest > 0.5 ? 1 : 0);
  append_digits(value < 0, digits, power - digits_ + 1, text);
}

}  // namespace ironlaw::host
