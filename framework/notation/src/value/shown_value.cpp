#include "value/shown_value.hpp"

#include "value/port_values.hpp"

#include <ironlaw/notation/units.hpp>
#include <ironlaw/visible_text.hpp>

namespace ironlaw::host {
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
  return value.port->type == PortType::object ? value.object.empty() : values_of(value.port->type).absent(value.cell);
}

std::string value_text(const ShownValue& value) {
  if (is_absent(value)) return {};
  return value.port->type == PortType::object ? value.object : values_of(value.port->type).text(*value.port, value.cell);
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
  return value.port->type == PortType::object ? Json(value.object) : values_of(value.port->type).json(*value.port, value.cell);
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
