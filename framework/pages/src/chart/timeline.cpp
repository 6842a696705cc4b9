#include "chart/chart_rows.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_blocks = 4096;

/// One pass of a microbatch on a stage.
struct Pass {
  std::size_t microbatch;
  bool forward;
};

/// What a stage does in order: as many forward passes as stages follow, then one after the other, then the backward passes left.
std::vector<Pass> order_of(std::size_t stage, std::size_t stages, std::size_t microbatches) {
  const std::size_t ahead = std::min(stages - stage, microbatches);
  std::vector<Pass> order;
  std::size_t forward = 0;
  std::size_t backward = 0;
  while (forward < ahead) order.push_back({forward++, true});
  while (backward < microbatches) {
    order.push_back({backward++, false});
    if (forward < microbatches) order.push_back({forward++, true});
  }
  return order;
}

/// When each pass ends, by stage and microbatch; negative while it has not run.
struct Ends {
  Ends(std::size_t stages, std::size_t microbatches)
      : forward(stages, std::vector<double>(microbatches, -1)), backward(forward) {}
  std::vector<std::vector<double>> forward, backward;
};

}  // namespace

Chart timeline_chart(const PipelineStep& step) {
  if (step.stages * step.microbatches * 2 > most_blocks)
    throw InputError("", "a timeline shows up to " + std::to_string(most_blocks) + " passes; this step has " +
                             std::to_string(step.stages * step.microbatches * 2));
  ChartSeries forward{"forward", ChartSeries::Form::blocks, 0, false, {}};
  ChartSeries backward{"backward", ChartSeries::Form::blocks, 1, false, {}};
  ChartSeries other{"exchanges and optimizer", ChartSeries::Form::blocks, 2, false, {}};
  Ends ends(step.stages, step.microbatches);
  std::vector<std::vector<Pass>> orders;
  for (std::size_t s = 0; s < step.stages; ++s) orders.push_back(order_of(s, step.stages, step.microbatches));
  std::vector<std::size_t> next(step.stages, 0);
  std::vector<double> free_at(step.stages, 0);
  const auto time_text = [](double t) { return format_quantity(t, dimension_of<Time>(), {}, shown_digits); };
  double makespan = 0;

  // A stage's next pass runs once what it waits for has ended; some stage can always go on.
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t s = 0; s < step.stages; ++s) {
      while (next[s] < orders[s].size()) {
        const Pass pass = orders[s][next[s]];
        const double ready = pass.forward           ? (s == 0 ? 0 : ends.forward[s - 1][pass.microbatch])
                             : s + 1 == step.stages ? ends.forward[s][pass.microbatch]
                                                    : ends.backward[s + 1][pass.microbatch];
        if (ready < 0) break;
        const double start = std::max(ready, free_at[s]);
        const double end = start + (pass.forward ? step.forward : step.backward);
        (pass.forward ? ends.forward : ends.backward)[s][pass.microbatch] = end;
        (pass.forward ? forward : backward)
            .points.push_back({start, static_cast<double>(s), end,
                               "stage " + std::to_string(s + 1) + ", microbatch " + std::to_string(pass.microbatch + 1) +
                                   "\nfrom " + time_text(start) + " to " + time_text(end),
                               std::to_string(pass.microbatch + 1), false});
        free_at[s] = end;
        makespan = std::max(makespan, end);
        ++next[s];
        moved = true;
      }
    }
  }
  ChartPanel panel;
  for (std::size_t s = 0; s < step.stages; ++s) {
    panel.y.categories.push_back("stage " + std::to_string(s + 1));
    if (step.other > 0)
      other.points.push_back({makespan,
                              static_cast<double>(s),
                              makespan + step.other,
                              "stage " + std::to_string(s + 1) + "\nfor " + time_text(step.other),
                              {},
                              false});
  }
  const auto x = axis_of("time", {makespan + step.other}, dimension_of<Time>());
  panel.x = x.axis;
  panel.x.zero = true;
  panel.series = {std::move(forward), std::move(backward)};
  if (step.other > 0) panel.series.push_back(std::move(other));
  for (auto& series : panel.series)
    for (auto& point : series.points) {
      point.x /= x.scale;
      point.end /= x.scale;
    }
  const double busy = static_cast<double>(step.microbatches) * (step.forward + step.backward);
  const double whole = makespan + step.other;
  panel.targets.push_back({false, whole / x.scale, "step " + time_text(whole)});
  std::string note = "A step of " + time_text(whole) + ": " + std::to_string(step.microbatches) + " microbatches on " +
                     std::to_string(step.stages) + " stages take " + time_text(makespan) + ", of which a stage idles " +
                     time_text(makespan - busy) + " (" + format_quantity(1 - busy / makespan, {}, "%", 3) + ")";
  if (step.other > 0) note += "; exchanges and the optimizer take " + time_text(step.other);
  return {step.title, note + ".", {std::move(panel)}};
}

}  // namespace ironlaw::host
