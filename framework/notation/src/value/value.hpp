#pragma once
#include "text/json.hpp"

#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

namespace ironlaw::host {

/// Reads a literal for a port that is not an object: a number, a quantity with its unit, a choice, true or false, or null where
/// it may be absent. Text is accepted wherever a command line could give it. Checks dimension and range.
/// Throws InputError at `where` (a file with a JSON pointer, or a flag).
[[nodiscard]] IRONLAW_API Cell read_value(const PortInfo& port, const Json& value, const std::string& where);

/// "; did you mean 'x'?" where a candidate is near, else a full stop.
[[nodiscard]] IRONLAW_API std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ironlaw::host
