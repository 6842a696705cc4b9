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
};

/// --trace, --trace-period, --trace-stage.
void add_traced_load(CLI::App& command, TracedLoad& load);

/// Adds an axis of the trace's periods to the config, innermost so far: rate, lengths, their variations and the share of prompts
/// that the cache holds. Nothing without a file. Throws InputError.
void apply_traced_load(host::Config& config, const TracedLoad& load);

}  // namespace ironlaw::cli
