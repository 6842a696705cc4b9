#pragma once
// Absent and required values without std::optional: eight bytes, NaN means absent (a column of doubles can carry it as it is).
#include <ironlaw/quantity.hpp>

#include <limits>
#include <type_traits>

namespace ironlaw {

inline constexpr double absent_value = std::numeric_limits<double>::quiet_NaN();

struct Absent {};
inline constexpr Absent absent{};

/// An optional number, quantity, count or choice.
template <class T>
class Maybe {
 public:
  using value_type = T;

  constexpr Maybe() = default;
  constexpr Maybe(Absent) {}
  constexpr Maybe(const T& value) : cell_(to_cell(value)) {}

  static constexpr Maybe from_cell(double cell) {
    Maybe m;
    m.cell_ = cell;
    return m;
  }
  [[nodiscard]] constexpr double cell() const { return cell_; }

  [[nodiscard]] constexpr bool has_value() const { return cell_ == cell_; }
  constexpr explicit operator bool() const { return has_value(); }
  [[nodiscard]] constexpr T operator*() const {
    if constexpr (Quantity<T>) {
      return T::from_value(cell_);
    } else {
      return static_cast<T>(cell_);
    }
  }
  [[nodiscard]] constexpr T value_or(const T& other) const { return has_value() ? **this : other; }

 private:
  static constexpr double to_cell(const T& value) {
    if constexpr (Quantity<T>) {
      return value.value();
    } else {
      return static_cast<double>(value);
    }
  }
  double cell_ = absent_value;
};

/// `Time target = required;`: the port has no default. Works for quantities, double, integers and enumerations.
struct Required {
  template <class T>
  constexpr operator T() const {
    if constexpr (Quantity<T>) {
      return T::from_value(absent_value);
    } else if constexpr (std::is_floating_point_v<T>) {
      return absent_value;
    } else if constexpr (std::is_enum_v<T>) {
      return static_cast<T>(-1);
    } else {
      static_assert(std::is_integral_v<T> && !std::is_same_v<T, bool>,
                    "objects are required unless .optional(); bool needs a default");
      return std::numeric_limits<T>::min();
    }
  }
};
inline constexpr Required required{};

static_assert(sizeof(Maybe<Bandwidth>) == 8);

}  // namespace ironlaw
