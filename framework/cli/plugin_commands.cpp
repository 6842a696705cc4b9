// solvers, schema, plugin list and show.
#include "command.hpp"

#include <ironlaw/error.hpp>

#include <iostream>
#include <memory>

namespace ironlaw::cli {
namespace {

int report_solvers(const std::string& name, Context& context) {
  auto& plugins = context.session.plugins();
  if (!name.empty()) {
    host::report_solver(plugins.solver(name), plugins.provider("solver", name), context.flags.report(), context.out);
    return 0;
  }
  host::report_solvers(plugins, context.flags.report(), context.out);
  if (plugins.names("solver").empty()) print_message("no solvers: " + plugins.why_none());
  return 0;
}

/// The ports of every solver and kind of a file, and the options of its studies; a process of its own opens it.
int show_ports(const std::string& file, const Context& context) {
  host::PluginSearch search;
  search.files = {file};
  search.environment = search.defaults = false;
  host::Plugins plugins(search, {.elsewhere = true});
  const auto options = context.flags.report();
  const bool list = options.format == host::OutputFormat::json;
  if (list) context.out << "[";
  const char* between = "";
  for (const auto& [what, name, calls] : plugins.records().front().provides) {
    if (what != "solver" && what != "kind" && what != "study") continue;
    context.out << between;
    between = list ? ",\n" : "\n";
    const auto* provider = &plugins.records().front();
    if (what == "solver") host::report_solver(plugins.solver(name), provider, options, context.out);
    if (what == "kind") host::report_kind(plugins.kind(name), provider, options, context.out);
    if (what == "study") host::report_study(plugins.study(name), provider, options, context.out);
  }
  if (list) context.out << "]\n";
  return 0;
}

int plugin_show(const std::string& file, bool ports, Context& context) {
  const auto record = host::Plugins::inspect(file);
  if (ports && record.status == host::LoadStatus::ok) return show_ports(file, context);
  host::report_plugin(record, context.flags.report(), context.out);
  if (record.status == host::LoadStatus::ok) return 0;
  print_message(file + ": " + record.detail);
  return 1;
}

}  // namespace

void add_solvers(CLI::App& app, Context& context) {
  const auto name = std::make_shared<std::string>();
  auto* command = app.add_subcommand("solvers", "all solvers, or the ports of one");
  auto* option = command->add_option("name", *name, "a solver");
  context.values[option] = [&context] { return context.session.plugins().names("solver"); };
  add_examples(*command, {"ironlaw solvers", "ironlaw solvers single_node", "ironlaw solvers single_node --output json"});
  command->callback([=, &context] { context.action = [=, &context] { return report_solvers(*name, context); }; });
}

void add_schema(CLI::App& app, Context& context) {
  const auto of = std::make_shared<std::string>("config");
  auto* command = app.add_subcommand("schema", "JSON Schema of configs or zoo files, with all that is loaded, for editors");
  auto* option =
      command->add_option("of", *of, "config or zoo")->check(CLI::IsMember({"config", "zoo"}))->option_text("config|zoo");
  context.values[option] = [] { return std::vector<std::string>{"config", "zoo"}; };
  add_examples(*command, {"ironlaw schema > ironlaw.schema.json", "ironlaw schema zoo > zoo.schema.json"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      if (*of == "zoo") {
        host::report_zoo_schema(context.session.plugins(), context.flags.all, context.out);
      } else {
        host::report_config_schema(context.session.plugins(), context.flags.all, context.out);
      }
      return 0;
    };
  });
}

void add_plugin(CLI::App& app, Context& context) {
  auto* plugin = app.add_subcommand("plugin", "list, show, write, check and install plugins")->require_subcommand(1);
  auto* list = plugin->add_subcommand("list", "every file that was looked at");
  add_examples(*plugin, {"ironlaw plugin list"});
  add_examples(*list, {"ironlaw plugin list", "ironlaw plugin list --plugin-path ./plugins --output json"});
  list->callback([&context] {
    context.action = [&context] {
      host::report_plugins(context.session.plugins().records(), context.flags.report(), context.out);
      return 0;
    };
  });
  const auto file = std::make_shared<std::string>();
  const auto ports = std::make_shared<bool>(false);
  auto* show = plugin->add_subcommand("show", "what a file brings; runs no code of it, but for --ports");
  show->add_option("file", *file, "a plugin")->required();
  show->add_flag("--ports", *ports, "open it and show the ports of its solvers and kinds, and the options of its studies");
  add_examples(*show, {"ironlaw plugin show ./plugins/mine.so", "ironlaw plugin show ./plugins/mine.so --ports"});
  show->callback([=, &context] { context.action = [=, &context] { return plugin_show(*file, *ports, context); }; });
  add_plugin_new(*plugin, context);
  add_plugin_check(*plugin, context);
  add_plugin_travel(*plugin, context);
}

}  // namespace ironlaw::cli
