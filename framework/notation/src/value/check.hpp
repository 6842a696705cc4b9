#pragma once
#include <ironlaw/port_info.hpp>
#include <ironlaw/row.hpp>

#include <string>

namespace ironlaw::host {

/// Whether a cell may enter a port: present where it must be, finite, in range, whole where counted.
[[nodiscard]] IRONLAW_API bool accepts(const PortInfo& port, const Cell& cell);

/// Why it may not, without the port's name: "0 is outside [1, 2147483647]".
[[nodiscard]] std::string reason_refused(const PortInfo& port, const Cell& cell);

/// The allowed values of a port in words: "at least 1", "one of fp64, tf32 ...".
[[nodiscard]] std::string allowed(const PortInfo& port);

/// Checks the input columns of a block against their ports, but for what its memory holds; rows that may not enter are refused.
void check_inputs(std::span<const PortInfo> ports, const Block& block);

}  // namespace ironlaw::host
