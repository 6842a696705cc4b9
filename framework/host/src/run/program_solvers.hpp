#pragma once
#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// The first solver of a pipeline that no plugin brought but the program itself, also in a config inside; null: there is none.
/// Its rows are evaluated on one thread, in this process.
[[nodiscard]] const Solver* solver_of_program(const Pipeline& pipeline);

/// The threads for a run. Throws InputError where other processes are to have rows that they cannot evaluate.
[[nodiscard]] std::size_t threads_for(const Pipeline& pipeline, const RunOptions& options);

/// The line that says why such a solver goes nowhere else.
[[nodiscard]] std::string of_this_program(const Solver& solver, std::string_view therefore);

}  // namespace ironlaw::host
