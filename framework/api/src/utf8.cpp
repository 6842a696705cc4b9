#include <ironlaw/utf8.hpp>

namespace ironlaw {

Utf8Character utf8_front(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return {};
  std::uint32_t code = lead & (0xFFu >> (length == 1 ? 0 : length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    code = code << 6 | (next & 0x3Fu);
  }
  // Longer than needed, half of a pair of UTF-16, or past the last.
  const bool good =
      length < 3 || (length == 3 ? code >= 0x800 && (code < 0xD800 || code > 0xDFFF) : code >= 0x10000 && code <= 0x10FFFF);
  return good ? Utf8Character{length, code} : Utf8Character{};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_front(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace ironlaw
