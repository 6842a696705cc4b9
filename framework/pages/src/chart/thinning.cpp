#include "chart/thinning.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

/// The most that a series may have for all to have `most`: what short ones leave is the long ones'.
std::size_t share_of(std::vector<std::size_t> sizes, std::size_t most) {
  std::sort(sizes.begin(), sizes.end());
  std::size_t share = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    share = most / (sizes.size() - i);
    if (sizes[i] > share) break;
    most -= sizes[i];
  }
  return share;
}

}  // namespace

std::vector<std::size_t> thinned(std::size_t count, std::size_t most, const std::function<double(std::size_t)>& value) {
  constexpr std::size_t fewest = 4;
  most = std::max(most, fewest);
  std::vector<std::size_t> kept;
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) kept.push_back(i);
    return kept;
  }
  const std::size_t stretches = (most - 2) / 2;
  const std::size_t between = count - 2;
  kept.push_back(0);
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t end = 1 + between * (s + 1) / stretches;
    std::size_t low = 1 + between * s / stretches;
    std::size_t high = low;
    for (std::size_t i = low; i < end; ++i) {
      if (value(i) < value(low)) low = i;
      if (value(i) > value(high)) high = i;
    }
    kept.push_back(std::min(low, high));
    if (low != high) kept.push_back(std::max(low, high));
  }
  kept.push_back(count - 1);
  return kept;
}

std::size_t points_of(const std::vector<ChartPanel>& panels) {
  std::size_t points = 0;
  for (const auto& panel : panels)
    for (const auto& series : panel.series) points += series.points.size();
  return points;
}

void thin_points(std::vector<ChartPanel>& panels, std::size_t most) {
  if (points_of(panels) <= most) return;
  std::vector<std::size_t> sizes;
  for (const auto& panel : panels)
    for (const auto& series : panel.series) sizes.push_back(series.points.size());
  const std::size_t share = share_of(std::move(sizes), most);
  for (auto& panel : panels)
    for (auto& series : panel.series) {
      std::vector<ChartPoint> kept;
      for (const std::size_t i : thinned(series.points.size(), share, [&](std::size_t p) { return series.points[p].y; }))
        kept.push_back(std::move(series.points[i]));
      series.points = std::move(kept);
    }
}

std::string thinned_text(std::size_t drawn, std::size_t all) {
  return "Drawn: " + std::to_string(drawn) + " of " + std::to_string(all) +
         " points, of each stretch its lowest and its highest.";
}

}  // namespace ironlaw::host
