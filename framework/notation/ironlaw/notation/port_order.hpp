#pragma once
// In which order people are shown ports.
#include <ironlaw/export.hpp>
#include <ironlaw/port_info.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace ironlaw::host {

/// Ports of one need, by index: those that must be given first, then as they are declared.
[[nodiscard]] IRONLAW_API std::vector<std::size_t> ports_of_need(std::span<const PortInfo> ports, PortNeed need);

/// Ports of the question, then refinements, then, where `all` is set, those of parity.
[[nodiscard]] IRONLAW_API std::vector<std::size_t> port_order(std::span<const PortInfo> ports, bool all);

}  // namespace ironlaw::host
