#include "run/program_solvers.hpp"

#include "plan/environment.hpp"
#include "plan/plan.hpp"

#include <ironlaw/error.hpp>

#include <oneapi/tbb/task_arena.h>

namespace ironlaw::host {
namespace {

/// The first stage whose solver no plugin brought, also of a config inside; null: there is none.
const PlanStage* stage_of_program(const Plan& plan, const Plugins& plugins) {
  for (const PlanStage& stage : plan.stages()) {
    if (stage.owned) {
      if (const PlanStage* inner = stage_of_program(*stage.owned, plugins)) return inner;
    } else if (stage.solver != nullptr && plugins.is_of_program(*stage.solver)) {
      return &stage;
    }
  }
  return nullptr;
}

}  // namespace

std::size_t threads_for(const Pipeline& pipeline, const RunOptions& options) {
  if (const PlanStage* own = stage_of_program(pipeline.plan(), pipeline.environment().plugins())) {
    const std::string solver =
        "the solver '" + std::string(own->solver->about().name) + "' is of this program, not of a plugin: ";
    if (options.isolate) throw InputError("--isolate", solver + "it is evaluated in this process alone; leave it out");
    if (options.ranks != nullptr) throw InputError("--shard mpi", solver + "other ranks do not have it");
    return 1;
  }
  return options.threads > 0 ? options.threads : static_cast<std::size_t>(oneapi::tbb::this_task_arena::max_concurrency());
}

}  // namespace ironlaw::host
