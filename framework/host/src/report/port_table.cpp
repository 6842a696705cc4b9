#include "report/port_table.hpp"

#include "report/shown_value.hpp"

#include <ironlaw/host/units.hpp>

#include <cmath>

namespace ironlaw::host {
namespace {

/// Bounds beyond these are those of the number type, not of the author.
constexpr double endless = std::numeric_limits<double>::max();
constexpr double endless_count = 2147483647;

bool is_number(const PortInfo& port) { return port.type == PortType::number || port.type == PortType::integer; }

bool bounded_below(const PortInfo& port) {
  return is_number(port) && port.range.low > (port.type == PortType::integer ? -endless_count : -endless);
}
bool bounded_above(const PortInfo& port) {
  return is_number(port) && port.range.high < (port.type == PortType::integer ? endless_count : endless);
}

PageCell type_cell(const PortInfo& port) {
  switch (port.type) {
    case PortType::number: return "number";
    case PortType::integer: return "integer";
    case PortType::boolean: return "boolean";
    case PortType::choice: return "choice";
    case PortType::object: break;
  }
  return port.interface;
}

PageCell unit_cell(const PortInfo& port) {
  const std::string preferred = preferred_unit(port);
  const std::string unit = si_unit(port.dimension);
  return {preferred.empty() ? unit : preferred, unit};
}

PageCell default_cell(const PortInfo& port) {
  if (port.required) return {"required", Json()};
  Cell cell;
  cell.number = port.fallback;
  const ShownValue value{std::string(port.name), &port, cell, {}};
  if (is_absent(value)) return {"absent", Json()};
  return {value_text(value), scalar_json(value)};
}

std::string bound_text(const PortInfo& port, double bound) { return format_quantity(bound, port.dimension, preferred_unit(port)); }

std::string range_text(const PortInfo& port) {
  const bool below = bounded_below(port);
  const bool above = bounded_above(port);
  std::string text;
  if (below) text = (port.range.above ? "> " : ">= ") + bound_text(port, port.range.low);
  if (above) text += (below ? ", <= " : "<= ") + bound_text(port, port.range.high);
  return text;
}

/// The bounds of a number, or the names of a choice.
PageCell range_cell(const PortInfo& port) {
  if (port.type == PortType::choice) {
    std::string text;
    Json names = Json::array();
    for (const auto& choice : port.choices) {
      text.append(text.empty() ? "" : " ").append(choice);
      names.push_back(choice);
    }
    return {std::move(text), std::move(names)};
  }
  if (!bounded_below(port) && !bounded_above(port)) return {"", Json()};
  Json data = Json::object();
  if (bounded_below(port)) data[port.range.above ? "above" : "least"] = port.range.low;
  if (bounded_above(port)) data["most"] = port.range.high;
  return {range_text(port), std::move(data)};
}

PageCell flag_cell(bool flag) { return {flag ? "true" : "false", Json(flag)}; }

}  // namespace

PageTable input_table(std::string name, std::span<const PortInfo> ports) {
  constexpr auto programs = PageColumn::For::programs;
  PageTable table{std::move(name),
                  {{"name"}, {"type"}, {"unit"}, {"default"}, {"range"}, {"required", programs}, {"optional", programs}, {"doc"}},
                  {}};
  for (const PortInfo& port : ports)
    table.rows.push_back({port.name, type_cell(port), unit_cell(port), default_cell(port), range_cell(port), flag_cell(port.required),
                          flag_cell(port.optional), port.doc});
  return table;
}

PageTable output_table(std::string name, std::span<const PortInfo> ports) {
  PageTable table{std::move(name), {{"name"}, {"type"}, {"unit"}, {"optional", PageColumn::For::programs}, {"doc"}}, {}};
  for (const PortInfo& port : ports) table.rows.push_back({port.name, type_cell(port), unit_cell(port), flag_cell(port.optional), port.doc});
  return table;
}

}  // namespace ironlaw::host
