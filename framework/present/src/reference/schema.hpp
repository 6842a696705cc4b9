#pragma once
#include "text/json.hpp"

#include <ironlaw/catalog/plugins.hpp>

namespace ironlaw::host {

/// JSON Schema (draft 7) of configs with every solver that is loaded; without `all`, settings of parity are allowed and not
/// described.
[[nodiscard]] Json config_schema(Plugins& plugins, bool all);
/// JSON Schema of the inputs of one solver, values alone; what must be given is required.
[[nodiscard]] Json solver_schema(const Solver& solver, bool all);
/// JSON Schema (draft 7) of zoo files with every kind that is loaded.
[[nodiscard]] Json zoo_schema(Plugins& plugins, bool all);

}  // namespace ironlaw::host
