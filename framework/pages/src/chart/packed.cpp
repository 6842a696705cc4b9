#include "chart/packed.hpp"

#include <ironlaw/error.hpp>

#include <zlib.h>

#include <algorithm>
#include <vector>

namespace ironlaw::host {

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? letters[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string packed(std::string_view text) {
  uLongf size = compressBound(static_cast<uLong>(text.size()));
  std::vector<std::uint8_t> bytes(size);
  const auto* from = reinterpret_cast<const Bytef*>(text.data());
  if (compress2(bytes.data(), &size, from, static_cast<uLong>(text.size()), Z_BEST_COMPRESSION) != Z_OK)
    throw Error("charts: no memory to pack a page");
  return base64(std::span(bytes).first(size));
}

}  // namespace ironlaw::host
