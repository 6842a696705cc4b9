// report: one file that stands on its own.
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/pages/document.hpp>

#include <memory>

namespace ironlaw::cli {

void add_report(CLI::App& app, Context& context, const std::vector<std::string>& arguments) {
  struct Words {
    Target target;
    std::string title;
  };
  const auto words = std::make_shared<Words>();
  auto* command =
      app.add_subcommand("report", "a page or Markdown with the answer, what binds, the working, the facts and their sources");
  words->target.add_to(*command, context, arguments.empty() || arguments[0] != "report" ? std::vector<std::string>{} : arguments,
                       1);
  command->add_option("--title", words->title, "instead of the config's name")->option_text("TEXT");
  add_examples(*command,
               {"ironlaw report chain.json -o report.html", "ironlaw report chain.json --set batch=8 -o report.md",
                "ironlaw report single_node --workload ResNet50 --hardware A100,H100 --batch-size 1,16 -o report.html"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      const auto config = words->target.config(context);
      const auto pipeline = compiled(config, context);
      const std::string& word = words->target.word;
      const std::string name = config.name().empty() ? word : config.name();
      const std::string file = word == "-" ? "standard input" : word;
      const host::DocumentText text{words->title.empty() ? name : words->title, file, "ironlaw " IRONLAW_VERSION};
      context.out << host::document_file(pipeline, text, context.flags.out);
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
