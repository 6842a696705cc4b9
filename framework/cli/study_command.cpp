// study NAME SOLVER_OR_FILE: a verb over any pipeline.
#include "command.hpp"
#include "measured_rows.hpp"
#include "result_output.hpp"
#include "traced_load.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/present/calibration_record.hpp>
#include <ironlaw/present/study_report.hpp>

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <sstream>

namespace ironlaw::cli {
namespace {

constexpr const char* what_it_does = "sensitivity, synthesis, uncertainty, optimize ... of a solver or a config file";

std::string help_of(const OptionInfo& option) {
  std::string text(option.doc);
  if (option.required) text += " (required)";
  if (option.type == OptionType::inputs)
    text += "; several: with commas between";
  else if (option.type > OptionType::text)
    text += "; several: give it again";
  return text;
}

/// The words of one study: what it works on, its options, and the ports of a solver.
struct StudyWords {
  std::string study;
  Target target;
  std::vector<std::string> with;
  std::vector<std::string> measured;
  std::string record_name;
  bool bands = false;
  TracedLoad load;
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

/// An axis for each band of the pipeline, over all of it: what `band_quantile` of its stages may be.
void vary_bands(host::Config& config, Context& context) {
  host::Config pipeline_alone = host::Config::copy_of(config.impl());
  pipeline_alone.without_study();
  const auto pipeline = context.session.compile(pipeline_alone, context.flags.profile);
  const auto base = pipeline.base();
  constexpr std::string_view band = ".band_quantile";
  std::size_t found = 0;
  for (std::size_t i = 0; i < base.size(); ++i) {
    const std::string name(pipeline.solver().inputs()[i].name);
    if (!name.ends_with(band) || !std::isnan(base[i].number)) continue;
    config.add_axis(name, {R"({"uniform": [0, 1]})"}, "--bands");
    ++found;
  }
  if (found == 0) throw InputError("--bands", "no stage gives an estimate with a band that is not placed already");
}

/// A calibration whose result is a file of the zoo; people are told the table.
int calibrate_to_record(const host::Config& config, const StudyWords& words, Context& context) {
  const auto pipeline = context.session.compile(config, context.flags.profile);
  host::ReportOptions options = context.flags.report();
  options.format = host::OutputFormat::text;
  options.width = terminal_width(STDERR_FILENO);
  const Interrupt interrupt;
  std::ostringstream table;
  host::StudyReport report(pipeline, options, table);
  host::CalibrationRecord record(pipeline, report);
  const auto summary = host::run_study(pipeline, record, run_options(context.flags, interrupt, nullptr));
  if (summary.interrupted) {
    print_message("interrupted: " + context.flags.out + " is not written");
    return interrupt.exit_status();
  }
  context.out << record.zoo_file(words.record_name);
  std::cerr << table.str();
  for (const auto& use : record.uses(words.record_name)) print_message(context.flags.out + ": " + use);
  return summary.exit_status();
}

host::Config config_of(const StudyWords& words, Context& context) {
  auto config = words.target.config(context);
  config.use_study(words.study);
  for (const auto& [name, values] : words.options)
    if (!values.empty()) config.set_study_option(name, values, flag_of(name));
  if (!words.measured.empty()) {
    const auto said =
        std::find_if(words.options.begin(), words.options.end(), [](const auto& o) { return o.first == "predicts"; });
    const bool predicts = said != words.options.end() && !said->second.empty();
    add_measured_rows(config, words.measured, words.target.ports != nullptr ? words.target.word : "",
                      predicts ? said->second.front() : "", context);
  }
  apply_traced_load(config, words.load);
  if (words.bands && words.study != "uncertainty")
    throw InputError("--bands", "makes random inputs, which the study uncertainty takes");
  if (words.bands) vary_bands(config, context);
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
      auto* flag = command->add_option(flag_of(option.name), words->options.back().second, help_of(option))
                       ->type_name("")
                       ->allow_extra_args(false);
      if (option.type == OptionType::inputs) flag->delimiter(',');  // names, which have none
    }
  }
  words->target.add_to(*command, context, !rest.empty() && rest[0] == "study" ? rest : std::vector<std::string>{}, 2);
  command
      ->add_option(
          "--measured", words->measured,
          "calibrate: a CSV file of inputs, and of what was measured in its last column; or a log of Megatron or NeMo, a "
          "benchmark of vLLM or SGLang (may be repeated)")
      ->type_name("")
      ->allow_extra_args(false);
  command
      ->add_option(
          "--name", words->record_name,
          "calibrate: of the entry that -o FILE.json writes; the stack's or trainer's own, whose place it takes, if left out")
      ->type_name("");
  command->add_flag("--bands", words->bands, "uncertainty: vary every estimate over its band, as a lognormal input");
  add_traced_load(*command, words->load);
  command->add_option("--with", words->with, "another design to hold it against: a file, or NAME=VALUE")
      ->type_name("")
      ->allow_extra_args(false);
  command->add_option("--seed", words->seed, "of random numbers")->type_name("");
  command->callback([=, &context] {
    context.action = [=, &context] {
      const auto config = config_of(*words, context);
      const bool record =
          words->study == "calibrate" && !context.flags.out.empty() && context.flags.report().format == host::OutputFormat::json;
      if (!record && !words->record_name.empty())
        throw InputError("--name", "names the entry that calibrate writes: give -o FILE.json");
      return record ? calibrate_to_record(config, *words, context) : run_config(config, words->target.ports != nullptr, context);
    };
  });
}

}  // namespace ironlaw::cli
