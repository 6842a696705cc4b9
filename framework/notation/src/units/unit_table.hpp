#pragma once
// The units this project knows, by name.
#include "units/scale.hpp"

#include <array>
#include <cstdint>
#include <ironlaw/dimension.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// A unit: its exact scale in SI and the powers of its base dimensions, wide enough for any product on the way to a Dimension.
struct Unit {
  Scale scale;
  std::array<std::int64_t, base_count> powers{};

  void multiply(const Unit& other, std::int64_t n);
};

/// The unit of this name ("TB", "kWh", "us"), prefix included; `carbon` reads units of mass as CO2e.
std::optional<Unit> find_unit(std::string_view name, bool carbon);

/// What the writer of an unknown name most likely meant, for the end of a message: "; nearest 'TB'", or the names there are.
std::string unit_hint(std::string_view name);

}  // namespace ironlaw::host
