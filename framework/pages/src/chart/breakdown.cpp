#include "chart/chart_rows.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_bars = 40;

std::vector<std::size_t> parts_of(const ChartRows& rows, const std::vector<std::string>& names) {
  std::vector<std::size_t> parts;
  for (const auto& name : names) parts.push_back(rows.find(name, "--parts"));
  if (names.empty()) {
    parts = rows.answers();
    if (parts.empty()) throw InputError("--parts", "no output among the report's columns is a number");
    const Dimension dimension = rows.column(parts.front()).port.dimension;
    std::erase_if(parts, [&](std::size_t c) { return !(rows.column(c).port.dimension == dimension); });
  }
  for (const std::size_t c : parts) {
    if (!rows.is_number(c)) throw InputError("--parts", "'" + rows.column(c).name + "' is no number");
    if (!(rows.column(c).port.dimension == rows.column(parts.front()).port.dimension))
      throw InputError("--parts", "'" + rows.column(c).name + "' does not add up with '" + rows.column(parts.front()).name +
                                      "': another dimension");
  }
  return parts;
}

}  // namespace

Chart breakdown_chart(const Pipeline& pipeline, const std::vector<std::string>& names) {
  const ChartRows rows(pipeline);
  const auto parts = parts_of(rows, names);
  std::vector<double> sums;
  std::vector<std::size_t> drawn;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows.has_outputs(r)) continue;
    drawn.push_back(r);
    sums.push_back(0);
    for (const std::size_t c : parts)
      if (const double v = rows.number(c, r); !std::isnan(v)) sums.back() += v;
  }
  if (drawn.empty()) throw InputError("", "no row has an answer to draw" + rows.because());
  if (drawn.size() > most_bars)
    throw InputError(
        "", "a breakdown shows up to " + std::to_string(most_bars) + " rows; this is a table of " + std::to_string(drawn.size()));
  const auto x = axis_of("", sums, rows.column(parts.front()).port.dimension);
  ChartPanel panel;
  panel.x = x.axis;
  panel.x.name = "sum of the parts";
  panel.x.zero = true;
  for (const std::size_t r : drawn) panel.y.categories.push_back(rows.label(r, {}));
  for (std::size_t p = 0; p < parts.size(); ++p) {
    ChartSeries series{rows.column(parts[p]).name, ChartSeries::Form::bars, p, false, {}};
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      const double v = rows.number(parts[p], drawn[i]);
      series.points.push_back(
          {std::isnan(v) ? 0 : v / x.scale, static_cast<double>(i), 0, rows.tip(drawn[i], {parts[p]}), {}, false});
    }
    panel.series.push_back(std::move(series));
  }
  return {{}, {}, {std::move(panel)}};
}

}  // namespace ironlaw::host
