#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/output_file.hpp>
#include <ironlaw/import/foreign_file.hpp>
#include <ironlaw/notation/port_order.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/record_table.hpp>
#include <ironlaw/visible_text.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace ironlaw::cli {
namespace {

constexpr std::size_t width_when_piped = 120;

using host::OutputFormat;

/// A pipe or a device is printed to, whatever its name.
OutputFormat format_of(const std::string& output, const std::string& file, bool printed) {
  const std::string ending = std::filesystem::path(file).extension().string();
  for (const host::OutputFormatInfo& info : host::output_formats())
    if (output.empty() ? info.ending == ending : info.name == output) return info.format;
  if (printed) return OutputFormat::text;
  if (file.ends_with(".parquet"))
    throw InputError("--out",
                     "Parquet is written from Python: ironlaw.run(...).write(\"rows.parquet\"); the program writes .arrow, "
                     "which the same tools read");
  throw InputError("--out", "'" + file + "' does not end in one of " +
                                host::listed_formats(", ", &host::OutputFormatInfo::ending) + "; say which with --output");
}

}  // namespace

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const host::OutputFormatInfo& info : host::output_formats()) names.emplace_back(info.name);
  return names;
}

std::size_t terminal_width(int descriptor) {
  if (const char* columns = std::getenv("COLUMNS"); columns != nullptr && std::atoi(columns) > 0)
    return static_cast<std::size_t>(std::atoi(columns));
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : width_when_piped;
}

