// zoo import.
#include "command.hpp"

#include <ironlaw/import/foreign_file.hpp>

#include <memory>

namespace ironlaw::cli {

void add_zoo_import(CLI::App& zoo, Context& context) {
  struct Words {
    std::string file;
    std::string name;
    std::string importer;
  };
  const auto words = std::make_shared<Words>();
  auto* command =
      zoo.add_subcommand("import", "what a local file holds, as a zoo file: a model, or what an importer of a plugin reads");
  command
      ->add_option(
          "file", words->file,
          "config.json, .safetensors (or its .index.json) or .gguf, of the last two the header only; or a file of an importer's")
      ->required();
  command->add_option("--name", words->name, "name of the entry")->option_text("NAME");
  auto* importer =
      command->add_option("--importer", words->importer, "the importer that reads it; else the file says")->option_text("NAME");
  context.values[importer] = [&context] { return context.session.plugins().names("importer"); };
  add_examples(*command, {"ironlaw zoo import config.json --name Ours > facts/ours.json",
                          "ironlaw solve single_node --workload Ours --hardware H100 --zoo facts"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      context.out << host::import_file({context.session.zoo_folders(), context.session.plugins(), words->importer}, words->file,
                                       words->name);
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
