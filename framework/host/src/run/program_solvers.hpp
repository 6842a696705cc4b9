#pragma once
#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// The threads for a run. A solver that the program brought itself is evaluated on one, in this process: throws InputError where
/// the options ask for others.
[[nodiscard]] std::size_t threads_for(const Pipeline& pipeline, const RunOptions& options);

}  // namespace ironlaw::host
