#pragma once
#include <ironlaw/host/session.hpp>
#include <ironlaw/present/report.hpp>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace ironlaw::cli {

struct Context;

/// Flags that every command takes.
struct GlobalFlags {
  std::string output;        ///< format; empty: by the ending of `out`, else text
  std::string out;           ///< file of the result; empty: standard output
  bool out_streams = false;  ///< it is a pipe or a device, which is written as standard output is
  std::vector<std::string> plugins;
  std::vector<std::string> plugin_paths;
  bool no_default_plugins = false;
  std::vector<std::string> zoo;
  std::string profile;
  bool explain = false;
  bool all = false;
  std::size_t threads = 0;
  bool progress = false;
  int result = 1;     ///< descriptor of what is standard output for the user
  std::string shard;  ///< "2/8", or empty
  bool isolate = false;
  std::optional<std::uint64_t> max_bytes, max_depth, max_includes, max_rows, max_memory;
  std::optional<double> max_seconds;
  double row_timeout = 1;
  std::size_t sort_memory = host::RunOptions().sort_memory;
  std::uint64_t row_memory = host::IsolationOptions{}.row_memory;

  void add_to(CLI::App& app);
  /// Finds out what `out` is. Throws InputError where nothing can be written there.
  void resolve_out();
  [[nodiscard]] host::SessionOptions session() const;
  /// These, but for what the flags say.
  [[nodiscard]] host::RequestLimits limits(host::RequestLimits limits = {}) const;
  /// Format, colour and width for what standard output is, or for a file. Throws InputError.
  [[nodiscard]] host::ReportOptions report() const;
  /// Whether standard error says how far a run is. Unasked, only a terminal gets it, and not among the rows of a table.
  [[nodiscard]] bool shows_progress() const;
};

/// A command line of its own words: arguments without the program's name, flags with '-' for '_'.
[[nodiscard]] std::vector<std::string> normalised(int argc, char** argv);

/// A flag for each input of a solver, and for each field of an object that the words speak of ("--hardware.tdp").
class PortFlags {
 public:
  PortFlags(CLI::App& app, Context& context, const Solver& solver, const std::vector<std::string>& words);
  /// What the flags gave, as a config of one stage: one value is set, several make an axis, in the order of the command line.
  [[nodiscard]] host::Config config(std::string_view solver) const;
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Flag {
    std::string name;  ///< "--batch-size"
    std::string port;  ///< "batch_size"
    CLI::Option* option;
    bool boolean;
    std::string interface;  ///< of an object; else empty
    bool listed;            ///< a value may itself be a list: of a series or a table
  };
  CLI::Option* add(const std::string& port, const std::string& doc, PortType type, std::string_view interface = {});
  /// A series or a table: written out, one file or name, or several as an axis.
  static void set_listed(host::Config& config, const std::string& name, const std::string& flag, const std::string& text);
  CLI::App& app_;
  Context& context_;
  std::string stage_;
  std::vector<Flag> flags_;
};

/// What --output takes.
[[nodiscard]] std::vector<std::string> format_names();

/// Columns of a terminal, or of what is read elsewhere.
[[nodiscard]] std::size_t terminal_width(int descriptor);

/// A terminal that obeys: one that is dumb takes no colours, and no line can be written over there.
[[nodiscard]] bool obeys(int descriptor);

/// What a flag with a number takes.
[[nodiscard]] CLI::Validator number_from(double low, double high);

/// Whether a word of a command line is a flag: "-" is standard input, and "-1" a number.
[[nodiscard]] bool is_flag(std::string_view word);

/// One line on standard error, whatever a file or a plugin put into it.
void print_message(std::string_view text);

/// Whether a word of a command line names a config: a file, or standard input.
[[nodiscard]] bool is_config_file(std::string_view word);

/// Splits "A100,H100" at commas that are not inside brackets.
[[nodiscard]] std::vector<std::string> split_values(const std::string& text, const std::string& flag);
/// Gives an input of a config the value that a flag's text says, or an axis where it says several.
void give(host::Config& config, const std::string& name, const std::string& text, const std::string& flag);
/// The same of an object of this interface: names, files, or "zoo: CONDITION".
void give_object(host::Config& config, const std::string& name, std::string_view interface, const std::string& text,
                 const std::string& flag, Context& context);
/// "--batch-size" of "batch_size".
[[nodiscard]] std::string flag_of(std::string_view port);

}  // namespace ironlaw::cli
