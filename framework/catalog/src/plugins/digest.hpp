#pragma once
#include <ironlaw/export.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// SHA-256 of a file in hexadecimal. Throws InputError where it cannot be read.
[[nodiscard]] IRONLAW_API std::string sha256_of(const std::filesystem::path& file);
/// The same for a list of files that says itself which cannot be read; empty of those.
[[nodiscard]] IRONLAW_API std::string sha256_where_readable(const std::filesystem::path& file);

/// SHA-256 of bytes in hexadecimal.
[[nodiscard]] IRONLAW_API std::string sha256_text(std::string_view bytes);

/// SHA-256 of bytes.
[[nodiscard]] IRONLAW_API std::array<std::uint8_t, 32> sha256_of_bytes(std::string_view bytes);

}  // namespace ironlaw::host
