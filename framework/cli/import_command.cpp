// zoo import.
#include "command.hpp"

#include <ironlaw/import/import.hpp>

#include <memory>

namespace ironlaw::cli {

void add_zoo_import(CLI::App& zoo, Context& context) {
  struct Words {
    std::string file;
    std::string name;
  };
  const auto words = std::make_shared<Words>();
  auto* command = zoo.add_subcommand("import", "a model from a local config.json, safetensors or GGUF file, as a zoo file");
  command
      ->add_option("file", words->file,
                   "config.json, .safetensors (or its .index.json) or .gguf; of the last two the header only")
      ->required();
  command->add_option("--name", words->name, "name of the entry")->option_text("NAME");
  add_examples(*command, {"ironlaw zoo import config.json --name Ours > facts/ours.json",
                          "ironlaw solve single_node --workload Ours --hardware H100 --zoo facts"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      context.out << host::import_model(context.session.zoo_folders(), words->file, words->name);
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
