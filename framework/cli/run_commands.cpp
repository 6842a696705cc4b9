// solve, run, explain and batch.
#include "command.hpp"
#include "peer_words.hpp"
#include "progress.hpp"
#include "result_output.hpp"
#include "solver_example.hpp"
#include "standard_input.hpp"
#include "traced_load.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/input_file.hpp>
#include <ironlaw/host/open_plugins.hpp>
#include <ironlaw/present/batch.hpp>
#include <ironlaw/present/result_file.hpp>
#include <ironlaw/present/study_report.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>

namespace ironlaw::cli {
namespace {

/// How to print what says what was asked.
host::ReportOptions report_of(const host::Config& config, const Context& context) {
  auto options = context.flags.report();
  options.question = config.bundle();
  return options;
}

int report_one(const host::Config& config, const host::Pipeline& asked, bool single, const Context& context) {
  const auto options = report_of(config, context);
  const auto report = [&](const host::Pipeline& pipeline, std::ostream& out) {
    const auto answer = host::answer(pipeline);
    host::report_answer(pipeline, answer, single, options, out);
    for (const auto& line : answer.errors) print_message(line);
    for (const auto& line : answer.violated) print_message("assertion violated: " + line);
    return answer.exit_status();
  };
  return options.explain ? host::with_open_plugins(asked, context.out, report) : report(asked, context.out);
}

host::RunSummary stream_table(const host::Config& config, const host::Pipeline& pipeline, const host::RunOptions& options,
                              const Context& context) {
  if (shard_of(context.flags)) throw InputError("--shard", "writes a file: give -o FILE.part");
  host::TableReport table(pipeline, report_of(config, context), context.out);
  auto summary = host::run(pipeline, table, options);
  table.finish(summary);
  return summary;
}

/// A rank that works for rank 0 has no rows of its own.
host::RunSummary serve_rank(const host::Pipeline& pipeline, const host::RunOptions& options) {
  class Nowhere final : public host::RowSink {
    void rows(const host::ResultRows&) override {}
  };
  Nowhere nowhere;
  return host::run(pipeline, nowhere, options);
}

host::RunSummary run_table(const host::Config& config, const host::Pipeline& pipeline, const host::RunOptions& options,
                           const Context& context) {
  if (options.ranks != nullptr) host::agree(*options.ranks, config, pipeline, context.flags.report().program);
  if (options.ranks != nullptr && options.ranks->rank() > 0) return serve_rank(pipeline, options);
  if (context.flags.out.empty() || context.flags.out_streams) return stream_table(config, pipeline, options, context);
  return host::run_to_file(config, pipeline, {context.flags.out, report_of(config, context), options, shard_of(context.flags)});
}

int report_table(const host::Config& config, const host::Pipeline& pipeline, const Context& context) {
  if (context.flags.explain)
    throw InputError("--explain",
                     "shows the working of one answer; this is a table of " + std::to_string(pipeline.rows()) + " rows");
  const auto ranks = ranks_of(context.flags);
  const Interrupt interrupt;
  auto options = run_options(context.flags, interrupt, ranks.get());
  Progress progress(pipeline.rows(), obeys(STDERR_FILENO));
  if (context.flags.shows_progress() && (context.flags.progress || !pipeline.observed()))
    options.progress = [&](std::uint64_t done) { progress.at(done); };
  host::RunSummary summary;
  try {
    summary = run_table(config, pipeline, options, context);
  } catch (const Error& e) {
    if (ranks == nullptr || ranks->size() == 1) throw;
    print_message(e.what());
    ranks->abort(1);  // the others would wait for this one
  }
  context.out.flush();
  const int status = summary.interrupted ? interrupt.exit_status() : summary.exit_status();
  if (!context.flags.out_streams) settle_status(status);
  print_summary(summary, pipeline.rows(), !context.flags.out.empty() && !context.flags.out_streams);
  return status;
}

int report_study(const host::Config& config, const host::Pipeline& asked, const Context& context) {
  if (context.flags.explain) throw InputError("--explain", "shows the working of one answer; this is a study of many rows");
  const auto options = report_of(config, context);
  const Interrupt interrupt;
  const auto study = [&](const host::Pipeline& pipeline, std::ostream& out) {
    host::StudyReport report(pipeline, options, out);
    const auto summary = host::run_study(pipeline, report, run_options(context.flags, interrupt, nullptr));
    out.flush();
    const bool has_place = options.format == host::OutputFormat::text || options.format == host::OutputFormat::markdown ||
                           options.format == host::OutputFormat::json;
    if (!has_place)
      for (const auto& note : summary.notes) print_message(note);
    if (!summary.interrupted) return summary.exit_status();
    print_message(context.flags.out.empty() ? "interrupted: the table holds what was found until then"
                                            : "interrupted: " + context.flags.out + " is not written");
    return interrupt.exit_status();
  };
  try {
    return host::with_open_plugins(asked, context.out, study, &interrupt.flag());
  } catch (const PluginError&) {
    if (!interrupt.flag()) throw;
    print_message("interrupted: nothing is written");  // of a study in a process of its own
    return interrupt.exit_status();
  }
}

int run(const std::string& file, const std::vector<std::string>& settings, const TracedLoad& load, bool walls, bool bands,
        Context& context) {
  auto config = read_config(file, settings, context);
  apply_traced_load(config, load);
  if (walls) config.report_walls();
  if (bands) config.report_bands("--bands");
  return run_config(config, false, context);
}

/// `--walls`: which limits bind.
std::shared_ptr<bool> add_walls(CLI::App& command) {
  auto walls = std::make_shared<bool>(false);
  command.add_flag("--walls", *walls, "show which limits bind, and by how much");
  return walls;
}

int answer_requests(const std::string& file, bool files, Context& context) {
  const bool chosen = !context.flags.output.empty() || !context.flags.out.empty();
  if (chosen && context.flags.report().format != host::OutputFormat::jsonl)
    throw InputError(context.flags.output.empty() ? "--out" : "--output", "answers are JSON Lines (jsonl)");
  auto limits = context.flags.limits(host::RequestLimits::of_service());
  limits.files = files;
  host::Batch batch(context.session, context.flags.profile, limits);
  StandardInput standard_input(context.out);
  std::istream lines(&standard_input);
  std::unique_ptr<std::istream> opened;
  const bool piped = file.empty() || file == "-";
  if (!piped) opened = host::open_input(file);
  const auto count = batch.run(opened ? *opened : lines, context.out);
  if (standard_input.failed()) throw InputError("standard input", "cannot be read");
  if (count.refused > 0)
    print_message(std::to_string(count.refused) + " of " + std::to_string(count.requests) + " requests could not be answered");
  return count.refused > 0 && count.refused == count.requests ? 1 : 0;
}

}  // namespace

std::shared_ptr<bool> add_bands(CLI::App& command) {
  auto bands = std::make_shared<bool>(false);
  command.add_flag("--bands", *bands, "show between which ends results lie that follow from an estimate with a band");
  return bands;
}

void add_settings(CLI::App& command, std::vector<std::string>& settings) {
  command.add_option("--set", settings, "give an input another value (may be repeated)")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false);
}

