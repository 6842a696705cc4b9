#pragma once
// Plugins that travel: into the user's folder and out of it, and one file for a plugin with its zoo entries.
#include <ironlaw/catalog/plugins.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace ironlaw::host {

/// What lies in the user's folder now.
struct InstalledPlugin {
  std::string name;
  std::string version;         ///< empty for a pack without code
  std::string sha256;          ///< likewise
  std::filesystem::path file;  ///< the plugin, or the folder of the pack
  std::size_t zoo_files = 0;   ///< that came with it
  std::string replaced{};      ///< the version that was there before, or empty
};

/// Copies a plugin, with the zoo entries beside it (NAME.zoo) or in it, to where every command finds it; of a folder every plugin
/// in it, or, where there is none, the folder itself as a pack of zoo entries. Runs no code of it. Each is there whole or not at
/// all. Throws InputError where it is not trusted, does not suit this host, or has the name of a plugin that is found elsewhere.
IRONLAW_API std::vector<InstalledPlugin> install_plugins(const std::filesystem::path& from,
                                                         const std::vector<PluginRecord>& found);

/// Removes a plugin or a pack that install_plugins() put there. Throws InputError where there is none of that name.
IRONLAW_API InstalledPlugin remove_plugin(const std::string& name);

/// Writes a plugin and the zoo entries beside it as one file, which is a plugin too. Throws InputError.
IRONLAW_API std::size_t bundle_plugin(const std::filesystem::path& plugin, const std::filesystem::path& to);

}  // namespace ironlaw::host
