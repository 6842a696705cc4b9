#include "plan/binder.hpp"

#include "expression/words.hpp"
#include "value/check.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

std::string step(std::string_view key) { return pointer("", key); }

}  // namespace

Binder::Binder(const Config::Impl& config, Environment& environment, Problems& problems, std::span<const VariedInput> varied)
    : config_(config), environment_(environment), problems_(problems), tables_(config, environment.zoo()), varied_(varied) {
  read_nested();
  read_inputs();
  read_overrides();
}

void Binder::bind_stages() {
  for (const auto& [stage, json] : config_.section("stages", no_object_).items())
    problems_.during([&, &name = stage] {
      std::vector<std::string> path;
      bind_stage(name, path);
    });
}

void Binder::check_stage_keys(const std::string& stage, const Json& json, const Solver& solver) {
  const auto names = names_of(solver.inputs());
  for (const auto& [key, value] : json.items()) {
    if (key == "solver" || key == "config" || key.find('.') != key.npos ||
        std::find(names.begin(), names.end(), key) != names.end())
      continue;
    problems_.add(config_.where("/stages" + step(stage) + step(key)) + ": " + std::string(solver.about().name) +
                  " has no input '" + key + "'" + did_you_mean(key, names));
  }
}

/// Notes that a stage or an input is being bound; a second time before it is done is a circle.
void Binder::enter(const std::string& name, std::vector<std::string>& path, const std::string& where) {
  auto it = std::find(path.begin(), path.end(), name);
  if (it == path.end()) {
    path.push_back(name);
    return;
  }
  std::string circle;
  for (; it != path.end(); ++it) circle += *it + " -> ";
  throw InputError(where, "this reads itself, in a circle: " + circle + name);
}

const Solver& Binder::solver_of(const std::string& stage) {
  if (const auto it = nested_.find(stage); it != nested_.end()) return *it->second;
  const Json& json = config_.section("stages", no_object_)[stage];
  try {
    return environment_.plugins().solver(json["solver"].get<std::string>());
  } catch (const InputError& e) {
    throw InputError(config_.where("/stages" + step(stage) + "/solver"), e.what());
  }
}

std::size_t Binder::bind_stage(const std::string& name, std::vector<std::string>& path) {
  if (const auto it = stage_index_.find(name); it != stage_index_.end()) return it->second;
  const std::string where = "/stages" + step(name);
  enter(name, path, config_.where(where));
  const Json& json = config_.section("stages", no_object_)[name];
  const Solver& solver = solver_of(name);
  check_stage_keys(name, json, solver);
  PlanStage stage;
  stage.name = name;
  stage.solver = &solver;
  if (const auto it = nested_.find(name); it != nested_.end()) stage.owned = it->second;
  for (const auto& port : solver.inputs())
    stage.in.push_back(bound_or_empty(name + "." + std::string(port.name), port, config_.where(where), path,
                                      [&] { return bind_port(name, json, port, path); }));
  path.pop_back();
  stages_.push_back(std::move(stage));
  return stage_index_[name] = stages_.size() - 1;
}

PlanSource Binder::bind_port(const std::string& stage, const Json& json, const PortInfo& port, std::vector<std::string>& path) {
  const std::string full = stage + "." + std::string(port.name);
  const std::string here = "/stages" + step(stage) + step(port.name);
  const std::string key(port.name);
  if (!json.contains(key) && nested_.contains(stage)) return bind_nested_base(stage, full, port, path);
  if (!json.contains(key))
    return bind_default(full, port, solver_of(stage).about().name, config_.where("/stages" + step(stage)), path);
  return bind_value(full, port, json[key], config_.where(here), path);
}

