#pragma once
// IRONLAW_PLUGIN: the manifest that the host reads from the file, and the one function that it calls.
#include <ironlaw/fingerprint.hpp>
#include <ironlaw/sdk/callback_adapter.hpp>
#include <ironlaw/sdk/calling_solver_adapter.hpp>
#include <ironlaw/sdk/kind_adapter.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <exception>

namespace ironlaw::detail {

template <class C, class About>
concept HasAbout = requires {
  { C::about } -> std::convertible_to<const About&>;
};

template <class C>
concept GivesOutputs = requires(const typename C::Inputs& in) {
  C::solve(in);
};
/// Of a solver with a series among its outputs.
template <class C>
concept WritesOutputs = requires(const typename C::Inputs& in, typename C::Outputs& out) {
  C::solve(in, out);
};
template <class C>
concept WritesOutputsWithFacts = requires(const typename C::Inputs& in, const typename C::Facts& facts,
                                          typename C::Outputs& out) {
  C::solve(in, facts, out);
};
template <class C>
concept SolverComponent = HasAbout<C, Solver::About> &&
    (GivesOutputs<C> || WritesOutputs<C> || WritesOutputsWithFacts<C> || CallsSolvers<C>);
template <class C>
concept KindComponent = HasAbout<C, Kind::About> && requires {
  typename C::Fields;
  &C::make;
};
template <class C>
concept StudyComponent = HasAbout<C, Study::About> && std::derived_from<C, Study>;
template <class C>
concept ObserverComponent = HasAbout<C, ObserverType::About> && std::derived_from<C, Observer>;
template <class C>
concept GuardComponent = HasAbout<C, GuardType::About> && std::derived_from<C, Guard>;
template <class C>
concept ImporterComponent = HasAbout<C, Importer::About> && std::derived_from<C, Importer>;
template <class C>
concept AnyComponent = SolverComponent<C> || KindComponent<C> || StudyComponent<C> || ObserverComponent<C> || GuardComponent<C> ||
    ImporterComponent<C>;

template <AnyComponent C>
constexpr std::string_view sort_of() {
  if constexpr (SolverComponent<C>) return "solver";
  if constexpr (KindComponent<C>) return "kind";
  if constexpr (StudyComponent<C>) return "study";
  if constexpr (ObserverComponent<C>) return "observer";
  if constexpr (GuardComponent<C>) return "guard";
  if constexpr (ImporterComponent<C>) return "importer";
}

template <AnyComponent C>
void register_with(Registrar& registrar) {
  if constexpr (CallsSolvers<C>) {
    registrar.add(calling_solver_adapter<C>);
  } else if constexpr (SolverComponent<C>) {
    registrar.add(solver_adapter<C>);
  }
  if constexpr (KindComponent<C>) registrar.add(kind_adapter<C>);
  if constexpr (StudyComponent<C>) registrar.add(study_adapter<C>);
  if constexpr (ObserverComponent<C>) registrar.add(observer_adapter<C>);
  if constexpr (GuardComponent<C>) registrar.add(guard_adapter<C>);
  if constexpr (ImporterComponent<C>) registrar.add(importer_adapter<C>);
}

/// Entries of the manifest: the component, and each solver that it calls.
template <class C>
constexpr std::size_t entries_of() {
  if constexpr (CallsSolvers<C>) {
    return 1 + C::Calls::names.size();
  } else {
    return 1;
  }
}

/// What stands in the manifest's section: the table follows the head directly.
template <std::size_t N>
struct Manifest {
  ironlaw_manifest_v1 head;
  ironlaw_provides_v1 provides[N];
};
template <class... C>
using ManifestOf = const Manifest<(entries_of<C>() + ...)>;
static_assert(offsetof(Manifest<1>, provides) == sizeof(ironlaw_manifest_v1));

template <std::size_t N>
constexpr bool fits(const char (&)[N], std::string_view text) {
  return text.size() < N;
}
inline constexpr ironlaw_manifest_v1 manifest_fields{};
constexpr bool version_fits(std::string_view text) { return !text.empty() && fits(manifest_fields.version, text); }
constexpr bool licence_fits(std::string_view text) { return !text.empty() && fits(manifest_fields.licence, text); }

/// "tensor_parallel": lower case, digits and single underscores, a letter first; short enough for the manifest.
constexpr bool is_name(std::string_view text) {
  if (text.empty() || !fits(manifest_fields.name, text)) return false;
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return text.front() >= 'a' && text.front() <= 'z' && text.back() != '_' && std::all_of(text.begin(), text.end(), allowed) &&
         text.find("__") == std::string_view::npos;
}

template <class... C>
constexpr bool names_differ() {
  const std::array<std::array<std::string_view, 2>, sizeof...(C)> all{{{sort_of<C>(), C::about.name}...}};
  for (auto one = all.begin(); one != all.end(); ++one) {
    if (std::find(all.begin(), one, *one) != one) return false;
  }
  return true;
}

template <std::size_t N>
constexpr void put(char (&into)[N], std::string_view text) {
  std::copy(text.begin(), text.end(), into);
}

template <class C>
constexpr ironlaw_provides_v1* put_entries(ironlaw_provides_v1* entry) {
  put(entry->what, sort_of<C>());
  put(entry->name, C::about.name);
  ++entry;
  if constexpr (CallsSolvers<C>) {
    for (const std::string_view called : C::Calls::names) {
      put(entry->what, "calls");
      put(entry->name, called);
      ++entry;
    }
  }
  return entry;
}

template <class... C>
consteval Manifest<(entries_of<C>() + ...)> make_manifest(std::string_view name, std::string_view version,
                                                          std::string_view licence) {
  static_assert((AnyComponent<C> && ...),
                "a component has a static `about` and is a solver (`solve`), a kind (`Fields`, `make`), or derived from Study, "
                "Observer, Guard or Importer");
  static_assert((is_name(C::about.name) && ...), "a component's name is snake_case and under 48 characters");
  static_assert(names_differ<C...>(), "two components of one sort have the same name");
  Manifest<(entries_of<C>() + ...)> manifest{};
  ironlaw_manifest_v1& head = manifest.head;
  put(head.magic, IRONLAW_MANIFEST_MAGIC);
  head.struct_size = sizeof head;
  head.manifest_version = IRONLAW_MANIFEST_VERSION;
  head.sdk_major = IRONLAW_SDK_MAJOR;
  head.sdk_minor = IRONLAW_SDK_MINOR;
  head.sdk_patch = IRONLAW_SDK_PATCH;
#if defined(IRONLAW_PLUGIN_UNFUSED)  // ironlaw_add_plugin says so
  head.build = IRONLAW_BUILD_UNFUSED;
#endif
  head.fingerprint_hash = fingerprint_hash;
  put(head.fingerprint, fingerprint);
  put(head.name, name);
  put(head.version, version);
  put(head.licence, licence);
  head.provides_count = (entries_of<C>() + ...);
  head.provides_size = sizeof(ironlaw_provides_v1);
  auto* entry = manifest.provides;
  ((entry = put_entries<C>(entry)), ...);
  return manifest;
}

inline std::int32_t fail_entry(const ironlaw_entry_args_v1& args, std::string_view why) noexcept {
  if (args.error != nullptr && args.error_size != 0) {
    const std::size_t size = std::min<std::size_t>(why.size(), args.error_size - 1);
    std::copy_n(why.data(), size, args.error);
    args.error[size] = '\0';
  }
  return 1;
}

/// The entry function: copies the message of whatever is thrown, since the exception itself may not leave the plugin.
template <class... C>
std::int32_t run_entry(const ironlaw_entry_args_v1* args) noexcept {
  if (args == nullptr || args->struct_size < sizeof *args) return 1;
  if (args->host_fingerprint_hash != fingerprint_hash) return fail_entry(*args, "the host has another fingerprint");
  try {
    (register_with<C>(*static_cast<Registrar*>(args->registrar)), ...);
    return 0;
  } catch (const std::exception& e) {
    return fail_entry(*args, e.what());
  } catch (...) {
    return fail_entry(*args, "threw something that is not a std::exception");
  }
}

}  // namespace ironlaw::detail

