// studies [NAME]: what the verbs are, and what each takes.
#include "command.hpp"

#include <ironlaw/present/report.hpp>

#include <memory>

namespace ironlaw::cli {

void add_studies(CLI::App& app, Context& context) {
  const auto name = std::make_shared<std::string>();
  auto* command = app.add_subcommand("studies", "list studies, or show one: its options");
  add_examples(*command, {"ironlaw studies", "ironlaw studies optimize"});
  auto* option = command->add_option("name", *name, "of a study");
  context.values[option] = [&context] { return context.session.plugins().names("study"); };
  command->callback([=, &context] {
    context.action = [=, &context] {
      auto& plugins = context.session.plugins();
      if (name->empty()) {
        host::report_studies(plugins, context.flags.report(), context.out);
      } else {
        host::report_study(plugins.study(*name), plugins.provider("study", *name), context.flags.report(), context.out);
      }
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
