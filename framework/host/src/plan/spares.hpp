// What workers leave for the next to take.
#pragma once
#include <array>
#include <atomic>
#include <memory>

namespace ironlaw::host {

/// Objects that one caller gives and another takes, from any thread, without a lock and without an allocation. Holds 256, more
/// than blocks are under way at once; what is given beyond them is destroyed.
template <class T>
class Spares {
 public:
  Spares() = default;
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;
  ~Spares() {
    for (auto& place : places_) delete place.load();
  }

  /// One that was given, or null.
  [[nodiscard]] std::unique_ptr<T> take() noexcept {
    for (auto& place : places_)
      if (place.load(std::memory_order_relaxed) != nullptr)
        if (T* const spare = place.exchange(nullptr, std::memory_order_acquire)) return std::unique_ptr<T>(spare);
    return nullptr;
  }
  void give(std::unique_ptr<T> spare) noexcept {
    for (auto& place : places_) {
      T* nothing = nullptr;
      if (place.compare_exchange_strong(nothing, spare.get(), std::memory_order_release, std::memory_order_relaxed)) {
        static_cast<void>(spare.release());
        return;
      }
    }
  }

 private:
  std::array<std::atomic<T*>, 256> places_{};
};

}  // namespace ironlaw::host
