// Arithmetic on wires: "$tp * $replicas" where an input takes a value.
#include "expression/source.hpp"
#include "expression/words.hpp"
#include "plan/binder.hpp"
#include "value/port_values.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// The port of an input that only arithmetic reads: what its value, or the first value of its axis, looks like.
PortInfo port_of_value(const Json& value, const std::string& name, const std::string& where) {
  PortInfo port;
  port.name = name;
  if (value.is_array() && !value.empty()) return port_of_value(value[0], name, where);
  if (value.is_object() && (value.contains("powers_of") || value.contains("divisors_of"))) return port;
  if (value.is_object() && value.contains("from")) {
    port = port_of_value(value["from"], name, where);
    // Every whole number between two.
    if (!value.contains("steps") && value["from"].is_number_integer()) port.type = PortType::integer;
    return port;
  }
  if (value.is_boolean()) {
    port.type = PortType::boolean;
    port.range = {0, 1};
    return port;
  }
  if (value.is_number()) return port;
  if (!value.is_string()) throw InputError(where, name + " is no number, which arithmetic reads it as");
  try {
    port.dimension = parse_quantity(value.get<std::string>()).dimension;
  } catch (const UnitError&) {
    throw InputError(where, name + " is '" + value.get<std::string>() + "', which is no number; arithmetic reads it as one");
  }
  return port;
}

std::string in_unit(const Dimension& dimension) {
  return dimension.dimensionless() ? "a plain number" : "in " + si_unit(dimension);
}

}  // namespace

Symbols Binder::wire_symbols() {
  Symbols symbols;
  for (const auto& [name, input] : named_) symbols.by_name[name];
  for (const auto& [stage, json] : config_.section("stages", no_object_).items())
    for (const PortInfo& port : solver_of(stage).outputs()) symbols.by_name[stage + "." + std::string(port.name)];
  return symbols;
}

bool Binder::is_arithmetic(const std::string& text) const {
  const auto plain = [](char c) { return in_name(c) || c == '.' || c == '-'; };
  if (!text.starts_with('$') || !std::all_of(text.begin() + 1, text.end(), plain)) return true;
  // "$a-1" is an input of that name, or a difference.
  const std::string name = text.substr(1);
  const std::string stage = name.substr(0, name.find('.'));
  if (named_.contains(name) || config_.section("stages", no_object_).contains(stage)) return false;
  for (std::size_t cut = name.rfind('-'); cut != name.npos && cut > 0; cut = name.rfind('-', cut - 1))
    if (named_.contains(name.substr(0, cut))) return true;
  return false;
}

std::vector<std::string> Binder::operands_of(const std::string& text, const std::string& where) {
  const Symbols known = wire_symbols();
  std::vector<std::string> operands;
  for (std::size_t at = 0; at < text.size();) {
    const bool dollar = text[at] == '$' && begins_name(char_at(text, at + 1));
    if (!dollar && !begins_name(text[at])) {
      at = is_digit(text[at]) ? literal_end(text, at, known) : at + 1;
      continue;
    }
    const Name name = read_name(text, at, known);
    if (name.symbol == nullptr && (dollar || name.text.find('.') != name.text.npos))
      Source{text, where}.fail(at, "'" + std::string(text.substr(at, name.end - at)) + "' is no input and no output of a stage" +
                                       name_hint(name.text, known));
    const bool reads = name.symbol != nullptr && (dollar || name.text.find('.') != name.text.npos);
    if (reads && std::find(operands.begin(), operands.end(), name.text) == operands.end()) operands.emplace_back(name.text);
    at = std::max(name.end, at + 1);
  }
  return operands;
}

PlanSource Binder::bind_operand(const std::string& name, const std::string& where, std::vector<std::string>& path) {
  const auto named = named_.find(name);
  if (named == named_.end()) {
    const std::string stage = name.substr(0, name.find('.'));
    const std::size_t s = bind_stage(stage, path);
    const auto outputs = stages_[s].solver->outputs();
    const auto port = std::find_if(outputs.begin(), outputs.end(),
                                   [&](const PortInfo& p) { return p.name == std::string_view(name).substr(stage.size() + 1); });
    return {PlanSource::From::stage, s, static_cast<std::size_t>(port - outputs.begin())};
  }
  if (named->second.source) return *named->second.source;
  const Json& axes = config_.section("axes", no_array_);
  const auto axis = std::find_if(axes.begin(), axes.end(), [&](const Json& a) { return a.contains(name); });
  const Json& value = axis != axes.end() ? (*axis)[name] : named->second.value;
  PortInfo port = port_of_value(value, name, named->second.where);
  if (axis == axes.end() && value.is_array()) port.type = PortType::series;
  return bind_named(name, port, where, path);
}

const PortInfo& Binder::port_of(const PlanSource& source) const {
  if (source.from == PlanSource::From::input) return inputs_[source.index].port;
  const PlanStage& stage = stages_[source.index];
  return stage.evaluated().outputs()[source.port];
}

PlanSource Binder::bind_arithmetic(const std::string& name, const PortInfo& port, const std::string& text,
                                   const std::string& where, std::vector<std::string>& path) {
  const std::string to(port.name);
  const ValueForm form = values_of(port.type).form();
  if (form != ValueForm::number && form != ValueForm::truth)
    throw InputError(where, to + " takes " + (form == ValueForm::object ? "an object" : values_of(port.type).carried(port)) +
                                ", which arithmetic ('" + text + "') does not give");
  PlanStage stage;
  stage.name = name;
  Symbols symbols;
  std::vector<PortInfo> read;
  for (const std::string& operand : operands_of(text, where)) {
    const PlanSource source = bind_operand(operand, where, path);
    if (source.from == PlanSource::From::stage && stages_[source.index].maker)
      throw InputError(where,
                       "$" + operand + " is an object, which arithmetic cannot read; a field of it is an input of its own");
    const PortInfo& from = port_of(source);
    if (from.type == PortType::object)
      throw InputError(where, "$" + operand + " is a " + std::string(from.interface) + ", which arithmetic cannot read");
    symbols.by_name[operand] = {from, read.size(), false};
    read.push_back(from);
    stage.in.push_back(source);
  }
  Expression expression = Expression::parse(text, symbols, where);
  const bool truth = expression.type() == ValueType::boolean;
  if (truth != (port.type == PortType::boolean))
    throw InputError(where, to + " takes " + (truth ? "a number" : "true or false") + ", but " + text + " is " +
                                (truth ? "true or false" : "a number"));
  if (!truth && expression.dimension() != port.dimension)
    throw InputError(where, to + " takes " +
                                (port.dimension.dimensionless() ? "a plain number" : "a quantity in " + si_unit(port.dimension)) +
                                ", but " + text + " is " + in_unit(expression.dimension()));
  stage.arithmetic = std::make_unique<ArithmeticStage>(std::move(expression), std::move(read), port);
  stages_.push_back(std::move(stage));
  return {PlanSource::From::stage, stages_.size() - 1, 0};
}

}  // namespace ironlaw::host
