#include "text/located_json.hpp"

#include <algorithm>
#include <charconv>

namespace ironlaw::host {
namespace {

std::size_t size_of(const Json& value) { return value.is_structured() ? value.size() : 0; }

std::string unescaped(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    key += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return key;
}

/// Which member of a container a step of a JSON pointer means; its size where none.
std::size_t step_into(const Json& value, std::string_view token) {
  if (value.is_object()) {
    std::size_t i = 0;
    const std::string name = unescaped(token);
    for (auto member = value.begin(); member != value.end() && member.key() != name; ++member) ++i;
    return i;
  }
  std::size_t i = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), i);
  return error == std::errc{} && end == token.data() + token.size() ? std::min(i, size_of(value)) : size_of(value);
}

}  // namespace

const Place& LocatedJson::at(std::string_view pointer) const {
  const Json* value = &json;
  const Place* found = &place;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const auto token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    const std::size_t i = step_into(*value, token);
    if (i >= size_of(*value) || i >= found->children.size()) break;
    value = value->is_array() ? &(*value)[i]
                              : &value->get_ref<const Json::object_t&>().begin()[static_cast<std::ptrdiff_t>(i)].second;
    found = &found->children[i];
  }
  return *found;
}

}  // namespace ironlaw::host
