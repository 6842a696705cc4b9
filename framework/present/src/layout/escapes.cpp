#include "layout/escapes.hpp"

#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <charconv>

namespace ironlaw::host {
namespace {

/// The longest run of a character in a text.
std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char t : text) {
    run = t == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Whether a spreadsheet would work out what begins like this.
bool is_formula(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  return first != text.npos && std::string_view("=+-@").find(text[first]) != std::string_view::npos && text.size() > 1 &&
         !is_number(text.substr(first));
}

}  // namespace

std::string visible_lines(std::string_view text) {
  std::string lines;
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    lines += visible_text(text.substr(0, end)) + '\n';
    text.remove_prefix(end + 1);
  }
  return lines + visible_text(text);
}

std::string markdown_text(std::string_view text) {
  std::string safe;
  char before = ' ';
  for (const char c : visible_text(text)) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      const bool after_bracket = before == ']' && (c == '(' || c == ':' || c == '[');
      if (after_bracket || c == '|' || c == '\\' || c == '`' || c == '~') safe += '\\';
      safe += c;
    }
    before = c;
  }
  return safe;
}

std::string markdown_code(std::string_view text) {
  const std::string shown = visible_text(text);
  const std::string fence(longest_run(shown, '`') + 1, '`');
  const std::string_view gap = shown.starts_with('`') || shown.ends_with('`') ? " " : "";
  return std::string(fence).append(gap).append(shown).append(gap).append(fence);
}

std::string markdown_block(std::string_view language, std::string_view text) {
  const std::string fence(std::max<std::size_t>(3, longest_run(text, '`') + 1), '`');
  const std::string_view end = text.ends_with('\n') ? "" : "\n";
  return std::string(fence).append(language).append("\n").append(visible_lines(text)).append(end).append(fence).append("\n");
}

std::string html_text(std::string_view text) {
  std::string safe;
  for (const char c : visible_text(text)) {
    switch (c) {
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '&':
        safe += "&amp;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::string script_json(std::string_view json) {
  std::string safe;
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string csv_field(std::string_view text) {
  const auto stands_for_itself = [](char c) { return c >= 0x20 && c < 0x7F && c != ',' && c != '"'; };
  if (text.empty() || (std::string_view("=+-@ ").find(text.front()) == std::string_view::npos &&
                       std::all_of(text.begin(), text.end(), stands_for_itself)))
    return std::string(text);
  std::string shown = visible_text(text);
  if (is_formula(shown)) shown.insert(0, 1, '\'');
  if (shown.find_first_of(",\"") == shown.npos) return shown;
  std::string quoted = "\"";
  for (const char c : shown) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

}  // namespace ironlaw::host
