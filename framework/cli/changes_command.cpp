// changes: what moved an answer.
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/input_file.hpp>
#include <ironlaw/present/changes.hpp>

#include <memory>

namespace ironlaw::cli {
namespace {

host::AnswerSource source_of(const std::string& file, const std::vector<std::string>& settings, const Context& context) {
  host::AnswerSource source{file, {}, {}};
  if (file != "-") source.answer = host::read_file(file);
  if (host::is_recorded_answer(source.answer)) {
    if (!settings.empty()) throw InputError("--set", "is for a config; " + file + " is an answer");
    return source;
  }
  source.answer.clear();
  source.config = read_config(file, settings, context);
  return source;
}

}  // namespace

void add_changes(CLI::App& app, Context& context) {
  struct Words {
    std::string before, after;
    std::vector<std::string> settings;
    host::ChangesOptions options;
  };
  const auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("changes", "which input, fact or record moved an answer, the largest first");
  add_examples(*command,
               {"ironlaw changes before.json after.json", "ironlaw changes before.json one.json --set node.batch_size=8",
                "ironlaw changes before.json after.json --outputs latency"});
  command->add_option("before", words->before, "what solve, run, study or ask wrote with --output json, or a config")->required();
  command->add_option("after", words->after, "another, or a config that is answered now")->required();
  command
      ->add_option("--outputs", words->options.outputs,
                   "outputs to look at; none: every number that moved, of what ask wrote those it tells")
      ->option_text("NAME ...")
      ->delimiter(',');
  command->add_option("--least", words->options.least, "relative move of an output that is shown (0.001)")->option_text("SHARE");
  add_settings(*command, words->settings);
  command->callback([=, &context] {
    context.action = [=, &context] {
      words->options.profile = context.flags.profile;
      const auto before = source_of(words->before, {}, context);
      const auto after = source_of(words->after, words->settings, context);
      host::report_changes(context.session, before, after, words->options, context.flags.report(), context.out);
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
