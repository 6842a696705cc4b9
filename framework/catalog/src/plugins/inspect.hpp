#pragma once
#include <ironlaw/catalog/plugins.hpp>

namespace ironlaw::host {

/// Checks who may have written a file, then reads its manifest.
[[nodiscard]] PluginRecord inspect_file(const std::filesystem::path& file);

/// Says in its record why a file is not loaded.
void refuse(PluginRecord& record, LoadStatus status, std::string detail);

}  // namespace ironlaw::host
