#pragma once
#include <ironlaw/export.hpp>

#include <cstddef>

namespace ironlaw::host {

/// Memory that this process shares with those that it forks. Pages that nobody touched cost nothing.
class IRONLAW_API SharedMemory {
 public:
  explicit SharedMemory(std::size_t bytes);
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();
  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return bytes_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
};

}  // namespace ironlaw::host
