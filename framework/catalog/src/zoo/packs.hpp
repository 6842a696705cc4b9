#pragma once
// Zoo packs: folders of entries and profiles that are installed beside the project's own.
#include <ironlaw/catalog/plugins.hpp>

namespace ironlaw::host {

/// The folders in zoo.d of the installation and of the user, by name: packs without code.
[[nodiscard]] std::vector<std::filesystem::path> installed_packs();

/// NAME.zoo beside each NAME.so that is not refused.
[[nodiscard]] std::vector<std::filesystem::path> plugin_packs(const std::vector<PluginRecord>& records);

}  // namespace ironlaw::host
