#pragma once
#include <ironlaw/error.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace ironlaw::estimates {

/// Up to N of something, without an allocation: facts are asked once, but for every row where the layout varies.
template <class T, std::size_t N>
class FixedList {
 public:
  T& add(const T& one, std::string_view model) {
    if (size_ == N) throw Unsupported(model, "it has more operators than the solver has room for");
    return items_[size_++] = one;
  }
  [[nodiscard]] std::span<const T> all() const { return {items_.data(), size_}; }
  [[nodiscard]] std::span<T> all() { return {items_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

}  // namespace ironlaw::estimates
