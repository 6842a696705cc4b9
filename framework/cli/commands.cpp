#include "commands.hpp"

#include "command.hpp"
#include "completion.hpp"
#include "peer_words.hpp"
#include "result_output.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/nearest.hpp>
#include <ironlaw/questions/question.hpp>
#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>
#include <sstream>

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

/// The command that was asked for: "ironlaw zoo show".
std::string words_of(const CLI::App& app) {
  std::string words = app.get_name();
  for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
    at = at->get_subcommands().front();
    words += " " + at->get_name();
  }
  return words;
}

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
  if (best.empty() && word.starts_with("--") && app.get_parent() == nullptr && app.get_subcommands().empty())
    return "'" + word + "' stands behind no command: ironlaw ask QUESTION " + name + " ..., or ironlaw solve SOLVER " + name +
           " ...; see ironlaw --help";
  return "unknown " + std::string(word.starts_with("-") ? "flag" : "word") + " '" + word + "'" +
         (best.empty() ? "; see --help" : "; did you mean '" + std::string(best) + "'?");
}

bool is_command(const CLI::App& app, const std::string& word) {
  const auto commands = commands_of(app);
  return std::find(commands.begin(), commands.end(), word) != commands.end();
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

/// What was said to the innermost command where another command should follow.
[[noreturn]] void refuse_without_command(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  std::string all;
  for (const auto& name : commands_of(*at)) all += (all.empty() ? "" : ", ") + name;
  const auto rest = app.remaining(true);
  const std::string said = rest.empty() ? "" : unexpected(*at, rest.front());
  if (!rest.empty() && (is_flag(rest.front()) || at == &app || said.find("; see --help") == said.npos))
    throw InputError("", said);
  throw InputError(
      "", at->get_name() + " takes one of " + all + (rest.empty() ? "" : " before '" + rest.front() + "'") + "; see --help");
}

/// Help that fits the terminal: what a flag means is broken behind its column, examples as a shell takes them.
class Help final : public CLI::Formatter {
 public:
  explicit Help(std::size_t width) : width_(std::max<std::size_t>(width, 60)) {}
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    std::istringstream lines(CLI::Formatter::make_help(app, std::move(name), mode));
    std::string text;
    for (std::string line; std::getline(lines, line);) append(text, line);
    return text;
  }

 private:
  void append(std::string& text, const std::string& raw) const {
    const std::string shown = visible_text(raw);
    std::string_view line = shown;
    const std::size_t indent = line.starts_with("  ") ? get_column_width() : 0;
    if (line.starts_with("  ironlaw ")) return append_example(text, std::string(line));
    std::size_t room = width_;
    while (line.size() > room) {
      const auto blank = line.rfind(' ', room);
      if (blank == line.npos || blank <= (room == width_ ? indent : 0)) break;
      text.append(line.substr(0, blank)).append("\n").append(indent, ' ');
      line.remove_prefix(blank + 1);
      room = width_ - indent;
    }
    text.append(line).append("\n");
  }
  /// A command goes on behind a backslash, at a flag if it can; it is not broken inside of quotes.
  void append_example(std::string& text, std::string line) const {
    constexpr std::string_view indent = "      ";
    while (line.size() > width_) {
      const std::size_t cut = cut_of(line, indent.size());
      if (cut == 0) break;
      text.append(line.substr(0, cut)).append(" \\\n");
      line = std::string(indent) + line.substr(cut + 1);
    }
    text.append(line).append("\n");
  }
  /// The blank to break at; 0 where there is none.
  [[nodiscard]] std::size_t cut_of(std::string_view line, std::size_t from) const {
    constexpr std::size_t backslash = 2;
    std::size_t flag = 0;
    std::size_t word = 0;
    bool quoted = false;
    for (std::size_t at = from; at < line.size() && (at + backslash <= width_ || word == 0); ++at) {
      if (line[at] == '\'') quoted = !quoted;
      if (line[at] != ' ' || quoted) continue;
      word = at;
      if (line.substr(at).starts_with(" -")) flag = at;
    }
    return flag != 0 ? flag : word;
  }
  std::size_t width_;
};

