// report: one file that stands on its own.
#include "command.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/open_plugins.hpp>
#include <ironlaw/pages/document.hpp>

#include <memory>
#include <ostream>

namespace ironlaw::cli {

void add_report(CLI::App& app, Context& context) {
  struct Words {
    std::string file;
    std::vector<std::string> settings;
    std::string title;
  };
  const auto words = std::make_shared<Words>();
  auto* command =
      app.add_subcommand("report", "a page or Markdown with the answer, what binds, the working, the facts and their sources");
  command->add_option("file", words->file, "the config; -: standard input")->required();
  add_settings(*command, words->settings);
  const auto bands = add_bands(*command);
  command->add_option("--title", words->title, "instead of the config's name")->option_text("TEXT");
  add_examples(*command, {"ironlaw report chain.json -o report.html", "ironlaw report chain.json --set batch=8 -o report.md"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      auto config = read_config(words->file, words->settings, context);
      if (*bands) config.report_bands("--bands");
      const auto pipeline = context.session.compile(config, context.flags.profile);
      const std::string name = config.name().empty() ? words->file : config.name();
      const std::string file = words->file == "-" ? "standard input" : words->file;
      const host::DocumentText text{words->title.empty() ? name : words->title, file, "ironlaw " IRONLAW_VERSION};
      return host::with_open_plugins(pipeline, context.out, [&](const host::Pipeline& open, std::ostream& out) {
        out << host::document_file(open, text, context.flags.out);
        return 0;
      });
    };
  });
}

}  // namespace ironlaw::cli
