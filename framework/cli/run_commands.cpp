// solve, run, explain and batch.
#include "command.hpp"
#include "progress_bar.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/batch.hpp>
#include <ironlaw/host/run.hpp>

#include <fstream>
#include <iostream>
#include <memory>

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

int report_table(const host::Pipeline& pipeline, const Context& context) {
  if (context.flags.explain)
    throw InputError("--explain",
                     "shows the working of one answer; this is a table of " + std::to_string(pipeline.rows()) + " rows");
  host::TableReport table(pipeline, context.flags.report(), context.out);
  FirstError rows(table);
  ProgressBar bar(rows, pipeline.rows());
  const auto summary = host::run(pipeline, bar, {context.flags.threads});
  bar.clear();
  table.finish(summary);
  print_summary(summary, rows.line);
  return summary.exit_status();
}

int solve(const host::Config& config, Context& context) {
  const auto pipeline = context.session.compile(config, context.flags.profile);
  return pipeline.axes().empty() ? report_one(pipeline, true, context) : report_table(pipeline, context);
}

int run(const std::string& file, const std::vector<std::string>& settings, Context& context) {
  const auto pipeline = context.session.compile(read_config(file, settings), context.flags.profile);
  return pipeline.axes().empty() ? report_one(pipeline, false, context) : report_table(pipeline, context);
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
  command->callback([=, &context] { context.action = [=, &context] { return solve(ports->config(*solver), context); }; });
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
  command->callback([=, &context] { context.action = [=, &context] { return run(words->file, words->settings, context); }; });
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
