#pragma once
#include <ironlaw/solver.hpp>

#include <string>

namespace ironlaw::cli {

struct Context;

/// A command line that asks a solver something: what it requires, with customary values ("ironlaw solve amdahl ...").
[[nodiscard]] std::string example_of(const Solver& solver, Context& context);

}  // namespace ironlaw::cli
