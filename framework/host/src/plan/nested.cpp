// A config as a stage of another: its plan is a solver like any.
#include "plan/binder.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

constexpr int most_nested = 16;

/// Configs that are being read, outermost first: a config inside itself would never end.
thread_local int depth = 0;

}  // namespace

PlanSource Binder::bind_nested_base(const std::string& stage, const std::string& name, const PortInfo& port,
                                    std::vector<std::string>& path) {
  const Plan& plan = *nested_.find(stage)->second;
  const std::string where = config_.where("/stages" + pointer("", std::string_view(stage)));
  const auto& inputs = plan.plan_inputs();
  const auto it = std::find_if(inputs.begin(), inputs.end(), [&](const PlanInput& i) { return i.port.name == port.name; });
  const PlanSource source = add_input(name, port, it->base, where);
  if (port.required) missing_[source.index] = {where, std::string(plan.about().name) + " needs ", std::string(port.name)};
  return port.type == PortType::object ? override_fields(name, source, port.interface, where, path) : source;
}

/// What is wrong with one of them is told alone: configs may be nested in a circle, which is walked once.
void Binder::read_nested() {
  for (const auto& [stage, json] : config_.section("stages", no_object_).items())
    if (json.contains("config"))
      nested_[stage] =
          nested_plan(json["config"].get<std::string>(), config_.where(pointer("/stages", std::string_view(stage)) + "/config"));
}

std::shared_ptr<const Plan> Binder::nested_plan(const std::string& file, const std::string& where) {
  const auto config = config_.included(file, where);
  const auto& impl = config.impl();
  for (const char* key : {"axes", "where", "assert", "report", "callbacks", "plugins"})
    if (impl.root.contains(key))
      throw InputError(where, impl.file + " has \"" + key + "\"; a config that is a stage takes inputs and stages only");
  if (!config.profile().empty() && config.profile() != environment_.profile.name)
    throw InputError(where,
                     impl.file + " asks for the profile " + config.profile() + ", and this run has " + environment_.profile.name);
  if (depth >= most_nested) throw InputError(where, "configs are nested deeper than 16 levels, or in a circle");
  ++depth;
  try {
    Problems problems;
    Binder inner(impl, environment_, problems);
    inner.bind_stages();
    for (const auto& [name, named] : inner.named_)
      if (!named.source) problems.add(named.where + ": no stage reads the input '" + name + "'");
    problems.raise();
    for (std::size_t i = 0; i < inner.inputs_.size(); ++i)
      inner.inputs_[i].port.required = inner.missing_.contains(i);  // for the outer config to give
    --depth;
    return inner.finish(config.name());
  } catch (...) {
    --depth;
    throw;
  }
}

}  // namespace ironlaw::host
