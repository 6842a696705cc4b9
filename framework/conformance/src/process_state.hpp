#pragma once
#include "breaches.hpp"

#include <array>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>

namespace ironlaw::host {

/// What a plugin must leave as it was in the process that it runs in.
class ProcessState {
 public:
  ProcessState();
  /// Adds what is different now; `when` says after what: "running it".
  void compare(const std::string& when, Breaches& problems) const;

 private:
  std::uint64_t floating_point_;
  int rounding_;
  int traps_;
  bool keeps_small_numbers_;
  std::size_t threads_;
  std::string locale_;
  std::filesystem::path folder_;
  unsigned mask_;
  std::map<int, std::uintptr_t> handlers_;                        ///< by signal
  std::map<int, std::pair<std::uint64_t, std::uint64_t>> files_;  ///< by descriptor: device and inode
  std::string environment_;
};

/// Descriptors that are nobody's: a plugin that closes or writes to what it did not open meets them.
class SpareDescriptors {
 public:
  SpareDescriptors();
  SpareDescriptors(const SpareDescriptors&) = delete;
  SpareDescriptors& operator=(const SpareDescriptors&) = delete;
  ~SpareDescriptors();
  void compare(const std::string& when, Breaches& problems) const;

 private:
  std::array<int, 3> descriptors_{};
};

}  // namespace ironlaw::host
