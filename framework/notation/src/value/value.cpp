#include "value/value.hpp"

#include "value/check.hpp"
#include "value/port_values.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/nearest.hpp>

namespace ironlaw::host {

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto best = nearest(word, candidates);
  return best.empty() ? "." : "; did you mean '" + std::string(best) + "'?";
}

Cell read_value(const PortInfo& port, const Json& value, const std::string& where, KeptValues& kept) {
  if (value.is_null()) {
    if (!port.optional) throw InputError(where, std::string(port.name) + " cannot be null; allowed: " + allowed(port));
    return Cell{absent_value};
  }
  const PortValues& values = values_of(port.type);
  const Cell cell = values.read(port, value, where, kept);
  if (values.absent(cell) || !accepts(port, cell))
    throw InputError(where, std::string(port.name) + " " + reason_refused(port, cell));
  return cell;
}

Cell read_value(const PortInfo& port, const Json& value, const std::string& where) {
  if (is_kept(port)) throw InputError(where, std::string(port.name) + " takes " + allowed(port) + ", not a value");
  KeptValues none;
  return read_value(port, value, where, none);
}

}  // namespace ironlaw::host
