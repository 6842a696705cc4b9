#pragma once
#include <iosfwd>
#include <string>
#include <vector>

namespace ironlaw::cli {

/// Runs one command line; the exit status. `out` writes to the descriptor `result`. Throws Error for bad input.
int run_program(const std::vector<std::string>& words, std::ostream& out, int result);

}  // namespace ironlaw::cli
