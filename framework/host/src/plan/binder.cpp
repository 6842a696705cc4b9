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

std::vector<std::string_view> keys_of(const auto& map) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

std::string kind_of_value(const PortInfo& p) {
  switch (p.type) {
    case PortType::object:
      return "a " + std::string(p.interface);
    case PortType::choice:
      return "a choice of " + std::string(p.choices.empty() ? "" : p.choices.front()) + " ...";
    case PortType::boolean:
      return "true or false";
    default:
      return p.dimension.dimensionless() ? "a plain number" : "a quantity in " + si_unit(p.dimension);
  }
}

bool compatible(const PortInfo& from, const PortInfo& to) {
  const auto counts = [](const PortInfo& p) { return p.type == PortType::number || p.type == PortType::integer; };
  if (from.type == PortType::object || to.type == PortType::object)
    return from.type == to.type && from.interface == to.interface && from.interface_layout == to.interface_layout;
  if (from.type == PortType::choice || to.type == PortType::choice)
    return from.type == to.type && std::equal(from.choices.begin(), from.choices.end(), to.choices.begin(), to.choices.end());
  if (from.type == PortType::boolean && to.type == PortType::boolean) return true;
  return counts(from) && counts(to) && from.dimension == to.dimension;
}

}  // namespace

Binder::Binder(const Config::Impl& config, Environment& environment, std::span<const VariedInput> varied)
    : config_(config), environment_(environment), varied_(varied) {
  read_inputs();
  read_overrides();
}

void Binder::read_inputs() {
  for (const auto& [key, value] : config_.section("inputs", no_object_).items())
    if (key.find('.') == key.npos) named_[key] = {value, config_.where("/inputs" + step(key)), true, {}};
  const Json& axes = config_.section("axes", no_array_);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string at = pointer("/axes", i);
    if (!axes[i].is_object() || axes[i].empty())
      throw InputError(config_.where(at), "an axis takes an object: {\"name\": values}; several names vary together");
    for (const auto& [key, value] : axes[i].items()) {
      const std::string first = key.substr(0, key.find('.'));
      const bool stage = config_.section("stages", no_object_).contains(first);
      if (first == key && !stage && !named_.contains(key)) named_[key] = {Json(), config_.where(at + step(key)), false, {}};
    }
  }
}

void Binder::read_overrides() {
  for (const auto& [key, value] : config_.section("inputs", no_object_).items())
    if (key.find('.') != key.npos) note_override(key, &value, config_.where("/inputs" + step(key)));
  const Json& axes = config_.section("axes", no_array_);
  for (std::size_t i = 0; i < axes.size(); ++i)
    for (const auto& [key, value] : axes[i].items())
      if (key.find('.') != key.npos) note_override(key, nullptr, config_.where(pointer("/axes", i) + step(key)));
  for (const auto& [stage, json] : config_.section("stages", no_object_).items())
    for (const auto& [key, value] : json.items())
      if (key.find('.') != key.npos) note_override(stage + "." + key, &value, config_.where("/stages" + step(stage) + step(key)));
  for (const auto& [name, where] : varied_)
    if (name.find('.') != name.npos) note_override(name, nullptr, where, true);
}

