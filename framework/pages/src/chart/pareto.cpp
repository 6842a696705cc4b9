#include "chart/chart_rows.hpp"
#include "chart/targets.hpp"
#include "chart/thinning.hpp"
#include "plan/clauses.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_of_a_front = 400;

struct ChartGoal {
  std::size_t column;
  bool maximise;
};

ChartGoal read_goal(const ChartRows& rows, const std::string& text) {
  const bool maximise = text.starts_with("max ");
  if (!maximise && !text.starts_with("min "))
    throw InputError("--goal", "takes 'min COLUMN' or 'max COLUMN', not '" + text + "'");
  const std::size_t column = rows.find(text.substr(4), "--goal");
  if (!rows.is_number(column)) throw InputError("--goal", "'" + text.substr(4) + "' is no number");
  return {column, maximise};
}

/// Smaller is better.
double price(const ChartRows& rows, const ChartGoal& goal, std::size_t row) {
  return goal.maximise ? -rows.number(goal.column, row) : rows.number(goal.column, row);
}

/// Rows that none beats, by the first goal.
std::vector<std::size_t> front_of(const ChartRows& rows, const std::array<ChartGoal, 2>& goals, std::vector<std::size_t> good) {
  std::stable_sort(good.begin(), good.end(), [&](std::size_t a, std::size_t b) {
    const double first = price(rows, goals[0], a) - price(rows, goals[0], b);
    return first < 0 || (first == 0 && price(rows, goals[1], a) < price(rows, goals[1], b));
  });
  std::vector<std::size_t> front;
  for (const std::size_t r : good)
    if (front.empty() || price(rows, goals[1], r) < price(rows, goals[1], front.back())) front.push_back(r);
  return front;
}

/// Rows in their order; of many by the first goal, thinned by the second.
std::vector<std::size_t> drawn_of(const ChartRows& rows, const std::array<ChartGoal, 2>& goals, std::vector<std::size_t> all,
                                  std::size_t most) {
  if (all.size() <= most) return all;
  std::stable_sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
    return rows.number(goals[0].column, a) < rows.number(goals[0].column, b);
  });
  std::vector<std::size_t> drawn;
  for (const std::size_t i : thinned(all.size(), most, [&](std::size_t p) { return rows.number(goals[1].column, all[p]); }))
    drawn.push_back(all[i]);
  return drawn;
}

/// The first row that has what all marks say of its columns.
std::size_t marked_row(const ChartRows& rows, const std::vector<std::size_t>& good, const std::vector<std::string>& marks) {
  std::string all;
  std::vector<std::pair<std::size_t, std::string>> said;
  for (const auto& mark : marks) {
    const auto equals = mark.find('=');
    if (equals == std::string::npos) throw InputError("--mark", "takes NAME=VALUE, not '" + mark + "'");
    said.emplace_back(rows.find(mark.substr(0, equals), "--mark"), mark.substr(equals + 1));
    all += (all.empty() ? "" : ", ") + mark;
  }
  for (const std::size_t r : good)
    if (std::all_of(said.begin(), said.end(), [&](const auto& s) { return rows.text(s.first, r) == s.second; })) return r;
  throw InputError("--mark",
                   "no row that is drawn has " + all + (good.empty() ? "" : "; the first has " + rows.label(good.front(), {})));
}

}  // namespace

Chart pareto_chart(const Pipeline& pipeline, const std::vector<std::string>& asked, const std::vector<std::string>& marks) {
  auto texts = asked;
  if (texts.empty())
    for (const auto& goal : pipeline.clauses().front)
      texts.push_back((goal.maximise ? "max " : "min ") + std::string(goal.expression.text()));
  if (texts.size() != 2)
    throw InputError("--goal",
                     "a Pareto chart takes two goals ('min COLUMN' or 'max COLUMN'), not " + std::to_string(texts.size()));
  const ChartRows rows(pipeline);
  const std::array<ChartGoal, 2> goals{read_goal(rows, texts[0]), read_goal(rows, texts[1])};

  std::vector<std::size_t> good;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (rows.status(r) == RowStatus::ok && !std::isnan(price(rows, goals[0], r)) && !std::isnan(price(rows, goals[1], r)))
      good.push_back(r);
  if (good.empty()) throw InputError("", "no row is good enough to draw" + rows.because());
  const auto x = axis_of(rows, goals[0].column);
  const auto y = axis_of(rows, goals[1].column);
  const auto point_of = [&](std::size_t r) {
    return ChartPoint{rows.number(goals[0].column, r) / x.scale,
                      rows.number(goals[1].column, r) / y.scale,
                      0,
                      rows.tip(r, {goals[0].column, goals[1].column}),
                      {},
                      false};
  };
  ChartSeries all{"every row", ChartSeries::Form::points, 6, false, {}};
  ChartSeries front{"Pareto front", ChartSeries::Form::line, 0, false, {}};
  for (const std::size_t r : drawn_of(rows, goals, good, most_points)) all.points.push_back(point_of(r));
  const auto best = front_of(rows, goals, good);
  for (const std::size_t r : drawn_of(rows, goals, best, most_of_a_front)) {
    front.points.push_back(point_of(r));
    front.points.back().label = rows.label(r, {});
  }
  ChartPanel panel{{}, x.axis, y.axis, {std::move(all), std::move(front)}};
  const auto wide = [](const ChartSeries& s, double ChartPoint::*at) {
    const auto [low, high] =
        std::minmax_element(s.points.begin(), s.points.end(), [&](auto& a, auto& b) { return a.*at < b.*at; });
    return (*low).*at > 0 && (*high).*at >= 20 * ((*low).*at);
  };
  panel.x.log = wide(panel.series[0], &ChartPoint::x);
  panel.y.log = wide(panel.series[0], &ChartPoint::y);
  if (!marks.empty()) {
    ChartSeries chosen{"the answer", ChartSeries::Form::points, 1, false, {}};
    chosen.symbol = 1;
    chosen.points.push_back(point_of(marked_row(rows, good, marks)));
    chosen.points.back().label = "the answer";
    panel.series.push_back(std::move(chosen));
  }
  std::string thin;
  if (const std::size_t drawn = panel.series[0].points.size(); drawn < good.size())
    thin += ". " + thinned_text(drawn, good.size());
  if (const std::size_t drawn = panel.series[1].points.size(); drawn < best.size())
    thin += " Of the front: " + std::to_string(drawn) + " of " + std::to_string(best.size()) + ".";
  const AxisScale by_x{panel.x, x.scale};
  const AxisScale by_y{panel.y, y.scale};
  Chart chart{{}, texts[0] + ", " + texts[1], {}};
  auto off = draw_targets(pipeline, rows, goals[0].column, by_x, false, panel);
  for (auto& text : draw_targets(pipeline, rows, goals[1].column, by_y, true, panel)) off.push_back(std::move(text));
  for (std::size_t i = 0; i < off.size(); ++i) chart.note += (i == 0 ? "; off the chart: " : ", ") + off[i];
  chart.note += thin;
  chart.panels.push_back(std::move(panel));
  return chart;
}

}  // namespace ironlaw::host