bool obeys(int descriptor) {
  const char* terminal = std::getenv("TERM");
  return isatty(descriptor) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

CLI::Validator number_from(double low, double high) {
  const auto check = [=](const std::string& text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole_text = error == std::errc() && end == text.data() + text.size();
    if (whole_text && number >= low && number <= high) return std::string();  // NaN is not between them
    return "takes a number from " + host::format_quantity(low, {}) + " to " + host::format_quantity(high, {}) + ", not '" + text +
           "'";
  };
  return CLI::Validator(check, "NUMBER");
}

namespace {

/// "300MB" or "2 GiB"; what it takes to read that is made where it is read.
CLI::Validator size_in_bytes() {
  const auto transform = [](std::string& text) {
    const std::string said = text;
    try {
      return CLI::AsSizeValue(true)(text);
    } catch (const CLI::ValidationError&) {
      return "'" + said + "' is no size; write one such as 300MB or 2GiB";
    }
  };
  return CLI::Validator(transform, "BYTES");
}

}  // namespace

bool is_config_file(std::string_view word) {
  return word == "-" || word.find_first_of("./") != word.npos;  // no name of a component holds either
}

bool is_flag(std::string_view word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9') && word[1] != '.';
}

void print_message(std::string_view text) {
  const std::string line = "ironlaw: " + message_line(text) + "\n";
  std::cerr.write(line.data(), static_cast<std::streamsize>(line.size()));  // whole, whoever else writes there
}

std::string flag_of(std::string_view port) {
  std::string flag = "--" + std::string(port);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

namespace {

/// What a port takes, where that can be listed.
std::vector<std::string> values_of(const PortInfo& port, Context& context) {
  if (port.type == PortType::object) return zoo_keys(context, port.interface);
  if (port.type == PortType::boolean) return {"true", "false"};
  return {port.choices.begin(), port.choices.end()};
}

/// The heading of a flag in help; one without a heading is taken and not shown.
std::string group_of(const PortInfo& port, bool all) {
  switch (port.need) {
    case PortNeed::question:
      return "Inputs";
    case PortNeed::refinement:
      return "Refinements";
    case PortNeed::parity:
      break;
  }
  return all ? "Settings of parity" : "";
}

std::string help_of(const PortInfo& port) { return std::string(port.doc) + " [" + host::accepted_text(port) + "]"; }

}  // namespace

void GlobalFlags::add_to(CLI::App& app) {
  app.add_option("--output", output, "how to print the result")
      ->check(CLI::IsMember(format_names()))
      ->option_text(host::listed_formats("|", &host::OutputFormatInfo::name));
  app.add_option("-o,--out", out, "write the result to a file, whole or not at all; its ending says the format")
      ->option_text("FILE");
  app.add_option("--plugin", plugins, "load this plugin too (may be repeated)")->option_text("FILE")->allow_extra_args(false);
  app.add_option("--plugin-path", plugin_paths, "look for plugins in this folder too (may be repeated)")
      ->option_text("FOLDER")
      ->allow_extra_args(false);
  app.add_flag("--no-default-plugins", no_default_plugins, "look for plugins only where the flags and $IRONLAW_PLUGIN_PATH say");
  app.add_option("--zoo", zoo, "a folder of one's own zoo entries, over the others (may be repeated)")
      ->option_text("FOLDER")
      ->allow_extra_args(false);
  app.add_option("--profile", profile, "whose physics: native, or a profile of the zoo")->option_text("NAME");
  app.add_option("--threads", threads, "threads of a table; 0: as many as the machine has")
      ->check(number_from(0, 4096))
      ->option_text("N");
  app.add_flag("--progress", progress, "say how far a long run is, even where standard error is no terminal");
  app.add_option(
         "--shard", shard,
         "i/n: run one of n equal parts into a part file, for ironlaw merge; mpi: share the rows among the ranks of mpirun")
      ->option_text("i/n|mpi");
  app.add_flag("--isolate", isolate,
               "open plugins and evaluate rows in processes of their own: one that crashes or hangs costs its row");
  app.add_option("--row-timeout", row_timeout, "seconds after which a row fails, with --isolate")
      ->check(number_from(1e-3, 1e6))
      ->option_text("SECONDS");
  app.add_option("--sort-memory", sort_memory, "memory that a sort may take; more of it goes to a temporary file")
      ->transform(size_in_bytes())
      ->option_text("BYTES");
  app.add_option("--row-memory", row_memory, "bytes that a row may take, with --isolate: a row that needs more fails")
      ->transform(size_in_bytes())
      ->check(number_from(1 << 24, 0x1p44))
      ->option_text("BYTES");
  const std::string limits = "Limits of a request";
  app.add_option("--max-bytes", max_bytes, "of a config with those in it")
      ->transform(size_in_bytes())
      ->option_text("BYTES")
      ->group(limits);
  app.add_option("--max-depth", max_depth, "levels of its text")->check(number_from(1, 0x1p44))->option_text("N")->group(limits);
  app.add_option("--max-includes", max_includes, "configs in it")->check(number_from(1, 0x1p44))->option_text("N")->group(limits);
  app.add_option("--max-rows", max_rows, "of its table")->check(number_from(1, 0x1p44))->option_text("N")->group(limits);
  app.add_option("--max-memory", max_memory, "for its text, its axes and the rows that it keeps")
      ->transform(size_in_bytes())
      ->option_text("BYTES")
      ->group(limits);
  app.add_option("--max-seconds", max_seconds, "until its last row")
      ->check(number_from(1e-3, 1e9))
      ->option_text("SECONDS")
      ->group(limits);
  app.add_flag("--explain", explain, "show the working of every number");
  app.add_flag("--all", all, "show settings of parity too: ports that only reproduce other tools' equations");
}

void GlobalFlags::resolve_out() {
  if (out.empty()) return;
  const auto to = host::destination_of(out);
  out_streams = to.kind != host::Destination::Kind::file;
  // Its descriptor is another one by now: see main.
  if (to.kind != host::Destination::Kind::descriptor || to.descriptor != STDOUT_FILENO) return;
  const std::string ending = std::filesystem::path(out).extension().string();
  for (const host::OutputFormatInfo& info : host::output_formats())
    if (output.empty() && info.ending == ending) output = info.name;
  out.clear();
}

host::SessionOptions GlobalFlags::session() const {
  host::SessionOptions options;
  options.plugins.files.assign(plugins.begin(), plugins.end());
  options.plugins.folders.assign(plugin_paths.begin(), plugin_paths.end());
  options.plugins.defaults = !no_default_plugins;
  options.zoo.assign(zoo.begin(), zoo.end());
  if (isolate) options.isolate = host::IsolationOptions{row_timeout, row_memory};
  return options;
}

host::RequestLimits GlobalFlags::limits(host::RequestLimits limits) const {
  limits.bytes = max_bytes.value_or(limits.bytes);
  limits.depth = max_depth.value_or(limits.depth);
  limits.includes = max_includes.value_or(limits.includes);
  limits.rows = max_rows.value_or(limits.rows);
  limits.memory = max_memory.value_or(limits.memory);
  limits.seconds = max_seconds.value_or(limits.seconds);
  return limits;
}

host::ReportOptions GlobalFlags::report() const {
  host::ReportOptions options;
  options.format = format_of(output, out, out_streams || out.empty() || shard.find('/') != shard.npos);
  const bool terminal = out.empty() && isatty(result) != 0;
  if (terminal && host::info_of(options.format).bytes)
    throw InputError("--output " + output, "is not for a terminal; give -o FILE");
  const char* no_colour = std::getenv("NO_COLOR");
  options.colour = out.empty() && obeys(result) && (no_colour == nullptr || *no_colour == '\0');
  options.width = out.empty() ? terminal_width(result) : 0;
  options.explain = explain;
  options.all = all;
  options.program = "ironlaw " IRONLAW_VERSION;
  options.kept = !out.empty() && !out_streams;
  return options;
}

bool GlobalFlags::shows_progress() const {
  const bool streams = output == "csv" || output == "jsonl" || output == "json";
  return progress || (isatty(STDERR_FILENO) != 0 && !(streams && isatty(STDOUT_FILENO) != 0));
}

std::vector<std::string> normalised(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  for (auto& w : words)
    if (w.starts_with("--"))
      std::replace(w.begin(), w.begin() + static_cast<std::ptrdiff_t>(std::min(w.find('='), w.size())), '_', '-');
  return words;
}

std::vector<std::string> split_values(const std::string& text, const std::string& flag) {
  std::vector<std::string> values(1);
  int depth = 0;
  for (const char c : text) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ',' && depth <= 0) {
      values.emplace_back();
    } else {
      values.back() += c;
    }
  }
  if (std::find(values.begin(), values.end(), std::string()) != values.end())
    throw InputError(flag, "has an empty value in '" + text + "'");
  return values;
}

