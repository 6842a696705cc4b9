#pragma once
// Words of mlsysim, for people who come from there.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::cli {

/// A class of theirs and the solver that answers the same: docs/mlsysim_solvers.csv.
struct PeerSolver {
  std::string_view theirs;
  std::string_view ours;
};
[[nodiscard]] std::span<const PeerSolver> peer_solvers();

/// An argument or an output of theirs and the port of ours: docs/mlsysim_names.csv.
struct PeerName {
  std::string_view peer;  ///< the class
  std::string_view what;  ///< "argument" or "output"
  std::string_view theirs;
  std::string_view ours;
  std::string_view unit;  ///< of theirs, where its name says one
};
[[nodiscard]] std::span<const PeerName> peer_names();

/// What to type here for a word of theirs, behind the command that was said before ("", "zoo", "solve"); empty for any other
/// word.
[[nodiscard]] std::string said_here(std::string_view command, std::string_view word);

/// The one of `flags` that does what a flag of theirs does ("--seq-len"); empty for any other.
[[nodiscard]] std::string_view flag_here(std::string_view word, std::span<const std::string_view> flags);

}  // namespace ironlaw::cli
