#pragma once
#include "document/document.hpp"

namespace ironlaw::host {

/// The stages of a pipeline and what each hands to others: a picture, where Graphviz is installed, and a table.
[[nodiscard]] DocumentSection plan_section(const Pipeline& pipeline);

}  // namespace ironlaw::host
