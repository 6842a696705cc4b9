// Numbers, with a unit or without one, and whole numbers.
#include "value/port_values.hpp"
#include "value/shown_value.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace ironlaw::host {
namespace {

std::string unit_in_words(const Dimension& d) { return d.dimensionless() ? "no unit" : "the unit " + si_unit(d); }

/// "4k" or "4 Ki": a number with a prefix alone, which only a count has; nothing for any other text.
std::optional<double> prefixed_count(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> count_prefixes{{{"Ki", 1024.0},
                                                                               {"Mi", 1048576.0},
                                                                               {"Gi", 1073741824.0},
                                                                               {"Ti", 1099511627776.0},
                                                                               {"k", 1e3},
                                                                               {"M", 1e6},
                                                                               {"G", 1e9},
                                                                               {"T", 1e12}}};
  for (const auto& [name, scale] : count_prefixes) {
    if (!text.ends_with(name)) continue;
    std::string_view digits = text.substr(0, text.size() - name.size());
    while (digits.ends_with(' ')) digits.remove_suffix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size() && !digits.empty()) return number * scale;
  }
  return {};
}

/// A plain number of tokens or requests, as its port says, may have that unit: "4 ktoken".
bool counts_in(const PortInfo& port, const Dimension& unit) {
  if (!port.dimension.dimensionless()) return false;
  const auto speaks_of = [&](std::string_view word) {
    return port.name.find(word) != port.name.npos || port.doc.find(word) != port.doc.npos;
  };
  return (unit == dimension_of<Tokens>() && speaks_of("token")) || (unit == dimension_of<Requests>() && speaks_of("request"));
}

double read_quantity_text(const PortInfo& port, std::string_view text, const std::string& where) {
  const bool count = takes_bare_number(port);
  if (const auto number = prefixed_count(text); count && number) return *number;
  Parsed parsed{};
  try {
    parsed = parse_quantity(text, port.dimension);
  } catch (const UnitError& e) {
    throw InputError(where, e.what());
  }
  if (parsed.dimension != port.dimension && !counts_in(port, parsed.dimension))
    throw InputError(where, std::string(port.name) + " takes " + unit_in_words(port.dimension) + ", but '" + std::string(text) +
                                "' has " + unit_in_words(parsed.dimension));
  return parsed.value;
}

double read_quantity_object(const PortInfo& port, const Json& value, const std::string& where) {
  if (value.size() != 2 || !value.contains("value") || !value.contains("unit") || !value["value"].is_number() ||
      !value["unit"].is_string())
    throw InputError(where, std::string(port.name) + " takes a text with a unit or {\"value\": number, \"unit\": text}");
  Parsed unit{};
  try {
    unit = parse_unit(value["unit"].get<std::string>(), port.dimension);
  } catch (const UnitError& e) {
    throw InputError(where, e.what());
  }
  if (unit.dimension != port.dimension)
    throw InputError(
        where, std::string(port.name) + " takes " + unit_in_words(port.dimension) + ", not " + unit_in_words(unit.dimension));
  return value["value"].get<double>() * unit.value;
}

class NumberValues : public PortValues {
 public:
  [[nodiscard]] ValueForm form() const final { return ValueForm::number; }
  [[nodiscard]] std::string name(const PortInfo&) const override { return "number"; }
  [[nodiscard]] std::string carried(const PortInfo& port) const final {
    return port.dimension.dimensionless() ? "a plain number" : "a quantity in " + si_unit(port.dimension);
  }
  [[nodiscard]] std::string allowed(const PortInfo& port) const override {
    return with_bounds(port.dimension.dimensionless() ? "a number" : "a value", port);
  }
  [[nodiscard]] bool suits(const PortInfo& from, const PortInfo& to) const final { return from.dimension == to.dimension; }

  [[nodiscard]] bool absent(const Cell& cell) const final { return !std::isfinite(cell.number); }
  [[nodiscard]] bool accepts(const PortInfo& port, const Cell& cell) const override {
    return port.range.contains(cell.number) && std::isfinite(cell.number);
  }
  [[nodiscard]] std::string reason_refused(const PortInfo& port, const Cell& cell) const final {
    if (std::isnan(cell.number)) return "has no value (NaN or absent); allowed: " + allowed(port);
    if (std::isinf(cell.number)) return "is infinite; allowed: " + allowed(port);
    return "= " + number_in_words(port, cell.number) + " is not allowed; allowed: " + allowed(port);
  }

