#pragma once
#include <ironlaw/host/config.hpp>

#include <CLI/CLI.hpp>

#include <string>

namespace ironlaw::cli {

/// A trace of requests as the load of one stage, period by period.
struct TracedLoad {
  std::string file;
  std::string period = "1 hour";
  std::string stage;
  std::string as = "periods";
};

/// --trace and --trace-period.
CLI::Option* add_trace_file(CLI::App& command, TracedLoad& load);
/// These, --trace-stage and --trace-as.
void add_traced_load(CLI::App& command, TracedLoad& load);

/// Gives a stage the trace's periods: rate, lengths, their variations and the share of prompts that the cache holds. As an axis,
/// innermost so far; as series, for `autoscaling`; or each request as it came, for `serving_replay`. Nothing without a file.
/// Throws InputError.
void apply_traced_load(host::Config& config, const TracedLoad& load);

}  // namespace ironlaw::cli
