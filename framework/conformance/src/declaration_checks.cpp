// Checks of what components declare.
#include "breaches.hpp"
#include "checks.hpp"
#include "plugins/component_name.hpp"
#include "value/check.hpp"

#include <ironlaw/authored_solver.hpp>

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace ironlaw::host {
namespace {

void check_text(const std::string& where, std::string_view what, std::string_view text, Breaches& problems) {
  if (text.empty()) problems.add(where + " has no " + std::string(what));
  if (text.find('\n') != text.npos) problems.add(where + ": its " + std::string(what) + " is more than one line");
}

void check_unit(const std::string& where, const PortInfo& port, Breaches& problems) {
  if (port.display.empty()) return;
  try {
    if (!(parse_unit(port.display, port.dimension).dimension == port.dimension))
      problems.add(where + ": '" + std::string(port.display) + "' is no unit of what it holds, which is in " +
                   (port.dimension.dimensionless() ? "no unit" : si_unit(port.dimension)));
  } catch (const UnitError& e) {
    problems.add(where + ": " + e.what());
  }
}

void check_range(const std::string& where, const PortInfo& port, Breaches& problems) {
  const Range& r = port.range;
  if (std::isnan(r.low) || std::isnan(r.high) || r.low > r.high || (r.above && r.low == r.high))
    problems.add(where + " allows no value");
  const bool has_default = !port.required && !port.optional;
  if (has_default && !accepts(port, Cell{.number = port.fallback})) problems.add(where + ": its default is not in its range");
}

void check_port(const std::string& where, const PortInfo& port, bool input, Breaches& problems) {
  if (!is_port_name(port.name)) problems.add(where + " is not snake_case");
  check_text(where, "line of documentation", port.doc, problems);
  if (port.type == PortType::object) {
    if (port.interface.empty()) problems.add(where + " takes an object of no interface");
    return;
  }
  if (port.type == PortType::text) {
    if (!input) problems.add(where + " is a text, which no output is");
    return;
  }
  if (port.type == PortType::series && !input && port.longest == 0)
    problems.add(where + " does not say how many values it has at most");
  check_unit(where, port, problems);
  if (input) check_range(where, port, problems);
  if (port.type != PortType::choice) return;
  const std::set<std::string_view> names(port.choices.begin(), port.choices.end());
  if (names.size() != port.choices.size() || names.empty()) problems.add(where + " has no choices, or two of one name");
  if (names.contains({})) problems.add(where + " has a choice without a name");
}

void check_ports(const std::string& where, std::string_view noun, std::span<const PortInfo> ports, bool input,
                 Breaches& problems) {
  std::set<std::string_view> seen;
  for (const PortInfo& port : ports) {
    const std::string here = where + ": " + std::string(noun) + " '" + std::string(port.name) + "'";
    check_port(here, port, input, problems);
    if (!seen.insert(port.name).second) problems.add(here + " is declared twice");
  }
}

const PortInfo* find(const Solver& solver, const PortReference& reference) {
  const auto ports = reference.side == PortReference::Side::input ? solver.inputs() : solver.outputs();
  return reference.index < ports.size() ? &ports[reference.index] : nullptr;
}

void check_solver(const Solver& solver, Breaches& problems) {
  const std::string where = "solver '" + std::string(solver.about().name) + "'";
  check_text(where, "line of documentation", solver.about().doc, problems);
  check_text(where, "source", solver.about().source, problems);
  check_ports(where, "input", solver.inputs(), true, problems);
  check_ports(where, "output", solver.outputs(), false, problems);
  if (solver.outputs().empty()) problems.add(where + " has no outputs");
  if (const auto* members = dynamic_cast<const SolverMembers*>(&solver); members != nullptr && !members->without_port().empty())
    problems.add(where + ": " + std::string(members->without_port()) + "a member without a port is never set and never shown");
  for (const LimitInfo& limit : solver.limits()) {
    const std::string here = where + ": limit '" + std::string(limit.name) + "'";
    const PortInfo* used = find(solver, limit.used);
    const PortInfo* bound = find(solver, limit.bound);
    if (limit.name.empty()) problems.add(where + " has a limit without a name");
    for (const auto inputs : {limit.tightens, limit.loosens})
      for (const std::size_t input : inputs)
        if (input >= solver.inputs().size()) problems.add(here + " names an input that is not there");
    if (used == nullptr || bound == nullptr) {
      problems.add(here + " names a port that is not there");
    } else if (!(used->dimension == bound->dimension)) {
      problems.add(here + " compares two dimensions");
    }
  }
  for (const RuleInfo& rule : solver.rules()) check_text(where + ": a rule", "text", rule.text, problems);
  for (const MonotoneInfo& promise : solver.monotone()) {
    const auto numeric = [](const PortInfo& p) { return p.type == PortType::number || p.type == PortType::integer; };
    if (promise.input >= solver.inputs().size() || promise.output >= solver.outputs().size() ||
        !numeric(solver.inputs()[promise.input]) || !numeric(solver.outputs()[promise.output]))
      problems.add(where + " promises to be monotone in a port that is no number");
  }
}

void check_options(const std::string& where, std::span<const OptionInfo> options, bool study, Breaches& problems) {
  for (const OptionInfo& option : options) {
    const std::string here = where + ": option '" + std::string(option.name) + "'";
    if (!is_snake_case(option.name)) problems.add(here + " is not snake_case");
    check_text(here, "line of documentation", option.doc, problems);
    if (!study && option.type >= OptionType::inputs) problems.add(here + " names ports, which only a study's may");
  }
}

template <class Component>
void check_with_options(std::string_view noun, const Component& component, bool study, Breaches& problems) {
  const std::string where = std::string(noun) + " '" + std::string(component.about().name) + "'";
  check_text(where, "line of documentation", component.about().doc, problems);
  check_options(where, component.options(), study, problems);
}

}  // namespace

Finding check_declarations(Specimen& specimen) {
  Breaches problems;
  std::size_t ports = 0;
  for (const Solver* solver : specimen.solvers) {
    check_solver(*solver, problems);
    ports += solver->inputs().size() + solver->outputs().size();
  }
  for (const Kind* kind : specimen.kinds) {
    const std::string where = "kind '" + std::string(kind->about().name) + "'";
    check_text(where, "line of documentation", kind->about().doc, problems);
    if (kind->interface().empty()) problems.add(where + " makes objects of no interface");
    check_ports(where, "field", kind->fields(), true, problems);
    ports += kind->fields().size();
  }
  for (const Study* study : specimen.studies) check_with_options("study", *study, true, problems);
  for (const ObserverType* observer : specimen.observers) check_with_options("observer", *observer, false, problems);
  for (const GuardType* guard : specimen.guards) check_with_options("guard", *guard, false, problems);
  for (const Importer* importer : specimen.importers) {
    const std::string where = "importer '" + std::string(importer->about().name) + "'";
    check_text(where, "line of documentation", importer->about().doc, problems);
    check_text(where, "name of its format", importer->about().format, problems);
  }
  return problems.finding(counted(specimen.record.provides.size(), "component") + ", " + std::to_string(ports) +
                          " ports and fields");
}

}  // namespace ironlaw::host
