#pragma once
#include <ironlaw/import/measured_runs.hpp>

#include <string_view>

namespace ironlaw::host {

/// Whether a text has the lines that trainers write about their steps.
[[nodiscard]] bool is_training_log(std::string_view text);

/// A log of Megatron-LM ("elapsed time per iteration (ms): 1234.5", arguments as "name ....... value") or of NeMo
/// ("train_step_timing in s: 7.1", its configuration as "name: value"). Throws InputError.
[[nodiscard]] MeasuredRun read_training_log(std::string_view text, const std::string& file);

}  // namespace ironlaw::host
