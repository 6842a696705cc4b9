#include "parts.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace ironlaw::studies {
namespace {

constexpr std::size_t most_candidates = 16;  // whose sums are all tried
constexpr double same_sum = 1e-9;

std::string_view stage_of(std::string_view name) { return name.substr(0, name.find('.')); }

bool is_like(const PortInfo& part, const PortInfo& whole) {
  return part.type == PortType::number && part.dimension == whole.dimension && stage_of(part.name) == stage_of(whole.name);
}

bool near(double a, double b) { return std::abs(a - b) <= same_sum * std::abs(b); }

/// Outputs that could be parts, the largest first: above 0 in a design, never more than the whole, and not the whole again.
std::vector<std::size_t> candidates_for(const Solver& solver, std::size_t whole, std::span<const Pair> values) {
  const Pair all = values[whole];
  std::vector<std::size_t> found;
  for (std::size_t o = 0; o < values.size(); ++o) {
    const Pair v = values[o];
    const bool within = v.before >= 0 && v.before <= all.before && v.after >= 0 && v.after <= all.after;
    const bool again = near(v.before, all.before) && near(v.after, all.after);
    if (o != whole && within && !again && v.before + v.after > 0 && is_like(solver.outputs()[o], solver.outputs()[whole]))
      found.push_back(o);
  }
  const auto size = [&](std::size_t o) { return std::max(values[o].before / all.before, values[o].after / all.after); };
  std::stable_sort(found.begin(), found.end(), [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  found.resize(std::min(found.size(), most_candidates));
  return found;
}

/// The fewest that add up to the whole in both designs, or none. A set's sum is that of the set without its last, and its last.
std::vector<std::size_t> sum_of(std::span<const std::size_t> candidates, Pair whole, std::span<const Pair> values) {
  std::vector<Pair> sums(std::size_t{1} << candidates.size());
  std::size_t best = 0;
  for (std::size_t set = 1; set < sums.size(); ++set) {
    const auto last = static_cast<std::size_t>(std::countr_zero(set));
    const Pair rest = sums[set & (set - 1)];
    sums[set] = {rest.before + values[candidates[last]].before, rest.after + values[candidates[last]].after};
    const bool whole_sum = near(sums[set].before, whole.before) && near(sums[set].after, whole.after);
    if (whole_sum && (best == 0 || std::popcount(set) < std::popcount(best))) best = set;
  }
  std::vector<std::size_t> parts;
  for (std::size_t k = 0; k < candidates.size(); ++k)
    if ((best >> k & 1) != 0) parts.push_back(candidates[k]);
  return parts;
}

}  // namespace

std::vector<std::size_t> parts_of(const Solver& solver, std::size_t whole, std::span<const Pair> values) {
  if (solver.outputs()[whole].dimension.dimensionless()) return {};
  auto parts = sum_of(candidates_for(solver, whole, values), values[whole], values);
  if (!parts.empty()) return parts;
  for (const LimitInfo& limit : solver.limits()) {
    const auto output = PortReference::Side::output;
    const bool of_whole = limit.bound.side == output && limit.bound.index == whole;
    if (!of_whole || limit.used.side != output || limit.hard) continue;
    const Pair v = values[limit.used.index];
    if (std::isfinite(v.before) && std::isfinite(v.after)) parts.push_back(limit.used.index);
  }
  return parts;
}

}  // namespace ironlaw::studies
