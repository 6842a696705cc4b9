#pragma once
#include <ironlaw/conformance/conformance.hpp>

namespace ironlaw::host {

/// Collects what is wrong, and tells the first with the number of the others.
class Breaches {
 public:
  void add(std::string what) {
    if (count_++ == 0) first_ = std::move(what);
  }
  [[nodiscard]] bool none() const { return count_ == 0; }
  /// `passed` is the detail where nothing is wrong.
  [[nodiscard]] Finding finding(std::string passed = {}) const {
    if (none()) return {CheckStatus::passed, std::move(passed)};
    return {CheckStatus::failed, count_ == 1 ? first_ : first_ + " (and " + std::to_string(count_ - 1) + " more)"};
  }

 private:
  std::size_t count_ = 0;
  std::string first_;
};

/// "3 solvers", "1 solver"
inline std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace ironlaw::host
