#include "unknown_words.hpp"

#include "peer_words.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/nearest.hpp>
#include <ironlaw/questions/question.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace ironlaw::cli {
namespace {

/// Flags of `app` and of the commands below it, for the nearest right spelling.
void collect_flags(const CLI::App& app, std::vector<std::string>& flags) {
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  for (const auto* command : app.get_subcommands()) collect_flags(*command, flags);
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
  return names;
}

/// The flag of which a word has the initials: --tp for --tensor-parallel.
std::string_view by_initials(std::string_view word, const std::vector<std::string_view>& flags) {
  // The innermost command's flags are last.
  const auto found = std::find_if(flags.rbegin(), flags.rend(), [&](std::string_view flag) {
    std::string initials = "--";
    for (std::size_t at = 2; at < flag.size(); ++at)
      if (at == 2 || flag[at - 1] == '-') initials += flag[at];
    return initials.size() > 3 && initials == word;
  });
  return found == flags.rend() ? std::string_view() : *found;
}

/// The flag that other tools call so: --model for --workload.
std::string_view by_other_name(std::string_view word, const std::vector<std::string_view>& flags) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 13> names{{{"--model", "--workload"},
                                                                                 {"--workload", "--model"},
                                                                                 {"--gpu", "--hardware"},
                                                                                 {"--device", "--hardware"},
                                                                                 {"--hardware", "--device"},
                                                                                 {"--batch", "--batch-size"},
                                                                                 {"--dtype", "--precision"},
                                                                                 {"--dtype", "--format"},
                                                                                 {"--context", "--context-length"},
                                                                                 {"--input-length", "--prompt-tokens"},
                                                                                 {"--output-length", "--output-tokens"},
                                                                                 {"--concurrency", "--users"},
                                                                                 {"--cluster", "--fleet"}}};
  for (const auto& [other, ours] : names)
    if (word == other && std::find(flags.begin(), flags.end(), ours) != flags.end()) return ours;
  return flag_here(word, flags);
}

/// The innermost of the commands that were said; the program where none was.
const CLI::App& innermost(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

/// The command that was asked for: "ironlaw zoo show".
std::string words_of(const CLI::App& app) {
  return (app.get_parent() == nullptr ? "" : words_of(*app.get_parent()) + " ") + app.get_name();
}

}  // namespace

std::string help_of_command(const CLI::App& app) {
  const CLI::App& command = innermost(app);
  std::string about;
  for (const CLI::Option* option : command.get_options())
    if (option->get_positional() && option->count() > 0 && about.empty()) about = " " + option->results().front();
  return "see " + words_of(command) + about + " --help";
}

namespace {

/// "; a flag of serve, capacity": the questions that have a flag that this one has not.
std::string its_questions(const CLI::App& app, std::string flag) {
  if (app.get_name() != "ask" || !flag.starts_with("--")) return {};
  std::replace(flag.begin(), flag.end(), '-', '_');
  std::string text;
  for (const auto& name : host::questions_with_flag(flag.substr(2), host::question_folders({})))
    text += (text.empty() ? "; a flag of " : ", ") + name;
  return text;
}

/// What is said of a word or flag that `app`, the innermost command, does not know.
std::string unexpected(const CLI::App& app, const std::string& word) {
  if (auto here = said_here(app.get_parent() == nullptr ? "" : app.get_name(), word); !here.empty()) return here;
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    CLI::App global;
    GlobalFlags flags;
    flags.add_to(global);
    collect_flags(global, known);
    collect_flags(app, known);
  } else {
    known = commands_of(app);
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string name = word.substr(0, word.find('='));
  if (std::find(known.begin(), known.end(), name) != known.end())
    return "'" + name + "' is said behind its command: " + words_of(app) + " " + name + " ...";
  auto best = by_initials(name, views);
  if (best.empty()) best = by_other_name(name, views);
  if (best.empty()) best = host::nearest(name, views);
  if (best.empty() && word.starts_with("--") && app.get_parent() == nullptr)
    return "'" + word + "' stands behind no command: ironlaw ask QUESTION " + name + " ..., or ironlaw solve SOLVER " + name +
           " ...; see ironlaw --help";
  return "unknown " + std::string(word.starts_with("-") ? "flag" : "word") + " '" + word + "'" +
         (best.empty() ? its_questions(app, name) + "; " + help_of_command(app) : "; did you mean '" + std::string(best) + "'?");
}

/// A first word that is no command, but that some command takes: "ironlaw serving".
std::string unknown_command(const CLI::App& app, Context& context, const std::string& word) {
  const auto is_one_of = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  const auto questions = host::question_files(host::question_folders({}));
  if (std::any_of(questions.begin(), questions.end(), [&](const auto& file) { return file.stem() == word; }))
    return "'" + word + "' is a question: ironlaw ask " + word;
  if (is_one_of(context.session.plugins().names("solver")))
    return "'" + word + "' is a solver: ironlaw solve " + word + ", or ironlaw solve " + word + " --help";
  if (is_one_of(context.session.plugins().names("study")))
    return "'" + word + "' is a study: ironlaw study " + word + " SOLVER_OR_FILE";
  if (is_config_file(word)) return "'" + word + "' is a config: ironlaw run " + word;
  if (word == "help") return "'help' is said by a flag: ironlaw --help, or ironlaw COMMAND --help";
  std::string said = unexpected(app, word);
  const auto entries = context.session.zoo(context.flags.profile).list({});
  const auto entry = std::find_if(entries.begin(), entries.end(), [&](const host::ZooEntryInfo& e) { return e.key == word; });
  if (entry == entries.end()) return said;
  return "'" + word + "' is in the zoo: ironlaw zoo show " + word + "; questions that it may be part of: ironlaw ask";
}

}  // namespace

void refuse_unknown_word(const CLI::App& app) { throw InputError("", unexpected(innermost(app), app.remaining(true).front())); }

void check_command(const CLI::App& app, Context& context, const std::string& word) {
  const auto commands = commands_of(app);
  if (!is_flag(word) && std::find(commands.begin(), commands.end(), word) == commands.end())
    throw InputError("", unknown_command(app, context, word));
}

void refuse_without_command(const CLI::App& app) {
  const CLI::App& command = innermost(app);
  std::string all;
  for (const auto& name : commands_of(command)) all += (all.empty() ? "" : ", ") + name;
  const auto rest = app.remaining(true);
  const std::string said = rest.empty() ? "" : unexpected(command, rest.front());
  if (!rest.empty() && (is_flag(rest.front()) || &command == &app || said.find("; see ") == said.npos))
    throw InputError("", said);
  throw InputError(
      "", command.get_name() + " takes one of " + all + (rest.empty() ? "" : " before '" + rest.front() + "'") + "; see --help");
}

}  // namespace ironlaw::cli
