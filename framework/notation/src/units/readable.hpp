#pragma once
// The units people use for each dimension, smallest first.
#include "units/scale.hpp"

#include <ironlaw/dimension.hpp>
#include <string>
#include <vector>

namespace ironlaw::host {

/// A unit to print in.
struct Rung {
  std::string name;
  Scale scale;
};

/// The rungs for a dimension, at least one. `exact` leaves out what would turn a short number into a long one (hours).
std::vector<Rung> ladder(const Dimension& dimension, bool exact);

}  // namespace ironlaw::host
