#include "units/decimal.hpp"
#include "units/readable.hpp"
#include "units/unit_text.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <ironlaw/notation/units.hpp>
#include <string>
#include <string_view>

namespace ironlaw::host {
namespace {

constexpr std::string_view base_names[base_count] = {"m",    "kg",  "s",      "A",     "K",       "mol",    "cd",     "B",
                                                     "FLOP", "USD", "kgCO2e", "token", "request", "spare0", "spare1", "spare2"};
// What is counted comes first, as in USD/J.
constexpr Base name_order[base_count] = {Base::money,   Base::carbon,      Base::operations, Base::information,
                                         Base::tokens,  Base::requests,    Base::spare0,     Base::spare1,
                                         Base::spare2,  Base::mass,        Base::length,     Base::time,
                                         Base::current, Base::temperature, Base::amount,     Base::luminosity};

/// A coherent unit as powers of base units, energy and power; wider than a Dimension, whose powers those two shift.
struct Coherent {
  std::array<int, base_count> powers{};
  int joule = 0;
  int watt = 0;
};

Coherent coherent(const Dimension& dimension) {
  Coherent unit;
  for (std::size_t i = 0; i < base_count; ++i) unit.powers[i] = dimension.exponents[i];
  const auto power = [&](Base base) -> int& { return unit.powers[static_cast<std::size_t>(base)]; };
  const int mass = power(Base::mass);
  const int per_time = -power(Base::time);
  if (mass == 0 || (per_time != 2 * mass && per_time != 3 * mass)) return unit;
  (per_time == 2 * mass ? unit.joule : unit.watt) = mass;
  power(Base::mass) = 0;
  power(Base::time) = 0;
  power(Base::length) -= 2 * mass;
  return unit;
}

/// Appends one unit to the products and quotients of a name.
void append(std::string& above, std::string& below, std::string_view name, int power) {
  if (power == 0) return;
  std::string& side = power > 0 ? above : below;
  if (power < 0 || !above.empty()) side += power > 0 ? '*' : '/';
  side += name;
  if (std::abs(power) != 1) side += '^' + std::to_string(std::abs(power));
}

bool whole_gibibytes(double value, const Dimension& dimension) {
  static const Dimension information = parse_unit("B").dimension;
  constexpr double gibibyte = 1024.0 * 1024 * 1024;
  // Beyond 2^53 every double is a multiple, by no choice of anybody.
  return dimension == information && value != 0 && std::abs(value) < 9007199254740992.0 && std::fmod(value, gibibyte) == 0;
}

Decimal number_in(double value, const Scale& scale, int digits) {
  if (digits <= 0 && scale.power_of_ten()) {
    auto number = Decimal::shortest(value);
    number.divide(scale);
    return number;
  }
  auto exact = Decimal::precise(value);
  exact.divide(scale);
  // Where a double has a text of up to 15 digits, that is the number rounded to 15; 17 always lead back to it.
  for (int n = digits > 0 ? digits : 15;; ++n) {
    auto number = exact;
    number.round(n);
    auto back = number;
    back.multiply(scale);
    if (digits > 0 || n == 17 || back.to_double() == value) return number;
  }
}

Rung pick(double value, const Dimension& dimension, int digits) {
  if (whole_gibibytes(value, dimension)) return {"GiB", Scale::whole(1 << 30)};
  auto rungs = ladder(dimension, digits <= 0);
  const double shown = value == 0 || !std::isfinite(value) ? 1 : value;
  while (rungs.size() > 1 && number_in(shown, rungs.back().scale, digits).whole_digits() < 1) rungs.pop_back();
  return rungs.back();
}

Rung named(std::string_view unit, const Dimension& dimension) {
  const auto read = read_unit(unit, dimension, unit);
  if (read.dimension == dimension) return {std::string(unit), read.scale};
  const std::string fault = "unit '" + std::string(unit) + "' does not fit ";
  if (dimension.dimensionless()) throw UnitError(fault + "a number without a dimension; expected none or '%'");
  throw UnitError(fault + "a value in '" + si_unit(dimension) + "'; expected one such as '" + pick(0, dimension, 0).name + "'");
}

}  // namespace

std::string si_unit(const Dimension& dimension) {
  const auto unit = coherent(dimension);
  std::string above;
  std::string below;
  const auto append_base = [&](Base base) {
    const auto i = static_cast<std::size_t>(base);
    append(above, below, base_names[i], unit.powers[i]);
  };
  constexpr std::size_t counted = 9;
  for (std::size_t i = 0; i < counted; ++i) append_base(name_order[i]);
  append(above, below, "J", unit.joule);
  append(above, below, "W", unit.watt);
  for (std::size_t i = counted; i < base_count; ++i) append_base(name_order[i]);
  return above.empty() && !below.empty() ? '1' + below : above + below;
}

std::string format_quantity(double value, const Dimension& dimension, std::string_view unit, int digits) {
  const auto rung = unit.empty() ? pick(value, dimension, digits) : named(unit, dimension);
  const std::string number = std::isnan(value)   ? "nan"
                             : std::isinf(value) ? (value < 0 ? "-inf" : "inf")
                                                 : number_in(value, rung.scale, digits).text();
  return rung.name.empty() ? number : number + ' ' + rung.name;
}

Readable readable_unit(double magnitude, const Dimension& dimension) {
  constexpr int table_digits = 3;
  const auto rung = pick(magnitude, dimension, table_digits);
  auto scale = Decimal::one();
  scale.multiply(rung.scale);
  return {scale.to_double().value(), rung.name};
}

}  // namespace ironlaw::host
