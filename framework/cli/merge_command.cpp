// merge: the parts of a run as the table that one run would have made.
#include "command.hpp"
#include "result_output.hpp"

#include <memory>

namespace ironlaw::cli {
namespace {

int merge(const std::vector<std::string>& files, Context& context) {
  const host::Parts parts({files.begin(), files.end()});
  const auto pipeline = context.session.compile(parts.config(), parts.profile());
  auto options = context.flags.report();
  options.question = parts.config().bundle();
  host::TableReport table(pipeline, options, context.out);
  const auto summary = parts.rows(pipeline, options.program, table);
  table.finish(summary);
  print_summary(summary, pipeline.rows(), false);
  return summary.exit_status();
}

}  // namespace

void add_merge(CLI::App& app, Context& context) {
  const auto files = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand("merge", "the parts that run --shard i/n wrote, as one table");
  command->add_option("parts", *files, "every part of one run, in any order")->required()->option_text("FILE...");
  add_examples(*command, {"ironlaw merge 1.part 2.part -o merged.csv"});
  command->callback([=, &context] { context.action = [=, &context] { return merge(*files, context); }; });
}

}  // namespace ironlaw::cli
