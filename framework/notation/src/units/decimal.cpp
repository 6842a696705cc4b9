#include "units/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

namespace ironlaw::host {
namespace {

// The midpoint of two doubles has at most 767 digits: digits after that only say on which side of it a number lies.
constexpr std::size_t kept_digits = 800;
// Beyond any exponent that a double, a unit and the length of a text can bring back into range.
constexpr std::int64_t exponent_limit = 1'000'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t count_digits(std::string_view text, std::size_t from) {
  std::size_t n = 0;
  while (from + n < text.size() && is_digit(text[from + n])) ++n;
  return n;
}

std::int64_t saturated(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) value = std::min(value * 10 + (c - '0'), exponent_limit);
  return value;
}

}  // namespace

Decimal::Decimal(bool negative, std::string digits, std::int64_t exponent)
    : negative_(negative), digits_(std::move(digits)), exponent_(exponent) {
  normalize();
}

std::optional<Decimal> Decimal::take(std::string_view& text) {
  const bool negative = text.starts_with('-');
  std::size_t at = negative ? 1 : 0;
  const std::size_t whole = count_digits(text, at);
  std::string digits(text.substr(at, whole));
  at += whole;
  std::int64_t exponent = 0;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = count_digits(text, at + 1);
    digits += text.substr(at + 1, fraction);
    exponent = -static_cast<std::int64_t>(fraction);
    at += 1 + fraction;
  }
  if (digits.empty()) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t sign = at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+') ? 1 : 0;
    // Without digits the letter begins a unit: "5 EB" may be written "5EB".
    if (const std::size_t n = count_digits(text, at + 1 + sign); n > 0) {
      const std::int64_t power = saturated(text.substr(at + 1 + sign, n));
      exponent += text[at + 1] == '-' ? -power : power;
      at += 1 + sign + n;
    }
  }
  text.remove_prefix(at);
  return Decimal(negative, std::move(digits), exponent);
}

Decimal Decimal::shortest(double value) {
  std::array<char, 32> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
  std::string_view number(text.data(), end);
  return *take(number);
}

Decimal Decimal::precise(double value) {
  std::array<char, 64> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific, 40).ptr;
  std::string_view number(text.data(), end);
  return *take(number);
}

void Decimal::normalize() {
  const std::size_t last = digits_.find_last_not_of('0');
  if (last == std::string::npos) {
    digits_.clear();
    exponent_ = 0;
    return;
  }
  exponent_ += static_cast<std::int64_t>(digits_.size() - last - 1);
  digits_.resize(last + 1);
  digits_.erase(0, digits_.find_first_not_of('0'));
  shorten();
}

void Decimal::shorten() {
  if (digits_.size() <= kept_digits + 1) return;
  exponent_ += static_cast<std::int64_t>(digits_.size() - kept_digits - 1);
  digits_.resize(kept_digits);
  digits_ += '1';  // the digits dropped were not all zero
}

void Decimal::multiply_digits(unsigned factor) {
  unsigned carry = 0;
  for (auto digit = digits_.rbegin(); digit != digits_.rend(); ++digit) {
    carry += static_cast<unsigned>(*digit - '0') * factor;
    *digit = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  std::string front;
  for (; carry > 0; carry /= 10) front.insert(front.begin(), static_cast<char>('0' + carry % 10));
  digits_.insert(0, front);
  normalize();
}

void Decimal::divide_digits(unsigned divisor) {
  std::string quotient;
  unsigned rest = 0;
  for (std::size_t i = 0; i < digits_.size() || (rest != 0 && quotient.size() < kept_digits); ++i) {
    if (i >= digits_.size()) --exponent_;
    rest = rest * 10 + (i < digits_.size() ? static_cast<unsigned>(digits_[i] - '0') : 0);
    if (!quotient.empty() || rest >= divisor) quotient += static_cast<char>('0' + rest / divisor);
    rest %= divisor;
  }
  if (rest != 0) {
    quotient += '1';
    --exponent_;
  }
  digits_ = std::move(quotient);
  normalize();
}

void Decimal::multiply(const Scale& scale) {
  if (digits_.empty()) return;
  const std::int64_t tens = std::min(scale.powers[0], scale.powers[2]);  // leaves 2 and 5 to multiply only
  exponent_ += tens;
  Scale rest = scale;
  rest.multiply(Scale::ten(-tens));
  for (std::size_t i = 0; i < rest.powers.size(); ++i) {
    for (std::int64_t n = 0; n < rest.powers[i]; ++n) multiply_digits(Scale::primes[i]);
  }
  for (std::size_t i = 0; i < rest.powers.size(); ++i) {
    for (std::int64_t n = 0; n > rest.powers[i]; --n) divide_digits(Scale::primes[i]);
  }
}

void Decimal::divide(const Scale& scale) {
  Scale inverse;
  inverse.multiply(scale, -1);
  multiply(inverse);
}

void Decimal::round(int digits) {
  const auto kept = static_cast<std::size_t>(digits);
  if (digits_.size() <= kept) return;
  const bool up = digits_[kept] >= '5';
  exponent_ += static_cast<std::int64_t>(digits_.size() - kept);
  digits_.resize(kept);
  if (up) {
    const std::size_t last = digits_.find_last_not_of('9');
    if (last == std::string::npos) {
      digits_ = "1";
      exponent_ += digits;
    } else {
      exponent_ += static_cast<std::int64_t>(kept - last - 1);
      digits_.resize(last + 1);
      ++digits_[last];
    }
  }
  normalize();
}

std::optional<double> Decimal::to_double() const {
  if (digits_.empty()) return negative_ ? -0.0 : 0.0;
  const std::string text = (negative_ ? "-" : "") + digits_ + 'e' + std::to_string(exponent_);
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || !std::isfinite(value) || value == 0) return std::nullopt;
  return value;
}

std::string Decimal::text() const {
  const std::string sign = negative_ ? "-" : "";
  if (digits_.empty()) return sign + '0';
  const std::int64_t point = whole_digits();
  if (point < -3 || point > 16) {
    const std::string fraction = digits_.size() > 1 ? '.' + digits_.substr(1) : "";
    return sign + digits_[0] + fraction + 'e' + std::to_string(point - 1);
  }
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits_;
  if (exponent_ >= 0) return sign + digits_ + std::string(static_cast<std::size_t>(exponent_), '0');
  const auto whole = static_cast<std::size_t>(point);
  return sign + digits_.substr(0, whole) + '.' + digits_.substr(whole);
}

void append_exact(std::string& text, double number) {
  std::array<char, 32> digits;
  constexpr double longer = 1e5;  // whole numbers below it are never shorter with an exponent
  if (number > -longer && number < longer && number != 0) {
    if (const int whole = static_cast<int>(number); whole == number) {
      text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), whole).ptr);
      return;
    }
  }
  text.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace ironlaw::host
