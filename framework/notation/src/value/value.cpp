#include "value/value.hpp"

#include <ironlaw/notation/nearest.hpp>
#include "value/check.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace ironlaw::host {
namespace {

std::string unit_in_words(const Dimension& d) { return d.dimensionless() ? "no unit" : "the unit " + si_unit(d); }

/// The dimensions of counts that people write without a unit.
bool counts_tokens_or_requests(const Dimension& d) { return d == dimension_of<Tokens>() || d == dimension_of<Requests>(); }

/// "4k" or "4 Ki": a number with a prefix alone, which only a count has; nothing for any other text.
std::optional<double> prefixed_count(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 8> prefixes{{{"Ki", 1024.0},
                                                                         {"Mi", 1048576.0},
                                                                         {"Gi", 1073741824.0},
                                                                         {"Ti", 1099511627776.0},
                                                                         {"k", 1e3},
                                                                         {"M", 1e6},
                                                                         {"G", 1e9},
                                                                         {"T", 1e12}}};
  for (const auto& [name, scale] : prefixes) {
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
  const bool count = port.dimension.dimensionless() || counts_tokens_or_requests(port.dimension);
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

/// A number in quotes is no number: what a flag says arrives here without them.
void refuse_quoted_number(const PortInfo& port, const Json& value, const std::string& where) {
  if (!port.dimension.dimensionless() || !value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  if (Json::parse(text, nullptr, false).is_number())
    throw InputError(where,
                     std::string(port.name) + " takes " + allowed(port) + ", not a text: write " + text + " without quotes");
}

double read_number(const PortInfo& port, const Json& value, const std::string& where) {
  refuse_quoted_number(port, value, where);
  if (value.is_string()) return read_quantity_text(port, value.get_ref<const std::string&>(), where);
  if (value.is_object()) return read_quantity_object(port, value, where);
  if (!value.is_number())
    throw InputError(where, std::string(port.name) + " takes " + allowed(port) + ", not " + shown_json(value));
  if (!port.dimension.dimensionless() && !counts_tokens_or_requests(port.dimension))
    throw InputError(where, std::string(port.name) + " needs a unit: write \"" + shown_json(value) + " " +
                                (port.display.empty() ? si_unit(port.dimension) : std::string(port.display)) + "\"");
  return value.get<double>();
}

double read_boolean(const PortInfo& port, const Json& value, const std::string& where) {
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value == "true") return 1;
  if (value == "false") return 0;
  throw InputError(where, std::string(port.name) + " takes true or false, not " + shown_json(value));
}

bool same_but_for_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// The choice of that name; letter case matters only between choices that differ in nothing else.
double read_choice(const PortInfo& port, const Json& value, const std::string& where) {
  const std::string name = value.is_string() ? value.get<std::string>() : shown_json(value);
  const auto& choices = port.choices;
  auto found = std::find(choices.begin(), choices.end(), name);
  if (found == choices.end())
    found = std::find_if(choices.begin(), choices.end(), [&](std::string_view c) { return same_but_for_case(c, name); });
  if (found != choices.end()) return static_cast<double>(found - choices.begin());
  throw InputError(where, "unknown " + std::string(port.name) + " '" + name + "'" + did_you_mean(name, choices) +
                              " Allowed: " + allowed(port));
}

}  // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto best = nearest(word, candidates);
  return best.empty() ? "." : "; did you mean '" + std::string(best) + "'?";
}

Cell read_value(const PortInfo& port, const Json& value, const std::string& where) {
  Cell cell{absent_value};
  if (value.is_null()) {
    if (!port.optional) throw InputError(where, std::string(port.name) + " cannot be null; allowed: " + allowed(port));
    return cell;
  }
  switch (port.type) {
    case PortType::boolean:
      cell.number = read_boolean(port, value, where);
      break;
    case PortType::choice:
      cell.number = read_choice(port, value, where);
      break;
    case PortType::object:
      throw InputError(where, std::string(port.name) + " takes " + allowed(port) + ", not a value");
    case PortType::integer:
    case PortType::number:
      cell.number = read_number(port, value, where);
      break;
  }
  if (cell.number != cell.number || !accepts(port, cell))
    throw InputError(where, std::string(port.name) + " " + reason_refused(port, cell));
  return cell;
}

}  // namespace ironlaw::host
