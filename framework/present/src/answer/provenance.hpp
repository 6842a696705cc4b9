#pragma once
#include "text/json.hpp"

#include <ironlaw/present/report.hpp>

namespace ironlaw::host {

/// What an answer comes from: the program, the profile, and the plugins whose solvers, objects and callbacks took part.
[[nodiscard]] Json provenance(const Pipeline& pipeline, const ReportOptions& options);

}  // namespace ironlaw::host
