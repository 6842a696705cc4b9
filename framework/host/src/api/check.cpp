#include "check.hpp"

#include <ironlaw/host/units.hpp>

#include <cmath>

namespace ironlaw::host {
namespace {

constexpr double huge = std::numeric_limits<double>::max();

bool whole(double v) { return v == std::floor(v); }

std::string in_words(const PortInfo& port, double v) { return format_quantity(v, port.dimension, port.display); }

}  // namespace

bool accepts(const PortInfo& port, const Cell& cell) {
  if (port.type == PortType::object) return cell.object != nullptr || port.optional;
  const double v = cell.number;
  if (std::isnan(v)) return port.optional;
  return port.range.contains(v) && std::isfinite(v) && (port.type == PortType::number || whole(v));
}

std::string allowed(const PortInfo& port) {
  switch (port.type) {
    case PortType::object: return "a " + std::string(port.interface);
    case PortType::boolean: return "true or false";
    case PortType::choice: {
      std::string s = "one of";
      for (const auto& c : port.choices) s.append(&c == port.choices.data() ? " " : ", ").append(c);
      return s;
    }
    case PortType::integer:
    case PortType::number: break;
  }
  std::string s = port.type == PortType::integer ? "a whole number" : port.dimension.dimensionless() ? "a number" : "a value";
  const Range& r = port.range;
  const bool below = r.low > -huge && r.low > -9e15;
  const bool above = r.high < huge && r.high < 9e15;
  if (below) s += (r.above ? " above " : " of at least ") + in_words(port, r.low);
  if (above) s += (below ? " and at most " : " of at most ") + in_words(port, r.high);
  if (!port.dimension.dimensionless()) s += " (unit " + si_unit(port.dimension) + ")";
  return s;
}

std::string reason_refused(const PortInfo& port, const Cell& cell) {
  if (port.type == PortType::object) return "is required: give " + allowed(port);
  const double v = cell.number;
  if (std::isnan(v)) return "has no value (NaN or absent); allowed: " + allowed(port);
  if (std::isinf(v)) return "is infinite; allowed: " + allowed(port);
  return "= " + in_words(port, v) + " is not allowed; allowed: " + allowed(port);
}

}  // namespace ironlaw::host
