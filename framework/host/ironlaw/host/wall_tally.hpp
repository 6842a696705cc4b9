#pragma once
#include <cstdint>
#include <string>

namespace ironlaw::host {

/// How often a wall stood in the way.
struct WallTally {
  std::string wall;            ///< "memory", or "serve.memory" in a pipeline of several stages
  std::uint64_t rows = 0;      ///< in which it stands: nothing switches it off
  std::uint64_t exceeded = 0;  ///< of them
  std::uint64_t binds = 0;     ///< rows in which it is the first of all walls
  double least_margin = 0;     ///< of all rows; infinite where it stands in none
};

}  // namespace ironlaw::host