/// Parses; true where the program is to end now (help was asked for).
bool parse(CLI::App& app, std::vector<std::string> words, std::ostream& out) {
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
    return false;
  } catch (const CLI::Success& e) {
    app.exit(e, out, std::cerr);
    return true;
  } catch (const CLI::ExtrasError&) {
    throw InputError("", unexpected(app, app.remaining(true).front()));
  } catch (const CLI::RequiredError& e) {
    if (std::string(e.what()).find("subcommand") != std::string::npos) refuse_without_command(app);
    throw InputError("", std::string(e.what()) + "; see " + words_of(app) + " --help");
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string what = e.what();
    const std::string flag = what.substr(0, what.find(':'));
    throw InputError(flag, what.find("At Most") != what.npos ? "is given more than once" : "needs a value");
  } catch (const CLI::ConversionError& e) {
    // "Could not convert: --threads = 1e3"
    const std::string what = e.what();
    const std::size_t flag = what.find(": ") + 2;
    const std::size_t equals = std::min(what.find(" = ", flag), what.size());
    throw InputError(what.substr(flag, equals - flag),
                     "does not take '" + what.substr(std::min(equals + 3, what.size())) + "'; see --help");
  } catch (const CLI::ParseError& e) {
    std::string what = e.what();
    std::replace(what.begin(), what.end(), '\n', ' ');
    throw InputError("", what + "; see --help");
  }
}

/// The global flags, wherever they stand, and the words that are left.
std::vector<std::string> take_global_flags(const std::vector<std::string>& words, GlobalFlags& flags, std::ostream& out) {
  CLI::App app;
  app.allow_extras();
  app.set_help_flag();
  flags.add_to(app);
  parse(app, words, out);
  if (app.count("--out") > 0 && flags.out.empty()) throw InputError("--out", "needs the name of a file");
  return app.remaining();
}

using Words = std::vector<std::string>;

/// A command of the program, by what defines it.
struct Command {
  std::string_view name;
  void (*define)(CLI::App& app, Context& context, const Words& words);
};
template <void (*Add)(CLI::App&, Context&)>
void without_words(CLI::App& app, Context& context, const Words&) {
  Add(app, context);
}
constexpr auto program_commands = std::to_array<Command>({{"solve", add_solve},
                                                          {"ask", add_ask},
                                                          {"run", without_words<add_run>},
                                                          {"study", add_study},
                                                          {"merge", without_words<add_merge>},
                                                          {"changes", without_words<add_changes>},
                                                          {"explain", without_words<add_explain>},
                                                          {"batch", without_words<add_batch>},
                                                          {"zoo", without_words<add_zoo>},
                                                          {"solvers", without_words<add_solvers>},
                                                          {"studies", without_words<add_studies>},
                                                          {"schema", without_words<add_schema>},
                                                          {"plugin", without_words<add_plugin>},
                                                          {"plot", add_plot},
                                                          {"report", add_report},
                                                          {"web", without_words<add_web>},
                                                          {"mcp", without_words<add_mcp>},
                                                          {"audit", without_words<add_audit>},
                                                          {"completion", without_words<add_completion>},
                                                          {"man", without_words<add_manual>}});

/// Whether a command tells of all the others.
bool tells_of_all(std::string_view command) { return command == "man" || command == "completion"; }

/// Whether a command is to be defined for these words: the one that they begin with, or each where they begin with none. To
/// define them all takes a quarter of the time to begin.
bool is_asked(const Command& command, const Words& words) {
  if (words == Words{"--version"}) return false;
  const auto is_first = [&](const Command& c) { return words.front() == c.name; };
  const bool begins_with_one = !words.empty() && std::any_of(program_commands.begin(), program_commands.end(), is_first);
  return !begins_with_one || is_first(command) || tells_of_all(words.front());
}

/// Whether something shows the global flags, which are taken out of the words by then: help, a manual, a shell's completion.
bool shows_flags(const std::vector<std::string>& words) {
  return words.empty() || tells_of_all(words.front()) ||
         std::any_of(words.begin(), words.end(), [](const std::string& w) { return w == "-h" || w.starts_with("--help"); });
}

