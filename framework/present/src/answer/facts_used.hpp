#pragma once
#include "text/json.hpp"

#include <ironlaw/host/pipeline.hpp>

namespace ironlaw::host {

/// What the zoo said when an answer was made, by the plan's input and the way to the object from there
/// ("step.fleet.node.accelerator"): its name and kind, the fields that have a value, and of a table of records its SHA-256.
[[nodiscard]] Json facts_used(const Pipeline& pipeline);

}  // namespace ironlaw::host
