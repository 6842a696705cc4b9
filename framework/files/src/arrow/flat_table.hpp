#pragma once
// A flatbuffer read without its schema, where every offset is checked: the bytes may be anybody's.
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace ironlaw::host {

/// The bytes are no flatbuffer of the expected form.
struct BrokenBytes : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `T` at an offset. Throws BrokenBytes past the end.
template <class T>
T value_at(std::string_view bytes, std::size_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) throw BrokenBytes("ends too early");
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

class FlatTable;

/// A vector of tables, structs or bytes.
struct FlatVector {
  std::string_view bytes;
  std::size_t begin = 0;
  std::size_t size = 0;
  [[nodiscard]] FlatTable table(std::size_t i) const;
  /// The i-th of structs.
  template <class T>
  [[nodiscard]] T item(std::size_t i) const {
    return value_at<T>(bytes, begin + i * sizeof(T));
  }
};

/// A table of a flatbuffer; its fields go by number.
class FlatTable {
 public:
  FlatTable(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {
    const auto back = value_at<std::int32_t>(bytes, at);
    const auto fields = static_cast<std::int64_t>(at) - back;
    if (fields < 0) throw BrokenBytes("holds a wrong offset");
    fields_ = static_cast<std::size_t>(fields);
    count_ = (value_at<std::uint16_t>(bytes, fields_) - 4) / 2;
  }
  static FlatTable root(std::string_view bytes) { return {bytes, value_at<std::uint32_t>(bytes, 0)}; }

  template <class T>
  [[nodiscard]] T number(int field, T otherwise) const {
    const auto at = place(field);
    return at ? value_at<T>(bytes_, *at) : otherwise;
  }
  [[nodiscard]] std::optional<FlatTable> table(int field) const {
    const auto at = target(field);
    return at ? std::optional(FlatTable(bytes_, *at)) : std::nullopt;
  }
  [[nodiscard]] FlatVector vector(int field, std::size_t item_bytes) const {
    const auto at = target(field);
    if (!at) return {bytes_, 0, 0};
    const std::size_t size = value_at<std::uint32_t>(bytes_, *at);
    if (size > (bytes_.size() - *at - 4) / item_bytes) throw BrokenBytes("holds a wrong length");
    return {bytes_, *at + 4, size};
  }
  [[nodiscard]] std::string_view text(int field) const {
    const FlatVector letters = vector(field, 1);
    return bytes_.substr(letters.begin, letters.size);
  }

 private:
  [[nodiscard]] std::optional<std::size_t> place(int field) const {
    if (field >= count_) return {};
    const auto offset = value_at<std::uint16_t>(bytes_, fields_ + 4 + 2 * static_cast<std::size_t>(field));
    return offset == 0 ? std::nullopt : std::optional(at_ + offset);
  }
  [[nodiscard]] std::optional<std::size_t> target(int field) const {
    const auto at = place(field);
    if (!at) return {};
    return *at + value_at<std::uint32_t>(bytes_, *at);
  }
  std::string_view bytes_;
  std::size_t at_;
  std::size_t fields_ = 0;
  int count_ = 0;
};

inline FlatTable FlatVector::table(std::size_t i) const {
  const std::size_t at = begin + 4 * i;
  return {bytes, at + value_at<std::uint32_t>(bytes, at)};
}

}  // namespace ironlaw::host
