#include "commands.hpp"

#include "command_line.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/batch.hpp>
#include <ironlaw/host/nearest.hpp>
#include <ironlaw/host/run.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>

namespace ironlaw::cli {
namespace {

/// What one command line works with.
struct Context {
  GlobalFlags flags;
  host::Session session;
  std::ostream& out;
};

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
  const auto summary = host::run(pipeline, rows, {context.flags.threads});
  table.finish(summary);
  print_summary(summary, rows.line);
  return summary.exit_status();
}

int solve(const host::Config& config, Context& context) {
  const auto pipeline = context.session.compile(config, context.flags.profile);
  return pipeline.axes().empty() ? report_one(pipeline, true, context) : report_table(pipeline, context);
}

host::Config read_config(const std::string& file, const std::vector<std::string>& settings) {
  auto config = host::Config::read(file);
  for (const auto& s : settings) {
    const auto equals = s.find('=');
    if (equals == s.npos || equals == 0) throw InputError("--set", "takes NAME=VALUE, not '" + s + "'");
    config.set(s.substr(0, equals), s.substr(equals + 1), "--set " + s.substr(0, equals));
  }
  return config;
}

int run(const std::string& file, const std::vector<std::string>& settings, Context& context) {
  const auto pipeline = context.session.compile(read_config(file, settings), context.flags.profile);
  return pipeline.axes().empty() ? report_one(pipeline, false, context) : report_table(pipeline, context);
}

int batch(const std::string& file, Context& context) {
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

int zoo_check(Context& context) {
  int faults = 0;
  for (const auto& profile : context.flags.profile.empty() ? context.session.profiles() : std::vector{context.flags.profile}) {
    for (const auto& fault : context.session.zoo(profile).check()) {
      std::cerr << "ironlaw: " << fault << "\n";
      ++faults;
    }
  }
  const auto entries = context.session.zoo(context.flags.profile).list({}).size();
  if (faults == 0) context.out << entries << " entries checked, nothing wrong\n";
  return faults == 0 ? 0 : 1;
}

int zoo_show(const std::string& key, Context& context) {
  auto& zoo = context.session.zoo(context.flags.profile);
  for (const auto& entry : zoo.entries(key)) {
    const auto& kind = context.session.plugins().kind(entry.kind);
    host::report_zoo_entry(entry, zoo.find(kind.interface(), entry.kind + ":" + entry.key, key), zoo, context.flags.report(),
                           context.out);
  }
  return 0;
}

int solvers(const std::string& name, Context& context) {
  auto& plugins = context.session.plugins();
  if (!name.empty()) {
    host::report_solver(plugins.solver(name), plugins.provider("solver", name), context.flags.report(), context.out);
    return 0;
  }
  host::report_solvers(plugins, context.flags.report(), context.out);
  if (plugins.names("solver").empty()) std::cerr << "ironlaw: no solvers: " << plugins.why_none() << "\n";
  return 0;
}

int plugin_show(const std::string& file, Context& context) {
  const auto record = host::Plugins::inspect(file);
  host::report_plugin(record, context.flags.report(), context.out);
  if (record.status == host::LoadStatus::ok) return 0;
  std::cerr << "ironlaw: " << file << ": " << record.detail << "\n";
  return 1;
}

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

int run_program(const std::vector<std::string>& words, std::ostream& out) {
  GlobalFlags flags;
  const auto rest = take_global_flags(words, flags, out);

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

  std::string solver, file, kind, key, name, plugin, requests;
  std::string plan_format = "text";
  std::string schema_of = "config";
  std::vector<std::string> settings;
  auto* solve_app = app.add_subcommand("solve", "one answer, or a table where a flag lists several values");
  solve_app->add_option("solver", solver, "name of a solver (ironlaw solvers)")->required();
  auto* run_app = app.add_subcommand("run", "a pipeline from a config file");
  run_app->add_option("file", file, "the config")->required();
  run_app->add_option("--set", settings, "give an input another value (may be repeated)")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false);
  auto* explain_app = app.add_subcommand("explain", "the plan of a config, without running it");
  explain_app->add_option("file", file, "the config")->required();
  explain_app->add_option("--set", settings, "give an input another value (may be repeated)")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false);
  explain_app->add_option("--as", plan_format, "how to draw it")
      ->check(CLI::IsMember({"text", "mermaid", "dot"}))
      ->option_text("text|mermaid|dot");
  auto* batch_app =
      app.add_subcommand("batch", "requests as JSON Lines from standard input or a file, answers in the same order");
  batch_app->add_option("file", requests, "the requests; none: standard input");
  auto* zoo_app = app.add_subcommand("zoo", "devices, workloads and records")->require_subcommand(1);
  auto* list_app = zoo_app->add_subcommand("list", "all entries, or those of a kind");
  list_app->add_option("kind", kind, "a kind (accelerator) or what it serves as (hardware)");
  auto* show_app = zoo_app->add_subcommand("show", "one entry, with the source of every number");
  show_app->add_option("name", key, "its key, or kind:key")->required();
  auto* check_app = zoo_app->add_subcommand("check", "schema, dimensions, ranges and sources of every entry");
  auto* solvers_app = app.add_subcommand("solvers", "all solvers, or the ports of one");
  solvers_app->add_option("name", name, "a solver");
  auto* schema_app = app.add_subcommand("schema", "JSON Schema of configs or zoo files, with all that is loaded, for editors");
  schema_app->add_option("of", schema_of, "config or zoo")->check(CLI::IsMember({"config", "zoo"}))->option_text("config|zoo");
  auto* plugin_app = app.add_subcommand("plugin", "what is loaded, what was refused and why")->require_subcommand(1);
  auto* plugins_app = plugin_app->add_subcommand("list", "every file that was looked at");
  auto* plugin_show_app = plugin_app->add_subcommand("show", "what a file brings; runs no code of it");
  plugin_show_app->add_option("file", plugin, "a plugin")->required();

