#pragma once
// Quantities as people write them: "3.35 TB/s" to a number in SI base units and back.
#include <ironlaw/dimension.hpp>
#include <ironlaw/export.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A text that is no quantity or no unit; what() is one line that names the text, the fault and the nearest right spelling.
class IRONLAW_API UnitError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  UnitError(const UnitError&) = default;
  UnitError& operator=(const UnitError&) = default;
  ~UnitError() override;
};

/// A number with its dimension, in SI base units (byte, FLOP, USD, kgCO2e, token, request beside SI's seven).
struct Parsed {
  double value;
  Dimension dimension;
};

/// Parses "3.35 TB/s": the double nearest to what the text says, whatever the unit. A number alone is dimensionless.
/// `expected` steers carbon: where it has carbon and no mass of its own, g, kg and t mean CO2e ("g/kWh" for carbon per energy).
/// It is not enforced: comparing the dimension is the caller's, who knows what the quantity is for. Throws UnitError.
IRONLAW_API Parsed parse_quantity(std::string_view text, const Dimension& expected = {});

/// A unit alone: "TFLOP/s/kW" to its scale in SI and its dimension; products and quotients are read left to right.
IRONLAW_API Parsed parse_unit(std::string_view text, const Dimension& expected = {});

/// The unit in which SI values of a dimension are: "s", "B/s", "USD/J", "1/s", "" for none. parse_unit gives it scale 1.
IRONLAW_API std::string si_unit(const Dimension& dimension);

/// Readable: "543 us", "3.35 TB/s". `unit` fixes the unit; otherwise one is picked so that at least one digit stands before
/// the point. `digits` counts significant digits; 0 is the shortest text that parses back to exactly `value`.
IRONLAW_API std::string format_quantity(double value, const Dimension& dimension, std::string_view unit = {}, int digits = 0);

/// A unit and its scale in SI.
struct Readable {
  double scale;
  std::string unit;
};

/// The unit for values of about this magnitude, for table columns that share one unit.
IRONLAW_API Readable readable_unit(double magnitude, const Dimension& dimension);

}  // namespace ironlaw::host
