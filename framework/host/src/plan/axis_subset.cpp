#include "plan/axis_subset.hpp"

#include <algorithm>

namespace ironlaw::host {

AxisSubset::AxisSubset(std::span<const Axis> axes, std::vector<std::size_t> members)
    : members_(std::move(members)), inner_(members_.size()) {
  for (std::size_t m = members_.size(); m-- > 0;) {
    inner_[m] = rows_;
    rows_ *= axes[members_[m]].size();
  }
}

std::uint64_t AxisSubset::inner(std::size_t axis) const {
  return inner_[static_cast<std::size_t>(std::find(members_.begin(), members_.end(), axis) - members_.begin())];
}

bool AxisSubset::locate(const AxisSubset& part, std::span<const Axis> axes, std::uint64_t first,
                        std::span<std::uint32_t> rows) const {
  bool one = true;
  std::fill(rows.begin(), rows.end(), 0U);
  for (std::size_t m = 0; m < part.members_.size(); ++m) {
    const std::size_t axis = part.members_[m];
    const std::uint64_t stride = part.inner_[m];
    for_each_value(inner(axis), axes[axis].size(), first, rows.size(),
                   [&](std::size_t begin, std::size_t end, std::size_t value) {
                     const auto step = static_cast<std::uint32_t>(value * stride);
                     for (std::size_t r = begin; r < end; ++r) rows[r] += step;
                     one &= end - begin == rows.size();
                   });
  }
  return one;
}

}  // namespace ironlaw::host
