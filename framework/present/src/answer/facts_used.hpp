#pragma once
#include "text/json.hpp"

#include <ironlaw/host/pipeline.hpp>

namespace ironlaw::host {

/// How a table of records is told.
enum class Tables { sums, whole };

/// What the zoo said when an answer was made, by the plan's input and the way to the object from there
/// ("step.fleet.node.accelerator"): its name and kind, the fields that have a value, and of a table of records its SHA-256, or
/// its rows too.
[[nodiscard]] Json facts_used(const Pipeline& pipeline, Tables tables);

}  // namespace ironlaw::host
