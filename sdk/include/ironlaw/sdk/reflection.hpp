#pragma once
// Names of members and enumerators, read from the compiler at compile time.
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace ironlaw::detail {

template <auto M>
constexpr std::string_view signature() {
  return __PRETTY_FUNCTION__;  // "... [with auto M = &S::Inputs::batch_size; ...]" or "... [M = &S::Inputs::batch_size]"
}

/// "batch_size" of &S::Inputs::batch_size.
template <auto M>
constexpr std::string_view member_name() {
  std::string_view s = signature<M>();
  s = s.substr(s.rfind("M = &"));
  s = s.substr(0, s.find_first_of(";]"));
  return s.substr(s.rfind(':') + 1);
}

/// "fp16" of Precision::fp16; empty where no enumerator has the value.
template <auto M>
constexpr std::string_view enumerator_name() {
  std::string_view s = signature<M>();
  s = s.substr(s.rfind("M = ") + 4);
  s = s.substr(0, s.find_first_of(";]"));
  if (const auto paren = s.rfind(')'); paren != s.npos && paren + 1 < s.size() && s[paren + 1] >= '0' && s[paren + 1] <= '9')
    return {};
  return s.substr(s.rfind(':') + 1);
}

inline constexpr std::size_t most_enumerators = 24;

template <class E, std::size_t... k>
constexpr std::size_t count_enumerators(std::index_sequence<k...>) {
  return (std::size_t{0} + ... + (enumerator_name<static_cast<E>(k)>().empty() ? 0u : 1u));
}
template <class E, std::size_t... k>
constexpr auto list_enumerators(std::index_sequence<k...>) {
  return std::array<std::string_view, sizeof...(k)>{enumerator_name<static_cast<E>(k)>()...};
}

/// The enumerators of E, which count from 0 without a gap.
template <class E>
inline constexpr auto enumerator_names =
    list_enumerators<E>(std::make_index_sequence<count_enumerators<E>(std::make_index_sequence<most_enumerators>{})>{});

}  // namespace ironlaw::detail
