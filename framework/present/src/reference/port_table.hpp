#pragma once
#include "reference/page.hpp"

#include <ironlaw/port_info.hpp>

namespace ironlaw::host {

/// Adds the ports that take values to a page: those of the question under `name`, then refinements, then, where `all` is set,
/// those of parity; else a line says how many there are.
void append_inputs(std::string name, std::span<const PortInfo> ports, bool all, Page& page);

/// Ports that give values.
[[nodiscard]] PageTable output_table(std::string name, std::span<const PortInfo> ports);

}  // namespace ironlaw::host
