#pragma once
// YAML read into the same tree as JSON, by the core schema of YAML 1.2: true, false, null, whole numbers (0x and 0o too) and
// decimal numbers are what they look like; everything else is text, what is in quotes always ("1_000", yes and 1:30 are text).
//
// Refused, each with line and column: a key given twice, merge keys, tags but the core ones, a second document, .inf and .nan,
// whole numbers with a leading 0 (octal elsewhere), keys that are lists or objects, more than 200 levels or a million values
// with what aliases repeat, and text that is not UTF-8 or has control characters.
#include "text/located_json.hpp"

namespace ironlaw::host {

/// Throws InputError: "FILE:LINE:COLUMN: what".
[[nodiscard]] LocatedJson read_yaml(std::string_view text, const std::string& file);

}  // namespace ironlaw::host
