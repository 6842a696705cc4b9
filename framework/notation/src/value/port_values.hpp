#pragma once
// What each type of port takes, and how its values are read and shown: one class a type, so that a new type is a class here, its
// C++ type in the SDK and its name in PortType.
#include "text/json.hpp"
#include "value/kept_values.hpp"

#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

#include <string>

namespace ironlaw::host {

/// What a value is to whoever only writes it down or compares it.
enum class ValueForm : std::uint8_t { number, truth, choice, object, text, list };

class PortValues {
 public:
  PortValues() = default;
  PortValues(const PortValues&) = delete;
  PortValues& operator=(const PortValues&) = delete;
  virtual ~PortValues();

  [[nodiscard]] virtual ValueForm form() const = 0;
  /// "number", "series over hour": as a page says it.
  [[nodiscard]] virtual std::string name(const PortInfo& port) const = 0;
  /// "a quantity in s": what a wire carries.
  [[nodiscard]] virtual std::string carried(const PortInfo& port) const = 0;
  /// The values that a port allows, in words: "a value of at least 1".
  [[nodiscard]] virtual std::string allowed(const PortInfo& port) const = 0;
  /// Whether two ports of this type can be wired.
  [[nodiscard]] virtual bool suits(const PortInfo& from, const PortInfo& to) const = 0;

  [[nodiscard]] virtual bool absent(const Cell& cell) const = 0;
  /// Whether a value that is there may enter the port, and if not, why: "= 0 is not allowed; ...".
  [[nodiscard]] virtual bool accepts(const PortInfo& port, const Cell& cell) const = 0;
  [[nodiscard]] virtual std::string reason_refused(const PortInfo& port, const Cell& cell) const = 0;

  /// A literal that is not null; range and length are the caller's to check. Throws InputError.
  virtual Cell read(const PortInfo& port, const Json& value, const std::string& where, KeptValues& kept) const = 0;
  /// A value that is there.
  [[nodiscard]] virtual std::string text(const PortInfo& port, const Cell& cell) const = 0;
  [[nodiscard]] virtual Json json(const PortInfo& port, const Cell& cell) const = 0;
  /// Alternatives of JSON Schema, of which a literal meets one.
  [[nodiscard]] virtual Json schemas(const PortInfo& port) const = 0;
};

[[nodiscard]] IRONLAW_API const PortValues& values_of(PortType type);
/// The one of each type.
const PortValues& number_values();
const PortValues& integer_values();
const PortValues& boolean_values();
const PortValues& choice_values();
const PortValues& object_values();
const PortValues& series_values();
const PortValues& text_values();

/// Significant digits that people are shown.
inline constexpr int shown_digits = 4;
/// The bounds of a port's numbers, behind what they are of: "a value of at least 1 s (unit s)".
[[nodiscard]] std::string with_bounds(std::string what, const PortInfo& port);
/// A number as the port's author wants to read it.
[[nodiscard]] std::string number_in_words(const PortInfo& port, double number);
/// null where it is not finite.
[[nodiscard]] Json number_json(double number);

}  // namespace ironlaw::host
