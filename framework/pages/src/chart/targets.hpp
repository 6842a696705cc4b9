#pragma once
#include <ironlaw/host/pipeline.hpp>
#include <ironlaw/pages/chart.hpp>

#include <string>
#include <vector>

namespace ironlaw::host {

struct AxisScale;
class ChartRows;

/// A condition that holds one column to a number: "serve.tpot <= 50 ms".
struct Target {
  std::string column;
  bool at_most = true;
  double at = 0;  ///< in SI
  std::string text;
};

/// Those among the assertions of a pipeline.
[[nodiscard]] std::vector<Target> targets_of(const Pipeline& pipeline);

/// Draws the targets of a column across a panel whose axis it is; what is too far off to be drawn is returned, in words.
[[nodiscard]] std::vector<std::string> draw_targets(const Pipeline& pipeline, const ChartRows& rows, std::size_t column,
                                                    const AxisScale& axis, bool of_y, ChartPanel& panel);

}  // namespace ironlaw::host
