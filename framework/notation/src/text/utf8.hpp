#pragma once
#include <cstddef>
#include <string_view>

namespace ironlaw::host {

/// Bytes of the character at the front of `text`: 0 where it is no UTF-8, or empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text);

}  // namespace ironlaw::host
