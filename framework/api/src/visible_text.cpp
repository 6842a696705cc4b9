#include <ironlaw/utf8.hpp>
#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <array>

namespace ironlaw {
namespace {

constexpr std::size_t most_of_a_message = 1000;  // bytes
constexpr std::size_t most_of_its_end = 300;

/// Characters that a screen obeys, or that nobody sees: controls, directions of writing, separators, blanks without width, tags.
struct Hidden {
  std::uint32_t first, last;
};
constexpr std::array hidden{Hidden{0x0000, 0x001F}, Hidden{0x007F, 0x009F}, Hidden{0x00AD, 0x00AD}, Hidden{0x061C, 0x061C},
                            Hidden{0x180E, 0x180E}, Hidden{0x200B, 0x200B}, Hidden{0x200E, 0x200F}, Hidden{0x2028, 0x202E},
                            Hidden{0x2060, 0x206F}, Hidden{0xFEFF, 0xFEFF}, Hidden{0xFFF9, 0xFFFB}, Hidden{0xE0000, 0xE007F}};

bool is_hidden(std::uint32_t code) {
  return std::any_of(hidden.begin(), hidden.end(), [&](const Hidden& h) { return h.first <= code && code <= h.last; });
}

bool is_plain(char c) { return c >= 0x20 && c < 0x7F; }

/// `spell` appends what stands for a hidden character or for a byte that is no UTF-8.
template <class Spell>
std::string with_spelled_out(std::string_view text, Spell spell) {
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string shown;
  shown.reserve(text.size() + 16);
  while (!text.empty()) {
    const auto [length, code] = utf8_front(text);
    if (length == 0) {
      spell(shown, 0, static_cast<unsigned char>(text.front()));
    } else if (is_hidden(code)) {
      spell(shown, code, 0);
    } else {
      shown += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

void append_hexadecimal(std::string& text, std::uint32_t number, int digits) {
  constexpr std::string_view all = "0123456789ABCDEF";
  for (int d = digits - 1; d >= 0; --d) text += all[number >> (4 * d) & 0xF];
}

void spell_for_people(std::string& text, std::uint32_t code, unsigned char byte) {
  if (byte != 0) {
    append_hexadecimal(text += "\\x", byte, 2);
  } else if (code == '\n' || code == '\r' || code == '\t') {
    text += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
  } else if (code <= 0xFFFF) {
    append_hexadecimal(text += "\\u", code, 4);
  } else {
    append_hexadecimal(text += "\\U", code, 8);
  }
}

/// Where a text of UTF-8 may be cut, at or before `at`.
std::size_t cut(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

std::string visible_text(std::string_view text) { return with_spelled_out(text, spell_for_people); }

std::string message_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c >= '\t' && c <= '\r'; }, ' ');
  line = visible_text(line);
  if (line.size() <= most_of_a_message) return line;
  const std::string_view whole = line;
  return std::string(whole.substr(0, cut(whole, most_of_a_message - most_of_its_end)))
      .append(" ... ")
      .append(whole.substr(cut(whole, whole.size() - most_of_its_end)));
}

std::string visible_json(const std::string& json) {
  return with_spelled_out(json, [](std::string& text, std::uint32_t code, unsigned char) {
    if (code == '\n') {
      text += '\n';  // of the layout: inside of a text it is an escape already
    } else if (code <= 0xFFFF) {
      append_hexadecimal(text += "\\u", code, 4);
    } else {
      append_hexadecimal(text += "\\u", 0xD800 + ((code - 0x10000) >> 10), 4);
      append_hexadecimal(text += "\\u", 0xDC00 + ((code - 0x10000) & 0x3FF), 4);
    }
  });
}

}  // namespace ironlaw
