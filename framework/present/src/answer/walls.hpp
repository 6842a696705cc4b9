#pragma once
// Walls as tables: those of one answer, and how often each stood in the way of a table's rows.
#include "answer/answer_view.hpp"
#include "reference/page.hpp"

#include <ironlaw/host/run.hpp>

namespace ironlaw::host {

/// The walls of all stages, the one that binds first at the top.
[[nodiscard]] PageTable wall_table(const std::vector<AnsweredStage>& stages);

/// "12.3 %"; empty where it is infinite.
[[nodiscard]] std::string margin_text(double margin);

/// The walls that stand in some row, the one that binds most often at the top.
[[nodiscard]] PageTable tally_table(const std::vector<WallTally>& tallies);

}  // namespace ironlaw::host
