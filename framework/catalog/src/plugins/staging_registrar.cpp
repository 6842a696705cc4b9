#include "plugins/staging_registrar.hpp"

#include "plugins/component_name.hpp"

#include <ironlaw/authored_solver.hpp>

#include <set>
#include <type_traits>

namespace ironlaw::host {
namespace {

template <class Component>
constexpr std::string_view sort_of() {
  if constexpr (std::is_same_v<Component, Solver>) return "solver";
  if constexpr (std::is_same_v<Component, Kind>) return "kind";
  if constexpr (std::is_same_v<Component, Study>) return "study";
  if constexpr (std::is_same_v<Component, ObserverType>) return "observer";
  if constexpr (std::is_same_v<Component, GuardType>) return "guard";
  if constexpr (std::is_same_v<Component, Importer>) return "importer";
}

/// Ports, fields and options: each named, and named once. `where` starts the message, as in "solver 'roofline': input port".
template <class Infos>
void check_names(const std::string& where, const Infos& infos) {
  std::set<std::string_view> seen;
  for (const auto& info : infos) {
    const std::string named = where + " '" + std::string(info.name) + "'";
    if (!is_port_name(info.name)) throw Error(named + " is not snake_case");
    if (!seen.insert(info.name).second) throw Error(named + " is declared twice");
  }
}

void check_parts(const std::string& where, const Solver& solver) {
  check_names(where + ": input port", solver.inputs());
  check_names(where + ": output port", solver.outputs());
}
void check_parts(const std::string& where, const Kind& kind) { check_names(where + ": field", kind.fields()); }
void check_parts(const std::string&, const Importer&) {}
template <class Component>
void check_parts(const std::string& where, const Component& component) {
  check_names(where + ": option", component.options());
}

std::vector<std::string> calls_of(const Solver& solver) {
  std::vector<std::string> names;
  if (const auto* calling = dynamic_cast<const CallingSolver*>(&solver))
    for (const SolverCall& call : calling->calls()) names.emplace_back(call.solver);
  return names;
}
template <class Component>
std::vector<std::string> calls_of(const Component&) {
  return {};
}

}  // namespace

template <class Component>
void StagingRegistrar::stage(const Component& component) {
  const std::string name(component.about().name);
  const std::string where = std::string(sort_of<Component>()) + " '" + name + "'";
  if (!is_snake_case(name)) throw Error(where + ": its name is not snake_case");
  check_parts(where, component);
  if (!std::get<Named<Component>>(components_).emplace(name, &component).second) throw Error(where + " is registered twice");
}

void StagingRegistrar::add(const Solver& solver) { stage(solver); }
void StagingRegistrar::add(const Kind& kind) { stage(kind); }
void StagingRegistrar::add(const Study& study) { stage(study); }
void StagingRegistrar::add(const ObserverType& observer) { stage(observer); }
void StagingRegistrar::add(const GuardType& guard) { stage(guard); }
void StagingRegistrar::add(const Importer& importer) { stage(importer); }

std::vector<Provides> StagingRegistrar::registered() const {
  std::vector<Provides> all;
  const auto append = [&all]<class Component>(const Named<Component>& named) {
    for (const auto& [name, component] : named) all.push_back({std::string(sort_of<Component>()), name, calls_of(*component)});
  };
  std::apply([&append](const auto&... named) { (append(named), ...); }, components_);
  return all;
}

}  // namespace ironlaw::host
