#pragma once
#include "answer/answer_view.hpp"
#include "document/document.hpp"
#include "plan/clauses.hpp"

#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// Whether the answer is feasible, fast enough, affordable and clean: by its hard limits, and by the conditions of the config
/// that read times, money, or energy, carbon and water. A question without a condition stays open and shows what it would ask of.
[[nodiscard]] Scorecard scorecard_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages);

/// What a condition compares, as it came out: "8.673 ms"; empty where it compares no numbers.
[[nodiscard]] std::string values_in(const Pipeline& pipeline, const Answer& answer, const Constraint& constraint);

/// A wall by its name; "memory of serve" where several stages have walls.
[[nodiscard]] std::string wall_name(const std::vector<AnsweredStage>& stages, std::string_view stage, std::string_view wall);

}  // namespace ironlaw::host
