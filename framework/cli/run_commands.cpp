// solve, run, explain and batch.
#include "command.hpp"
#include "progress.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/batch.hpp>
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/study.hpp>

#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <optional>

namespace ironlaw::cli {
namespace {

int report_one(const host::Pipeline& pipeline, bool single, const Context& context) {
  const auto answer = host::answer(pipeline);
  host::report_answer(pipeline, answer, single, context.flags.report(), context.out);
  for (const auto& line : answer.errors) std::cerr << "ironlaw: " << line << "\n";
  for (const auto& line : answer.violated) std::cerr << "ironlaw: assertion violated: " << line << "\n";
  return answer.exit_status();
}

/// Remembers the first error, for a table in which no row is good.
class FirstError final : public host::RowSink {
 public:
  explicit FirstError(host::RowSink& next) : next_(next) {}
  void rows(const host::ResultRows& rows) override {
    if (line.empty() && rows.errors != nullptr && !rows.errors->empty()) line = rows.errors->begin()->second;
    next_.rows(rows);
  }
  std::string line;

 private:
  host::RowSink& next_;
};

/// One line where not every row is ok.
void print_summary(const host::RunSummary& summary, const std::string& first_error) {
  if (!summary.stopped.empty()) std::cerr << "ironlaw: stopped after " << summary.rows << " rows: " << summary.stopped << "\n";
  if (summary.ok == summary.rows) return;
  std::cerr << "ironlaw: " << summary.rows << " rows: " << summary.ok << " ok";
  if (summary.infeasible > 0) std::cerr << ", " << summary.infeasible << " infeasible";
  if (summary.refused > 0) std::cerr << ", " << summary.refused << " refused";
  if (summary.failed > 0) std::cerr << ", " << summary.failed << " failed";
  if (summary.skipped > 0) std::cerr << ", " << summary.skipped << " skipped";
  for (const auto& [constraint, count] : summary.rejected)
    if (count > 0) std::cerr << ", " << count << " rejected by " << constraint;
  if (!first_error.empty()) std::cerr << "; first: " << first_error;
  std::cerr << "\n";
}

/// Runs; standard error says how far it is, unless an observer of the config does.
host::RunSummary run_shown(const host::Pipeline& pipeline, host::RowSink& rows, const GlobalFlags& flags) {
  Progress progress(pipeline.rows(), isatty(STDERR_FILENO) != 0);
  host::RunOptions options{flags.threads, {}};
  if (flags.shows_progress() && (flags.progress || !pipeline.observed()))
    options.progress = [&](std::uint64_t done) { progress.at(done); };
  return host::run(pipeline, rows, options);
}

int report_table(const host::Pipeline& pipeline, const Context& context) {
  if (context.flags.explain)
    throw InputError("--explain",
                     "shows the working of one answer; this is a table of " + std::to_string(pipeline.rows()) + " rows");
  host::TableReport table(pipeline, context.flags.report(), context.out);
  FirstError rows(table);
  const auto summary = run_shown(pipeline, rows, context.flags);
  table.finish(summary);
  print_summary(summary, rows.line);
  return summary.exit_status();
}

/// Prints a study's table as it comes.
class StudyReport final : public host::StudySink {
 public:
  StudyReport(const host::Pipeline& pipeline, const Context& context) : pipeline_(pipeline), context_(context) {}
  host::RowSink& table(const std::vector<host::ResultColumn>& columns) override {
    return table_.emplace(pipeline_, columns, context_.flags.report(), context_.out);
  }
  void finish(const host::RunSummary& summary) override {
    if (!table_) table({});
    table_->finish(summary);
    const bool prints_notes = context_.flags.output != "csv" && context_.flags.output != "jsonl";
    if (!prints_notes)
      for (const auto& note : summary.notes) std::cerr << "ironlaw: " << note << "\n";
  }

 private:
  const host::Pipeline& pipeline_;
  const Context& context_;
  std::optional<host::TableReport> table_;
};

int report_study(const host::Pipeline& pipeline, const Context& context) {
  if (context.flags.explain) throw InputError("--explain", "shows the working of one answer; this is a study of many rows");
  StudyReport report(pipeline, context);
  const auto summary = host::run_study(pipeline, report, {context.flags.threads});
  return summary.exit_status();
}

int run(const std::string& file, const std::vector<std::string>& settings, bool walls, Context& context) {
  auto config = read_config(file, settings);
  if (walls) config.report_walls();
  return run_pipeline(context.session.compile(config, context.flags.profile), false, context);
}

/// `--walls`: which limits bind.
std::shared_ptr<bool> add_walls(CLI::App& command) {
  auto walls = std::make_shared<bool>(false);
  command.add_flag("--walls", *walls, "show which limits bind, and by how much");
  return walls;
}

int answer_requests(const std::string& file, Context& context) {
  host::Batch batch(context.session, context.flags.profile);
  std::ifstream opened;
  if (!file.empty()) {
    opened.open(file);
    if (!opened) throw InputError(file, "cannot be read");
  }
  const auto refused = batch.run(file.empty() ? std::cin : opened, context.out);
  if (refused > 0) std::cerr << "ironlaw: " << refused << " requests could not be answered\n";
  return 0;
}

}  // namespace

void add_settings(CLI::App& command, std::vector<std::string>& settings) {
  command.add_option("--set", settings, "give an input another value (may be repeated)")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false);
}

