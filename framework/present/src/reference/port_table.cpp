#include "reference/port_table.hpp"

#include "value/shown_value.hpp"

#include <ironlaw/notation/port_order.hpp>
#include <ironlaw/notation/units.hpp>

#include <cmath>

namespace ironlaw::host {
namespace {

/// Bounds beyond these are those of the number type, not of the author.
constexpr double endless = std::numeric_limits<double>::max();
constexpr double endless_count = 2147483647;

/// A number, or a list of them.
bool is_number(const PortInfo& port) {
  const ValueForm form = values_of(port.type).form();
  return form == ValueForm::number || form == ValueForm::list;
}

bool bounded_below(const PortInfo& port) {
  return is_number(port) && port.range.low > (port.type == PortType::integer ? -endless_count : -endless);
}
bool bounded_above(const PortInfo& port) {
  return is_number(port) && port.range.high < (port.type == PortType::integer ? endless_count : endless);
}

PageCell type_cell(const PortInfo& port) { return values_of(port.type).name(port); }

PageCell unit_cell(const PortInfo& port) {
  const std::string preferred = preferred_unit(port);
  const std::string unit = si_unit(port.dimension);
  return {preferred.empty() ? unit : preferred, unit};
}

/// The unit in which people are shown a number, and how large it is in SI; for programs that show it.
PageCell shown_in_cell(const PortInfo& port) {
  if (!is_number(port) || port.dimension.dimensionless()) return {"", Json()};
  const std::string preferred = preferred_unit(port);
  const double usual = std::isfinite(port.fallback) && port.fallback != 0 ? port.fallback : 1;
  const Readable readable =
      preferred.empty() ? readable_unit(usual, port.dimension) : Readable{parse_unit(preferred, port.dimension).value, preferred};
  return {readable.unit, Json{{"unit", readable.unit}, {"scale", readable.scale}}};
}

PageCell default_cell(const PortInfo& port) {
  if (port.required) return {"required", Json()};
  Cell cell;
  cell.number = port.fallback;
  const ShownValue value{std::string(port.name), &port, cell, {}};
  if (is_absent(value)) return {"absent", Json()};
  return {value_text(value), scalar_json(value)};
}

std::string bound_text(const PortInfo& port, double bound) {
  return format_quantity(bound, port.dimension, preferred_unit(port));
}

std::string range_text(const PortInfo& port) {
  const bool below = bounded_below(port);
  const bool above = bounded_above(port);
  std::string text;
  if (below) text = (port.range.above ? "> " : ">= ") + bound_text(port, port.range.low);
  if (above) text += (below ? ", <= " : "<= ") + bound_text(port, port.range.high);
  if (port.shortest > 0 || port.longest > 0) {
    const std::string most = port.longest > 0 ? std::to_string(port.longest) : "more";
    const bool exact = port.shortest == port.longest;
    text += (text.empty() ? "" : "; ") +
            (exact ? most : std::to_string(port.shortest) + (port.longest > 0 ? " to " : " or ") + most) + " values";
  }
  return text;
}

PageCell range_cell(const PortInfo& port) {
  if (!bounded_below(port) && !bounded_above(port)) return {"", Json()};
  const auto bound = [&](double value) {
    Cell cell;
    cell.number = value;
    PortInfo one = port;
    if (one.type == PortType::series) one.type = PortType::number;
    return scalar_json({{}, &one, cell, {}});
  };
  Json data = Json::object();
  if (bounded_below(port)) data[port.range.above ? "above" : "least"] = bound(port.range.low);
  if (bounded_above(port)) data["most"] = bound(port.range.high);
  return {range_text(port), std::move(data)};
}

std::string choice_names(const PortInfo& port) {
  std::string text;
  for (const auto& choice : port.choices) text.append(text.empty() ? "" : ", ").append(choice);
  return text;
}

PageCell choices_cell(const PortInfo& port) {
  if (port.choices.empty()) return {"", Json()};
  return {choice_names(port), Json(port.choices)};
}

/// People read the names of a choice behind what it means.
PageCell doc_cell(const PortInfo& port) {
  const std::string doc(port.doc);
  return {port.choices.empty() ? doc : doc + " (" + choice_names(port) + ")", doc};
}

PageCell flag_cell(bool flag) { return {flag ? "true" : "false", Json(flag)}; }

}  // namespace

std::string accepted_text(const PortInfo& port) {
  const std::string range = range_text(port);
  std::string text = default_cell(port).text;
  if (port.type == PortType::boolean && !port.required && !std::isnan(port.fallback))
    text = port.fallback != 0 ? "true" : "false";
  if (!port.required) text = "default " + text;
  if (port.type == PortType::choice) text += "; one of " + choice_names(port);
  if (!range.empty()) text += "; " + range;
  return text;
}

namespace {

/// Type, unit, default, range and what they mean, of the ports of one need.
PageTable input_table(std::string name, std::span<const PortInfo> ports, PortNeed need) {
  constexpr auto programs = PageColumn::For::programs;
  PageTable table{std::move(name),
                  {{"name"},
                   {"type"},
                   {"unit"},
                   {"shown_in", programs},
                   {"default"},
                   {"range"},
                   {"choices", programs},
                   {"required", programs},
                   {"optional", programs},
                   {"doc"}},
                  {}};
  for (const std::size_t i : ports_of_need(ports, need)) {
    const PortInfo& port = ports[i];
    table.rows.push_back({port.name, type_cell(port), unit_cell(port), shown_in_cell(port), default_cell(port), range_cell(port),
                          choices_cell(port), flag_cell(port.required), flag_cell(port.optional), doc_cell(port)});
  }
  return table;
}

}  // namespace

void append_inputs(std::string name, std::span<const PortInfo> ports, bool all, Page& page) {
  page.tables.push_back(input_table(std::move(name), ports, PortNeed::question));
  for (const auto& [need, title] : {std::pair(PortNeed::refinement, "refinements"), std::pair(PortNeed::parity, "parity")}) {
    PageTable table = input_table(title, ports, need);
    if (table.rows.empty()) continue;
    if (need == PortNeed::parity && !all) {
      const auto count = table.rows.size();
      page.facts.emplace_back("parity", std::to_string(count) + (count == 1 ? " setting" : " settings") +
                                            " of other tools' equations, shown with --all");
    } else {
      page.tables.push_back(std::move(table));
    }
  }
}

PageTable output_table(std::string name, std::span<const PortInfo> ports) {
  PageTable table{
      std::move(name),
      {{"name"}, {"type"}, {"unit"}, {"choices", PageColumn::For::programs}, {"optional", PageColumn::For::programs}, {"doc"}},
      {}};
  for (const PortInfo& port : ports)
    table.rows.push_back(
        {port.name, type_cell(port), unit_cell(port), choices_cell(port), flag_cell(port.optional), doc_cell(port)});
  return table;
}

}  // namespace ironlaw::host
