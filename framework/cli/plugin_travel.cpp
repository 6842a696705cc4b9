// plugin install, remove, bundle and lock.
#include "command.hpp"

#include <ironlaw/catalog/plugin_installation.hpp>
#include <ironlaw/present/report.hpp>

#include <memory>
#include <ostream>

namespace ironlaw::cli {
namespace {

std::string named(const host::InstalledPlugin& plugin) {
  return plugin.version.empty() ? "the pack " + plugin.name : plugin.name + " " + plugin.version;
}

int install(const std::string& from, Context& context) {
  for (const host::InstalledPlugin& plugin : host::install_plugins(from, context.session.plugins().records())) {
    context.out << "installed " << named(plugin) << " in " << plugin.file.string();
    if (plugin.zoo_files > 0)
      context.out << ", with " << plugin.zoo_files << (plugin.zoo_files == 1 ? " file" : " files") << " of zoo entries";
    if (!plugin.replaced.empty()) context.out << ", in the place of " << plugin.replaced;
    context.out << '\n';
    if (!plugin.sha256.empty()) context.out << "  sha256 " << plugin.sha256 << '\n';
  }
  return 0;
}

}  // namespace

void add_plugin_travel(CLI::App& plugin, Context& context) {
  const auto from = std::make_shared<std::string>();
  auto* install_command = plugin.add_subcommand(
      "install", "copy a plugin, or those of a folder, to where every command finds them; runs no code of them");
  install_command->add_option("from", *from, "a plugin, a folder of plugins, or a folder of zoo entries")->required();
  add_examples(*install_command, {"ironlaw plugin install ./plugins/mine.so", "ironlaw plugin install ./plugins"});
  install_command->callback([=, &context] { context.action = [=, &context] { return install(*from, context); }; });

  const auto name = std::make_shared<std::string>();
  auto* remove_command = plugin.add_subcommand("remove", "remove what plugin install put there");
  remove_command->add_option("name", *name, "a plugin, or a pack of zoo entries")->required();
  add_examples(*remove_command, {"ironlaw plugin remove mine"});
  remove_command->callback([=, &context] {
    context.action = [=, &context] {
      const auto removed = host::remove_plugin(*name);
      context.out << "removed " << named(removed) << " from " << removed.file.string() << '\n';
      return 0;
    };
  });

  const auto file = std::make_shared<std::string>();
  const auto to = std::make_shared<std::string>();
  auto* bundle_command =
      plugin.add_subcommand("bundle", "write a plugin and the zoo entries beside it as one file, which is a plugin too");
  bundle_command->add_option("file", *file, "a plugin with NAME.zoo beside it")->required();
  bundle_command->add_option("to", *to, "the file to write")->required();
  add_examples(*bundle_command, {"ironlaw plugin bundle ./plugins/mine.so mine_with_its_zoo.so"});
  bundle_command->callback([=, &context] {
    context.action = [=, &context] {
      const std::size_t files = host::bundle_plugin(*file, *to);
      context.out << "wrote " << *to << ", with " << files << (files == 1 ? " file" : " files") << " of zoo entries\n";
      return 0;
    };
  });

  const auto config = std::make_shared<std::string>();
  auto* lock_command =
      plugin.add_subcommand("lock", "the versions and SHA-256 of the plugins that a config uses, to put into it");
  lock_command->add_option("config", *config, "a config")->required();
  add_examples(*lock_command, {"ironlaw plugin lock chain.json"});
  lock_command->callback([=, &context] {
    context.action = [=, &context] {
      const auto pipeline = compiled(read_config(*config, {}, context), context);
      context.out << host::plugin_lock_json(pipeline) << '\n';
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
