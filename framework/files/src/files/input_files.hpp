#pragma once
// Files that this process has read: no output takes the place of one.
#include <ironlaw/files/input_file.hpp>

namespace ironlaw::host {

/// What is read through this descriptor counts as input from here on.
IRONLAW_API void remember_input(int descriptor);
/// Whether a file is one that was read, under whatever name.
[[nodiscard]] IRONLAW_API bool is_input(const std::filesystem::path& file);

}  // namespace ironlaw::host
