#include "peer_words.hpp"

#include "command_line.hpp"

#include <algorithm>

namespace ironlaw::cli {
namespace {

struct PeerCommand {
  std::string_view command;  ///< what was said before
  std::string_view theirs;
  std::string_view ours;
};
constexpr PeerCommand peer_commands[] = {
    {"", "eval", "ironlaw solve single_node --workload MODEL --hardware DEVICE --batch-size N"},
    {"zoo", "hardware", "ironlaw zoo list hardware"},
    {"zoo", "models", "ironlaw zoo list workload"},
};

std::string told(std::string_view theirs, std::string_view ours) {
  return "'" + std::string(theirs) + "' of mlsysim is here: " + std::string(ours) + " (docs/mlsysim.md)";
}

}  // namespace

std::string said_here(std::string_view command, std::string_view word) {
  for (const PeerCommand& one : peer_commands)
    if (one.command == command && one.theirs == word) return told(word, one.ours);
  if (!command.empty() && command != "solve") return {};
  for (const PeerSolver& one : peer_solvers())
    if (one.theirs == word) return told(word, "ironlaw solve " + std::string(one.ours));
  return {};
}

std::string_view flag_here(std::string_view word, std::span<const std::string_view> flags) {
  for (const PeerName& name : peer_names()) {
    if (name.what != "argument" || flag_of(name.theirs) != word) continue;
    const auto found = std::find(flags.begin(), flags.end(), flag_of(name.ours));
    if (found != flags.end()) return *found;
  }
  return {};
}

}  // namespace ironlaw::cli
