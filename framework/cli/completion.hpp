#pragma once
#include "command.hpp"

namespace ironlaw::cli {

/// What could stand in place of the last word of a command line, one a line, with what it is behind a tab. Words that say no
/// command, or name things that do not exist, complete to nothing.
void print_candidates(const CLI::App& app, const Context& context, const std::vector<std::string>& words);

}  // namespace ironlaw::cli