void apply_settings(host::Config& config, const std::vector<std::string>& settings) {
  for (const auto& s : settings) {
    const auto equals = s.find('=');
    if (equals == s.npos || equals == 0) throw InputError("--set", "takes NAME=VALUE, not '" + s + "'");
    give(config, s.substr(0, equals), s.substr(equals + 1), "--set " + s.substr(0, equals));
  }
}

namespace {

/// A pipe has no name that says what it holds: JSON begins with a brace.
host::Config read_standard_input(const host::RequestLimits& limits) {
  const std::string text = host::read_rest(std::cin, "standard input");
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool json = first == text.npos || text[first] == '{';
  return host::Config::parse(text, json ? "standard input" : "standard input.yaml", limits);
}

}  // namespace

host::Config read_config(const std::string& file, const std::vector<std::string>& settings, const Context& context) {
  const auto limits = context.flags.limits();
  auto config = file == "-" ? read_standard_input(limits) : host::Config::read(file, limits);
  apply_settings(config, settings);
  return config;
}

void Target::add_to(CLI::App& command, Context& context, const std::vector<std::string>& words, std::size_t position) {
  command.add_option("target", word, "a solver and its flags, or a config file; -: standard input")->required();
  if (words.size() <= position || is_flag(words[position]) || is_config_file(words[position])) {
    add_settings(command, settings);
  } else {
    ports = std::make_unique<PortFlags>(command, context, context.session.plugins().solver(words[position]), words);
  }
}

host::Config Target::config(const Context& context) const {
  if (ports == nullptr && !is_config_file(word))
    throw InputError("", "takes the name of a solver, or a config file, before its flags; '" + word + "' is neither");
  return ports != nullptr ? ports->config(word) : read_config(word, settings, context);
}

host::Pipeline compiled(const host::Config& config, Context& context) {
  auto pipeline = context.session.compile(config, context.flags.profile);
  for (const auto& note : pipeline.notes()) print_message("note: " + note);
  return pipeline;
}

int run_config(const host::Config& config, bool single, Context& context) {
  const auto pipeline = compiled(config, context);
  const bool study = pipeline.study() != nullptr;
  if (!study && !pipeline.axes().empty()) return report_table(config, pipeline, context);
  if (!context.flags.shard.empty())
    throw InputError("--shard", std::string("is for tables; this is ") + (study ? "a study" : "one answer"));
  return study ? report_study(config, pipeline, context) : report_one(config, pipeline, single, context);
}

namespace {

bool asks_for_help(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(), [](const std::string& w) { return w == "-h" || w == "--help"; });
}

