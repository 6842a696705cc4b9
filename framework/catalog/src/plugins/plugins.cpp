#include <ironlaw/catalog/plugins.hpp>

#include "doors/plugin_call.hpp"
#include "plugins/bound_solver.hpp"
#include "plugins/declaration.hpp"
#include "plugins/digest.hpp"
#include "plugins/inspect.hpp"
#include "plugins/library.hpp"
#include "plugins/offers.hpp"
#include "plugins/search.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <type_traits>

namespace ironlaw::host {
namespace {

/// What was registered must be what the manifest lists, or the listing would lie.
void check_registered(PluginRecord& record, const StagingRegistrar& components) {
  const std::vector<Provides> registered = components.registered();
  const auto lacks = [](const std::vector<Provides>& all, const Provides& one) {
    return std::find(all.begin(), all.end(), one) == all.end();
  };
  for (const Provides& p : registered) {
    if (!lacks(record.provides, p)) continue;
    return refuse(record, LoadStatus::entry_failed,
                  "expected what its manifest lists, found also " + p.what + " '" + p.name + "': list it in IRONLAW_PLUGIN");
  }
  for (const Provides& p : record.provides) {
    if (!lacks(registered, p)) continue;
    return refuse(
        record, LoadStatus::entry_failed,
        "expected " + p.what + " '" + p.name + "', which its manifest lists, found it not registered: build the plugin again");
  }
}

/// Under which a program's own solvers are offered.
constexpr std::string_view program_name = "program";

/// The file may have been replaced since its manifest was read.
bool still_as_read(PluginRecord& record) {
  const PluginRecord now = inspect_file(record.file);
  const bool same = now.status == LoadStatus::ok && now.name == record.name && now.version == record.version &&
                    now.fingerprint == record.fingerprint && now.provides == record.provides;
  if (!same)
    refuse(record, LoadStatus::open_failed, "expected the file whose manifest was read, found it changed since: run again");
  return same;
}

}  // namespace

struct Plugins::Impl : PluginOffers {
  PluginOpening opening;
  std::map<std::filesystem::path, std::shared_ptr<const Library>> declared;  ///< where libraries are opened elsewhere
  std::map<std::filesystem::path, std::string> digests;
  std::map<std::string, std::shared_ptr<const Solver>, std::less<>> of_program;  ///< by name
  std::vector<std::shared_ptr<const Solver>> replaced;                           ///< pipelines may still run them
  std::map<const Solver*, std::unique_ptr<const BoundSolver>> bound;             ///< solvers that call others, by themselves
  mutable std::mutex mutex;  ///< over the records, which change when a library is opened, and the digests

  const Library& library_of(const PluginRecord& record) {
    if (!opening.elsewhere) return open_library(record.file, record.name);
    auto& library = declared[record.file];
    if (library == nullptr) library = declare_library(record.file, record.name, opening);
    return *library;
  }

  template <class Component>
  const Component& open(PluginRecord& record, const ComponentRequest& request) {
    if (record.status == LoadStatus::ok && (record.opened || still_as_read(record))) {
      const Library& library = library_of(record);
      if (library.status != LoadStatus::ok) refuse(record, library.status, library.detail);
      if (record.status == LoadStatus::ok && !record.opened) check_registered(record, library.components);
      if (record.status == LoadStatus::ok) {
        record.opened = true;
        return *library.components.template find<Component>(request.name);
      }
    }
    if (record.status == LoadStatus::crashed)
      throw PluginError("'" + record.name + "' (" + record.file.string() + ")", request.text(), record.detail);
    throw InputError(request.text(), refusal(record));
  }

  template <class Component>
  const Component& component(std::string_view what, std::string_view asked) {
    const std::lock_guard lock(mutex);
    const ComponentRequest request(what, asked);
    const auto offers = offering(request);
    if (offers.empty()) throw_unknown(request, asked);
    if (offers.size() > 1) throw_ambiguous(request, offers);
    if constexpr (std::is_same_v<Component, Solver>) {
      if (!records[offers.front()].manifest) return *of_program.find(request.name)->second;
      std::vector<std::string> path;
      check_calls(records[offers.front()], request, path);
      return bind(records[offers.front()], request);
    } else {
      return open<Component>(records[offers.front()], request);
    }
  }

  static const Provides& offer_of(const PluginRecord& record, const ComponentRequest& request) {
    return *std::find_if(record.provides.begin(), record.provides.end(),
                         [&](const Provides& p) { return p.what == request.what && p.name == request.name; });
  }

  /// The one plugin that brings what `caller` calls. Throws InputError.
  [[nodiscard]] PluginRecord& callee(const std::string& called, const std::string& caller) {
    const ComponentRequest request("solver", called);
    const auto offers = offering(request);
    if (offers.size() == 1) {
      if (records[offers.front()].manifest) return records[offers.front()];
      throw InputError(caller, "calls " + request.text() + ", which is of this program, and only a plugin's can be called");
    }
    try {
      if (offers.empty()) throw_unknown(request, called);
      throw_ambiguous(request, offers);
    } catch (const InputError& e) {
      throw InputError(caller, std::string("calls ") + e.what());
    }
  }

  /// Throws InputError where a solver calls one that is not there, or itself. By the manifests: nothing is opened.
  void check_calls(const PluginRecord& record, const ComponentRequest& request, std::vector<std::string>& path) {
    const Provides& offer = offer_of(record, request);
    if (offer.calls.empty()) return;
    const std::string who = record.name + "/" + offer.name;
    if (const auto begin = std::find(path.begin(), path.end(), who); begin != path.end()) {
      std::string circle;
      for (auto one = begin; one != path.end(); ++one) circle += *one + " -> ";
      throw InputError(request.text(), "calls itself, in a circle: " + circle + who);
    }
    path.push_back(who);
    for (const std::string& called : offer.calls) {
      const PluginRecord& other = callee(called, request.text() + " (" + record.file.string() + ")");
      check_calls(other, ComponentRequest("solver", called), path);
    }
    path.pop_back();
  }

