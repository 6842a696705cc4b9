#pragma once
// Files that this process has read: no output takes the place of one.
#include <sys/types.h>

#include <filesystem>
#include <string>

struct stat;

namespace ironlaw::host {

/// The whole text of a file. Throws InputError.
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

/// What is read through this descriptor counts as input from here on.
void remember_input(int descriptor);
/// Whether a file is one that was read, under whatever name.
[[nodiscard]] bool is_input(const struct stat& file);

}  // namespace ironlaw::host
