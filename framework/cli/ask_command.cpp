// ask: a question by its name.
#include "command.hpp"
#include "result_output.hpp"
#include "traced_load.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/questions/answered.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

namespace ironlaw::cli {
namespace {

namespace fs = std::filesystem;

/// The words of one question.
struct AskWords {
  std::string name;
  std::vector<std::string> folders;
  std::vector<std::string> settings;
  std::string write;
  TracedLoad load;
  std::optional<host::Question> question;
  std::vector<host::QuestionFlag> flags;
  std::vector<CLI::Option*> options;  ///< by flag
};

std::vector<fs::path> paths(const std::vector<std::string>& names) { return {names.begin(), names.end()}; }

/// Folders that the words name, before they are parsed.
std::vector<std::string> folders_in(const std::vector<std::string>& words) {
  std::vector<std::string> folders;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--questions" && i + 1 < words.size()) folders.push_back(words[i + 1]);
    if (words[i].starts_with("--questions=")) folders.push_back(words[i].substr(words[i].find('=') + 1));
  }
  return folders;
}

/// The word that names the question: the first behind what can be said of every question; empty where another flag comes before
/// it.
std::string question_in(const std::vector<std::string>& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--questions" || words[i] == "--set") {
      ++i;  // its value
    } else if (!words[i].starts_with("--questions=") && !words[i].starts_with("--set=")) {
      return is_flag(words[i]) ? "" : words[i];
    }
  }
  return {};
}

int list_questions(const AskWords& words, Context& context) {
  const auto files = host::question_files(host::question_folders(paths(words.folders)));
  if (files.empty()) throw InputError("ask", "no question was found; name a folder of them with --questions");
  std::vector<host::Question> questions;
  for (const auto& file : files) questions.push_back(host::Question::read(file));
  host::report_questions(questions, context.flags.report(), context.out);
  return 0;
}

void give_flag(host::Question& question, const host::QuestionFlag& flag, const std::string& text, Context& context) {
  const std::string name = flag_of(flag.name);
  if (flag.target) {
    question.set_target(flag.name, text, name);
  } else {
    const auto places = question.places(flag.name);
    if (places.size() > 1 && text.find(',') != text.npos) throw InputError(name, "takes one value, not a list");
    for (const auto& place : places) {
      if (flag.type == PortType::object)
        give_object(question.config(), place, flag.interface, text, name, context);
      else
        give(question.config(), place, question.in_unit(flag.name, text), name);
    }
  }
  question.given(flag.name);
}

/// `--set` gives a flag its value too, by its name.
void give_setting(host::Question& question, const std::vector<host::QuestionFlag>& flags, const std::string& setting,
                  Context& context) {
  const auto equals = setting.find('=');
  const auto flag = std::find_if(flags.begin(), flags.end(), [&](const auto& f) { return f.name == setting.substr(0, equals); });
  if (equals == setting.npos || flag == flags.end()) return apply_settings(question.config(), {setting});
  give_flag(question, *flag, setting.substr(equals + 1), context);
}

/// What was said, as a question whose flags are `flags` takes it.
void give_words(host::Question& question, const std::vector<host::QuestionFlag>& flags, const AskWords& words, Context& context) {
  for (std::size_t f = 0; f < words.flags.size(); ++f) {
    if (words.flags[f].way) continue;
    const auto flag = std::find_if(flags.begin(), flags.end(), [&](const auto& own) { return own.name == words.flags[f].name; });
    for (const auto& text : words.options[f]->results()) {
      if (flag == flags.end()) throw InputError(flag_of(words.flags[f].name), "is no flag of " + question.name());
      give_flag(question, *flag, text.empty() ? "true" : text, context);
    }
  }
  for (const auto& setting : words.settings) give_setting(question, flags, setting, context);
  apply_traced_load(question.config(), words.load);
  question.check_given();
}

