#pragma once
#include <ironlaw/dimension.hpp>
#include <ironlaw/export.hpp>

#include <string_view>

namespace ironlaw {

/// The SI unit of a dimension as results for programs have it: "B/s", "USD/token"; empty where there is none. Valid to the end of
/// the program.
[[nodiscard]] IRONLAW_API std::string_view unit_name(const Dimension& dimension);

}  // namespace ironlaw
