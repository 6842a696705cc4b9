#pragma once
#include "reference/page.hpp"

#include <ironlaw/port_info.hpp>

namespace ironlaw::host {

/// Ports that take values: type, unit, default, range and what they mean.
[[nodiscard]] PageTable input_table(std::string name, std::span<const PortInfo> ports);

/// Ports that give values.
[[nodiscard]] PageTable output_table(std::string name, std::span<const PortInfo> ports);

}  // namespace ironlaw::host
