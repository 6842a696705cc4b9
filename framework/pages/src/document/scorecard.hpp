#pragma once
#include "answer/answer_view.hpp"
#include "document/document.hpp"

#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// Whether the answer is feasible, fast enough, affordable and clean: by its hard limits, and by the conditions of the config
/// that read times, money, or energy, carbon and water. A question without a condition stays open and shows what it would ask of.
[[nodiscard]] Scorecard scorecard_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages);

}  // namespace ironlaw::host