/// Once a plugin, outside every namespace: `IRONLAW_PLUGIN("my_plugin", "1.0.0", "Apache-2.0", MySolver, MyKind)`. A component is
/// a solver (static `solve`), a kind (`Fields` and `make`), or a class derived from Study, Observer, Guard or Importer; each has
/// a static `about`.
#define IRONLAW_PLUGIN(name_, version_, licence_, ...)                                                                 \
  static_assert(::ironlaw::detail::is_name(name_), "a plugin's name is snake_case and under 48 characters");           \
  static_assert(::ironlaw::detail::version_fits(version_), "a plugin's version is not empty and under 32 characters"); \
  static_assert(::ironlaw::detail::licence_fits(licence_), "a plugin's licence is not empty and under 48 characters"); \
  extern "C" {                                                                                                         \
  IRONLAW_PLUGIN_EXPORT extern ::ironlaw::detail::ManifestOf<__VA_ARGS__> ironlaw_plugin_manifest;                     \
  [[gnu::section(IRONLAW_MANIFEST_SECTION), gnu::used]] constinit ::ironlaw::detail::ManifestOf<__VA_ARGS__>           \
      ironlaw_plugin_manifest = ::ironlaw::detail::make_manifest<__VA_ARGS__>(name_, version_, licence_);              \
  IRONLAW_PLUGIN_EXPORT std::int32_t ironlaw_plugin_entry_v1(const ironlaw_entry_args_v1* args) noexcept {             \
    return ::ironlaw::detail::run_entry<__VA_ARGS__>(args);                                                            \
  }                                                                                                                    \
  }
