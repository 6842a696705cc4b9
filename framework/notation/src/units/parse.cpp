#include "units/decimal.hpp"
#include "units/unit_text.hpp"

#include <algorithm>
#include <charconv>
#include <ironlaw/notation/units.hpp>
#include <iterator>
#include <system_error>

namespace ironlaw::host {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view operators[] = {"/", "*", "\u00b7", "\u22c5"};

/// A text in quotes for a message of one line, cut between characters where it is long.
std::string quoted(std::string_view text) {
  constexpr std::size_t limit = 60;
  std::size_t length = std::min(text.size(), limit);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  std::string line(text.substr(0, length));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return "'" + line + (length < text.size() ? "...'" : "'");
}

void skip_blanks(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size())); }

std::string_view trimmed(std::string_view text) {
  skip_blanks(text);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// One pass over a unit expression.
class UnitReader {
 public:
  UnitReader(std::string_view text, bool carbon, std::string_view whole) : rest_(text), carbon_(carbon), whole_(whole) {}

  Unit read() {
    Unit unit;
    if (rest_.empty()) return unit;
    auto sign = begin();
    while (true) {
      unit.multiply(factor(), sign);
      skip_blanks(rest_);
      if (rest_.empty()) return unit;
      sign = next_operator();
    }
  }

 private:
  /// "/s" and "1/s" begin with a division.
  int begin() {
    if (!rest_.starts_with('/') && !rest_.starts_with('1')) return 1;
    std::string_view after = rest_.substr(rest_.starts_with('1') ? 1 : 0);
    skip_blanks(after);
    if (!after.starts_with('/')) return 1;
    rest_ = after.substr(1);
    operator_ = "/";
    return -1;
  }

  int next_operator() {
    for (const auto op : operators) {
      if (!rest_.starts_with(op)) continue;
      rest_.remove_prefix(op.size());
      operator_ = op;
      return op == "/" ? -1 : 1;
    }
    const auto word = rest_.substr(0, symbol_length());
    const std::string together = std::string(last_) + std::string(word);
    const std::string hint = !word.empty() && find_unit(together, carbon_) ? "; nearest '" + together + "'" : "";
    throw UnitError("expected '*', '/' or the end before " + quoted(rest_) + " in " + quoted(whole_) + hint);
  }

  Unit factor() {
    skip_blanks(rest_);
    last_ = rest_.substr(0, symbol_length());
    rest_.remove_prefix(last_.size());
    if (last_.empty()) missing();
    const auto found = find_unit(last_, carbon_);
    if (!found) unknown();
    Unit unit;
    unit.multiply(*found, rest_.starts_with('^') ? exponent() : 1);
    return unit;
  }

  int exponent() {
    rest_.remove_prefix(1);
    int n = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), n);
    if (error != std::errc{} || n < -999 || n > 999) {
      throw UnitError("bad exponent after '" + std::string(last_) + "^' in " + quoted(whole_) +
                      "; expected a whole number from -999 to 999");
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return n;
  }

  [[nodiscard]] std::size_t symbol_length() const {
    const auto ends_symbol = [](std::string_view at) {
      return at[0] == ' ' || at[0] == '\t' || at[0] == '^' ||
             std::any_of(std::begin(operators), std::end(operators), [&](auto op) { return at.starts_with(op); });
    };
    std::size_t length = 0;
    while (length < rest_.size() && !ends_symbol(rest_.substr(length))) ++length;
    return length;
  }

  [[noreturn]] void missing() const {
    const std::string where = operator_.empty() ? "before " + quoted(rest_) : "after '" + std::string(operator_) + "'";
    throw UnitError("a unit is missing " + where + " in " + quoted(whole_));
  }

  [[noreturn]] void unknown() const {
    if (last_.find_first_of("()") != std::string_view::npos) {
      throw UnitError("parentheses in " + quoted(whole_) +
                      " are not understood; a unit is read left to right, such as 'FLOP/s/W'");
    }
    throw UnitError("unknown unit " + quoted(last_) + " in " + quoted(whole_) + unit_hint(last_));
  }

  std::string_view rest_;
  std::string_view last_;
  std::string_view operator_;
  bool carbon_;
  std::string_view whole_;
};

ReadUnit checked(const Unit& unit, std::string_view whole) {
  // A scale with larger powers is no double, and would only take long to find that out.
  constexpr std::int64_t scale_limit = 1200;
  ReadUnit result{unit.scale, {}};
  bool good = std::all_of(unit.scale.powers.begin(), unit.scale.powers.end(),
                          [](std::int64_t n) { return n >= -scale_limit && n <= scale_limit; });
  for (std::size_t i = 0; i < base_count; ++i) {
    good = good && unit.powers[i] >= -128 && unit.powers[i] <= 127;
    result.dimension.exponents[i] = static_cast<std::int8_t>(unit.powers[i]);
  }
  if (!good) throw UnitError("unit of " + quoted(whole) + " is out of range; powers of a base dimension go from -128 to 127");
  return result;
}

double rounded(const Decimal& number, std::string_view whole) {
  if (const auto value = number.to_double()) return *value;
  throw UnitError(quoted(whole) + " is out of range; expected 0 or a magnitude from 4.9e-324 to 1.8e308 in SI units");
}

/// "$2.5" and "$2.5/hour": the one unit that stands before its number.
bool take_dollar(std::string_view& text) {
  if (!text.starts_with('$')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

UnitError::~UnitError() = default;

ReadUnit read_unit(std::string_view text, const Dimension& expected, std::string_view whole) {
  if (expected[Base::carbon] != 0) {
    const auto read = checked(UnitReader(trimmed(text), true, whole).read(), whole);
    // Energy has mass in it: carbon per energy is told from carbon per mass by what the text then amounts to.
    if (expected[Base::mass] == 0 || read.dimension == expected) return read;
  }
  return checked(UnitReader(trimmed(text), false, whole).read(), whole);
}

Parsed parse_unit(std::string_view text, const Dimension& expected) {
  const auto unit = read_unit(text, expected, text);
  auto scale = Decimal::one();
  scale.multiply(unit.scale);
  return {rounded(scale, text), unit.dimension};
}

Parsed parse_quantity(std::string_view text, const Dimension& expected) {
  auto rest = trimmed(text);
  const bool dollar = take_dollar(rest);
  auto number = Decimal::take(rest);
  if (!number) throw UnitError(quoted(text) + " does not begin with a number; expected one such as '3.35 TB/s'");
  skip_blanks(rest);
  if (dollar && !rest.empty() && !rest.starts_with('/')) {
    throw UnitError("expected '/' or the end before " + quoted(rest) + " in " + quoted(text) +
                    "; larger sums have their unit behind, such as '2 MUSD'");
  }
  auto unit = read_unit(dollar ? "USD" + std::string(rest) : rest, expected, text);
  number->multiply(unit.scale);
  return {rounded(*number, text), unit.dimension};
}

}  // namespace ironlaw::host
