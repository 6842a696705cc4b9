// report: one file that stands on its own.
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/open_plugins.hpp>
#include <ironlaw/pages/document.hpp>

#include <memory>
#include <ostream>

namespace ironlaw::cli {

void add_report(CLI::App& app, Context& context, const std::vector<std::string>& arguments) {
  struct Words {
    Target target;
    std::string title;
  };
  const auto words = std::make_shared<Words>();
  auto* command =
      app.add_subcommand("report", "a page or Markdown with the answer, what binds, the working, the facts and their sources");
  const auto bands = add_bands(*command);
  command->add_option("--title", words->title, "instead of the config's name")->option_text("TEXT");
  words->target.add_to(*command, context, arguments.empty() || arguments[0] != "report" ? std::vector<std::string>{} : arguments,
                       1);
  add_examples(*command,
               {"ironlaw report chain.json -o report.html", "ironlaw report chain.json --set batch=8 -o report.md",
                "ironlaw report single_node --workload ResNet50 --hardware A100,H100 --batch-size 1,16 -o report.html"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      auto config = words->target.config(context);
      if (*bands) config.report_bands("--bands");
      const auto pipeline = compiled(config, context);
      const std::string& word = words->target.word;
      const std::string name = config.name().empty() ? word : config.name();
      const std::string file = word == "-" ? "standard input" : word;
      const host::DocumentText text{
          words->title.empty() ? name : words->title, file, "ironlaw " IRONLAW_VERSION,
          [&context](const host::Config& row) { return context.session.compile(row, context.flags.profile); },
          words->target.ports == nullptr && word != "-"};
      return host::with_open_plugins(pipeline, context.out, [&](const host::Pipeline& open, std::ostream& out) {
        out << host::document_file(open, text, context.flags.out);
        return 0;
      });
    };
  });
}

}  // namespace ironlaw::cli
