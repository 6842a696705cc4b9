#include "answer/walls.hpp"
#include "value/shown_value.hpp"

#include <algorithm>
#include <tuple>

namespace ironlaw::host {
namespace {

PageCell count_cell(std::uint64_t count) { return {std::to_string(count), count}; }

}  // namespace

PageTable tally_table(const std::vector<WallTally>& tallies) {
  PageTable table{"walls", {{"wall"}, {"rows"}, {"exceeded"}, {"binds"}, {"least_margin"}}, {}, InJson::list};
  std::vector<const WallTally*> standing;
  for (const WallTally& tally : tallies)
    if (tally.rows > 0) standing.push_back(&tally);
  std::stable_sort(standing.begin(), standing.end(), [](const WallTally* a, const WallTally* b) {
    return std::tuple(b->binds, b->exceeded, a->least_margin) < std::tuple(a->binds, a->exceeded, b->least_margin);
  });
  for (const WallTally* t : standing)
    table.rows.push_back({t->wall, count_cell(t->rows), count_cell(t->exceeded), count_cell(t->binds),
                          PageCell(margin_text(t->least_margin), quantity_json(t->least_margin, {}))});
  return table;
}

}  // namespace ironlaw::host
