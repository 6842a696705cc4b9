// Binding of objects: making one from fields, and replacing fields of one.
#include "expression/words.hpp"
#include "plan/binder.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/record_table.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Index of the field; throws InputError with the nearest.
std::size_t check_field(const Kind& kind, const std::string& field, const std::string& where) {
  const std::size_t i = field_index(kind, field);
  if (i < kind.fields().size()) return i;
  throw InputError(
      where, std::string(kind.about().name) + " has no field '" + field + "'" + did_you_mean(field, names_of(kind.fields())));
}

/// The object field that "node.accelerators" goes into ("node"), or null. A field's own name may hold dots.
const PortInfo* object_entered(const Kind& kind, const std::string& field) {
  if (field_index(kind, field) < kind.fields().size()) return nullptr;
  for (const PortInfo& port : kind.fields())
    if (port.type == PortType::object && field.starts_with(std::string(port.name) + ".")) return &port;
  return nullptr;
}

}  // namespace

/// Hands replaced fields of an object's objects on to these: "node.accelerators" of a fleet is "accelerators" of its node.
void Binder::pass_overrides_on(const std::string& name, const Kind& kind) {
  const auto it = overrides_.find(name);
  if (it == overrides_.end()) return;
  std::erase_if(it->second, [&](const Override& o) {
    const PortInfo* object = object_entered(kind, o.field);
    if (object == nullptr) return false;
    Override inner = o;
    inner.field = o.field.substr(object->name.size() + 1);
    overrides_[name + "." + std::string(object->name)].push_back(std::move(inner));
    return true;
  });
  for (const auto& o : it->second)
    if (!problems_.during([&] { check_field(kind, o.field, o.where); })) unbound_.insert(name + "." + o.field);
}

bool Binder::enters_objects(const std::string& name, const Kind& kind) const {
  const auto it = overrides_.find(name);
  return it != overrides_.end() && std::any_of(it->second.begin(), it->second.end(),
                                               [&](const Override& o) { return object_entered(kind, o.field) != nullptr; });
}

/// An object written inline: a stage whose inputs are its fields. Its literals are inputs of the plan under dotted names.
PlanSource Binder::bind_object(const std::string& name, const ObjectSpec& spec, const std::string& where,
                               std::vector<std::string>& path) {
  const auto fields = spec.kind->fields();
  PlanStage stage;
  stage.name = name;
  stage.maker = std::make_unique<ObjectStage>(*spec.kind, spec.name);
  pass_overrides_on(name, *spec.kind);
  const auto replaced = overrides_.find(name);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const PortInfo& port = fields[i];
    const FieldSpec& field = spec.fields[i];
    const std::string full = name + "." + std::string(port.name);
    const Override* given = nullptr;
    if (replaced != overrides_.end())
      for (const auto& o : replaced->second)
        if (o.given && o.field == port.name) given = &o;
    stage.in.push_back(bound_or_empty(full, port, field.where, path, [&] {
      if (given != nullptr) return bind_value(full, port, given->value, given->where, path);
      if (field.from == FieldSpec::From::reference || field.from == FieldSpec::From::key)
        return bind_value(full, port, field.text, field.where, path);
      if (field.from == FieldSpec::From::object || field.from == FieldSpec::From::json)
        return bind_value(full, port, *field.json, field.where, path);
      if (const auto inner = overrides_.find(full); inner != overrides_.end())
        throw InputError(inner->second.front().where, full + " is left out; give it before a field of it");
      Cell cell = field.cell;
      if (port.type == PortType::object) cell.object = nullptr;
      return add_input(full, port, cell, field.where);
    }));
    const bool told = field.given || given != nullptr;  // or refused, in its own words
    if (!told && field.from == FieldSpec::From::nothing && port.required)
      missing_[stage.in.back().index] = {where, "the " + std::string(spec.kind->about().name) + " lacks ",
                                         std::string(port.name) + ", which is required (" + std::string(port.doc) + ")"};
  }
  stages_.push_back(std::move(stage));
  return {PlanSource::From::stage, stages_.size() - 1, 0};
}

/// The object whose kind tells what a replaced field is: the base of the input, or the first value of its axis.
const ZooObject& Binder::object_of_axis_or_base(const PlanSource& source, const std::string& name, std::string_view interface,
                                                const std::string& where) {
  if (source.from == PlanSource::From::input) {
    const PlanInput& input = inputs_[source.index];
    if (const ZooObject* owner = environment_.zoo().owner(input.base.object)) return *owner;
    const std::string input_name(input.port.name);
    for (const Json& axis : config_.section("axes", no_array_))
      if (axis.contains(input_name) && axis[input_name].is_array() && !axis[input_name].empty() &&
          axis[input_name][0].is_string())
        return environment_.zoo().find(interface, axis[input_name][0].get<std::string>(), where);
  }
  throw InputError(where, "fields can only be replaced on an object of the zoo, and '" + name + "' is none");
}

bool Binder::on_axis(const std::string& name) const {
  const Json& axes = config_.section("axes", no_array_);
  return std::any_of(axes.begin(), axes.end(), [&](const Json& axis) { return axis.contains(name); });
}

/// A field of an object of the zoo that takes another value; absent keeps the object's own.
PortInfo Binder::replaced_field(const Kind& kind, const Override& o, const std::string& name, const std::string& key) {
  if (const PortInfo* object = object_entered(kind, o.field))
    throw InputError(o.where, "to replace a field of its " + std::string(object->name) + ", write " + name +
                                  " out: {\"based_on\": \"" + key + "\"}");
  PortInfo port = kind.fields()[check_field(kind, o.field, o.where)];
  if (port.type == PortType::object && !takes_table(port))
    throw InputError(o.where, "write the " + std::string(port.interface) + " in {} to replace it");
  port.optional = true;
  port.required = false;
  return port;
}

PlanSource Binder::override_fields(const std::string& name, PlanSource source, std::string_view interface,
                                   const std::string& where, std::vector<std::string>& path) {
  const auto it = overrides_.find(name);
  if (it == overrides_.end()) return source;
  const ZooObject& base = object_of_axis_or_base(source, name, interface, where);
  PlanStage stage;
  stage.name = name;
  stage.in.push_back(source);
  std::vector<std::string> fields;
  std::vector<PortInfo> infos;
  for (const auto& o : it->second) {
    const std::string full = name + "." + o.field;
    PortInfo port;
    if (!problems_.during([&] { port = replaced_field(*base.kind, o, name, base.name); })) {
      unbound_.insert(full);
      continue;
    }
    infos.push_back(port);
    fields.push_back(o.field);
    stage.in.push_back(bound_or_empty(full, port, o.where, path, [&] {
      if (o.given && o.value.is_string() && reads_names(o.value.get_ref<const std::string&>()))
        return bind_value(full, port, o.value, o.where, path);
      Cell cell{absent_value};
      if (o.given) cell = TableValues::reads(port) ? tables_.value(port, o.value, o.where) : read_value(port, o.value, o.where);
      if (o.studied && !on_axis(name)) cell = base.fields[field_index(*base.kind, o.field)];
      return add_input(full, port, cell, o.where);
    }));
  }
  stage.maker =
      std::make_unique<ObjectStage>(environment_.zoo(), keep(std::string(interface)), std::move(fields), std::move(infos), name);
  stages_.push_back(std::move(stage));
  return {PlanSource::From::stage, stages_.size() - 1, 0};
}

}  // namespace ironlaw::host
