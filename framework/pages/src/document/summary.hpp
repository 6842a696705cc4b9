#pragma once
#include "document/document.hpp"

#include "answer/answer_view.hpp"

namespace ironlaw::host {

/// The answer in a sentence or two: whether it is feasible and meets its targets, its headlines, and what binds first.
[[nodiscard]] std::string summary_of(const Pipeline& pipeline, const Answer& answer, const std::vector<AnsweredStage>& stages);

/// What an answer rests on that its asker did not say: notes of the config, then inputs that stand at their defaults.
[[nodiscard]] DocumentSection assumptions_of(const Pipeline& pipeline, const Answer& answer);

/// The walls of all stages, the closest first.
[[nodiscard]] DocumentSection walls_of(const std::vector<AnsweredStage>& stages);

}  // namespace ironlaw::host
