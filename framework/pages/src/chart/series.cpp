#include "chart/chart_rows.hpp"
#include "chart/thinning.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/series.hpp>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_series = 24;

std::vector<std::size_t> choose(const ChartRows& rows, const Pipeline& pipeline, const std::vector<std::string>& y) {
  std::vector<std::size_t> columns;
  for (const auto& name : y) {
    columns.push_back(rows.find(name, "--y"));
    if (!rows.is_series(columns.back())) throw InputError("--y", "'" + name + "' is no series; ironlaw plot sweep draws numbers");
  }
  for (std::size_t c = 0; y.empty() && c < pipeline.columns().size(); ++c)
    if (rows.is_series(c)) columns.push_back(c);
  if (columns.empty()) throw InputError("", "no column of the report is a series");
  return columns;
}

ChartPanel panel_of(const ChartRows& rows, std::size_t column) {
  std::vector<double> numbers;
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (const SeriesCell* series = series_of(rows.cell(column, r)))
      numbers.insert(numbers.end(), series->data, series->data + series->size);
  const PortInfo& port = rows.column(column).port;
  const AxisScale y = axis_of(rows.column(column).name, numbers, port.dimension, preferred_unit(port));
  ChartPanel panel;
  panel.x.name = port.index.empty() ? "place" : std::string(port.index);
  panel.y = y.axis;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const SeriesCell* series = series_of(rows.cell(column, r));
    if (!rows.has_outputs(r) || series == nullptr) continue;
    const std::size_t colour = panel.series.size();
    panel.series.push_back({rows.label(r, {column}), ChartSeries::Form::line, colour, false, {}, colour});
    for (std::uint32_t i = 0; i < series->size; ++i) {
      ChartPoint point;
      point.x = i;
      point.y = series->data[i] / y.scale;
      point.hollow = rows.status(r) != RowStatus::ok;
      panel.series.back().points.push_back(point);
    }
  }
  return panel;
}

}  // namespace

Chart series_chart(const Pipeline& pipeline, const std::vector<std::string>& y) {
  if (pipeline.rows() > most_series)
    throw InputError("", "a chart shows the series of up to " + std::to_string(most_series) + " rows; this is a table of " +
                             std::to_string(pipeline.rows()));
  const ChartRows rows(pipeline);
  Chart chart;
  for (const std::size_t column : choose(rows, pipeline, y)) chart.panels.push_back(panel_of(rows, column));
  std::erase_if(chart.panels, [](const ChartPanel& panel) { return panel.series.empty(); });
  if (chart.panels.empty()) throw InputError("", "no row has an answer to draw" + rows.because());
  const std::size_t all = points_of(chart.panels);
  thin_points(chart.panels, most_points);
  if (const std::size_t drawn = points_of(chart.panels); drawn < all) chart.note = thinned_text(drawn, all);
  return chart;
}

}  // namespace ironlaw::host
