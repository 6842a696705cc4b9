// What is left before each limit of a design.
#include "rows.hpp"

#include <algorithm>
#include <cmath>

namespace ironlaw::studies {

void want_limits(Rows& rows) {
  for (const auto& limit : rows.solver().limits())
    for (const auto& side : {limit.used, limit.bound})
      if (side.side == PortReference::Side::output) rows.want(side.index);
}

std::vector<Margin> margins_of(Bench& bench, const Rows& rows, std::size_t row) {
  std::vector<Margin> margins;
  const Solver& solver = rows.solver();
  for (const auto& limit : solver.limits()) {
    const double used = rows.side(limit.used, row);
    const double bound = rows.side(limit.bound, row);
    if (!std::isfinite(used) || !std::isfinite(bound) || bound <= 0) continue;
    const PortInfo& port =
        limit.used.side == PortReference::Side::output ? solver.outputs()[limit.used.index] : solver.inputs()[limit.used.index];
    margins.push_back({used / bound, limit.hard, std::string(limit.name),
                       std::string(bench.describe(port, Cell{used})) + " of " + std::string(bench.describe(port, Cell{bound})) +
                           " (" + std::to_string(std::lround(100 * used / bound)) + " %)"});
  }
  std::stable_sort(margins.begin(), margins.end(), [](const Margin& a, const Margin& b) { return a.share > b.share; });
  return margins;
}

void note_margins(Bench& bench, Rows& rows, std::size_t row) {
  constexpr std::size_t most = 5;
  const auto margins = margins_of(bench, rows, row);
  for (std::size_t i = 0; i < std::min(most, margins.size()); ++i) {
    const Margin& m = margins[i];
    bench.note((i == 0 ? "binds: " : "then: ") + m.name + (m.hard ? ": " : " (soft): ") + m.sides);
  }
}

}  // namespace ironlaw::studies
