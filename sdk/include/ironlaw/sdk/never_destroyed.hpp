#pragma once

namespace ironlaw::detail {

/// Holds a component for as long as the process lives: a host that ends in a static destructor may still call it.
template <class T>
union NeverDestroyed {
  constexpr NeverDestroyed() : value() {}
  NeverDestroyed(const NeverDestroyed&) = delete;
  NeverDestroyed& operator=(const NeverDestroyed&) = delete;
  ~NeverDestroyed() {}  // NOLINT(modernize-use-equals-default): defaulted, it would be deleted
  T value;
};
template <class T>
inline const NeverDestroyed<T> only_instance{};

}  // namespace ironlaw::detail
