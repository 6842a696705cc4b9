#include "answer/walls.hpp"
#include "plan/walls.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// A wall of an answer and where it stands among the others.
struct RankedWall {
  std::string stage;
  std::string name;
  const Wall* wall = nullptr;
  WallRank rank;
};

/// The limits of a config that is a stage carry the names of its own stages.
RankedWall ranked(const AnsweredStage& stage, const Wall& wall) {
  const WallName name(wall.limit->name);
  std::string full(stage.name);
  if (!name.stage.empty()) full.append(".").append(name.stage);
  return {full, std::string(name.wall), &wall, {wall.used.cell.number, wall.bound.cell.number, wall.limit->hard}};
}

std::string how_it_binds(const RankedWall& wall, bool first_that_holds) {
  if (wall.rank.exceeded()) return wall.wall->limit->hard ? "exceeded" : "exceeded (soft)";
  return first_that_holds ? "tightest" : "";
}

Json number_of(const ShownValue& value) { return quantity_json(value.cell.number, {}); }

}  // namespace

PageTable wall_table(const std::vector<AnsweredStage>& stages) {
  using For = PageColumn::For;
  PageTable table{"walls",
                  {{"wall"},
                   {"stage"},
                   {"used"},
                   {"bound"},
                   {"unit", For::programs},
                   {"margin"},
                   {"hard", For::programs},
                   {"binds"},
                   {"equation"}},
                  {},
                  InJson::list};
  std::vector<RankedWall> walls;
  for (const AnsweredStage& stage : stages)
    for (const Wall& wall : stage.walls) walls.push_back(ranked(stage, wall));
  std::stable_sort(walls.begin(), walls.end(), [](const RankedWall& a, const RankedWall& b) { return a.rank < b.rank; });
  bool exceeded = true;
  for (const RankedWall& w : walls) {
    const bool first_that_holds = exceeded && !w.rank.exceeded();
    exceeded = w.rank.exceeded();
    table.rows.push_back({w.name,
                          w.stage,
                          {value_text(w.wall->used), number_of(w.wall->used)},
                          {value_text(w.wall->bound), number_of(w.wall->bound)},
                          si_unit(w.wall->used.port->dimension),
                          {margin_text(w.rank.margin), quantity_json(w.rank.margin, {})},
                          {"", w.wall->limit->hard},
                          how_it_binds(w, first_that_holds),
                          w.wall->limit->equation});
  }
  return table;
}

std::string margin_text(double margin) { return std::isfinite(margin) ? format_quantity(margin, {}, "%", 3) : std::string(); }

}  // namespace ironlaw::host
