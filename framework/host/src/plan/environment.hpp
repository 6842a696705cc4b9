#pragma once
#include "zoo/profile.hpp"

#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/catalog/zoo.hpp>

#include <algorithm>

namespace ironlaw::host {

/// What a config is read against: plugins, and the zoo as a profile sees it. Pipelines keep theirs alive.
class Environment {
 public:
  Environment(std::shared_ptr<Plugins> plugins, const std::vector<std::filesystem::path>& zoo_folders,
              const std::string& profile_name, const std::string& where)
      : profile(read_profile(profile_name, zoo_folders, where)),
        plugins_(std::move(plugins)),
        zoo_(*plugins_, with_overlay(zoo_folders, profile), profile.defaults) {}

  const Profile profile;
  [[nodiscard]] Plugins& plugins() const { return *plugins_; }
  [[nodiscard]] Zoo& zoo() { return zoo_; }
  [[nodiscard]] const Zoo& zoo() const { return zoo_; }

 private:
  /// A profile's facts lie over the folder that the profile is from; folders that were named after it lie over them.
  static std::vector<std::filesystem::path> with_overlay(std::vector<std::filesystem::path> folders, const Profile& profile) {
    const auto own = std::find(folders.begin(), folders.end(), profile.file.parent_path().parent_path());
    folders.insert(own == folders.end() ? own : own + 1, profile.zoo.begin(), profile.zoo.end());
    return folders;
  }
  std::shared_ptr<Plugins> plugins_;
  Zoo zoo_;
};

}  // namespace ironlaw::host
