#pragma once
// How plugins, components and ports may be called.
#include <algorithm>
#include <array>
#include <string_view>

namespace ironlaw::host {

inline constexpr std::array<std::string_view, 6> component_sorts{"solver", "kind", "study", "observer", "guard", "importer"};

/// "tensor_parallel": lower case, digits and single underscores, a letter first.
constexpr bool is_snake_case(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z' || name.back() == '_') return false;
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return std::all_of(name.begin(), name.end(), allowed) && name.find("__") == std::string_view::npos;
}

/// "latency", or "node.latency" for a port of a group.
constexpr bool is_port_name(std::string_view name) {
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    if (!is_snake_case(name.substr(0, dot))) return false;
    name.remove_prefix(dot + 1);
  }
  return is_snake_case(name);
}

}  // namespace ironlaw::host
