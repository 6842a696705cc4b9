#pragma once
// Plain values as bytes of this machine.
#include <ironlaw/error.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace ironlaw::host {

template <class T>
void put(std::string& bytes, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}
inline void put(std::string& bytes, std::string_view text) {
  put(bytes, static_cast<std::uint32_t>(text.size()));
  bytes += text;
}
template <class T>
void put(std::string& bytes, const std::vector<T>& values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

/// `n` bytes off the front. Throws InputError where there are fewer.
inline std::string_view take(std::string_view& bytes, std::size_t n) {
  if (bytes.size() < n) throw InputError("", "a record of rows ends too early");
  const auto front = bytes.substr(0, n);
  bytes.remove_prefix(n);
  return front;
}
template <class T>
T take(std::string_view& bytes) {
  T value;
  std::memcpy(&value, take(bytes, sizeof value).data(), sizeof value);
  return value;
}
inline std::string take_text(std::string_view& bytes) { return std::string(take(bytes, take<std::uint32_t>(bytes))); }
template <class T>
void take_all(std::string_view& bytes, std::vector<T>& values, std::size_t n) {
  if (n > bytes.size() / sizeof(T)) throw InputError("", "a record of rows ends too early");
  values.resize(n);
  std::memcpy(values.data(), take(bytes, n * sizeof(T)).data(), n * sizeof(T));
}

}  // namespace ironlaw::host
