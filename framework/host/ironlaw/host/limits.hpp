#pragma once
#include <cstdint>
#include <limits>

namespace ironlaw::host {

/// What one request may cost: a config with all that it includes, or a line of a batch. What goes beyond is an InputError that
/// names the flag.
struct RequestLimits {
  std::uint64_t bytes = std::uint64_t{256} << 20;  ///< of its text, that of configs in it with it (--max-bytes)
  std::uint64_t depth = 200;                       ///< levels of its text, at most 200 (--max-depth)
  std::uint64_t includes = 1000;                   ///< configs in it, each as often as it is there (--max-includes)
  std::uint64_t rows = 1'000'000'000'000;          ///< of its table (--max-rows)
  std::uint64_t memory = std::uint64_t{16} << 30;  ///< bytes of its tree, its axes and the rows that it keeps (--max-memory)
  double seconds = std::numeric_limits<double>::infinity();  ///< until its last row (--max-seconds)
  /// It may name files: configs by path, and callbacks, which may write what they like (batch --allow-files).
  bool files = true;

  /// For requests of people that one does not know.
  static constexpr RequestLimits of_service() {
    return {.bytes = std::uint64_t{16} << 20,
            .depth = 100,
            .includes = 100,
            .rows = 1'000'000,
            .memory = std::uint64_t{1} << 30,
            .seconds = 60,
            .files = false};
  }
};

}  // namespace ironlaw::host
