// zoo list, show and check.
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/zoo_selection.hpp>
#include <ironlaw/present/schema.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace ironlaw::cli {
namespace {

/// Every profile sees other facts, so each is checked, and what is wrong in several is said once.
int zoo_check(Context& context) {
  if (context.flags.isolate)
    throw InputError("--isolate", "is not for zoo check, which has each plugin make its entries, in this process");
  auto& session = context.session;
  std::vector<std::string> faults;
  std::set<std::filesystem::path> files;
  const auto add = [&](const std::vector<std::string>& more) {
    for (const auto& fault : more)
      if (std::find(faults.begin(), faults.end(), fault) == faults.end()) faults.push_back(fault);
  };
  for (const auto& profile : context.flags.profile.empty() ? session.profiles() : std::vector{context.flags.profile}) {
    add(session.zoo(profile).check());
    files.merge(session.zoo(profile).files());
  }
  if (faults.empty()) add(host::zoo_schema_faults(session.plugins(), files));
  for (const auto& line : session.zoo().replacements()) print_message("note: " + line);
  for (const auto& fault : faults) print_message(fault);
  if (faults.empty())
    context.out << session.zoo(context.flags.profile).list({}).size() << " entries checked, nothing wrong"
                << (host::validates_schemas() ? "" : " (without the JSON Schema: this build found no Valijson)") << "\n";
  return faults.empty() ? 0 : 1;
}

/// Kinds, and the interfaces that they serve as.
std::vector<std::string> zoo_kinds(Context& context) {
  std::set<std::string> names;
  for (const auto& name : context.session.plugins().names("kind")) {
    names.insert(name);
    names.emplace(context.session.plugins().kind(name).interface());
  }
  return {names.begin(), names.end()};
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
  const auto condition = std::make_shared<std::string>();
  auto* list = zoo->add_subcommand("list", "all entries, or those of a kind");
  auto* option = list->add_option("kind", *kind, "a kind (accelerator) or what it serves as (hardware)");
  context.values[option] = [&context] { return zoo_kinds(context); };
  list->add_option("--where", *condition, "entries that meet a condition on vendor, year, category and the kind's fields")
      ->option_text("CONDITION");
  add_examples(*zoo, {"ironlaw zoo list hardware", "ironlaw zoo show H100"});
  add_examples(*list, {"ironlaw zoo list", "ironlaw zoo list hardware", "ironlaw zoo list microcontroller --output csv",
                       "ironlaw zoo list hardware --where 'vendor == \"NVIDIA\" and year >= 2022 and memory_capacity >= 24 GB'"});
  list->callback([=, &context] {
    context.action = [=, &context] {
      auto& entries = context.session.zoo(context.flags.profile);
      host::report_zoo_list(host::select_entries(entries, *kind, *condition, "", "--where"), context.flags.report(), context.out);
      return 0;
    };
  });
  const auto key = std::make_shared<std::string>();
  auto* show = zoo->add_subcommand("show", "one entry, with the source of every number");
  auto* name = show->add_option("name", *key, "its key, or kind:key")->required();
  context.values[name] = [&context] { return zoo_keys(context, {}); };
  add_examples(*show, {"ironlaw zoo show H100", "ironlaw zoo show Llama3_8B --output markdown"});
  show->callback([=, &context] { context.action = [=, &context] { return zoo_show(*key, context); }; });
  auto* check = zoo->add_subcommand("check", "schema, dimensions, ranges, sources and duplicates of all entries");
  add_examples(*check, {"ironlaw zoo check", "ironlaw zoo check --zoo facts"});
  check->callback([&context] { context.action = [&context] { return zoo_check(context); }; });
  add_zoo_import(*zoo, context);
}

}  // namespace ironlaw::cli
