#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::host {

/// share/ironlaw of the installation, or build tree, that the running libironlaw.so belongs to, wherever it was moved to; empty
/// where there is none.
[[nodiscard]] IRONLAW_API std::filesystem::path data_folder();

/// A file as it is called wherever the project is installed ("share/ironlaw/zoo/hardware/nvidia.json"); any other by its name.
[[nodiscard]] IRONLAW_API std::string shown_path(const std::filesystem::path& file);

/// Where a user keeps plugins and packs of one's own: $XDG_DATA_HOME/ironlaw or ~/.local/share/ironlaw; empty without a home.
[[nodiscard]] IRONLAW_API std::filesystem::path user_data_folder();

}  // namespace ironlaw::host
