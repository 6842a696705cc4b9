#include "run/program_solvers.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"

#include <ironlaw/error.hpp>

#include <oneapi/tbb/task_arena.h>

namespace ironlaw::host {
namespace {

const Solver* find_in(const Plan& plan, const Plugins& plugins) {
  for (const PlanStage& stage : plan.stages()) {
    const Solver* found = nullptr;
    if (stage.owned) found = find_in(*stage.owned, plugins);
    if (!stage.owned && stage.solver != nullptr && plugins.is_of_program(*stage.solver)) found = stage.solver;
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

const Solver* solver_of_program(const Pipeline& pipeline) { return find_in(pipeline.plan(), pipeline.environment().plugins()); }

std::string of_this_program(const Solver& solver, std::string_view therefore) {
  return "the solver '" + std::string(solver.about().name) + "' is of this program, not of a plugin: " + std::string(therefore);
}

std::size_t threads_for(const Pipeline& pipeline, const RunOptions& options) {
  if (const Solver* own = solver_of_program(pipeline)) {
    if (options.ranks != nullptr) throw InputError("--shard mpi", of_this_program(*own, "other ranks do not have it"));
    return 1;
  }
  return options.threads > 0 ? options.threads : static_cast<std::size_t>(oneapi::tbb::this_task_arena::max_concurrency());
}

}  // namespace ironlaw::host
