// completion, and the candidates that the scripts of the shells ask for.
#include "completion.hpp"

#include <ironlaw/visible_text.hpp>

#include <algorithm>
#include <memory>
#include <ostream>
#include <set>

namespace ironlaw::cli {
namespace {

constexpr const char* bash_script = R"(# ironlaw completion bash > ~/.local/share/bash-completion/completions/ironlaw
_ironlaw() {
  local line cur=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("${line%%$'\t'*}"); done < <(
    "${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if ((${#COMPREPLY[@]} == 0)); then
    compopt -o filenames
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
  fi
}
complete -F _ironlaw ironlaw
)";

constexpr const char* zsh_script = R"(#compdef ironlaw
# ironlaw completion zsh > a folder of $fpath, as _ironlaw
_ironlaw() {
  local line
  local -a candidates
  while IFS= read -r line; do
    candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  if ((${#candidates})); then
    _describe 'ironlaw' candidates
  else
    _files
  fi
}
if [[ $funcstack[1] == _ironlaw ]]; then _ironlaw "$@"; else compdef _ironlaw ironlaw; fi
)";

constexpr const char* fish_script = R"(# ironlaw completion fish > ~/.config/fish/completions/ironlaw.fish
function __ironlaw_candidates
    set -l words (commandline -opc) (commandline -ct)
    set -l candidates ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if test (count $candidates) -eq 0
        __fish_complete_path (commandline -ct)
    else
        printf '%s\n' $candidates
    end
end
complete -c ironlaw -f -a '(__ironlaw_candidates)'
)";

struct Candidate {
  std::string word;
  std::string what;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// An option by a flag as it is typed, here or in the commands around; null where there is none.
const CLI::Option* option_of(const CLI::App* command, const std::string& flag) {
  for (; command != nullptr; command = command->get_parent())
    if (const auto* option = command->get_option_no_throw(flag)) return option;
  return nullptr;
}

/// A command of a command; null where there is none of that name.
const CLI::App* command_of(const CLI::App* command, const std::string& name) {
  const auto found = command->get_subcommands([&](const CLI::App* c) { return c->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

bool takes_value(const CLI::Option* option) { return option != nullptr && option->get_items_expected_max() > 0; }

/// A command line as far as it has been typed.
struct Position {
  const CLI::App* command;
  std::size_t positionals = 0;           ///< already given to it
  const CLI::Option* waiting = nullptr;  ///< for its value
};

Position position_of(const CLI::App& app, const std::vector<std::string>& words) {
  Position at{&app, 0, nullptr};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (at.waiting != nullptr) {
      at.waiting = nullptr;
    } else if (word.starts_with("-")) {
      const auto* option = option_of(at.command, word.substr(0, word.find('=')));
      if (takes_value(option) && word.find('=') == word.npos) at.waiting = option;
    } else if (const auto* command = command_of(at.command, word)) {
      at = Position{command, 0, nullptr};
    } else {
      ++at.positionals;
    }
  }
  return at;
}

void add_values(const CLI::Option* option, const Context& context, std::vector<Candidate>& candidates) {
  const auto it = context.values.find(option);
  if (it == context.values.end()) return;
  for (auto& value : it->second()) candidates.push_back({std::move(value), {}});
}

/// Flags of a command and of those around it, which all have a --help.
void add_flags(const CLI::App* command, std::vector<Candidate>& candidates) {
  std::set<std::string> seen;
  for (; command != nullptr; command = command->get_parent())
    for (const auto* option : command->get_options())
      for (const auto& name : option->get_group().empty() ? std::vector<std::string>() : option->get_lnames())
        if (seen.insert(name).second) candidates.push_back({"--" + name, first_line(option->get_description())});
}

void add_words(const Position& at, const Context& context, std::vector<Candidate>& candidates) {
  for (const auto* command : at.command->get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); }))
    candidates.push_back({command->get_name(), first_line(command->get_description())});
  std::size_t n = 0;
  for (const auto* option : at.command->get_options([](const CLI::Option* o) { return o->get_positional(); }))
    if (n++ == at.positionals) add_values(option, context, candidates);
}

}  // namespace

void print_candidates(const CLI::App& app, const Context& context, const std::vector<std::string>& words) {
  std::string partial = words.empty() ? std::string() : words.back();
  const Position at = position_of(app, words);
  std::vector<Candidate> candidates;
  std::string before;  // what of the partial word stands: "A100," or "--hardware="
  const auto equals = partial.find('=');
  if (at.waiting != nullptr || (partial.starts_with("--") && equals != partial.npos)) {
    add_values(at.waiting != nullptr ? at.waiting : option_of(at.command, partial.substr(0, equals)), context, candidates);
    const auto keep = partial.find_last_of(at.waiting != nullptr ? "," : ",=");
    if (keep != partial.npos) before = partial.substr(0, keep + 1);
  } else if (partial.starts_with("-")) {
    add_flags(at.command, candidates);
  } else {
    add_words(at, context, candidates);
  }
  for (const auto& [word, what] : candidates)
    if ((before + word).starts_with(partial) && visible_text(word) == word)
      context.out << before << word << (what.empty() ? "" : "\t") << what << '\n';
}

void add_completion(CLI::App& app, Context& context) {
  const std::map<std::string, const char*> scripts{{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
  const auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "a script that completes commands, flags and names in a shell");
  auto* option =
      command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  context.values[option] = [] { return std::vector<std::string>{"bash", "zsh", "fish"}; };
  add_examples(*command, {"ironlaw completion bash > completion.bash", "ironlaw completion zsh > _ironlaw",
                          "ironlaw completion fish > ironlaw.fish"});
  command->callback([=, &context] {
    context.action = [=, &context] {
      context.out << scripts.at(*shell);
      return 0;
    };
  });
}

}  // namespace ironlaw::cli