void apply_settings(host::Config& config, const std::vector<std::string>& settings) {
  for (const auto& s : settings) {
    const auto equals = s.find('=');
    if (equals == s.npos || equals == 0) throw InputError("--set", "takes NAME=VALUE, not '" + s + "'");
    config.set(s.substr(0, equals), s.substr(equals + 1), "--set " + s.substr(0, equals));
  }
}

host::Config read_config(const std::string& file, const std::vector<std::string>& settings) {
  auto config = host::Config::read(file);
  apply_settings(config, settings);
  return config;
}

int run_pipeline(const host::Pipeline& pipeline, bool single, const Context& context) {
  if (pipeline.study() != nullptr) return report_study(pipeline, context);
  return pipeline.axes().empty() ? report_one(pipeline, single, context) : report_table(pipeline, context);
}

void add_solve(CLI::App& app, Context& context, const std::vector<std::string>& words) {
  auto* command = app.add_subcommand("solve", "one answer, or a table where a flag lists several values");
  const auto solver = std::make_shared<std::string>();
  auto* option = command->add_option("solver", *solver, "name of a solver (ironlaw solvers)")->required();
  context.values[option] = [&context] { return context.session.plugins().names("solver"); };
  add_examples(*command, {"ironlaw solve single_node --workload ResNet50 --hardware A100 --batch-size 1 --explain",
                          "ironlaw solve single_node --workload ResNet50 --hardware A100,H100 --batch-size 1,4,16,64",
                          "ironlaw solve single_node --workload ResNet50 --hardware H100 --hardware.memory-bandwidth '2 TB/s'",
                          "ironlaw solve single_node --help"});
  std::shared_ptr<PortFlags> ports;
  if (words.size() > 1 && words[0] == "solve" && !words[1].starts_with("-"))
    ports = std::make_shared<PortFlags>(*command, context, context.session.plugins().solver(words[1]), words);
  const auto walls = add_walls(*command);
  command->callback([=, &context] {
    context.action = [=, &context] {
      auto config = ports->config(*solver);
      if (*walls) config.report_walls();
      return run_pipeline(context.session.compile(config, context.flags.profile), true, context);
    };
  });
}

void add_run(CLI::App& app, Context& context) {
  struct Words {
    std::string file;
    std::vector<std::string> settings;
  };
  const auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("run", "a pipeline from a config file");
  add_examples(*command, {"ironlaw run chain.json", "ironlaw run chain.json --set batch=8 --set device=H100",
                          "ironlaw run chain.json --output csv > table.csv"});
  command->add_option("file", words->file, "the config")->required();
  add_settings(*command, words->settings);
  const auto walls = add_walls(*command);
  command->callback(
      [=, &context] { context.action = [=, &context] { return run(words->file, words->settings, *walls, context); }; });
}

void add_explain(CLI::App& app, Context& context) {
  struct Words {
    std::string file;
    std::vector<std::string> settings;
    host::PlanFormat format = host::PlanFormat::text;
  };
  const auto words = std::make_shared<Words>();
  const std::map<std::string, host::PlanFormat> formats{
      {"text", host::PlanFormat::text}, {"mermaid", host::PlanFormat::mermaid}, {"dot", host::PlanFormat::dot}};
  auto* command = app.add_subcommand("explain", "the plan of a config, without running it");
  add_examples(*command, {"ironlaw explain chain.json", "ironlaw explain chain.json --as mermaid"});
  command->add_option("file", words->file, "the config")->required();
  add_settings(*command, words->settings);
  auto* as = command->add_option("--as", words->format, "how to draw it")
                 ->transform(CLI::Transformer(formats))
                 ->option_text("text|mermaid|dot");
  context.values[as] = [] { return std::vector<std::string>{"text", "mermaid", "dot"}; };
  command->callback([=, &context] {
    context.action = [=, &context] {
      const auto pipeline = context.session.compile(read_config(words->file, words->settings), context.flags.profile);
      host::report_plan(pipeline, words->format, context.out);
      return 0;
    };
  });
}

void add_batch(CLI::App& app, Context& context) {
  const auto file = std::make_shared<std::string>();
  auto* command = app.add_subcommand("batch", "requests as JSON Lines from standard input or a file, answers in the same order");
  add_examples(*command, {"ironlaw batch requests.jsonl > answers.jsonl", "ironlaw batch < requests.jsonl"});
  command->add_option("file", *file, "the requests; none: standard input");
  command->callback([=, &context] { context.action = [=, &context] { return answer_requests(*file, context); }; });
}

}  // namespace ironlaw::cli
