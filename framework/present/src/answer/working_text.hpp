#pragma once
#include "answer/answer_view.hpp"

namespace ironlaw::host {

/// A line of working in the pieces that a narrow page may break it at: "compute_time = F / (P * eta)",
/// "= 8.2 GFLOP / (312 TFLOP/s * 0.5)", "= 52.56 us", "[Williams 2009]". A note is one piece.
[[nodiscard]] std::vector<std::string> working_pieces(const WorkingLine& line);

}  // namespace ironlaw::host
