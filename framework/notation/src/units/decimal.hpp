#pragma once
// A decimal number of any length: what stands in a text before it is rounded to a double.
#include "units/scale.hpp"

#include <ironlaw/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// Digits and a power of ten, exact until it is rounded or, past 800 digits, marked as a little more.
class Decimal {
 public:
  /// Takes the number at the front of `text` ("-3.35e2"); nothing, and `text` untouched, where there is none.
  static std::optional<Decimal> take(std::string_view& text);
  /// The shortest decimal that rounds to `value`, which is finite.
  static Decimal shortest(double value);
  /// `value` to more digits than any rounding here asks for.
  static Decimal precise(double value);
  static Decimal one() { return {false, "1", 0}; }

  void multiply(const Scale& scale);
  void divide(const Scale& scale);
  /// To `digits` significant digits, halves away from zero.
  void round(int digits);
  /// Digits before the decimal point; none or fewer for a number below 1.
  [[nodiscard]] std::int64_t whole_digits() const { return static_cast<std::int64_t>(digits_.size()) + exponent_; }
  /// The correctly rounded double; nothing where that is infinite, or zero for a number that is not.
  [[nodiscard]] std::optional<double> to_double() const;
  [[nodiscard]] std::string text() const;

 private:
  Decimal(bool negative, std::string digits, std::int64_t exponent);
  void normalize();
  void shorten();
  void multiply_digits(unsigned factor);
  void divide_digits(unsigned divisor);

  bool negative_;
  std::string digits_;  // no zero at either end, empty for zero
  std::int64_t exponent_;
};

/// The shortest text that reads back as exactly `number`.
IRONLAW_API void append_exact(std::string& text, double number);

}  // namespace ironlaw::host
