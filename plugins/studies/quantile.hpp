#pragma once
#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace ironlaw::studies {

/// Linear between the order statistics around it; absent of nothing.
inline double quantile_of(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return absent_value;
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<std::size_t>(place);
  const std::size_t next = std::min(i + 1, sorted.size() - 1);
  return sorted[i] + (place - static_cast<double>(i)) * (sorted[next] - sorted[i]);
}

}  // namespace ironlaw::studies
