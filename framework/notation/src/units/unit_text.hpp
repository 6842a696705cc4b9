#pragma once
// Reading the text of a unit.
#include "units/unit_table.hpp"

#include <ironlaw/dimension.hpp>
#include <string_view>

namespace ironlaw::host {

/// A unit as read: its scale stays exact until a number is multiplied in.
struct ReadUnit {
  Scale scale;
  Dimension dimension;
};

/// Reads a unit expression, "" included; `whole` is the text that an error names. Throws UnitError.
ReadUnit read_unit(std::string_view text, const Dimension& expected, std::string_view whole);

}  // namespace ironlaw::host
