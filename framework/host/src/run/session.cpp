#include <ironlaw/host/session.hpp>

#include "plan/compile.hpp"
#include "text/shared_folder.hpp"

namespace ironlaw::host {

Session::Session(const SessionOptions& options) : plugins_(std::make_shared<Plugins>(options.plugins)) {
  if (options.default_zoo)
    if (const auto zoo = shared_folder("zoo"); !zoo.empty()) zoo_folders_.push_back(zoo);
  zoo_folders_.insert(zoo_folders_.end(), options.zoo.begin(), options.zoo.end());
}
Session::~Session() = default;

Environment& Session::environment(const std::string& profile) {
  auto& slot = environments_[profile.empty() ? "native" : profile];
  if (slot == nullptr) slot = std::make_shared<Environment>(plugins_, zoo_folders_, profile);
  return *slot;
}

Zoo& Session::zoo(const std::string& profile) { return environment(profile).zoo(); }

std::vector<std::string> Session::profiles() const { return profile_names(zoo_folders_); }

Pipeline Session::compile(const Config& config, const std::string& profile) {
  const std::string name = config.profile().empty() ? profile : config.profile();
  environment(name);
  return host::compile(config.impl(), environments_[name.empty() ? "native" : name]);
}

}  // namespace ironlaw::host
