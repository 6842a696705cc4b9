#include "template_text.hpp"

#include <ironlaw/error.hpp>

namespace ironlaw::host {
namespace {

/// Calls `text` for what stands between values, and `value` for each.
template <class Text, class Value>
void walk(std::string_view line, Text text, Value value) {
  while (!line.empty()) {
    const auto brace = line.find('{');
    text(line.substr(0, brace));
    if (brace == line.npos) return;
    const auto end = line.find('}', brace);
    value(std::string(line.substr(brace + 1, end - brace - 1)));
    line.remove_prefix(end + 1);
  }
}

}  // namespace

std::vector<std::string> template_values(std::string_view text, const std::string& where) {
  std::size_t depth = 0;
  for (const char c : text) {
    depth += c == '{' ? 1 : 0;
    depth -= c == '}' && depth > 0 ? 1 : 0;
  }
  if (depth != 0) throw InputError(where, "has a '{' that is not closed");
  std::vector<std::string> values;
  walk(
      text, [](std::string_view) {}, [&](const std::string& value) { values.push_back(value); });
  return values;
}

std::string filled_template(std::string_view text, const std::function<std::string(const std::string&)>& value) {
  std::string filled;
  std::string optional;
  bool inside = false;
  bool absent = false;
  const auto add = [&](std::string_view part) {
    for (const char c : part) {
      if (c == '[') {
        inside = true;
        absent = false;
        optional.clear();
      } else if (c == ']' && inside) {
        inside = false;
        if (!absent) filled += optional;
      } else {
        (inside ? optional : filled) += c;
      }
    }
  };
  walk(text, add, [&](const std::string& name) {
    const std::string shown = value(name);
    absent = absent || shown.empty();
    (inside ? optional : filled) += shown.empty() && !inside ? std::string("?") : shown;
  });
  return filled;
}

}  // namespace ironlaw::host
