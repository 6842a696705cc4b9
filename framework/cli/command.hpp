#pragma once
#include "command_line.hpp"

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace ironlaw::cli {

/// What one command line works with.
struct Context {
  GlobalFlags flags;
  host::Session session;
  std::ostream& out;
  std::function<int()> action;  ///< of the command that was named: its exit status
};

/// Each adds a command to the program; what CLI11 parses for it sets the context's action.
void add_solve(CLI::App& app, Context& context, const std::vector<std::string>& words);
void add_run(CLI::App& app, Context& context);
void add_merge(CLI::App& app, Context& context);
void add_explain(CLI::App& app, Context& context);
void add_batch(CLI::App& app, Context& context);
void add_zoo(CLI::App& app, Context& context);
void add_solvers(CLI::App& app, Context& context);
void add_schema(CLI::App& app, Context& context);
void add_plugin(CLI::App& app, Context& context);

/// `--set NAME=VALUE`, as often as one likes.
void add_settings(CLI::App& command, std::vector<std::string>& settings);
/// A config with its settings. Throws InputError.
[[nodiscard]] host::Config read_config(const std::string& file, const std::vector<std::string>& settings);

}  // namespace ironlaw::cli
