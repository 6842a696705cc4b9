// man: the manual page, from the definition of the command line.
#include "command.hpp"

#include <algorithm>
#include <ostream>

namespace ironlaw::cli {
namespace {

/// A line of text as roff takes it.
std::string escaped(const std::string& text) {
  std::string safe = text.starts_with(".") || text.starts_with("'") ? "\\&" : "";
  for (const char c : text) {
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
  }
  return safe;
}

void print_options(const CLI::App& app, std::ostream& out) {
  for (const auto* option : app.get_options([](const CLI::Option* o) { return !o->get_group().empty(); })) {
    if (option->get_positional() && option->get_lnames().empty()) {
      out << ".TP\n.I " << escaped(option->get_name()) << '\n';
    } else {
      out << ".TP\n.B " << escaped(option->get_name(false, true)) << '\n';
    }
    const std::string text = option->get_option_text();
    out << escaped(option->get_description() + (text.empty() ? "" : " (" + text + ")")) << '\n';
  }
}

/// The lines of a footer: as they are, those of examples in a fixed width.
void print_footer(const std::string& text, std::ostream& out) {
  std::size_t begin = 0;
  bool literal = false;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    if (line.starts_with("  ") != literal) out << (literal ? ".EE\n.RE\n" : ".RS\n.EX\n");
    literal = line.starts_with("  ");
    if (line.empty()) out << ".PP\n";
    if (!line.empty()) out << escaped(line.substr(literal ? 2 : 0)) << '\n';
    begin = end + 1;
  }
  if (literal) out << ".EE\n.RE\n";
}

void print_command(const CLI::App& command, const std::string& name, std::ostream& out) {
  out << ".SS " << escaped(name) << '\n' << escaped(command.get_description()) << '\n';
  print_options(command, out);
  out << ".PP\n";
  print_footer(command.get_footer(), out);
  for (const auto* inner : command.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); }))
    print_command(*inner, name + " " + inner->get_name(), out);
}

void print_manual(const CLI::App& app, std::ostream& out) {
  out << ".TH IRONLAW 1 \"\" \"ironlaw " IRONLAW_VERSION "\" \"User Commands\"\n.SH NAME\nironlaw \\- "
      << escaped(app.get_description()) << "\n.SH SYNOPSIS\n.B ironlaw\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
  for (const auto* command : app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); }))
    print_command(*command, command->get_name(), out);
  out << ".SH OPTIONS OF ALL COMMANDS\n";
  print_options(app, out);
  out << ".SH EXAMPLES\n";
  print_footer(app.get_footer(), out);
  out << ".SH ENVIRONMENT\n.TP\n.B IRONLAW_PLUGIN_PATH\nFolders with plugins, absolute, divided by colons.\n.TP\n.B NO_COLOR\n"
         "Set to anything: text without colours.\n.TP\n.B COLUMNS\nThe width to fit tables into.\n";
}

}  // namespace

void add_manual(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("man", "this manual as a page for man");
  add_examples(*command, {"ironlaw man > ironlaw.1"});
  command->callback([&app, &context] {
    context.action = [&app, &context] {
      print_manual(app, context.out);
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
