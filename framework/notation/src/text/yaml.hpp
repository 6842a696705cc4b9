#pragma once
// YAML read into the same tree as JSON, by the core schema of YAML 1.2: true, false, null, whole numbers (0x and 0o too) and
// decimal numbers are what they look like; everything else is text, what is in quotes always ("1_000", yes and 1:30 are text).
//
// Refused, each with line and column: a key given twice, merge keys, tags but the core ones, a second document, .inf and .nan,
// whole numbers with a leading 0 (octal elsewhere), keys that are lists or objects, more than 200 levels or a million values
// with what aliases repeat, and text that is not UTF-8 or has control characters.
#include "text/json.hpp"

#include <cstdint>
#include <string>
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

/// Throws InputError: "FILE:LINE:COLUMN: what".
[[nodiscard]] LocatedJson read_yaml(std::string_view text, const std::string& file);

}  // namespace ironlaw::host
