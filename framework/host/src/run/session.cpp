#include <ironlaw/host/session.hpp>

#include "plan/compile.hpp"
#include "zoo/packs.hpp"

#include <ironlaw/catalog/installation.hpp>

namespace ironlaw::host {

Session::Session(const SessionOptions& options) : plugins_(std::make_shared<Plugins>(options.plugins)) {
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
  auto& slot = environments_[profile.empty() ? "native" : profile];
  if (slot == nullptr) slot = std::make_shared<Environment>(plugins_, zoo_folders_, profile, where);
  return *slot;
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
  return host::compile(config.impl(), environments_[name.empty() ? "native" : name]);
}

}  // namespace ironlaw::host
