#pragma once
#include <ironlaw/catalog/plugins.hpp>

#include <map>
#include <tuple>

namespace ironlaw::host {

/// Collects what one plugin registers, by name. Throws Error, into the plugin's entry function, for what cannot be told apart or
/// asked for by name.
class StagingRegistrar final : public Registrar {
 public:
  void add(const Solver& solver) override;
  void add(const Kind& kind) override;
  void add(const Study& study) override;
  void add(const ObserverType& observer) override;
  void add(const GuardType& guard) override;
  void add(const Importer& importer) override;

  /// Null where nothing of that name was registered.
  template <class Component>
  [[nodiscard]] const Component* find(std::string_view name) const {
    const auto& named = std::get<Named<Component>>(components_);
    const auto found = named.find(name);
    return found == named.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<Provides> registered() const;
  /// The components by name, a map for each sort: solvers, kinds, studies, observers, guards, importers.
  template <class Visit>
  void for_each_sort(const Visit& visit) const {
    std::apply([&visit](const auto&... named) { (visit(named), ...); }, components_);
  }

 private:
  template <class Component>
  using Named = std::map<std::string, const Component*, std::less<>>;
  template <class Component>
  void stage(const Component& component);
  std::tuple<Named<Solver>, Named<Kind>, Named<Study>, Named<ObserverType>, Named<GuardType>, Named<Importer>> components_;
};

}  // namespace ironlaw::host