PlanSource Binder::bind_value(const std::string& name, const PortInfo& port, const Json& value, const std::string& where,
                              std::vector<std::string>& path) {
  const std::string text = value.is_string() ? value.get<std::string>() : std::string();
  if (reads_names(text) || text == "$") {
    if (is_arithmetic(text)) return bind_arithmetic(name, port, text, where, path);
    const PlanSource source = bind_reference(text, port, name, where, path);
    return port.type == PortType::object ? override_fields(name, source, port.interface, where, path) : source;
  }
  if (TableValues::reads(port)) return add_input(name, port, tables_.value(port, value, where), where);
  if (port.type != PortType::object) return add_input(name, port, read_value(port, value, where), where);
  if (value.is_null() && port.optional) {
    Cell none;
    none.object = nullptr;
    return add_input(name, port, none, where);
  }
  Zoo::Impl& zoo = environment_.zoo().impl();
  if (const auto counted = value.is_string() ? zoo.counted(port.interface, text) : std::nullopt) {
    notes_.push_back(where + ": " + zoo.told_counted(*counted, text));
    return bind_object(name, zoo.spec_inline(port.interface, *counted, where, false, problems_), where, path);
  }
  if (value.is_object()) {
    const ObjectSpec spec = zoo.spec_inline(port.interface, value, where, true, problems_);
    check_layout(port, *spec.kind, where);
    return bind_object(name, spec, where, path);
  }
  const std::string said = said_name(value);
  if (said.empty())
    throw InputError(
        where, std::string(port.name) + " takes the name of a " + std::string(port.interface) + " or one written out in {}");
  Cell base;
  const ZooObject& found = environment_.zoo().find(port.interface, said, where);
  check_layout(port, *found.kind, where);
  if (const std::string told = zoo.told_variant(found.name); !told.empty())
    notes_.push_back(where + ": '" + said + "' is " + told);
  if (enters_objects(name, *found.kind))
    return bind_object(name, zoo.spec_inline(port.interface, Json{{"based_on", said}}, where, true, problems_), where, path);
  base.object = found.object;
  return override_fields(name, add_input(name, port, base, where), port.interface, where, path);
}

PlanSource Binder::bind_default(const std::string& name, const PortInfo& port, std::string_view solver, const std::string& where,
                                std::vector<std::string>& path) {
  const auto& defaults = environment_.profile.defaults;
  const std::string bare(solver);
  if (const auto it = defaults.find(bare + "." + std::string(port.name)); it != defaults.end()) {
    return bind_value(name, port, parse_json(it->second, "profile"), "profile " + environment_.profile.name + ", " + it->first,
                      path);
  }
  Cell base;
  if (port.type == PortType::object) {
    base.object = nullptr;
  } else {
    base.number = port.fallback;
  }
  const PlanSource source = add_input(name, port, base, where);
  if (port.required)
    missing_[source.index] = {where, bare + " needs ",
                              std::string(port.name) + " (" + std::string(port.doc) + "): give " + allowed(port)};
  return port.type == PortType::object ? override_fields(name, source, port.interface, where, path) : source;
}

PlanSource Binder::add_input(const std::string& name, PortInfo port, Cell base, const std::string& where) {
  port.name = keep(name);
  input_index_[name] = inputs_.size();
  inputs_.push_back({port, base, where});
  return {PlanSource::From::input, inputs_.size() - 1, 0};
}

std::string_view Binder::keep(std::string text) {
  names_.push_back(std::move(text));
  return names_.back();
}

std::unique_ptr<Plan> Binder::finish(const std::string& name) {
  return std::make_unique<Plan>(name, std::move(inputs_), std::move(stages_), std::move(names_));
}

std::optional<std::size_t> Binder::axis_input(const std::string& name, const std::string& where) {
  if (const auto it = input_index_.find(name); it != input_index_.end()) return it->second;
  if (const auto it = named_.find(name); it != named_.end() && it->second.source)
    throw InputError(where, "'" + name + "' is an object written out, which cannot vary as a whole; vary a field of it");
  const bool told = std::any_of(unbound_.begin(), unbound_.end(),
                                [&](const std::string& unbound) { return name == unbound || name.starts_with(unbound + "."); });
  if (told) return {};
  throw InputError(where, "'" + name + "' is no input of this pipeline" + did_you_mean(name, keys_of(input_index_)));
}

}  // namespace ironlaw::host
