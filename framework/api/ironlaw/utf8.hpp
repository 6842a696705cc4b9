#pragma once
#include <ironlaw/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ironlaw {

/// The character at the front of a text.
struct Utf8Character {
  std::size_t length = 0;  ///< bytes: 0 where it is no UTF-8, or there is none
  std::uint32_t code = 0;
};
[[nodiscard]] IRONLAW_API Utf8Character utf8_front(std::string_view text);

[[nodiscard]] IRONLAW_API bool is_utf8(std::string_view text);

}  // namespace ironlaw