/// "device.tdp" or "serve.hardware.tdp": a field of an object. Names of ports themselves are left to the stages.
void Binder::note_override(const std::string& name, const Json* value, const std::string& where, bool studied) {
  const std::string first = name.substr(0, name.find('.'));
  const std::string rest = name.substr(first.size() + 1);
  Override o{rest, value != nullptr ? *value : Json(), value != nullptr, where, studied};
  const auto add = [&](const std::string& object) {
    auto& all = overrides_[object];
    // What a study varies may be given or on an axis already.
    if (studied && std::any_of(all.begin(), all.end(), [&](const Override& other) { return other.field == o.field; })) return;
    all.push_back(std::move(o));
  };
  if (named_.contains(first)) return add(first);
  const Json& stages = config_.section("stages", no_object_);
  if (!stages.contains(first)) {
    auto names = keys_of(named_);
    for (const auto& [stage, json] : stages.items()) names.push_back(stage);
    throw InputError(where, "no input and no stage is named '" + first + "'" + did_you_mean(first, names));
  }
  const Solver& solver = solver_of(first);
  for (const auto& port : solver.inputs()) {
    if (port.name == rest) return;
    if (port.type != PortType::object || !rest.starts_with(std::string(port.name) + ".")) continue;
    o.field = rest.substr(port.name.size() + 1);
    return add(first + "." + std::string(port.name));
  }
  const std::string port = rest.substr(0, rest.find('.'));  // "hardwar.tdp"
  throw InputError(
      where, std::string(solver.about().name) + " has no input '" + rest + "'" + did_you_mean(port, names_of(solver.inputs())));
}

void Binder::bind_stages() {
  for (const auto& [name, json] : config_.section("stages", no_object_).items()) {
    std::vector<std::string> path;
    bind_stage(name, path);
  }
}

