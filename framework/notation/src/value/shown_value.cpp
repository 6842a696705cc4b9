#include "value/shown_value.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/visible_text.hpp>

#include <cmath>

namespace ironlaw::host {
namespace {

/// The ordinal of a choice, where it is one.
std::string choice_name(const PortInfo& port, double ordinal) {
  const bool known = ordinal >= 0 && ordinal < static_cast<double>(port.choices.size());
  return known ? std::string(port.choices[static_cast<std::size_t>(ordinal)]) : std::string();
}

Json number_json(double number) { return std::isfinite(number) ? Json(number) : Json(); }

Json whole_json(double number) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  return std::abs(number) <= exact && number == std::floor(number) ? Json(static_cast<std::int64_t>(number))
                                                                   : number_json(number);
}

}  // namespace

std::string_view status_name(RowStatus status) {
  switch (status) {
    case RowStatus::ok:
      return "ok";
    case RowStatus::infeasible:
      return "infeasible";
    case RowStatus::refused:
      return "refused";
    case RowStatus::failed:
      return "failed";
    case RowStatus::skipped:
      return "skipped";
  }
  return "failed";
}

std::string preferred_unit(const PortInfo& port) {
  if (port.display.empty()) return {};
  try {
    return parse_unit(port.display, port.dimension).dimension == port.dimension ? std::string(port.display) : std::string();
  } catch (const UnitError&) {
    return {};
  }
}

bool is_absent(const ShownValue& value) {
  return value.port->type == PortType::object ? value.object.empty() : !std::isfinite(value.cell.number);
}

std::string value_text(const ShownValue& value) {
  if (is_absent(value)) return {};
  const double number = value.cell.number;
  switch (value.port->type) {
    case PortType::object:
      return value.object;
    case PortType::boolean:
      return number != 0 ? "yes" : "no";
    case PortType::choice:
      return choice_name(*value.port, number);
    case PortType::integer:
      return format_quantity(number, value.port->dimension);
    case PortType::number:
      break;
  }
  return format_quantity(number, value.port->dimension, preferred_unit(*value.port), shown_digits);
}

std::string band_text(const ShownValue& value) {
  if (value.port->type != PortType::number && value.port->type != PortType::integer) return {};
  ShownValue low = value;
  ShownValue high = value;
  low.cell = value.low;
  high.cell = value.high;
  if (is_absent(low) && is_absent(high)) return {};
  const auto shown = [](const ShownValue& end) { return is_absent(end) ? std::string("no answer") : value_text(end); };
  return shown(low) + " to " + shown(high);
}

Json scalar_json(const ShownValue& value) {
  if (is_absent(value)) return {};
  const double number = value.cell.number;
  switch (value.port->type) {
    case PortType::object:
      return value.object;
    case PortType::boolean:
      return number != 0;
    case PortType::choice:
      return choice_name(*value.port, number);
    case PortType::integer:
      return whole_json(number);
    case PortType::number:
      break;
  }
  return number_json(number);
}

Json value_json(const ShownValue& value) {
  Json scalar = scalar_json(value);
  if (scalar.is_null() || value.port->dimension.dimensionless()) return scalar;
  return Json{{"value", std::move(scalar)}, {"unit", si_unit(value.port->dimension)}};
}

Json quantity_json(double number, const Dimension& dimension) {
  Json scalar = number_json(number);
  if (scalar.is_null() || dimension.dimensionless()) return scalar;
  return Json{{"value", std::move(scalar)}, {"unit", si_unit(dimension)}};
}

std::string dump(const Json& json, int indent) {
  return visible_json(json.dump(indent, ' ', false, Json::error_handler_t::replace));
}

}  // namespace ironlaw::host
