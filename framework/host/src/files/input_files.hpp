#pragma once
// Files that this process has read: no output takes the place of one.
#include <filesystem>
#include <string>

namespace ironlaw::host {

/// The whole text of a file. Throws InputError.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// What is read through this descriptor counts as input from here on.
void remember_input(int descriptor);
/// Whether a file is one that was read, under whatever name.
[[nodiscard]] bool is_input(const std::filesystem::path& file);

}  // namespace ironlaw::host
