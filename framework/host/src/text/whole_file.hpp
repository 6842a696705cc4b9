#pragma once
#include <filesystem>
#include <string_view>

namespace ironlaw::host {

/// Writes a file whole or not at all: under another name first. Throws InputError.
void write_whole(const std::filesystem::path& file, std::string_view text);

/// A name beside `file` for what is not whole yet.
[[nodiscard]] std::filesystem::path unfinished(const std::filesystem::path& file);

}  // namespace ironlaw::host
