// The names of a config: its inputs, and the fields of objects that it replaces.
#include "plan/binder.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {

void Binder::read_inputs() {
  for (const auto& [key, value] : config_.section("inputs", no_object_).items())
    if (key.find('.') == key.npos) named_[key] = {value, config_.where(pointer("/inputs", std::string_view(key))), true, {}};
  const Json& axes = config_.section("axes", no_array_);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string at = pointer("/axes", i);
    if (!axes[i].is_object() || axes[i].empty()) {
      problems_.add(config_.where(at) + ": an axis takes an object: {\"name\": values}; several names vary together");
      continue;
    }
    for (const auto& [key, value] : axes[i].items()) {
      const std::string first = key.substr(0, key.find('.'));
      const bool stage = config_.section("stages", no_object_).contains(first);
      if (first == key && !stage && !named_.contains(key))
        named_[key] = {Json(), config_.where(pointer(at, std::string_view(key))), false, {}};
    }
  }
}

void Binder::read_overrides() {
  for (const auto& [key, value] : config_.section("inputs", no_object_).items())
    if (key.find('.') != key.npos) note_override(key, &value, config_.where(pointer("/inputs", std::string_view(key))));
  const Json& axes = config_.section("axes", no_array_);
  for (std::size_t i = 0; i < axes.size(); ++i)
    for (const auto& [key, value] : axes[i].items())
      if (axes[i].is_object() && key.find('.') != key.npos)
        note_override(key, nullptr, config_.where(pointer(pointer("/axes", i), std::string_view(key))));
  for (const auto& [stage, json] : config_.section("stages", no_object_).items())
    for (const auto& [key, value] : json.items())
      if (key.find('.') != key.npos)
        note_override(stage + "." + key, &value,
                      config_.where(pointer(pointer("/stages", std::string_view(stage)), std::string_view(key))));
  for (const auto& [name, where] : varied_)
    if (name.find('.') != name.npos) note_override(name, nullptr, where, true);
}

/// "device.tdp" or "serve.hardware.tdp": a field of an object. Names of ports themselves are left to the stages.
void Binder::note_override(const std::string& name, const Json* value, const std::string& where, bool studied) {
  if (!problems_.during([&] { find_override(name, value, where, studied); })) unbound_.insert(name);
}

void Binder::find_override(const std::string& name, const Json* value, const std::string& where, bool studied) {
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

}  // namespace ironlaw::host
