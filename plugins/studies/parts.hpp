#pragma once
#include <ironlaw/solver.hpp>

#include <span>
#include <vector>

namespace ironlaw::studies {

/// Values of an output in two designs.
struct Pair {
  double before, after;
};

/// Outputs that make up output `whole`, by index: the fewest of its stage and unit that add up to it in both designs; where none
/// do, those whose share of it the solver's own limits speak of. `values` has a pair an output, NaN where there is none.
[[nodiscard]] std::vector<std::size_t> parts_of(const Solver& solver, std::size_t whole, std::span<const Pair> values);

}  // namespace ironlaw::studies
