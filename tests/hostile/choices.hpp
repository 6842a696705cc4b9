#pragma once
// Bytes as decisions: what a fuzzer changes, and what a seed gives, becomes a command line, a request, an expression.
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace ironlaw::hostile {

class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  [[nodiscard]] bool used_up() const { return at_ == bytes_.size(); }
  /// From 0 to n - 1; 0 once the bytes are used up.
  std::size_t below(std::size_t n) {
    std::size_t value = 0;
    for (std::size_t most = 1; most < n; most <<= 8) value = value << 8 | next();
    return n == 0 ? 0 : value % n;
  }
  /// True once in n.
  bool one_in(std::size_t n) { return !used_up() && below(n) == 0; }

  template <class T, std::size_t N>
  const T& of(const std::array<T, N>& all) {
    return all[below(N)];
  }
  std::string_view of(std::initializer_list<std::string_view> all) { return all.begin()[below(all.size())]; }

  /// A text that somebody might be harmed by, or a harmless one.
  std::string text();
  /// A number as somebody might write it, good or bad, with a unit at times.
  std::string number();

 private:
  std::uint8_t next() { return at_ < bytes_.size() ? bytes_[at_++] : std::uint8_t{0}; }
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace ironlaw::hostile
