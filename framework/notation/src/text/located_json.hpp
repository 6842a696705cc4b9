#pragma once
#include "text/json.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// Where a value is written, in the shape of the tree: a member at its key, an item at its value. What an alias repeats has no
/// place of its own.
struct Place {
  std::uint32_t line = 1, column = 1;
  std::vector<Place> children{};
};

struct LocatedJson {
  Json json;
  Place place;
  /// The place of a JSON pointer ("/stages/serve"), or of the innermost value on the way there that has one.
  [[nodiscard]] const Place& at(std::string_view pointer) const;
};

}  // namespace ironlaw::host
