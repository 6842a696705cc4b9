#pragma once
#include "command_line.hpp"

#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ironlaw::cli {

/// What one command line works with.
struct Context {
  GlobalFlags flags;
  host::Session session;
  std::ostream& out;
  std::function<int()> action;  ///< of the command that was named: its exit status
  /// What may be given for an option, for completion.
  std::map<const CLI::Option*, std::function<std::vector<std::string>()>> values;
};

/// Each adds a command to the program; what CLI11 parses for it sets the context's action.
void add_solve(CLI::App& app, Context& context, const std::vector<std::string>& words);
void add_run(CLI::App& app, Context& context);
void add_ask(CLI::App& app, Context& context, const std::vector<std::string>& words);
void add_merge(CLI::App& app, Context& context);
void add_changes(CLI::App& app, Context& context);
void add_explain(CLI::App& app, Context& context);
void add_study(CLI::App& app, Context& context, const std::vector<std::string>& rest);
void add_studies(CLI::App& app, Context& context);
void add_batch(CLI::App& app, Context& context);
void add_zoo(CLI::App& app, Context& context);
void add_zoo_import(CLI::App& zoo, Context& context);
void add_solvers(CLI::App& app, Context& context);
void add_schema(CLI::App& app, Context& context);
void add_plugin(CLI::App& app, Context& context);
void add_plugin_check(CLI::App& plugin, Context& context);
void add_plugin_new(CLI::App& plugin, Context& context);
void add_plugin_travel(CLI::App& plugin, Context& context);
void add_completion(CLI::App& app, Context& context);
void add_plot(CLI::App& app, Context& context, const std::vector<std::string>& words);
void add_audit(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context, const std::vector<std::string>& words);
void add_manual(CLI::App& app, Context& context);
void add_web(CLI::App& app, Context& context);
void add_mcp(CLI::App& app, Context& context);

/// Command lines that --help and the manual show; each is run by a test.
void add_examples(CLI::App& command, std::initializer_list<const char*> lines);
/// Entries of the zoo that serve as an interface ("hardware"), or all: candidates for completion.
[[nodiscard]] std::vector<std::string> zoo_keys(Context& context, std::string_view interface);

/// `--set NAME=VALUE`, as often as one likes.
void add_settings(CLI::App& command, std::vector<std::string>& settings);
void apply_settings(host::Config& config, const std::vector<std::string>& settings);
/// What a command works on: a config file with its settings, or a solver with its flags, in a config of one stage.
struct Target {
  std::string word;
  std::vector<std::string> settings;
  std::unique_ptr<PortFlags> ports;  ///< of a solver

  /// Defines the word, and what goes with it: flags of the solver that `words` name at `position`, else --set.
  void add_to(CLI::App& command, Context& context, const std::vector<std::string>& words, std::size_t position);
  /// Throws InputError.
  [[nodiscard]] host::Config config(const Context& context) const;
};

/// Compiles a config, and says on standard error what its reader may want to know. Throws InputError.
[[nodiscard]] host::Pipeline compiled(const host::Config& config, Context& context);

/// A config with its settings. Throws InputError.
[[nodiscard]] host::Config read_config(const std::string& file, const std::vector<std::string>& settings, const Context& context);

/// `--bands`: the ends of every result that follows from an estimate with a band.
[[nodiscard]] std::shared_ptr<bool> add_bands(CLI::App& command);

/// Runs what a config asks for - one answer, a table, a study - and reports it; the exit status. `single`: one solver's.
[[nodiscard]] int run_config(const host::Config& config, bool single, Context& context);

}  // namespace ironlaw::cli
