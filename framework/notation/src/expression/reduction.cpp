#include "expression/reduction.hpp"

#include "value/kept_by_thread.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

namespace ironlaw::host {
namespace {

double value_at(std::span<const double> values, double place) {
  if (!(place >= 0) || place > static_cast<double>(values.size() - 1)) return absent_value;
  const auto i = static_cast<std::size_t>(place);
  const double share = place - static_cast<double>(i);
  return share == 0 ? values[i] : values[i] + share * (values[i + 1] - values[i]);
}

/// Of the sorted values, the place that leaves the share below it.
double percentile(std::span<const double> values, double percent) {
  if (!(percent >= 0) || percent > 100) return absent_value;
  static const KeptByThread<std::vector<double>> kept;
  std::vector<double>& sorted = kept.mine();
  sorted.assign(values.begin(), values.end());
  const double place = percent / 100 * static_cast<double>(values.size() - 1);
  const auto low = sorted.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(sorted.begin(), low, sorted.end());
  const double share = place - std::floor(place);
  return share == 0 ? *low : *low + share * (*std::min_element(low + 1, sorted.end()) - *low);
}

}  // namespace

double reduce(Op op, const SeriesCell* series, double argument) {
  if (series == nullptr) return absent_value;
  const std::span<const double> values{series->data, series->size};
  if (op == Op::count) return static_cast<double>(values.size());
  if (values.empty()) return absent_value;
  switch (op) {
    case Op::sum:
      return std::accumulate(values.begin(), values.end(), 0.0);
    case Op::mean:
      return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    case Op::least:
      return *std::min_element(values.begin(), values.end());
    case Op::most:
      return *std::max_element(values.begin(), values.end());
    case Op::value_at:
      return value_at(values, argument);
    default:
      return percentile(values, argument);
  }
}

}  // namespace ironlaw::host