/// The help of one solver: what it answers, from where, and how to ask it.
void describe(CLI::App& command, const Solver& solver, Context& context) {
  const auto& about = solver.about();
  const std::string example = example_of(solver, context);
  command.description(std::string(about.name) + ": " + std::string(about.doc) + "\nSource: " + std::string(about.source) +
                      "\n\n  " + example + "\n");
  command.footer("Examples:\n  " + example + " --explain\n  ironlaw solvers " + std::string(about.name));
}

}  // namespace

void add_solve(CLI::App& app, Context& context, const std::vector<std::string>& words) {
  auto* command = app.add_subcommand("solve", "one answer, or a table where a flag lists several values");
  const auto solver = std::make_shared<std::string>();
  auto* option = command->add_option("solver", *solver, "name of a solver (ironlaw solvers)")->required();
  context.values[option] = [&context] { return context.session.plugins().names("solver"); };
  add_examples(*command, {"ironlaw solve single_node --workload ResNet50 --hardware A100 --batch-size 1 --explain",
                          "ironlaw solve single_node --workload ResNet50 --hardware A100,H100 --batch-size 1,4,16,64",
                          "ironlaw solve single_node --workload ResNet50 --hardware H100 --hardware.memory-bandwidth '2 TB/s'",
                          "ironlaw solve kernel --operation product --hardware H100 --rows 128 --n 8192 --k 8192 --bands",
                          "ironlaw solve single_node --help"});
  std::shared_ptr<PortFlags> ports;
  if (words.size() > 1 && words[0] == "solve" && !is_flag(words[1])) {
    if (const auto here = said_here("solve", words[1]); !here.empty()) throw InputError("", here);
    const Solver& named = context.session.plugins().solver(words[1]);
    ports = std::make_shared<PortFlags>(*command, context, named, words);
    if (asks_for_help(words)) describe(*command, named, context);
  }
  const auto walls = add_walls(*command);
  const auto bands = add_bands(*command);
  command->callback([=, &context] {
    context.action = [=, &context] {
      if (ports == nullptr) throw InputError("solve", "takes the name of a solver before its flags; see ironlaw solvers");
      auto config = ports->config(*solver);
      if (*walls) config.report_walls();
      if (*bands) config.report_bands("--bands");
      return run_config(config, true, context);
    };
  });
}

void add_run(CLI::App& app, Context& context) {
  struct Words {
    std::string file;
    std::vector<std::string> settings;
    TracedLoad load;
  };
  const auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("run", "a pipeline from a config file");
  add_examples(*command, {"ironlaw run chain.json", "ironlaw run chain.json --set batch=8 --set device=H100",
                          "ironlaw run chain.json --output csv > table.csv"});
  command->add_option("file", words->file, "the config; -: standard input")->required();
  add_settings(*command, words->settings);
  add_traced_load(*command, words->load);
  const auto walls = add_walls(*command);
  const auto bands = add_bands(*command);
  command->callback([=, &context] {
    context.action = [=, &context] { return run(words->file, words->settings, words->load, *walls, *bands, context); };
  });
}

void add_explain(CLI::App& app, Context& context) {
  struct Words {
    std::string file;
    std::vector<std::string> settings;
    host::PlanFormat format = host::PlanFormat::text;
  };
  const auto words = std::make_shared<Words>();
  const std::map<std::string, host::PlanFormat> plan_formats{
      {"text", host::PlanFormat::text}, {"mermaid", host::PlanFormat::mermaid}, {"dot", host::PlanFormat::dot}};
  auto* command = app.add_subcommand("explain", "the plan of a config, without running it");
  add_examples(*command, {"ironlaw explain chain.json", "ironlaw explain chain.json --as mermaid"});
  command->add_option("file", words->file, "the config; -: standard input")->required();
  add_settings(*command, words->settings);
  auto* as = command->add_option("--as", words->format, "how to draw it")
                 ->transform(CLI::Transformer(plan_formats))
                 ->option_text("text|mermaid|dot");
  context.values[as] = [] { return std::vector<std::string>{"text", "mermaid", "dot"}; };
  command->callback([=, &context] {
    context.action = [=, &context] {
      const auto pipeline = compiled(read_config(words->file, words->settings, context), context);
      const bool people = context.flags.out.empty() && (isatty(context.flags.result) != 0 || std::getenv("COLUMNS") != nullptr);
      host::report_plan(pipeline, words->format, context.out, people ? terminal_width(context.flags.result) : 0);
      return 0;
    };
  });
}

void add_batch(CLI::App& app, Context& context) {
  const auto file = std::make_shared<std::string>();
  auto* command = app.add_subcommand("batch", "requests as JSON Lines from standard input or a file, answers in the same order");
  add_examples(*command, {"ironlaw batch requests.jsonl > answers.jsonl", "ironlaw batch < requests.jsonl"});
  command->add_option("file", *file, "the requests; none, or -: standard input");
  const auto files = std::make_shared<bool>(false);
  command->add_flag("--allow-files", *files, "requests may name configs by path, and callbacks, which may write files");
  command->callback([=, &context] { context.action = [=, &context] { return answer_requests(*file, *files, context); }; });
}

}  // namespace ironlaw::cli
