#pragma once
#include <ironlaw/catalog/plugins.hpp>

namespace ironlaw::host {

/// The files that may be plugins, in search order, each once.
struct PluginFiles {
  std::vector<std::filesystem::path> named;    ///< asked for by file: the user wants these
  std::vector<std::filesystem::path> found;    ///< *.so of a folder, by folder and then by name
  std::vector<std::filesystem::path> folders;  ///< those looked into or for
  std::vector<PluginRecord> refused;           ///< folders that were not looked into
};

/// Throws InputError for a file or folder named in `search` that cannot be searched.
[[nodiscard]] PluginFiles find_plugin_files(const PluginSearch& search);

}  // namespace ironlaw::host