  Cell read(const PortInfo& port, const Json& value, const std::string& where, KeptValues&) const final {
    return Cell{read_number(port, value, where)};
  }
  [[nodiscard]] std::string text(const PortInfo& port, const Cell& cell) const override {
    return format_quantity(cell.number, port.dimension, preferred_unit(port), shown_digits);
  }
  [[nodiscard]] Json json(const PortInfo&, const Cell& cell) const override { return number_json(cell.number); }
  [[nodiscard]] Json schemas(const PortInfo& port) const override {
    if (!port.dimension.dimensionless())
      return Json::array({{{"type", "string"}, {"pattern", "^[-$]?[0-9.].*"}, {"examples", {"1 " + si_unit(port.dimension)}}},
                          {{"type", "object"}, {"required", {"value", "unit"}}}});
    Json number{{"type", "number"}};
    if (port.range.low > -1e300) number[port.range.above ? "exclusiveMinimum" : "minimum"] = port.range.low;
    if (port.range.high < 1e300) number["maximum"] = port.range.high;
    return Json::array({number, {{"type", "string"}, {"pattern", "^-?[0-9.].*%$"}}});
  }

 private:
  double read_number(const PortInfo& port, const Json& value, const std::string& where) const {
    refuse_quoted_number(port, value, where);
    if (value.is_string()) return read_quantity_text(port, value.get_ref<const std::string&>(), where);
    if (value.is_object()) return read_quantity_object(port, value, where);
    if (!value.is_number())
      throw InputError(where, std::string(port.name) + " takes " + allowed(port) + ", not " + shown_json(value));
    if (!takes_bare_number(port))
      throw InputError(where, std::string(port.name) + " needs a unit: write \"" + shown_json(value) + " " +
                                  (port.display.empty() ? si_unit(port.dimension) : std::string(port.display)) + "\"");
    return value.get<double>();
  }
  /// A number in quotes is no number: what a flag says arrives here without them.
  void refuse_quoted_number(const PortInfo& port, const Json& value, const std::string& where) const {
    if (!port.dimension.dimensionless() || !value.is_string()) return;
    const auto& text = value.get_ref<const std::string&>();
    if (Json::parse(text, nullptr, false).is_number())
      throw InputError(where,
                       std::string(port.name) + " takes " + allowed(port) + ", not a text: write " + text + " without quotes");
  }
};

class IntegerValues final : public NumberValues {
 public:
  [[nodiscard]] std::string name(const PortInfo&) const override { return "integer"; }
  [[nodiscard]] std::string allowed(const PortInfo& port) const override { return with_bounds("a whole number", port); }
  [[nodiscard]] bool accepts(const PortInfo& port, const Cell& cell) const override {
    return NumberValues::accepts(port, cell) && cell.number == std::floor(cell.number);
  }
  [[nodiscard]] std::string text(const PortInfo& port, const Cell& cell) const override {
    return format_quantity(cell.number, port.dimension);
  }
  [[nodiscard]] Json json(const PortInfo&, const Cell& cell) const override {
    constexpr double exact = 9007199254740992.0;  // 2^53
    const double number = cell.number;
    return std::abs(number) <= exact && number == std::floor(number) ? Json(static_cast<std::int64_t>(number))
                                                                     : number_json(number);
  }
  [[nodiscard]] Json schemas(const PortInfo& port) const override {
    Json number{{"type", "integer"}};
    if (port.range.low > -9e15) number["minimum"] = static_cast<std::int64_t>(port.range.low);
    if (port.range.high < 9e15) number["maximum"] = static_cast<std::int64_t>(port.range.high);
    return Json::array({number});
  }
};

}  // namespace

bool takes_bare_number(const PortInfo& port) {
  return port.dimension.dimensionless() || port.dimension == dimension_of<Tokens>() || port.dimension == dimension_of<Requests>();
}

const PortValues& number_values() {
  static const NumberValues values;
  return values;
}
const PortValues& integer_values() {
  static const IntegerValues values;
  return values;
}

std::string number_in_words(const PortInfo& port, double number) { return format_quantity(number, port.dimension, port.display); }

std::string with_bounds(std::string what, const PortInfo& port) {
  constexpr double most = std::numeric_limits<double>::max();
  const Range& r = port.range;
  const bool below = r.low > -most && r.low > -9e15;
  const bool above = r.high < most && r.high < 9e15;
  if (below) what += (r.above ? " above " : " of at least ") + number_in_words(port, r.low);
  if (above) what += (below ? " and at most " : " of at most ") + number_in_words(port, r.high);
  if (!port.dimension.dimensionless()) what += " (unit " + si_unit(port.dimension) + ")";
  return what;
}

Json number_json(double number) { return std::isfinite(number) ? Json(number) : Json(); }

}  // namespace ironlaw::host
