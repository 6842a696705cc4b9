#include "plan/walls.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ironlaw::host {

double wall_margin(double used, double bound) {
  const double margin = (bound - used) / std::abs(bound);
  return std::isnan(margin) ? 0 : margin;  // 0 of 0
}

WallRank::WallRank(double used, double bound, bool hard)
    : group(used > bound ? (hard ? 0 : 1) : 2), margin(wall_margin(used, bound)) {}

Walls::Walls(const Plan& plan) {
  const std::size_t inputs = plan.inputs().size();
  const auto slot = [&](const PortReference& reference) {
    return reference.side == PortReference::Side::input ? reference.index : inputs + reference.index;
  };
  const auto solvers =
      std::count_if(plan.stages().begin(), plan.stages().end(), [](const PlanStage& s) { return s.solver != nullptr; });
  for (const LimitInfo& limit : plan.limits()) {
    limits_.push_back({slot(limit.used), slot(limit.bound), limit.hard});
    names_.push_back(solvers == 1 ? limit.name.substr(limit.name.find('.') + 1) : limit.name);
    for (const PortReference& side : {limit.used, limit.bound})
      if (side.side == PortReference::Side::output) outputs_.push_back(side.index);
  }
}

std::optional<Walls::Tightest> Walls::tightest(std::span<const Column> slots, std::size_t row) const {
  std::optional<WallRank> least;
  std::size_t wall = 0;
  for (std::size_t w = 0; w < limits_.size(); ++w) {
    const double used = slots[limits_[w].used][row].number;
    const double bound = slots[limits_[w].bound][row].number;
    if (std::isnan(used) || std::isnan(bound)) continue;
    const WallRank rank(used, bound, limits_[w].hard);
    if (least && !(rank < *least)) continue;
    least = rank;
    wall = w;
  }
  return least ? std::optional(Tightest{wall, least->margin}) : std::nullopt;
}

void Walls::count(std::span<const Column> slots, std::size_t row, std::optional<Tightest> first,
                  std::span<WallTally> tallies) const {
  for (std::size_t w = 0; w < limits_.size(); ++w) {
    const double used = slots[limits_[w].used][row].number;
    const double bound = slots[limits_[w].bound][row].number;
    if (std::isnan(used) || std::isnan(bound)) continue;
    WallTally& tally = tallies[w];
    ++tally.rows;
    if (used > bound) ++tally.exceeded;
    tally.least_margin = std::min(tally.least_margin, wall_margin(used, bound));
  }
  if (first) ++tallies[first->wall].binds;
}

std::vector<WallTally> Walls::tallies() const {
  std::vector<WallTally> tallies;
  for (const std::string_view name : names_)
    tallies.push_back({std::string(name), 0, 0, 0, std::numeric_limits<double>::infinity()});
  return tallies;
}

void add_tallies(std::span<const WallTally> from, std::vector<WallTally>& to) {
  if (to.empty()) {
    to.assign(from.begin(), from.end());
    return;
  }
  for (std::size_t w = 0; w < to.size(); ++w) {
    to[w].rows += from[w].rows;
    to[w].exceeded += from[w].exceeded;
    to[w].binds += from[w].binds;
    to[w].least_margin = std::min(to[w].least_margin, from[w].least_margin);
  }
}

PortInfo binding_wall_port(const Walls& walls) {
  PortInfo port;
  port.name = "binding_wall";
  port.doc = "the wall that is exceeded, or else the tightest";
  port.type = PortType::choice;
  port.optional = true;
  port.choices = walls.names();
  return port;
}

PortInfo wall_margin_port() {
  PortInfo port;
  port.name = "wall_margin";
  port.doc = "share of its bound that is left";
  port.optional = true;
  port.display = "%";
  return port;
}

}  // namespace ironlaw::host
