#include "text/utf8.hpp"

#include <cstdint>

namespace ironlaw::host {

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  std::uint32_t character = lead & (0xFFu >> (length == 1 ? 0 : length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return 0;
    character = character << 6 | (next & 0x3Fu);
  }
  // Longer than needed, half of a pair of UTF-16, or past the last.
  const bool good = length < 3 || (length == 3 ? character >= 0x800 && (character < 0xD800 || character > 0xDFFF)
                                               : character >= 0x10000 && character <= 0x10FFFF);
  return good ? length : 0;
}

}  // namespace ironlaw::host
