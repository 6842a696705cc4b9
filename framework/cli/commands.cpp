#include "commands.hpp"

#include "command.hpp"
#include "result_output.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/nearest.hpp>

#include <algorithm>
#include <iostream>

namespace ironlaw::cli {
namespace {

/// Flags of `app` and of the commands below it, for the nearest right spelling.
void collect_flags(const CLI::App& app, std::vector<std::string>& flags) {
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  for (const auto* command : app.get_subcommands()) collect_flags(*command, flags);
}

std::string unexpected(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    collect_flags(app, known);
  } else {
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) known.push_back(command->get_name());
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  const auto best = host::nearest(word.substr(0, word.find('=')), views);
  return "unknown " + std::string(word.starts_with("-") ? "flag" : "word") + " '" + word + "'" +
         (best.empty() ? "; see --help" : "; did you mean '" + std::string(best) + "'?");
}

bool is_command(const CLI::App& app, const std::string& word) {
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  return std::any_of(commands.begin(), commands.end(), [&](const CLI::App* c) { return c->get_name() == word; });
}

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
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string what = e.what();
    const std::string flag = what.substr(0, what.find(':'));
    throw InputError(flag, what.find("At Most") != what.npos ? "is given more than once" : "needs a value");
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
  return app.remaining();
}

}  // namespace

int run_program(const std::vector<std::string>& words, std::ostream& out, int result) {
  GlobalFlags flags;
  flags.result = result;
  const auto rest = take_global_flags(words, flags, out);
  LateFile file(flags.out);

  CLI::App app("Predicts speed, cost, carbon and reliability of machine-learning systems from closed-form equations.", "ironlaw");
  app.set_version_flag("--version", "ironlaw " IRONLAW_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Examples:\n  ironlaw solve single_node --workload ResNet50 --hardware A100 --batch-size 1 --explain\n"
      "  ironlaw solve single_node --workload ResNet50 --hardware A100,H100 --batch-size 1,4,16,64\n"
      "  ironlaw run chain.json --set batch=8 --output csv\n\n"
      "Exit status: 0 fine, 1 bad input, 2 infeasible, 3 assertion violated, 4 plugin failed.");
  GlobalFlags shown;  // taken out of the words above; here for --help
  shown.add_to(app);

  Context context{flags, host::Session(flags.session()), flags.out.empty() ? out : file, {}};
  add_solve(app, context, rest);
  add_run(app, context);
  add_merge(app, context);
  add_explain(app, context);
  add_batch(app, context);
  add_zoo(app, context);
  add_solvers(app, context);
  add_schema(app, context);
  add_plugin(app, context);
  if (!rest.empty() && !rest[0].starts_with("-") && !is_command(app, rest[0])) throw InputError("", unexpected(app, rest[0]));
  if (parse(app, rest, out)) return 0;
  const int status = context.action();
  file.commit();
  return status;
}

}  // namespace ironlaw::cli
