#pragma once
#include "text/json.hpp"

#include <ironlaw/present/report.hpp>

namespace ironlaw::host {

/// What an answer comes from: the program, the profile, the plugins whose solvers, objects and callbacks took part, and what the
/// folders of the zoo held.
[[nodiscard]] Json provenance(const Pipeline& pipeline, const ReportOptions& options);

}  // namespace ironlaw::host
