#include "chart/chart_rows.hpp"
#include "chart/thinning.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cmath>
#include <map>

namespace ironlaw::host {
namespace {

/// A level of memory: a sloped roof.
struct Level {
  std::string name;
  double bandwidth;
};

/// What a device's data may have to pass, the main memory first.
std::vector<Level> levels_of(const Hardware& device) {
  std::vector<Level> levels{{"memory", device.memory().bandwidth.value()}};
  if (const auto* chip = device.facet<OnChipMemory>()) levels.push_back({"on-chip memory", chip->bandwidth.value()});
  if (const auto* flash = device.facet<FlashMemory>()) levels.push_back({"flash", flash->bandwidth.value()});
  if (const auto link = device.host_link()) levels.push_back({"host link", (*link).value()});
  return levels;
}

std::string bandwidth_text(double bandwidth) { return format_quantity(bandwidth, dimension_of<Bandwidth>(), {}, shown_digits); }

/// The roofs of one device between two intensities.
class Roofs {
 public:
  /// Roofs below `floor` are left out: no point is there.
  Roofs(double low, double high, double floor, double rate_scale)
      : low_(low), high_(high), floor_(floor), rate_scale_(rate_scale) {}

  void add(const Hardware& device, double peak, std::size_t colour, std::vector<ChartSeries>& all) const {
    const std::string peak_text = format_quantity(peak, dimension_of<FlopRate>(), {}, shown_digits);
    bool first = true;
    for (const Level& level : levels_of(device)) {
      ChartSeries roof{std::string(device.name()), ChartSeries::Form::roof, colour, !first};
      const std::string level_text = level.name + " " + bandwidth_text(level.bandwidth);
      const auto at = [&](double intensity, const std::string& label) {
        roof.points.push_back({intensity, std::min(peak, intensity * level.bandwidth) / rate_scale_, 0,
                               level_text + "\npeak " + peak_text, label, false});
      };
      const double ridge = peak / level.bandwidth;
      const double start = std::max(low_, floor_ / level.bandwidth);
      at(start, {});
      // Levels of devices that are near one another are named at different heights.
      const double along = 0.15 + 0.18 * static_cast<double>(colour % 4);
      if (ridge > start) at(start * std::pow(std::min(ridge, high_) / start, along), level_text);
      if (ridge > start && ridge < high_) at(ridge, {});
      at(high_, first ? peak_text : std::string());
      all.push_back(std::move(roof));
      first = false;
    }
  }

 private:
  double low_, high_, floor_, rate_scale_;
};

}  // namespace

Config roofline_config(const std::vector<std::string>& hardware, const std::vector<std::string>& workload,
                       const std::vector<std::string>& batch_size) {
  const std::string where = "plot roofline";
  auto config = Config::parse(
      R"({"version": 1, "name": "Roofline", "stages": {"node": {"solver": "single_node"}}, "report": {"columns": [
        "node.hardware", "node.workload", "node.batch_size", "node.arithmetic_intensity",
        "node.compute_time * node.achieved_peak_rate / node.latency", "node.achieved_peak_rate / node.efficiency"]}})",
      where);
  config.add_axis("node.hardware", hardware, where);
  config.add_axis("node.workload", workload, where);
  config.add_axis("node.batch_size", batch_size, where);
  return config;
}

Chart roofline_chart(const Pipeline& pipeline) {
  const ChartRows rows(pipeline);
  if (pipeline.columns().size() != 6) throw InputError("plot roofline", "draws the columns of its own config");
  constexpr std::size_t hardware = 0;
  constexpr std::size_t workload = 1;
  constexpr std::size_t member = 2;
  constexpr std::size_t intensity = 3;
  constexpr std::size_t rate = 4;
  constexpr std::size_t peak = 5;
  std::vector<double> intensities;
  std::vector<double> peaks;
  std::vector<double> rates;
  std::vector<std::size_t> drawn;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows.has_outputs(r) || !(rows.number(intensity, r) > 0)) continue;
    drawn.push_back(r);
    intensities.push_back(rows.number(intensity, r));
    rates.push_back(rows.number(rate, r));
    peaks.push_back(rows.number(peak, r));
  }
  if (drawn.empty()) throw InputError("", "no row has an answer to draw" + rows.because());
  const auto y = axis_of("rate of operations", peaks, dimension_of<FlopRate>());
  const auto x = axis_of("arithmetic intensity", intensities, rows.column(intensity).port.dimension, "FLOP/B");

  // From left of every point to right of every ridge.
  double low = *std::min_element(intensities.begin(), intensities.end());
  double high = *std::max_element(intensities.begin(), intensities.end());
  struct Seen {
    double peak;
    std::size_t colour;
    bool roofs_up = false;
  };
  std::map<const void*, Seen> devices;
  for (const std::size_t r : drawn) {
    const void* device = rows.cell(hardware, r).object;
    if (!devices.try_emplace(device, Seen{rows.number(peak, r), devices.size()}).second) continue;
    const double ridge = rows.number(peak, r) / static_cast<const Hardware*>(device)->memory().bandwidth.value();
    low = std::min(low, ridge / 10);
    high = std::max(high, ridge * 10);
  }
  ChartPanel panel{{}, x.axis, y.axis, {}};
  panel.x.log = panel.y.log = true;
  const Roofs roofs(std::pow(10, std::floor(std::log10(low))), std::pow(10, std::ceil(std::log10(high))),
                    std::pow(10, std::floor(std::log10(*std::min_element(rates.begin(), rates.end())))), y.scale);
  for (const std::size_t r : drawn) {
    const void* device = rows.cell(hardware, r).object;
    Seen& seen = devices.at(device);
    if (seen.roofs_up) continue;
    roofs.add(*static_cast<const Hardware*>(device), seen.peak, seen.colour, panel.series);
    seen.roofs_up = true;
  }

  // A mark has its device's colour and its workload's symbol, and the legend names each of both once.
  std::map<std::string, std::size_t> trails;
  std::map<std::string, std::size_t> workloads;
  for (const std::size_t r : drawn) {
    const std::string model = rows.text(workload, r);
    const auto [at, added] = trails.try_emplace(model + " on " + rows.text(hardware, r), panel.series.size());
    const std::size_t symbol = workloads.try_emplace(model, workloads.size()).first->second;
    const std::size_t colour = devices.at(rows.cell(hardware, r).object).colour;
    if (added) panel.series.push_back({model, ChartSeries::Form::trail, colour, false, {}, symbol});
    ChartPoint point{rows.number(intensity, r), rows.number(rate, r) / y.scale, 0, rows.tip(r, {intensity, rate}), {}, false};
    point.hollow = rows.status(r) == RowStatus::infeasible;
    panel.series[at->second].points.push_back(std::move(point));
  }
  const std::string what = rows.column(member).name.substr(rows.column(member).name.rfind('.') + 1);
  Chart chart{{}, "Colours are devices, marks are models.", {std::move(panel)}};
  if (trails.size() < drawn.size()) chart.note += " Dotted trails follow " + what + " from its smallest value to its largest.";
  for (const std::size_t r : drawn)
    if (rows.status(r) == RowStatus::infeasible) {
      chart.note += " Hollow marks do not fit into the device's memory.";
      break;
    }
  const std::size_t all = points_of(chart.panels);
  thin_points(chart.panels, most_points);
  if (const std::size_t shown = points_of(chart.panels); shown < all) chart.note += " " + thinned_text(shown, all);
  return chart;
}

}  // namespace ironlaw::host
