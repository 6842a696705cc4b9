// Charts of tables with more rows, kinds and panels than people read.
#include <ironlaw/error.hpp>
#include <ironlaw/pages/chart.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

std::string table_of(int batches, int efficiencies) {
  return R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
    "axes": [{"node.batch_size": {"from": 1, "to": )" +
         std::to_string(batches) + R"(, "steps": )" + std::to_string(batches) +
         R"(}}, {"node.efficiency": {"from": 0.1, "to": 0.9, "steps": )" + std::to_string(efficiencies) +
         R"(}}], "report": {"columns": ["node.batch_size", "node.efficiency", "node.latency", "node.energy"]}})";
}

std::size_t points_in(const Chart& chart) {
  std::size_t points = 0;
  for (const auto& panel : chart.panels)
    for (const auto& s : panel.series) points += s.points.size();
  return points;
}

TEST(Chart, OfALargeTableDrawsSomeOfItAndSaysSo) {
  const auto pipeline = compiled(table_of(300, 300));
  const auto chart = sweep_chart(pipeline, {"efficiency", {"latency", "energy"}, {}, {}});
  ASSERT_EQ(chart.panels.size(), 2u);
  EXPECT_LE(points_in(chart), 4000u);
  EXPECT_GT(points_in(chart), 3000u);
  EXPECT_NE(chart.note.find(" of 300 lines of a table of 90000 rows, "), std::string::npos) << chart.note;
  EXPECT_NE(chart.note.find("Drawn: " + std::to_string(points_in(chart)) + " of "), std::string::npos) << chart.note;
  const auto rows = rows_of(pipeline);
  const auto latencies = rows.column(2);
  const auto [low, high] = std::minmax_element(latencies.begin(), latencies.end());
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (const auto& s : chart.panels[0].series)
    for (const auto& point : s.points) {
      least = std::min(least, point.y);
      most = std::max(most, point.y);
    }
  EXPECT_NEAR(most / least, *high / *low, 1e-9 * *high / *low);
  EXPECT_LE(chart.panels[0].series.size(), 36u);
  EXPECT_LT(chart_json(chart).size(), 1'000'000u);
}

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Chart, OfHundredsOfKindsNamesAsManyAsStandBesideOneAnother) {
  const auto kinds = [](std::size_t count) {
    ChartPanel panel;
    panel.x.name = "device";
    panel.y.name = "latency";
    panel.series.push_back({"all", ChartSeries::Form::points, 0});
    for (std::size_t i = 0; i < count; ++i) {
      panel.x.categories.push_back("kind_of_device_" + std::to_string(i));
      panel.series[0].points.push_back({static_cast<double>(i), 1 + static_cast<double>(i), 0, {}, {}, false});
    }
    return chart_svg({"kinds", {}, {panel}}, {1000, 0, false});
  };
  EXPECT_EQ(count_of(kinds(12), ">kind_of_device_"), 12u);
  const std::string many = kinds(400);
  EXPECT_NE(many.find(">device, one of 12 named<"), std::string::npos);
  EXPECT_EQ(count_of(many, ">kind_of_device_"), 34u);  // of 0, 12, 24 to 396
}

TEST(Chart, OfASmallTableDrawsAll) {
  const auto chart = sweep_chart(compiled(table_of(20, 100)), {"efficiency", {"latency", "energy"}, {}, {}});
  EXPECT_EQ(points_in(chart), 4000u);
  EXPECT_EQ(chart.note, "");
  EXPECT_EQ(chart.panels[0].series.size(), 20u);
}

TEST(Chart, ParetoOfALargeTableKeepsTheEndsOfItsRows) {
  const auto pipeline = compiled(table_of(100, 100));
  const auto chart = pareto_chart(pipeline, {"min latency", "max batch_size"});
  const auto& points = chart.panels[0].series[0].points;
  EXPECT_LE(points.size(), 4000u);
  EXPECT_EQ(chart.panels[0].series[1].points.size(), 100u);  // the front, which is whole
  EXPECT_NE(chart.note.find("Drawn: " + std::to_string(points.size()) + " of 10000 points"), std::string::npos) << chart.note;
  const auto latencies = rows_of(pipeline).column(2);
  const auto [low, high] = std::minmax_element(latencies.begin(), latencies.end());
  EXPECT_NEAR(points.back().x / points.front().x, *high / *low, 1e-9 * *high / *low);
}

TEST(Chart, HasSoManyPanels) {
  EXPECT_EQ(refused([] {
              (void)sweep_chart(compiled(table_of(2, 25)), {"batch_size", {"latency"}, "efficiency", {}});
            }),
            "--facet: a chart has up to 24 panels; these are 25");
}

}  // namespace
}  // namespace ironlaw::host
