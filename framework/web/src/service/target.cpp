#include "service/target.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/utf8.hpp>

#include <vector>

namespace ironlaw::host {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text, bool query) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && query) {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
      if (low < 0) throw InputError("target", "'%' takes two hexadecimal digits");
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (!is_utf8(plain)) throw InputError("target", "is no UTF-8");
  return plain;
}

}  // namespace

void Target::check_query(std::initializer_list<std::string_view> allowed) const {
  const std::vector<std::string_view> known(allowed);
  for (const auto& [key, text] : query)
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw InputError("?" + key, "is unknown" + did_you_mean(key, known));
}

std::string Target::value(const std::string& key) const {
  const auto found = query.find(key);
  return found == query.end() ? std::string() : found->second;
}

Target target_of(std::string_view text) {
  Target target;
  const auto mark = text.find('?');
  target.path = decoded(text.substr(0, mark), false);
  std::string_view rest = mark == text.npos ? std::string_view() : text.substr(mark + 1);
  while (!rest.empty()) {
    const auto one = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const auto equals = one.find('=');
    if (one.empty()) continue;
    target.query[decoded(one.substr(0, equals), true)] = equals == one.npos ? "" : decoded(one.substr(equals + 1), true);
  }
  return target;
}

}  // namespace ironlaw::host
