#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>

namespace ironlaw::host {

/// share/ironlaw of the installation, or build tree, that the running libironlaw.so belongs to, wherever it was moved to; empty
/// where there is none.
[[nodiscard]] IRONLAW_API std::filesystem::path data_folder();

/// Where a user keeps plugins and packs of one's own: $XDG_DATA_HOME/ironlaw or ~/.local/share/ironlaw; empty without a home.
[[nodiscard]] IRONLAW_API std::filesystem::path user_data_folder();

}  // namespace ironlaw::host
