#include "text/json_scan.hpp"

#include <cstring>

namespace ironlaw::host {

void JsonScan::blanks() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
}

char JsonScan::peek() {
  blanks();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonScan::take(char c) {
  if (peek() != c || c == '\0') return false;
  ++at_;
  return true;
}

bool JsonScan::at_end() { return peek() == '\0' && at_ >= text_.size(); }

bool JsonScan::text(std::string_view& raw, bool& escaped) {
  if (!take('"')) return false;
  const std::size_t begin = at_;
  escaped = false;
  for (;;) {
    const void* quote = std::memchr(text_.data() + at_, '"', text_.size() - at_);
    if (quote == nullptr) return false;
    const auto end = static_cast<std::size_t>(static_cast<const char*>(quote) - text_.data());
    std::size_t slashes = 0;
    while (end - slashes > begin && text_[end - slashes - 1] == '\\') ++slashes;
    at_ = end + 1;
    if (slashes % 2 != 0) continue;
    raw = text_.substr(begin, end - begin);
    escaped = raw.find('\\') != raw.npos;
    return true;
  }
}

bool JsonScan::value(std::string_view& raw) {
  blanks();
  const std::size_t begin = at_;
  std::size_t depth = 0;
  std::string_view quoted;
  bool escaped = false;
  for (;;) {
    const char c = peek();
    if (c == '"') {
      if (!text(quoted, escaped)) return false;
    } else if (c == '{' || c == '[') {
      ++depth;
      ++at_;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
      ++at_;
    } else if (c == ',' || c == ':') {
      if (depth == 0) return false;
      ++at_;
      continue;
    } else if (c == '\0' || c == '}' || c == ']') {
      return false;
    } else {
      while (at_ < text_.size() && std::strchr(" \n\r\t,:{}[]\"", text_[at_]) == nullptr) ++at_;
    }
    if (depth == 0) break;
  }
  raw = text_.substr(begin, at_ - begin);
  return true;
}

}  // namespace ironlaw::host
