#pragma once
#include "answer/answer_view.hpp"
#include "layout/layout.hpp"
#include "text/json.hpp"

namespace ironlaw::host {

/// The operators of an answer as a grid: each with its time and share, traffic, operations, wall and record.
[[nodiscard]] Grid operator_grid(const std::vector<OperatorLine>& operators);
/// The same as programs read it, in SI units.
[[nodiscard]] Json operators_json(const std::vector<OperatorLine>& operators);

}  // namespace ironlaw::host
