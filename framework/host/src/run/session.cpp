#include <ironlaw/host/session.hpp>

#include "plan/compile.hpp"
#include "run/origin.hpp"
#include "run/program_solvers.hpp"
#include "zoo/packs.hpp"

#include <ironlaw/catalog/installation.hpp>
#include <ironlaw/error.hpp>

namespace ironlaw::host {

namespace {

PluginOpening opening_of(const SessionOptions& options) {
  if (!options.isolate || options.isolate->opens_here) return {};
  constexpr double rows_time = 10;  // opening a library may take as long as so many rows
  return {.elsewhere = true, .most_seconds = rows_time * options.isolate->row_timeout, .most_bytes = options.isolate->row_memory};
}

}  // namespace

Session::Session(const SessionOptions& options)
    : options_(options), plugins_(std::make_shared<Plugins>(options.plugins, opening_of(options))) {
  const auto append = [this](const std::vector<std::filesystem::path>& folders) {
    zoo_folders_.insert(zoo_folders_.end(), folders.begin(), folders.end());
  };
  if (options.default_zoo) {
    const auto data = data_folder();
    if (!data.empty() && std::filesystem::is_directory(data / "zoo")) zoo_folders_.push_back(data / "zoo");
    append(installed_packs());
  }
  append(plugin_packs(plugins_->records()));
  append(options.zoo);
}
Session::~Session() = default;

Environment& Session::environment(const std::string& profile, const std::string& where) {
  const std::string name = profile.empty() ? "native" : profile;
  if (const auto known = environments_.find(name); known != environments_.end()) return *known->second;
  auto made = std::make_shared<Environment>(plugins_, zoo_folders_, profile, where);  // of no profile: nothing is kept
  return *environments_.emplace(name, std::move(made)).first->second;
}

Zoo& Session::zoo(const std::string& profile) {
  const std::lock_guard lock(mutex_);
  return environment(profile, "profile").zoo();
}

std::vector<std::string> Session::profiles() const { return profile_names(zoo_folders_); }

Pipeline Session::compile(const Config& config, const std::string& profile) {
  const bool said = !config.profile().empty();
  const std::string name = said ? config.profile() : profile;
  const std::lock_guard lock(mutex_);
  environment(name, said ? config.impl().where("/profile") : "profile");
  auto pipeline = host::compile(config.impl(), environments_[name.empty() ? "native" : name]);
  if (options_.isolate) {
    if (const Solver* own = solver_of_program(pipeline))
      throw InputError("--isolate", of_this_program(*own, "it is evaluated in this process alone; leave it out"));
    pipeline.evaluated_elsewhere(
        std::make_shared<PipelineOrigin>(PipelineOrigin{options_, Config::copy_of(config.impl()), profile}));
  }
  return pipeline;
}

}  // namespace ironlaw::host
