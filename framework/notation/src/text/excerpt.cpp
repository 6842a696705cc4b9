#include "text/excerpt.hpp"

#include <ironlaw/visible_text.hpp>

#include <algorithm>

namespace ironlaw::host {

std::string excerpt(std::string_view text) {
  constexpr std::size_t limit = 40;
  std::size_t length = std::min(text.size(), limit);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  const std::string line = visible_text(text.substr(0, length));
  return length < text.size() ? line + "..." : line;
}

}  // namespace ironlaw::host
