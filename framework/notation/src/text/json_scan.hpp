#pragma once
// Where the parts of a JSON text stand, found without building a tree: what a large file costs where little of it is asked for.
#include <ironlaw/export.hpp>

#include <string_view>

namespace ironlaw::host {

/// Walks a text from front to back. Whatever is not plain JSON makes a step false: then parse_json says what is wrong.
class IRONLAW_API JsonScan {
 public:
  explicit JsonScan(std::string_view text) : text_(text) {}

  /// Takes one character of structure, blanks before it skipped.
  [[nodiscard]] bool take(char c);
  /// The next character of structure, blanks before it skipped; 0 at the end.
  [[nodiscard]] char peek();
  /// A text in quotes, as it stands between them; `escaped` where it holds a backslash.
  [[nodiscard]] bool text(std::string_view& raw, bool& escaped);
  /// A whole value of any kind, as it stands.
  [[nodiscard]] bool value(std::string_view& raw);
  [[nodiscard]] bool at_end();

 private:
  void blanks();
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace ironlaw::host
