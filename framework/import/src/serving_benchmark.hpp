#pragma once
#include "text/json.hpp"

#include <ironlaw/import/measured_runs.hpp>

namespace ironlaw::host {

/// One result of a benchmark: of vLLM's and SGLang's `serve` (a load of users or of a rate), or of SGLang's single batches.
/// Throws InputError.
[[nodiscard]] MeasuredRun read_benchmark(const Json& result, const std::string& where);

}  // namespace ironlaw::host
