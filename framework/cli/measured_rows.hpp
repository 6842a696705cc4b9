#pragma once
// Measured rows for a study: a CSV file of inputs, and in its last column what was measured.
#include <ironlaw/host/config.hpp>

#include <filesystem>
#include <string>

namespace ironlaw::cli {

/// Makes the rows of a file the config's axis, and the numbers of its last column the study's `observed`, in SI base units; where
/// the study was not told what it `predicts`, that column's name says it. The first line names inputs, each with its unit in
/// brackets where its values have none: "step.batch_size,step.step_time [ms]". `stage` goes before names without one. Throws
/// InputError with file and line.
void add_measured_rows(host::Config& config, const std::filesystem::path& file, const std::string& stage, bool predicts);

}  // namespace ironlaw::cli