/// The question, and the ways to the same end that were asked for too.
std::vector<host::Question> asked_questions(AskWords& words, Context& context) {
  for (std::size_t f = 0; f < words.flags.size(); ++f)
    if (words.flags[f].way && words.options[f]->count() > 0) words.question->ask_way(words.flags[f].name);
  give_words(*words.question, words.flags, words, context);
  std::vector<host::Question> asked{*words.question};
  for (host::Question& way : words.question->ways(context.flags.limits())) {
    give_words(way, way.flags(context.session, context.flags.profile), words, context);
    asked.push_back(std::move(way));
  }
  return asked;
}

int ask(AskWords& words, Context& context) {
  if (words.name.empty()) return list_questions(words, context);
  if (!words.question) throw InputError("ask", "the name of the question, '" + words.name + "', stands before its flags");
  const std::vector<host::Question> asked = asked_questions(words, context);
  const Interrupt interrupt;
  const auto options = run_options(context.flags, interrupt, nullptr);
  std::vector<host::Told> answers;
  for (const host::Question& question : asked)
    answers.push_back(host::answer_question(question, context.session, context.flags.profile, options));
  const std::size_t best = host::best_way(answers);
  const host::Question& question = asked[best];
  const host::Told& told = answers[best];
  if (Interrupt::flag()) {
    print_message("interrupted: no answer was found until then");
    return interrupt.exit_status();
  }
  if (words.write.empty())
    host::report_told(question, told, context.flags.report(), context.out);
  else
    context.out << host::write_plan(question, told, words.write, context.session, context.flags.profile);
  return told.exit_status();
}

}  // namespace

void add_ask(CLI::App& app, Context& context, const std::vector<std::string>& words) {
  auto* command = app.add_subcommand("ask", "a question by its name: an answer in words, what binds, what was assumed");
  add_examples(*command,
               {"ironlaw ask", "ironlaw ask serve --help",
                "ironlaw ask serve --model Llama3_70B --users 200 --prompt-tokens '4 ktoken' --tpot '50 ms' --budget '100 kUSD'",
                "ironlaw ask fit --model Llama3_8B --device RTX4090"});
  const auto said = std::make_shared<AskWords>();
  auto* name = command->add_option("question", said->name, "name of a question, or a file; none: list them");
  context.values[name] = [] {
    std::vector<std::string> names;
    for (const auto& file : host::question_files(host::question_folders({}))) names.push_back(file.stem().string());
    return names;
  };
  command->add_option("--questions", said->folders, "a folder of one's own questions, before the others (may be repeated)")
      ->option_text("FOLDER")
      ->allow_extra_args(false);
  add_settings(*command, said->settings);
  const std::string asked = !words.empty() && words[0] == "ask" ? question_in(words) : "";
  if (!asked.empty()) {
    const auto folders = host::question_folders(paths(folders_in(words)));
    said->question = host::Question::read(host::find_question(asked, folders), context.flags.limits());
    command->description(said->question->asks());
    std::string formats;
    for (const auto& format : host::plan_formats(*said->question)) formats += (formats.empty() ? "" : "|") + format;
    auto* write =
        command->add_option("--write", said->write, "print the plan to start from instead of the answer")->option_text(formats);
    context.values[write] = [said] { return host::plan_formats(*said->question); };
    if (!said->question->traced_stage().empty()) {
      said->load.stage = said->question->traced_stage();
      said->load.as = "series";
      add_trace_file(*command, said->load)->required();
    }
    said->flags = said->question->flags(context.session, context.flags.profile);
    for (const auto& flag : said->flags) {
      auto* option =
          flag.way ? command->add_flag(flag_of(flag.name), flag.help)->group("Ways")
                   : command->add_option(flag_of(flag.name), flag.help)->type_name("")->group(flag.target ? "Targets" : "Inputs");
      if (flag.type == PortType::boolean && !flag.way) option->expected(0, 1);
      said->options.push_back(option);
      if (!flag.way)
        context.values[option] = [&context, flag] {
          if (flag.type == PortType::object) return zoo_keys(context, flag.interface);
          return flag.type == PortType::boolean ? std::vector<std::string>{"true", "false"} : flag.choices;
        };
    }
  }
  command->callback([=, &context] { context.action = [=, &context] { return ask(*said, context); }; });
}

}  // namespace ironlaw::cli
