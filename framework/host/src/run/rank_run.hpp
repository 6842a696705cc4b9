#pragma once
#include "run/callbacks.hpp"
#include "run/collector.hpp"

#include <ironlaw/host/ranks.hpp>

#include <functional>

namespace ironlaw::host {

/// Rank 0: hands chunks of rows to the other ranks as they are done with the ones before, and takes the results in row order.
/// Throws Error where a rank failed.
void share_out(Ranks& ranks, const Pipeline& pipeline, Collector& collector, std::uint64_t end,
               const std::function<bool()>& interrupted);

/// The other ranks: evaluate what rank 0 hands out, until it has no more.
void serve(Ranks& ranks, const Pipeline& pipeline, CallbackRun& callbacks);

}  // namespace ironlaw::host
