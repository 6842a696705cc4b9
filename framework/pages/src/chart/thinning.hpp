#pragma once
// How much of a large table a chart draws: so much that it looks the same, and costs seconds.
#include <ironlaw/pages/chart.hpp>

#include <functional>
#include <string>
#include <vector>

namespace ironlaw::host {

inline constexpr std::size_t most_points = 4000;  ///< of a chart
inline constexpr std::size_t most_lines = 32;     ///< of a panel: what colours and dashes tell apart

/// Which of `count` values, in their order, to draw as `most`: the first, the last, and of each stretch between them its lowest
/// and its highest. All where they are no more; never fewer than four.
[[nodiscard]] std::vector<std::size_t> thinned(std::size_t count, std::size_t most,
                                               const std::function<double(std::size_t)>& value);

[[nodiscard]] std::size_t points_of(const std::vector<ChartPanel>& panels);
/// Thins the longest series of panels, as much as it takes for all to have about `most` points.
void thin_points(std::vector<ChartPanel>& panels, std::size_t most);
/// "Drawn: 3980 of 90000 points, of each stretch its lowest and its highest."
[[nodiscard]] std::string thinned_text(std::size_t drawn, std::size_t all);

}  // namespace ironlaw::host
