// zoo list, show and check.
#include "command.hpp"

#include <ironlaw/error.hpp>

#include <iostream>
#include <memory>

namespace ironlaw::cli {
namespace {

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

}  // namespace

void add_zoo(CLI::App& app, Context& context) {
  auto* zoo = app.add_subcommand("zoo", "devices, workloads and records")->require_subcommand(1);
  const auto kind = std::make_shared<std::string>();
  auto* list = zoo->add_subcommand("list", "all entries, or those of a kind");
  list->add_option("kind", *kind, "a kind (accelerator) or what it serves as (hardware)");
  list->callback([=, &context] {
    context.action = [=, &context] {
      host::report_zoo_list(context.session.zoo(context.flags.profile).list(*kind), context.flags.report(), context.out);
      return 0;
    };
  });
  const auto key = std::make_shared<std::string>();
  auto* show = zoo->add_subcommand("show", "one entry, with the source of every number");
  show->add_option("name", *key, "its key, or kind:key")->required();
  show->callback([=, &context] { context.action = [=, &context] { return zoo_show(*key, context); }; });
  auto* check = zoo->add_subcommand("check", "schema, dimensions, ranges and sources of every entry");
  check->callback([&context] { context.action = [&context] { return zoo_check(context); }; });
  add_zoo_import(*zoo, context);
}

}  // namespace ironlaw::cli
