#pragma once
// What an engine lets into an iteration and into memory.
#include <ironlaw/sdk/ports.hpp>

namespace ironlaw::estimates {

struct EngineLimits {
  Maybe<double> token_budget;
  Maybe<double> most_sequences;
  Maybe<double> memory_share;
};
inline constexpr auto engine_limits = ports(
    port<&EngineLimits::token_budget>("tokens of an iteration and attention rank; left out: the stack's, else 8192", at_least_one)
        .refinement(),
    port<&EngineLimits::most_sequences>("sequences in flight in an attention rank; left out: the stack's, else 1024",
                                        at_least_one)
        .refinement(),
    port<&EngineLimits::memory_share>("share of a device's memory that the engine takes; left out: the stack's, else 0.9",
                                      positive_fraction)
        .refinement());

}  // namespace ironlaw::estimates
