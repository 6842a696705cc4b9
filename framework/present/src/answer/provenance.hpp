#pragma once
#include "text/json.hpp"

#include <ironlaw/present/report.hpp>

namespace ironlaw::host {

/// What an answer comes from: the program, the profile, the plugins whose solvers, objects and callbacks took part, and what the
/// folders of the zoo held.
[[nodiscard]] Json provenance(const Pipeline& pipeline, const ReportOptions& options);

/// The same in a line, below what people read: program, profile, and version and SHA-256 of each folder of the zoo and its
/// records.
[[nodiscard]] std::string stamp_text(const Pipeline& pipeline, const ReportOptions& options);

}  // namespace ironlaw::host
