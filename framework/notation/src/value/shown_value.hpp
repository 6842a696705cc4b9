#pragma once
// A value of a port, as text for people and as JSON for programs.
#include "value/port_values.hpp"

#include <ironlaw/maybe.hpp>
#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

#include <string>

namespace ironlaw::host {

/// A value under the name that a report shows it by.
struct ShownValue {
  std::string name;
  const PortInfo* port = nullptr;
  Cell cell{};
  std::string object;              ///< name of an object; empty where there is none
  Cell low = Cell{absent_value};   ///< with every band at its low end; absent where no band moves it
  Cell high = Cell{absent_value};  ///< with every band at its high end
};

[[nodiscard]] IRONLAW_API std::string_view status_name(RowStatus status);

/// The author's preferred unit where it fits the port's dimension, else empty: a plugin's typing error costs no report.
[[nodiscard]] IRONLAW_API std::string preferred_unit(const PortInfo& port);

/// Nothing is there, or no number that can be written down: 1/0 of an expression.
[[nodiscard]] IRONLAW_API bool is_absent(const ShownValue& value);

/// "542.6 us", "memory", "yes", "H100"; empty where absent.
[[nodiscard]] IRONLAW_API std::string value_text(const ShownValue& value);

/// "500 us to 600 us"; empty where it has no ends.
[[nodiscard]] IRONLAW_API std::string band_text(const ShownValue& value);

/// 0.0005426, "memory", true, "H100"; null where absent. Quantities are in SI units.
[[nodiscard]] IRONLAW_API Json scalar_json(const ShownValue& value);

/// The same with quantities as {"value", "unit"}.
[[nodiscard]] IRONLAW_API Json value_json(const ShownValue& value);

/// A number as {"value", "unit"}, or bare where it has no dimension.
[[nodiscard]] IRONLAW_API Json quantity_json(double number, const Dimension& dimension);

/// JSON as text; bytes that are no UTF-8 are replaced, characters that steer a screen are escapes. `indent` -1 is one line.
[[nodiscard]] IRONLAW_API std::string dump(const Json& json, int indent = -1);

}  // namespace ironlaw::host
