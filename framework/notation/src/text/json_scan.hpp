#pragma once
// Where the parts of a JSON text stand, found without building a tree: what a large file costs where little of it is asked for.
#include <array>
#include <cstddef>
#include <string_view>

namespace ironlaw::host {

/// Characters to pass over.
struct Passed {
  constexpr explicit Passed(std::string_view stops) {
    for (bool& p : of) p = true;
    for (const char c : stops) of[static_cast<unsigned char>(c)] = false;
    of[0] = false;
  }
  std::array<bool, 256> of{};
};
inline constexpr Passed inside_a_value{"\"{}[]"};      ///< what neither opens nor closes
inline constexpr Passed of_a_word{" \n\r\t,:{}[]\""};  ///< numbers, true, false, null

/// Walks a text from front to back. Whatever is not plain JSON makes a step false: then parse_json says what is wrong. It looks
/// at no more than what holds the text together, so that parse_json may still refuse what is taken here.
class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : text_(text) {}

  /// Where it stands, blanks skipped.
  [[nodiscard]] std::size_t at() {
    blanks();
    return at_;
  }
  /// What it passed since then.
  [[nodiscard]] std::string_view since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  /// The next character of structure, blanks before it skipped; 0 at the end.
  [[nodiscard]] char peek() {
    blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  /// Takes one character of structure, blanks before it skipped.
  [[nodiscard]] bool take(char c) {
    if (peek() != c || c == '\0') return false;
    ++at_;
    return true;
  }
  [[nodiscard]] bool at_end() { return peek() == '\0' && at_ >= text_.size(); }

  /// A text in quotes, as it stands between them; `escaped` where it holds a backslash.
  [[nodiscard]] bool text(std::string_view& raw, bool& escaped) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    escaped = false;
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') {
        escaped = true;
        ++at_;
      }
    if (at_ >= text_.size()) return false;
    raw = text_.substr(begin, at_++ - begin);
    return true;
  }

  /// A whole value of any kind, as it stands.
  [[nodiscard]] bool value(std::string_view& raw) {
    const std::size_t begin = at();
    std::string_view quoted;
    bool escaped = false;
    std::size_t depth = 0;
    do {
      if (depth > 0) pass(inside_a_value);
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      if (c == '"') {
        if (!text(quoted, escaped)) return false;
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if ((c == '}' || c == ']') && depth > 0) {
        --depth;
        ++at_;
      } else {
        const std::size_t word = at_;
        pass(of_a_word);
        if (at_ == word) return false;
      }
    } while (depth > 0);
    raw = since(begin);
    return true;
  }

  /// An object: `each(key, escaped)` for each of its members, which takes the value; false ends the walk.
  template <class Each>
  [[nodiscard]] bool members(Each each) {
    if (!take('{')) return false;
    if (take('}')) return true;
    std::string_view key;
    bool escaped = false;
    do {
      if (!text(key, escaped) || !take(':') || !each(key, escaped)) return false;
    } while (take(','));
    return take('}');
  }
  /// A list: `each()` for each of its elements, which takes it.
  template <class Each>
  [[nodiscard]] bool elements(Each each) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!each()) return false;
    } while (take(','));
    return take(']');
  }

 private:
  void pass(const Passed& passed) {
    while (at_ < text_.size() && passed.of[static_cast<unsigned char>(text_[at_])]) ++at_;
  }
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace ironlaw::host
