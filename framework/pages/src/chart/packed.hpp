#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ironlaw::host {

[[nodiscard]] std::string base64(std::span<const std::uint8_t> bytes);

/// A text made smaller, as letters that a page may hold: zlib's format (RFC 1950) in base64. Throws Error.
[[nodiscard]] std::string packed(std::string_view text);

}  // namespace ironlaw::host
