#pragma once
#include "document/document.hpp"

#include "answer/answer_view.hpp"

#include <optional>

namespace ironlaw::host {

/// The published measurements that are nearest to an answer, by model, device, layout and load, beside what the program says of
/// the same. Nothing where no solver of the pipeline has been held against any, or none is near.
[[nodiscard]] std::optional<DocumentSection> near_measurements(const Pipeline& pipeline, const Answer& answer,
                                                               const std::vector<AnsweredStage>& stages,
                                                               const DocumentText& text);

}  // namespace ironlaw::host
