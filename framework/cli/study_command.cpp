// study NAME SOLVER_OR_FILE: a verb over any pipeline.
#include "command.hpp"
#include "measured_rows.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <memory>

namespace ironlaw::cli {
namespace {

constexpr const char* what_it_does = "sensitivity, synthesis, uncertainty, optimize ... of a solver or a config file";

std::string help_of(const OptionInfo& option) {
  std::string text(option.doc);
  if (option.required) text += " (required)";
  if (option.type > OptionType::text) text += "; several: give it again";
  return text;
}

/// The words of one study: what it works on, its options, and the ports of a solver.
struct StudyWords {
  std::string study;
  Target target;
  std::vector<std::string> with;
  std::string measured;
  std::string seed;
  std::vector<std::pair<std::string, std::vector<std::string>>> options;
};

/// "--with other.json" is another design, "--with device=H100" this one with another value.
void add_designs(host::Config& config, const std::vector<std::string>& with) {
  for (const auto& word : with) {
    const auto equals = word.find('=');
    if (equals == word.npos) {
      config.compare_with_file(word, "--with " + word);
    } else {
      config.compare_with_value(word.substr(0, equals), word.substr(equals + 1), "--with " + word.substr(0, equals));
    }
  }
}

host::Config config_of(const StudyWords& words, const Context& context) {
  auto config = words.target.config(context);
  config.use_study(words.study);
  for (const auto& [name, values] : words.options)
    if (!values.empty()) config.set_study_option(name, values, flag_of(name));
  if (!words.measured.empty()) {
    const auto said =
        std::find_if(words.options.begin(), words.options.end(), [](const auto& o) { return o.first == "predicts"; });
    add_measured_rows(config, words.measured, words.target.ports != nullptr ? words.target.word : "",
                      said != words.options.end() && !said->second.empty());
  }
  if (!words.seed.empty()) config.set_study_option("seed", {words.seed}, "--seed");
  add_designs(config, words.with);
  return config;
}

}  // namespace

void add_study(CLI::App& app, Context& context, const std::vector<std::string>& rest) {
  auto* command = app.add_subcommand("study", what_it_does);
  const auto words = std::make_shared<StudyWords>();
  auto* study_name = command->add_option("study", words->study, "name of a study (ironlaw studies)")->required();
  context.values[study_name] = [&context] { return context.session.plugins().names("study"); };
  add_examples(*command, {"ironlaw study sensitivity single_node --workload Llama3_8B --hardware H100 --outputs latency",
                          "ironlaw study synthesis single_node --workload Llama3_8B --hardware H100 --hardware.memory-bandwidth "
                          "'0.1 TB/s..100 TB/s' --targets 'latency <= 5 ms'",
                          "ironlaw study compare single_node --workload Llama3_8B --hardware A100 --with hardware=H100"});
  if (rest.size() > 2 && rest[0] == "study" && !is_flag(rest[1])) {
    const Study& study = context.session.plugins().study(rest[1]);
    words->options.reserve(study.options().size());
    for (const auto& option : study.options()) {
      words->options.emplace_back(std::string(option.name), std::vector<std::string>());
      command->add_option(flag_of(option.name), words->options.back().second, help_of(option))
          ->type_name("")
          ->allow_extra_args(false);
    }
  }
  words->target.add_to(*command, context, !rest.empty() && rest[0] == "study" ? rest : std::vector<std::string>{}, 2);
  command
      ->add_option("--measured", words->measured, "calibrate: a CSV file of inputs, and of what was measured in its last column")
      ->type_name("");
  command->add_option("--with", words->with, "another design to hold it against: a file, or NAME=VALUE")
      ->type_name("")
      ->allow_extra_args(false);
  command->add_option("--seed", words->seed, "of random numbers")->type_name("");
  command->callback([=, &context] {
    context.action = [=, &context] { return run_config(config_of(*words, context), words->target.ports != nullptr, context); };
  });
}

}  // namespace ironlaw::cli
