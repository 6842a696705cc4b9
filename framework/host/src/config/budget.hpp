#pragma once
#include <ironlaw/export.hpp>
#include <ironlaw/host/limits.hpp>

#include <atomic>
#include <chrono>
#include <string>

namespace ironlaw::host {

/// What a request has taken of its limits. Each of these throws InputError at `where` with what goes beyond.
class IRONLAW_API Budget {
 public:
  explicit Budget(const RequestLimits& limits) : limits_(limits) {}

  void take_bytes(std::uint64_t bytes, const std::string& where);
  void take_include(const std::string& where);
  /// Of what lives as long as the request; an estimate.
  void take_memory(std::uint64_t bytes, const std::string& where = {});
  void give_back_memory(std::uint64_t bytes) { memory_.fetch_sub(bytes, std::memory_order_relaxed); }
  void check_rows(std::uint64_t rows, const std::string& where) const;
  /// `what` names a file: "a config by its path".
  void check_files(const char* what, const std::string& where) const;
  void check_time(const std::string& where = {}) const;
  [[nodiscard]] bool late() const { return limits_.seconds <= std::numeric_limits<double>::max() && seconds() > limits_.seconds; }
  [[nodiscard]] const RequestLimits& limits() const { return limits_; }

 private:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  const RequestLimits limits_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::uint64_t bytes_ = 0;
  std::uint64_t includes_ = 0;
  std::atomic<std::uint64_t> memory_{0};
};

}  // namespace ironlaw::host