void Binder::check_stage_keys(const std::string& stage, const Json& json, const Solver& solver) const {
  const auto names = names_of(solver.inputs());
  for (const auto& [key, value] : json.items()) {
    if (key == "solver" || key == "config" || key.find('.') != key.npos ||
        std::find(names.begin(), names.end(), key) != names.end())
      continue;
    throw InputError(config_.where("/stages" + step(stage) + step(key)),
                     std::string(solver.about().name) + " has no input '" + key + "'" + did_you_mean(key, names));
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
  const std::string where = "/stages" + step(stage);
  if (json.contains("config"))
    return *(nested_[stage] = nested_plan(json["config"].get<std::string>(), config_.where(where + "/config")));
  try {
    return environment_.plugins().solver(json["solver"].get<std::string>());
  } catch (const InputError& e) {
    throw InputError(config_.where(where + "/solver"), e.what());
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
  for (const auto& port : solver.inputs()) stage.in.push_back(bind_port(name, json, port, path));
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
  if (port.type != PortType::object) return add_input(name, port, read_value(port, value, where), where);
  if (value.is_null() && port.optional) {
    Cell none;
    none.object = nullptr;
    return add_input(name, port, none, where);
  }
  if (takes_table(port)) {
    Cell table;
    table.object = environment_.zoo().impl().make_table(port, value, where);
    return add_input(name, port, table, where);
  }
  Zoo::Impl& zoo = environment_.zoo().impl();
  if (const auto counted = value.is_string() ? zoo.counted(port.interface, text) : std::nullopt) {
    notes_.push_back(where + ": " + zoo.told_counted(*counted, text));
    return bind_object(name, zoo.spec_inline(port.interface, *counted, where, false), where, path);
  }
  if (value.is_object()) {
    const ObjectSpec spec = environment_.zoo().impl().spec_inline(port.interface, value, where, true);
    check_layout(port, *spec.kind, where);
    return bind_object(name, spec, where, path);
  }
  if (text.empty())
    throw InputError(
        where, std::string(port.name) + " takes the name of a " + std::string(port.interface) + " or one written out in {}");
  Cell base;
  const ZooObject& found = environment_.zoo().find(port.interface, text, where);
  check_layout(port, *found.kind, where);
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

PlanSource Binder::bind_reference(const std::string& text, const PortInfo& port, const std::string& full_name,
                                  const std::string& where, std::vector<std::string>& path) {
  const std::string name = text.substr(1);
  if (named_.contains(name)) return bind_named(name, port, where, path);
  const std::string stage = name.substr(0, name.find('.'));
  const Json& stages = config_.section("stages", no_object_);
  if (stages.contains(name)) throw InputError(where, "'" + text + "' is a stage: write '" + text + ".' and one of its outputs");
  if (!stages.contains(stage)) {
    auto names = keys_of(named_);
    for (const auto& [s, json] : stages.items()) names.push_back(s);
    throw InputError(where, "'" + text + "' is no input and no output of a stage ($stage.output)" + did_you_mean(stage, names));
  }
  const std::size_t s = bind_stage(stage, path);
  const auto outputs = stages_[s].solver->outputs();
  const std::string output = name.substr(stage.size() + 1);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    if (outputs[o].name != output) continue;
    check_wire(outputs[o], text, port, full_name, where);
    return {PlanSource::From::stage, s, o};
  }
  throw InputError(where, "the stage " + stage + " has no output '" + output + "'" + did_you_mean(output, names_of(outputs)));
}

void Binder::check_wire(const PortInfo& from, const std::string& from_name, const PortInfo& to, const std::string& to_name,
                        const std::string& where) const {
  if (!compatible(from, to))
    throw InputError(where, to_name + " takes " + kind_of_value(to) + ", but " + from_name + " is " + kind_of_value(from));
}

PlanSource Binder::bind_named(const std::string& name, const PortInfo& port, const std::string& where,
                              std::vector<std::string>& path) {
  NamedInput& named = named_.find(name)->second;
  if (!named.source) {
    PortInfo own = port;
    own.required = false;
    if (named.given) {
      if (named.value.is_string() && reads_names(named.value.get_ref<const std::string&>()))
        throw InputError(named.where, "an input takes a value, not the reference '" + named.value.get<std::string>() +
                                          "': write that where '$" + name + "' is read");
      enter(name, path, named.where);
      named.source = bind_value(name, own, named.value, named.where, path);
      path.pop_back();
    } else {
      Cell none;
      none.object = nullptr;
      if (port.type != PortType::object) none.number = absent_value;
      named.source = add_input(name, own, none, named.where);
      missing_[named.source->index] = {named.where, "", name + " has no value"};
      if (port.type == PortType::object) named.source = override_fields(name, *named.source, port.interface, named.where, path);
    }
    return *named.source;
  }
  if (named.source->from == PlanSource::From::stage) {
    PortInfo object;
    object.type = PortType::object;
    object.interface = stages_[named.source->index].maker->interface();
    object.interface_layout = port.interface_layout;
    check_wire(object, "$" + name, port, std::string(port.name), where);
    return *named.source;
  }
  PlanInput& input = inputs_[named.source->index];
  check_wire(input.port, "$" + name, port, std::string(port.name), where);
  if (named.given && port.type != PortType::object && !accepts(port, input.base))
    throw InputError(named.where, name + " " + reason_refused(port, input.base) + " (as " + std::string(port.name) + ")");
  if (port.type == PortType::integer) input.port.type = PortType::integer;
  return *named.source;
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

std::size_t Binder::axis_input(const std::string& name, const std::string& where) {
  if (const auto it = input_index_.find(name); it != input_index_.end()) return it->second;
  if (const auto it = named_.find(name); it != named_.end() && it->second.source)
    throw InputError(where, "'" + name + "' is an object written out, which cannot vary as a whole; vary a field of it");
  throw InputError(where, "'" + name + "' is no input of this pipeline" + did_you_mean(name, keys_of(input_index_)));
}

void Binder::check_complete() const {
  std::string text;
  const Missing* before = nullptr;
  for (const auto& [input, m] : missing_) {
    const bool same = before != nullptr && before->where == m.where && before->who == m.who;
    text += (text.empty() ? "" : "; ") + (same ? m.what : m.where + ": " + m.who + m.what);
    before = &m;
  }
  if (!text.empty()) throw InputError("", text);
}

std::vector<std::string> Binder::notes() const {
  std::vector<std::string> lines = notes_;
  for (const auto& [name, named] : named_)
    if (!named.source) lines.push_back(named.where + ": no stage reads the input '" + name + "'");
  return lines;
}

}  // namespace ironlaw::host
