#pragma once
#include "text/json.hpp"

#include "value/kept_values.hpp"

#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

namespace ironlaw::host {

/// Reads a literal for a port whose cell is a number: a number, a quantity with its unit, a choice, true or false, or null where
/// it may be absent. Text is accepted wherever a command line could give it. Checks dimension and range.
/// Throws InputError at `where` (a file with a JSON pointer, or a flag).
[[nodiscard]] IRONLAW_API Cell read_value(const PortInfo& port, const Json& value, const std::string& where);

/// The same for a series or a text too, which `kept` owns: a list of values, {"value": list, "unit": text}, or a text.
[[nodiscard]] IRONLAW_API Cell read_value(const PortInfo& port, const Json& value, const std::string& where, KeptValues& kept);

/// Whether a port of numbers takes one without a unit: plain ones, tokens and requests.
[[nodiscard]] IRONLAW_API bool takes_bare_number(const PortInfo& port);

/// A port of one of the values of a series.
[[nodiscard]] PortInfo value_of_series(PortInfo port);

/// "; did you mean 'x'?" where a candidate is near, else a full stop.
[[nodiscard]] IRONLAW_API std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ironlaw::host
