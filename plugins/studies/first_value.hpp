#pragma once
#include "candidates.hpp"

namespace ironlaw::studies {

/// Judges each design of the other axes at one value of `axis`: the first, from its least on or from its largest down, at which
/// nothing keeps it from winning. Bisection: what keeps it at the near end and not at the far end is taken to do so up to one
/// value. A design that is kept from winning by the same thing at both ends is judged at the far end, which counts why. Where
/// only the best is kept and the goal gets worse along the axis, designs that are worse than the best at a value at which they
/// still fail are passed over.
void judge_first_values(Bench& bench, Candidates& candidates, std::size_t axis, bool from_largest);

}  // namespace ironlaw::studies