namespace {

/// Whether one text says several values: "1..8", a list in [], a range in {}. An object in {} has a kind, a number there its
/// unit.
bool lists_values(const std::string& text) {
  if (text.starts_with('[')) return true;
  if (!text.starts_with('{')) return text.find("..") != text.npos;
  constexpr std::array<std::string_view, 3> keys{"\"kind\"", "\"based_on\"", "\"unit\""};
  return std::none_of(keys.begin(), keys.end(), [&](std::string_view key) { return text.find(key) != text.npos; });
}

}  // namespace

void give(host::Config& config, const std::string& name, const std::string& text, const std::string& flag) {
  const auto values = split_values(text, flag);
  if (values.size() == 1 && !lists_values(text))
    config.set(name, values.front(), flag);
  else
    config.add_axis(name, values, flag);
}

PortFlags::PortFlags(CLI::App& app, Context& context, const Solver& solver, const std::vector<std::string>& words)
    : app_(app), context_(context), stage_(solver.about().name) {
  for (const std::size_t i : host::port_order(solver.inputs(), true)) {
    const PortInfo& port = solver.inputs()[i];
    auto* option = add(std::string(port.name), help_of(port), port.type, port.interface);
    option->group(group_of(port, context.flags.all));
    context.values[option] = [&port, &context] { return values_of(port, context); };
    if (port.type != PortType::object) continue;
    for (const auto& word : words) {
      const std::string flag = word.substr(0, word.find('='));
      if (!flag.starts_with(flag_of(port.name) + ".")) continue;
      std::string field = flag.substr(2);
      std::replace(field.begin(), field.end(), '-', '_');
      if (app_.get_option_no_throw(flag) == nullptr) add(field, "replaces this field", PortType::number);
    }
  }
}

CLI::Option* PortFlags::add(const std::string& port, const std::string& doc, PortType type, std::string_view interface) {
  // A flag of the command itself comes first; the port is then said by its stage: "--node.width".
  const std::string name = app_.get_option_no_throw(flag_of(port)) == nullptr ? flag_of(port) : flag_of(stage_ + "." + port);
  CLI::Option* option = app_.add_option(name, doc)->type_name("");
  const bool boolean = type == PortType::boolean;
  if (boolean) option->expected(0, 1);
  const bool table = interface == RecordTable::interface;
  flags_.push_back({name, port, option, boolean, type == PortType::object && !table ? std::string(interface) : std::string(),
                    table || type == PortType::series});
  return option;
}

void PortFlags::set_listed(host::Config& config, const std::string& name, const std::string& flag, const std::string& text) {
  const bool written_out = text.starts_with('[') || text.starts_with('{');
  const auto files = written_out ? std::vector<std::string>{text} : split_values(text, flag);
  if (files.size() == 1)
    config.set(name, files.front(), flag);
  else
    config.add_axis(name, files, flag);
}

void give_object(host::Config& config, const std::string& name, std::string_view interface, const std::string& text,
                 const std::string& flag, Context& context) {
  constexpr std::string_view selection = "zoo:";
  if (text.starts_with(selection)) {
    std::string condition;
    for (const char c : text.substr(selection.size())) {
      if (c == '"' || c == '\\') condition += '\\';
      condition += c;
    }
    config.add_axis(name, {R"({"zoo": ")" + std::string(interface) + R"(", "where": ")" + condition + "\"}"}, flag);
    return;
  }
  auto values = split_values(text, flag);
  for (auto& value : values)
    if (host::names_a_file(context.session.plugins(), value))
      value = host::object_in_file({context.session.zoo_folders(), context.session.plugins(), {}}, value, interface);
  if (values.size() == 1) {
    config.set(name, values.front(), flag);
  } else {
    config.add_axis(name, values, flag);
  }
}

host::Config PortFlags::config(std::string_view solver) const {
  auto config = host::Config::of_solver(solver, context_.flags.limits());
  const std::string stage(solver.substr(solver.rfind('/') + 1));
  for (const CLI::Option* option : app_.parse_order()) {
    const auto flag = std::find_if(flags_.begin(), flags_.end(), [&](const Flag& f) { return f.option == option; });
    if (flag == flags_.end()) continue;
    const auto results = option->results();
    const std::string text = results.empty() || (flag->boolean && results.front().empty()) ? "true" : results.front();
    if (flag->listed)
      set_listed(config, stage + "." + flag->port, flag->name, text);
    else if (!flag->interface.empty())
      give_object(config, stage + "." + flag->port, flag->interface, text, flag->name, context_);
    else
      give(config, stage + "." + flag->port, text, flag->name);
  }
  return config;
}

std::vector<std::string> PortFlags::names() const {
  std::vector<std::string> names;
  for (const auto& f : flags_) names.push_back(f.name);
  return names;
}

}  // namespace ironlaw::cli
