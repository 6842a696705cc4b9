#include <ironlaw/host/session.hpp>

#include "plan/compile.hpp"

#include <dlfcn.h>

namespace ironlaw::host {
namespace {

/// share/ironlaw/zoo beside the library: <prefix>/lib or <prefix>/lib/<architecture>.
std::filesystem::path default_zoo() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&default_zoo), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code ec;
  const auto library = std::filesystem::canonical(info.dli_fname, ec);
  for (auto folder = library.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
    if (const auto zoo = folder / "share" / "ironlaw" / "zoo"; std::filesystem::is_directory(zoo, ec)) return zoo;
  return {};
}

}  // namespace

Session::Session(const SessionOptions& options) : plugins_(std::make_shared<Plugins>(options.plugins)) {
  if (options.default_zoo)
    if (const auto zoo = default_zoo(); !zoo.empty()) zoo_folders_.push_back(zoo);
  zoo_folders_.insert(zoo_folders_.end(), options.zoo.begin(), options.zoo.end());
}
Session::~Session() = default;

Environment& Session::environment(const std::string& profile, const std::string& where) {
  auto& slot = environments_[profile.empty() ? "native" : profile];
  if (slot == nullptr) slot = std::make_shared<Environment>(plugins_, zoo_folders_, profile, where);
  return *slot;
}

Zoo& Session::zoo(const std::string& profile) { return environment(profile, "profile").zoo(); }

std::vector<std::string> Session::profiles() const { return profile_names(zoo_folders_); }

Pipeline Session::compile(const Config& config, const std::string& profile) {
  const bool said = !config.profile().empty();
  const std::string name = said ? config.profile() : profile;
  environment(name, said ? config.impl().where("/profile") : "profile");
  return host::compile(config.impl(), environments_[name.empty() ? "native" : name]);
}

}  // namespace ironlaw::host
