#pragma once
// Measured rows for a study: a CSV file of inputs and what was measured, or logs and benchmarks of other tools.
#include "command.hpp"

#include <string>
#include <vector>

namespace ironlaw::cli {

/// Makes the rows of files the config's axis, and what was measured the study's `observed`, in SI base units; where the study was
/// not told what it `predicts`, the rows say it.
/// CSV, one file: the first line names inputs, each with its unit in brackets where its values have none, and last the output:
/// "step.batch_size,step.step_time [ms]". `stage` goes before names without one.
/// Logs and benchmarks (host::read_measured_runs), any number: a row a run, inputs and outputs of the stage that `predicts`
/// names, or of the only one that has what was measured. A fleet must have as many devices as a log's run. Throws InputError with
/// file and line.
void add_measured_rows(host::Config& config, const std::vector<std::string>& files, const std::string& stage,
                       const std::string& predicts, Context& context);

}  // namespace ironlaw::cli
