// plugin check: the conformance kit.
#include "command.hpp"

#include <ironlaw/conformance/conformance.hpp>

#include <memory>

namespace ironlaw::cli {
namespace {

struct Wanted {
  std::string file;
  host::ConformanceOptions options;
};

int check(Wanted wanted, Context& context) {
  wanted.options.session = context.flags.session();
  const auto results = host::check_plugin(wanted.file, wanted.options);
  host::report_conformance(host::Plugins::inspect(wanted.file), results, context.flags.report(), context.out);
  return host::conforms(results) ? 0 : 4;
}

}  // namespace

void add_plugin_check(CLI::App& plugin, Context& context) {
  const auto wanted = std::make_shared<Wanted>();
  auto* command = plugin.add_subcommand("check", "what a plugin promises, put to the test; each check is a process of its own");
  command->add_option("file", wanted->file, "a plugin")->required();
  command->add_option("--golden", wanted->options.golden, "questions with their answers, in JSON Lines")->option_text("FILE");
  command->add_option("--rows", wanted->options.rows, "random rows a solver")->check(number_from(1, 100000))->option_text("N");
  command->add_option("--timeout", wanted->options.timeout, "seconds a check may take")
      ->check(number_from(0.1, 3600))
      ->option_text("SECONDS");
  add_examples(*command, {"ironlaw plugin check ./plugins/mine.so", "ironlaw plugin check ./plugins/mine.so --output json"});
  command->callback([=, &context] { context.action = [=, &context] { return check(*wanted, context); }; });
}

}  // namespace ironlaw::cli
