#pragma once
#include <ironlaw/host/plugins.hpp>

namespace ironlaw::host {

/// Checks who may have written a file, then reads its manifest.
[[nodiscard]] PluginRecord inspect_file(const std::filesystem::path& file);

}  // namespace ironlaw::host