  /// A solver of a plugin, with those that it calls. Those of another process only declare.
  const Solver& bind(PluginRecord& record, const ComponentRequest& request) {
    const Solver& solver = open<Solver>(record, request);
    const auto* calling = dynamic_cast<const CallingSolver*>(&solver);
    if (calling == nullptr) return solver;
    if (!bound.contains(&solver)) {
      const std::string where = request.text() + " (" + record.file.string() + ")";
      BoundSolver::Called called;
      for (const SolverCall& call : calling->calls())
        called.push_back(std::make_unique<const CalledSolver>(
            call, call.inputs.data() == solver.inputs().data(),
            bind(callee(std::string(call.solver), where), ComponentRequest("solver", call.solver)), where));
      auto made = std::make_unique<const BoundSolver>(solver, *calling, std::move(called));
      name_component(made.get(),
                     "plugin '" + record.name + "' (" + record.file.string() + "), '" + std::string(request.name) + "'");
      bound[&solver] = std::move(made);
    }
    return *bound[&solver];
  }

  void add_own(std::shared_ptr<const Solver> solver) {
    StagingRegistrar checked;
    try {
      checked.add(*solver);
    } catch (const Error& e) {
      throw InputError({}, e.what());
    }
    auto record = std::find_if(records.begin(), records.end(), [](const PluginRecord& r) { return !r.manifest; });
    if (record == records.end()) {
      record = records.emplace(records.end());
      record->name = program_name;
      record->opened = true;
      record->manifest = false;
    }
    auto& own = of_program[std::string(solver->about().name)];
    if (own == nullptr) record->provides.push_back({"solver", std::string(solver->about().name)});
    if (own != nullptr) replaced.push_back(std::move(own));
    own = std::move(solver);
  }

  [[nodiscard]] bool is_of_program(const Solver& solver) const {
    const auto same = [&solver](const std::shared_ptr<const Solver>& own) { return own.get() == &solver; };
    return std::any_of(of_program.begin(), of_program.end(), [&](const auto& own) { return same(own.second); }) ||
           std::any_of(replaced.begin(), replaced.end(), same);
  }
};

Plugins::Plugins(const PluginSearch& search, const PluginOpening& opening) : impl_(std::make_unique<Impl>()) {
  impl_->opening = opening;
  PluginFiles files = find_plugin_files(search);
  impl_->folders = std::move(files.folders);
  impl_->defaults = search.defaults;
  for (const auto& file : files.named) {
    impl_->add(inspect_file(file));
    const PluginRecord& record = impl_->records.back();
    if (record.status != LoadStatus::ok) throw InputError(file.string(), record.detail);
  }
  for (PluginRecord& record : files.refused) impl_->add(std::move(record));
  for (const auto& file : files.found) impl_->add(inspect_file(file));
  impl_->records.reserve(impl_->records.size() + 1);  // add() must not move those that provider() gave
}
Plugins::~Plugins() = default;

const std::vector<PluginRecord>& Plugins::records() const noexcept { return impl_->records; }

const Solver& Plugins::solver(std::string_view name) { return impl_->component<Solver>("solver", name); }
const Kind& Plugins::kind(std::string_view name) { return impl_->component<Kind>("kind", name); }
const Study& Plugins::study(std::string_view name) { return impl_->component<Study>("study", name); }
const ObserverType& Plugins::observer(std::string_view name) { return impl_->component<ObserverType>("observer", name); }
const GuardType& Plugins::guard(std::string_view name) { return impl_->component<GuardType>("guard", name); }
const Importer& Plugins::importer(std::string_view name) { return impl_->component<Importer>("importer", name); }

std::vector<std::string> Plugins::names(std::string_view what) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->names(what);
}

const PluginRecord* Plugins::provider(std::string_view what, std::string_view name) const {
  const std::lock_guard lock(impl_->mutex);
  const auto offers = impl_->offering({what, name});
  return offers.size() == 1 ? &impl_->records[offers.front()] : nullptr;
}

std::string Plugins::why_none() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->why_none();
}

void Plugins::add(std::shared_ptr<const Solver> solver) {
  const std::lock_guard lock(impl_->mutex);
  impl_->add_own(std::move(solver));
}

std::vector<const Solver*> Plugins::called_by(const Solver& solver) const {
  std::vector<const Solver*> called;
  if (const auto* caller = dynamic_cast<const BoundSolver*>(&solver))
    for (const auto& one : caller->called()) called.push_back(&one->solver());
  return called;
}

bool Plugins::is_of_program(const Solver& solver) const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->is_of_program(solver);
}

std::vector<PluginRecord> Plugins::opened() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<PluginRecord> opened;
  for (const PluginRecord& record : impl_->records)
    if (record.opened) opened.push_back(record);
  return opened;
}

std::string Plugins::sha256(const PluginRecord& record) const {
  const std::lock_guard lock(impl_->mutex);
  const auto known = impl_->digests.find(record.file);
  if (known != impl_->digests.end()) return known->second;
  return impl_->digests[record.file] = sha256_of(record.file);
}

PluginRecord Plugins::inspect(const std::filesystem::path& file) { return inspect_file(file); }

}  // namespace ironlaw::host