/// What `words`, those behind the program's name, need of its commands. Making the global flags takes a tenth of the time to
/// begin.
void define(CLI::App& app, GlobalFlags& flags, Context& context, const Words& words, bool with_flags) {
  app.formatter(std::make_shared<Help>(terminal_width(flags.result)));
  app.set_version_flag("--version", "ironlaw " IRONLAW_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Examples:\n  ironlaw solve single_node --workload ResNet50 --hardware A100 --batch-size 1 --explain\n"
      "  ironlaw solve single_node --workload ResNet50 --hardware A100,H100 --batch-size 1,4,16,64\n"
      "  ironlaw run chain.json --set batch=8 --output csv\n\n"
      "Exit status: 0 fine, 1 bad input, 2 infeasible, 3 assertion violated, 4 plugin failed.");
  if (with_flags) {
    flags.add_to(app);
    context.values[app.get_option("--output")] = format_names;
    context.values[app.get_option("--profile")] = [&context] { return context.session.profiles(); };
  }
  for (const Command& command : program_commands)
    if (is_asked(command, words)) command.define(app, context, words);
}

constexpr const char* description =
    "Predicts speed, cost, carbon and reliability of machine-learning systems from closed-form equations.";

/// What `ironlaw` alone says.
constexpr const char* welcome =
    "Predicts speed, cost, carbon and reliability of machine-learning systems from\n"
    "closed-form equations.\n\n"
    "  ironlaw ask                  questions by name: serve users, train a model ...\n"
    "  ironlaw ask fit --model Llama3_8B --device H100\n"
    "  ironlaw solvers              every solver and what it answers\n"
    "  ironlaw solve single_node --workload ResNet50 --hardware A100,H100\n"
    "  ironlaw zoo list hardware    every device; also: workload, node, fabric ...\n"
    "  ironlaw --help               every command\n";

/// `complete -- WORDS`: what the scripts of the shells ask. Half a command line is no error.
int complete(std::vector<std::string> words, std::ostream& out) try {
  if (!words.empty() && words.front() == "--") words.erase(words.begin());
  GlobalFlags flags;
  auto whole = words;
  if (!whole.empty()) whole.pop_back();
  try {
    take_global_flags(whole, flags, out);
  } catch (const InputError&) {
    if (!whole.empty()) whole.pop_back();  // a flag whose value is being typed
    take_global_flags(whole, flags, out);
  }
  Context context{flags, host::Session(flags.session()), out, {}, {}};
  CLI::App app(description, "ironlaw");
  GlobalFlags shown;
  const auto solvers = context.session.plugins().names("solver");
  const bool known =
      words.size() > 1 && (words[0] == "ask" || std::find(solvers.begin(), solvers.end(), words[1]) != solvers.end());
  define(app, shown, context, known ? words : std::vector<std::string>{}, true);
  print_candidates(app, context, words);
  return 0;
} catch (const Error&) {
  return 0;
}

}  // namespace

void add_examples(CLI::App& command, std::initializer_list<const char*> lines) {
  std::string text = "Examples:";
  for (const char* line : lines) text.append("\n  ").append(line);
  command.footer(text);
}

std::vector<std::string> zoo_keys(Context& context, std::string_view interface) {
  std::vector<std::string> keys;
  for (const auto& entry : context.session.zoo(context.flags.profile).list(interface)) keys.push_back(entry.key);
  return keys;
}

int run_program(const std::vector<std::string>& words, std::ostream& out, int result) {
  if (!words.empty() && words.front() == "complete") return complete({words.begin() + 1, words.end()}, out);
  GlobalFlags flags;
  flags.result = result;
  const auto rest = take_global_flags(words, flags, out);
  flags.resolve_out();
  LateFile file(flags.out);
  CLI::App app(description, "ironlaw");
  GlobalFlags shown;  // taken out of the words above; here for --help
  Context context{flags, host::Session(flags.session()), flags.out.empty() ? out : file, {}, {}};
  define(app, shown, context, rest, shows_flags(rest));
  if (rest.empty()) {
    context.out << welcome;
    return 0;
  }
  if (!is_flag(rest[0]) && !is_command(app, rest[0])) throw InputError("", unknown_command(app, context, rest[0]));
  if (parse(app, rest, out)) return 0;
  const int status = context.action();
  if (status < 128) file.commit();  // not of a run that was interrupted
  context.out.flush();
  settle_status(status);
  return status;
}

}  // namespace ironlaw::cli
