#pragma once
// Series as an author writes them: `Series<Power> load;` in Inputs, `SeriesOut<Energy, 96> charge;` in Outputs.
#include <ironlaw/error.hpp>
#include <ironlaw/quantity.hpp>
#include <ironlaw/series.hpp>

#include <algorithm>
#include <cmath>
#include <span>

namespace ironlaw {
namespace detail {

template <class Q>
constexpr Q quantity_of(double value) {
  if constexpr (Quantity<Q>) {
    return Q::from_value(value);
  } else {
    return value;
  }
}

}  // namespace detail

/// A quantity over an index, read only; empty where the port is optional and nobody gave it.
template <class Q>
class Series {
 public:
  using value_type = Q;
  Series() = default;
  explicit Series(const SeriesCell* cell)
      : data_(cell != nullptr ? cell->data : nullptr), size_(cell != nullptr ? cell->size : 0) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Q operator[](std::size_t i) const { return detail::quantity_of<Q>(data_[i]); }
  /// The value at a place that may lie between two; the ends hold beyond them. Not of an empty series.
  [[nodiscard]] Q at(double place) const {
    const double p = std::clamp(place, 0.0, static_cast<double>(size_ - 1));
    const auto i = static_cast<std::size_t>(p);
    const double share = p - static_cast<double>(i);
    return detail::quantity_of<Q>(share == 0 ? data_[i] : data_[i] + share * (data_[i + 1] - data_[i]));
  }
  /// The values in SI units.
  [[nodiscard]] std::span<const double> values() const { return {data_, size_}; }

 private:
  const double* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Calls f(i) for each place of a series, in order, eight to a turn of the loop: as `for`, and cheaper where f is short.
template <class F>
inline void for_each_place(std::size_t size, F&& f) {
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    f(i), f(i + 1), f(i + 2), f(i + 3);
    f(i + 4), f(i + 5), f(i + 6), f(i + 7);
  }
  for (; i < size; ++i) f(i);
}
/// Calls f with the values of series over one index, place by place: `for_each_value(f, load, price)` f(load[i], price[i]). A
/// series that is left out (empty) must not be among them.
template <class F, class First, class... Rest>
inline void for_each_value(F&& f, const Series<First>& first, const Series<Rest>&... rest) {
  for_each_place(first.size(), [&](std::size_t i) { f(first[i], rest[i]...); });
}

/// A series that a solver writes, of at most Longest values. Its solver is `static void solve(const Inputs&, Outputs&)`.
template <class Q, std::uint32_t Longest>
class SeriesOut {
 public:
  using value_type = Q;
  static constexpr std::uint32_t longest = Longest;

  /// False where nobody reads it: what is done for it alone may be left out.
  [[nodiscard]] bool wanted() const { return to_ != nullptr; }
  /// Adds a value. Throws DomainError beyond Longest.
  void push_back(Q value) {
    if (to_ == nullptr) return;
    if (to_->size == Longest) too_long();
    if constexpr (Quantity<Q>) {
      to_->data[to_->size++] = value.value();
    } else {
      to_->data[to_->size++] = value;
    }
  }
  /// Room for `size` values in SI units to write, or null where nobody reads them. Throws DomainError beyond Longest.
  double* resize(std::size_t size) {
    if (to_ == nullptr) return nullptr;
    if (size > Longest) too_long();
    to_->size = static_cast<std::uint32_t>(size);
    return to_->data;
  }

  /// Where the values go; the adapter calls it before `solve`.
  void bind(SeriesCell* to) {
    to_ = to;
    if (to_ != nullptr) to_->size = 0;
  }
  /// 0, or not a number where a value is not finite.
  [[nodiscard]] double finite_sum() const {
    double sum = 0;
    for (std::uint32_t i = 0; to_ != nullptr && i < to_->size; ++i) sum += 0 * to_->data[i];
    return sum;
  }

 private:
  [[noreturn]] static void too_long() { throw DomainError("series", "has more values than the solver declares"); }
  SeriesCell* to_ = nullptr;
};

namespace detail {
template <class T>
inline constexpr bool is_series = false;
template <class Q>
inline constexpr bool is_series<Series<Q>> = true;
template <class T>
inline constexpr bool is_series_out = false;
template <class Q, std::uint32_t L>
inline constexpr bool is_series_out<SeriesOut<Q, L>> = true;
}  // namespace detail

}  // namespace ironlaw
