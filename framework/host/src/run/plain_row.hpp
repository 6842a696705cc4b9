#pragma once
#include <ironlaw/export.hpp>
#include <ironlaw/host/pipeline.hpp>
#include <ironlaw/row.hpp>

namespace ironlaw::host {

/// Whether an answer of the pipeline is what its plan gives for a row and nothing else: no expressions, conditions, walls, bands
/// or callbacks, and no output with a room of its own.
[[nodiscard]] IRONLAW_API bool has_plain_rows(const Pipeline& pipeline);

/// One row of such a pipeline: a cell an input, a cell an output. What a request costs that comes by the hundred thousand; an
/// Answer says more.
[[nodiscard]] IRONLAW_API RowStatus answer_plain_row(const Pipeline& pipeline, std::span<const Cell> inputs,
                                                     std::span<Cell> outputs);

}  // namespace ironlaw::host