  Context context{flags, host::Session(flags.session()), out};
  std::optional<PortFlags> ports;
  if (rest.size() > 1 && rest[0] == "solve" && !rest[1].starts_with("-"))
    ports.emplace(*solve_app, context.session.plugins().solver(rest[1]), rest);
  if (!rest.empty() && !rest[0].starts_with("-") && !is_command(app, rest[0])) throw InputError("", unexpected(app, rest[0]));
  if (parse(app, rest, out)) return 0;

  if (solve_app->parsed()) return solve(ports->config(solver), context);
  if (run_app->parsed()) return run(file, settings, context);
  if (explain_app->parsed()) {
    const auto format = plan_format == "mermaid" ? host::PlanFormat::mermaid
                        : plan_format == "dot"   ? host::PlanFormat::dot
                                                 : host::PlanFormat::text;
    host::report_plan(context.session.compile(read_config(file, settings), flags.profile), format, out);
    return 0;
  }
  if (batch_app->parsed()) return batch(requests, context);
  if (list_app->parsed()) {
    host::report_zoo_list(context.session.zoo(flags.profile).list(kind), flags.report(), out);
    return 0;
  }
  if (show_app->parsed()) return zoo_show(key, context);
  if (check_app->parsed()) return zoo_check(context);
  if (schema_app->parsed()) {
    if (schema_of == "zoo") {
      host::report_zoo_schema(context.session.plugins(), out);
    } else {
      host::report_config_schema(context.session.plugins(), out);
    }
    return 0;
  }
  if (solvers_app->parsed()) return solvers(name, context);
  if (plugins_app->parsed()) {
    host::report_plugins(context.session.plugins().records(), flags.report(), out);
    return 0;
  }
  return plugin_show(plugin, context);
}

}  // namespace ironlaw::cli
