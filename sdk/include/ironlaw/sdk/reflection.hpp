#pragma once
// Names of members and enumerators, read from the compiler at compile time.
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace ironlaw::detail {

// The compiler's own text ends in the entity's name and "]": "... [with auto M = &S::Inputs::batch_size]". Read from the end, and
// with a return type that no compiler explains behind it: searched from the front, the text was a third of a compilation.
struct Signature {
  const char* text;
  std::size_t size;  ///< before the bracket
};
template <auto M>
constexpr Signature signature() {
  return {__PRETTY_FUNCTION__, sizeof __PRETTY_FUNCTION__ - 2};
}

/// What stands behind the last colon, space or parenthesis.
constexpr std::string_view last_word(Signature s) {
  std::size_t begin = s.size;
  while (s.text[begin - 1] != ':' && s.text[begin - 1] != ' ' && s.text[begin - 1] != ')') --begin;
  return {s.text + begin, s.size - begin};
}

/// "batch_size" of &S::Inputs::batch_size.
template <auto M>
constexpr std::string_view member_name() {
  return last_word(signature<M>());
}

/// "fp16" of Precision::fp16; empty where no enumerator has the value, which compilers write as "(Precision)7".
template <auto M>
constexpr std::string_view enumerator_name() {
  const std::string_view name = last_word(signature<M>());
  return name.front() >= '0' && name.front() <= '9' ? std::string_view() : name;
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
