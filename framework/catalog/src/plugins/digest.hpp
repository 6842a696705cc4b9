#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::host {

/// SHA-256 of a file in hexadecimal; empty where it cannot be read.
[[nodiscard]] IRONLAW_API std::string sha256_of(const std::filesystem::path& file);

}  // namespace ironlaw::host
