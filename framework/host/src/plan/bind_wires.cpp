// Wires: "$node.latency" and "$batch" where an input takes a value, and whether the two ports suit each other.
#include "expression/words.hpp"
#include "plan/binder.hpp"
#include "value/check.hpp"
#include "value/port_values.hpp"
#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

std::string kind_of_value(const PortInfo& port) { return values_of(port.type).carried(port); }

bool compatible(const PortInfo& from, const PortInfo& to) {
  const PortValues& values = values_of(to.type);
  return values_of(from.type).form() == values.form() && values.suits(from, to);
}

}  // namespace

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
      named.source =
          bound_or_empty(name, own, named.where, path, [&] { return bind_value(name, own, named.value, named.where, path); });
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
  if (named.given && port.type != PortType::object && !unbound_.contains(name) && !accepts(port, input.base))
    throw InputError(named.where, name + " " + reason_refused(port, input.base) + " (as " + std::string(port.name) + ")");
  if (port.type == PortType::integer) input.port.type = PortType::integer;
  return *named.source;
}

}  // namespace ironlaw::host
