#pragma once
// Where the words of an expression end.
#include "expression/symbols.hpp"

namespace ironlaw::host {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool in_name(char c) { return begins_name(c) || is_digit(c); }

/// The character at an offset, or NUL past the end.
constexpr char char_at(std::string_view text, std::size_t at) { return at < text.size() ? text[at] : '\0'; }

constexpr std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (char_at(text, at) == ' ' || char_at(text, at) == '\t') ++at;
  return at;
}

/// Whether a text reads a name, as "$batch" and "2 * $tp" do and "$3 /h" does not.
[[nodiscard]] bool reads_names(std::string_view text);

/// A name as it stands in the text.
struct Name {
  std::string_view text;           ///< without '$'
  std::size_t end = 0;             ///< in the whole text
  const Symbol* symbol = nullptr;  ///< null: unknown
};

/// The name at `at`, with or without '$'. It goes as far as a known name does: "a-1" is the input of that name before it is a
/// difference.
[[nodiscard]] Name read_name(std::string_view text, std::size_t at, const Symbols& symbols);

/// Where the number at `at` ends with its unit, if any: the unit goes on over '/', '*' and '^' while a unit follows, and neither
/// a known name nor a call.
[[nodiscard]] std::size_t literal_end(std::string_view text, std::size_t at, const Symbols& symbols);

/// "; did you mean '$batch'?" where a known name is near, else empty.
[[nodiscard]] std::string name_hint(std::string_view word, const Symbols& symbols);

}  // namespace ironlaw::host
