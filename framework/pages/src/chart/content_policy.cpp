#include "chart/content_policy.hpp"

#include "chart/packed.hpp"
#include "plugins/digest.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

std::string hash_of(std::string_view text) { return " 'sha256-" + base64(sha256_of_bytes(text)) + "'"; }

/// What stands behind `begin` in `page`, up to `end`; `page` goes on behind it.
std::string_view take(std::string_view& page, std::string_view begin, std::string_view end) {
  page.remove_prefix(page.find(begin) + begin.size());
  const auto size = std::min(page.find(end), page.size());
  const auto found = page.substr(0, size);
  page.remove_prefix(size);
  return found;
}

}  // namespace

std::string content_policy(std::string_view frame, std::string_view packed_script) {
  std::string scripts = packed_script.empty() ? std::string() : hash_of(packed_script);
  std::string styles;
  while (true) {
    const auto script = frame.find("<script>");
    const auto style = frame.find("<style>");
    if (script == frame.npos && style == frame.npos) break;
    if (script < style) {
      scripts += hash_of(take(frame, "<script>", "</script>"));
    } else {
      styles += hash_of(take(frame, "<style>", "</style>"));
    }
  }
  return "default-src 'none'; script-src" + scripts + "; style-src" + styles + "; base-uri 'none'; form-action 'none'";
}

std::string without_styles(std::string_view whole) {
  std::string sheetless;
  for (auto sheet = whole.find("<style"); sheet != whole.npos; sheet = whole.find("<style")) {
    sheetless += whole.substr(0, sheet);
    constexpr std::string_view end = "</style>";
    whole.remove_prefix(std::min(std::min(whole.find(end, sheet), whole.size() - end.size()) + end.size(), whole.size()));
  }
  sheetless += whole;
  constexpr std::string_view begin = " style=\"";
  std::string_view svg = sheetless;
  std::string plain;
  for (auto at = svg.find(begin); at != svg.npos; at = svg.find(begin)) {
    plain += svg.substr(0, at);
    svg.remove_prefix(at + begin.size());
    std::string_view style = svg.substr(0, svg.find('"'));
    svg.remove_prefix(std::min(style.size() + 1, svg.size()));
    while (!style.empty()) {
      const auto one = style.substr(0, style.find(';'));
      style.remove_prefix(std::min(one.size() + 1, style.size()));
      const auto colon = one.find(':');
      if (colon == one.npos) continue;
      plain.append(" ").append(one.substr(0, colon)).append("=\"").append(one.substr(colon + 1)).append("\"");
    }
  }
  return plain.append(svg);
}

}  // namespace ironlaw::host
