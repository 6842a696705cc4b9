#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// The text of an expression and where it stands, for errors.
struct Source {
  std::string_view text;
  const std::string& where;

  /// Counted in characters, from 1.
  [[nodiscard]] std::size_t column(std::size_t offset) const;
  /// "WHERE: column 7".
  [[nodiscard]] std::string at(std::size_t offset) const;
  /// Throws InputError.
  [[noreturn]] void fail(std::size_t offset, const std::string& what) const;
};

/// "; did you mean 'x'?" where a candidate is near, else empty.
[[nodiscard]] std::string nearest_hint(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ironlaw::host
