// The iterations of a serving engine along time.
#include "chart/chart_rows.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// What an iteration spends time on, in the order in which it comes; layers take their turns with each, and stand here together.
struct IterationPart {
  const char* output;
  const char* lane;
};
constexpr std::array iteration_parts{IterationPart{"host_time", "overhead"},
                                     IterationPart{"launch_time", "overhead"},
                                     IterationPart{"layer_time", "overhead"},
                                     IterationPart{"product_time", "products"},
                                     IterationPart{"prompt_attention_time", "prompts' attention"},
                                     IterationPart{"decode_attention_time", "decoding's attention"},
                                     IterationPart{"expert_time", "experts"},
                                     IterationPart{"exchange_time", "exchange"},
                                     IterationPart{"head_time", "head"},
                                     IterationPart{"draft_time", "drafts"}};
constexpr std::size_t most_iterations = 64;

std::string time_text(double t) { return format_quantity(t, dimension_of<Time>(), {}, shown_digits); }

}  // namespace

bool tells_iterations(const Pipeline& pipeline) {
  const auto ports = pipeline.solver().outputs();
  return std::any_of(ports.begin(), ports.end(), [](const PortInfo& p) { return p.name.ends_with(".prompt_attention_time"); });
}

Chart iteration_timeline_chart(const Pipeline& pipeline) {
  const ChartRows rows(pipeline);
  std::vector<std::size_t> columns;
  for (const auto& part : iteration_parts) columns.push_back(rows.find(part.output, "plot timeline"));
  const std::size_t whole = rows.find("iteration_time", "plot timeline");
  std::vector<std::size_t> drawn;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (rows.has_outputs(r)) drawn.push_back(r);
  if (drawn.empty()) throw InputError("", "no row has an answer to draw" + rows.because());
  if (drawn.size() > most_iterations)
    throw InputError("", "a timeline shows up to " + std::to_string(most_iterations) + " iterations; this is a table of " +
                             std::to_string(drawn.size()));

  ChartPanel panel;
  const auto takes_time = [&](std::size_t column) {
    return std::any_of(drawn.begin(), drawn.end(), [&](std::size_t r) { return rows.number(column, r) > 0; });
  };
  std::array<std::size_t, iteration_parts.size()> lane_of{};
  for (std::size_t p = 0; p < columns.size(); ++p) {
    auto& lanes = panel.y.categories;
    const auto found = std::find(lanes.begin(), lanes.end(), iteration_parts[p].lane);
    lane_of[p] = static_cast<std::size_t>(found - lanes.begin());
    if (found != lanes.end() || !takes_time(columns[p])) continue;
    lanes.emplace_back(iteration_parts[p].lane);
    panel.series.push_back({iteration_parts[p].lane, ChartSeries::Form::blocks, lane_of[p], false, {}});
  }
  double now = 0;
  std::vector<double> ends;
  for (const std::size_t r : drawn) {
    double parts = 0;
    for (const std::size_t c : columns) parts += rows.number(c, r);
    // A stack's own factor is on the whole alone.
    const double factor = parts > 0 ? rows.number(whole, r) / parts : 0;
    for (std::size_t p = 0; p < columns.size(); ++p) {
      const double takes = factor * rows.number(columns[p], r);
      if (takes <= 0) continue;
      const std::size_t lane = lane_of[p];
      panel.series[lane].points.push_back(
          {now,
           static_cast<double>(lane),
           now + takes,
           rows.tip(r, {columns[p]}) + "\nfrom " + time_text(now) + " to " + time_text(now + takes),
           {},
           false});
      now += takes;
    }
    ends.push_back(now);
  }
  const auto x = axis_of("time", {now}, dimension_of<Time>());
  panel.x = x.axis;
  panel.x.zero = true;
  for (auto& series : panel.series)
    for (auto& point : series.points) {
      point.x /= x.scale;
      point.end /= x.scale;
    }
  std::string note;
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    panel.targets.push_back({false, ends[i] / x.scale, time_text(rows.number(whole, drawn[i]))});
    const std::string label = rows.label(drawn[i], {});
    note += (i == 0 ? "" : "; ") + (label.empty() ? "" : label + ": ") + time_text(rows.number(whole, drawn[i]));
  }
  return {{},
          note + ". Layers take their turns with each part; here each part of an iteration stands in one piece.",
          {std::move(panel)}};
}

}  // namespace ironlaw::host
