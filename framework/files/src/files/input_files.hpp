#pragma once
// Files that this process has read: no output takes the place of one.
#include <ironlaw/export.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::host {

/// The whole text of a file. Throws InputError.
[[nodiscard]] IRONLAW_API std::string read_file(const std::filesystem::path& file);

/// What is read through this descriptor counts as input from here on.
IRONLAW_API void remember_input(int descriptor);
/// Whether a file is one that was read, under whatever name.
[[nodiscard]] IRONLAW_API bool is_input(const std::filesystem::path& file);

}  // namespace ironlaw::host
