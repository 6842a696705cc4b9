#include "slopes.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::studies {
namespace {

constexpr std::size_t levels = 6;  // of a Richardson tableau; each halves the step
constexpr std::array<double, 4> central_steps{0.05, 5e-3, 5e-4, 5e-5};
constexpr std::array<double, 3> one_sided_steps{2e-3, 1e-4, 5e-6};
constexpr double kink_tolerance = 1e-5;  // between the slopes of the two sides

struct Estimate {
  double value = absent_value;
  double error = std::numeric_limits<double>::infinity();
};

/// Richardson's extrapolation of estimates whose steps halve and whose error goes with h^order, h^2order ...: the entry with
/// the least error estimate.
template <std::size_t N>
Estimate extrapolate(const std::array<double, N>& raw, int order) {
  Estimate best;
  std::array<double, N> previous = raw;
  const double ratio = std::pow(2.0, order);
  double factor = ratio;
  for (std::size_t k = 1; k < N; ++k) {
    std::array<double, N> next{};
    for (std::size_t i = 0; i + k < N; ++i) {
      next[i] = (factor * previous[i + 1] - previous[i]) / (factor - 1);
      const double error = std::max(std::abs(next[i] - previous[i + 1]), std::abs(next[i] - previous[i]));
      if (std::isfinite(next[i]) && error < best.error) best = {next[i], error};
    }
    previous = next;
    factor *= ratio;
  }
  return best;
}

}  // namespace

SlopeProbe::SlopeProbe(Rows& rows, std::size_t input, double step) : rows_(rows), input_(input) {
  std::vector<double> log_steps{0};
  first_central_ = log_steps.size();
  for (const double s : central_steps)
    for (std::size_t l = 0; l < levels; ++l)
      for (const double sign : {1.0, -1.0}) log_steps.push_back(std::ldexp(sign * s, -static_cast<int>(l)));
  first_up_ = log_steps.size();
  for (const double s : one_sided_steps)
    for (std::size_t l = 0; l < levels; ++l) log_steps.push_back(std::ldexp(s, -static_cast<int>(l)));
  first_down_ = log_steps.size();
  for (const double s : one_sided_steps)
    for (std::size_t l = 0; l < levels; ++l) log_steps.push_back(std::ldexp(-s, -static_cast<int>(l)));
  finite_up_ = log_steps.size();
  rows.begin(finite_up_ + 2);
  auto& x = rows.vary(input);
  const double at = rows.base(input).number;
  for (std::size_t r = 0; r < log_steps.size(); ++r) x[r].number = at * std::exp(log_steps[r]);
  x[0].number = at;
  x[row_above()].number = at * (1 + step);
  x[row_below()].number = at * (1 - step);
  rows.evaluate();
}

double SlopeProbe::moved(std::size_t row) const { return rows_.input(input_, row).number / rows_.base(input_).number; }

double SlopeProbe::one_sided(std::size_t output, std::size_t first) const {
  Estimate best;
  for (std::size_t s = 0; s < one_sided_steps.size(); ++s) {
    std::array<double, levels> raw;
    for (std::size_t l = 0; l < levels; ++l) {
      const std::size_t row = first + s * levels + l;
      raw[l] = (relative(output, row) - 1) / std::log(moved(row));  // a step of x is not exactly e^h
    }
    const Estimate estimate = extrapolate(raw, 1);
    if (estimate.error < best.error) best = estimate;
  }
  return best.value;
}

double SlopeProbe::central(std::size_t output, double otherwise) const {
  Estimate best;
  for (std::size_t s = 0; s < central_steps.size(); ++s) {
    std::array<double, levels> slopes;
    for (std::size_t l = 0; l < levels; ++l) {
      const std::size_t row = first_central_ + 2 * (s * levels + l);
      slopes[l] = (relative(output, row) - relative(output, row + 1)) / std::log(moved(row) / moved(row + 1));
    }
    const Estimate estimate = extrapolate(slopes, 2);
    if (estimate.error < best.error) best = estimate;
  }
  return std::isfinite(best.value) ? best.value : otherwise;
}

Slope SlopeProbe::slope_of(std::size_t output) const {
  Slope slope;
  const double y = rows_.value(output, 0);
  if (!std::isfinite(y) || y == 0) {
    slope.kind = y == 0 ? "zero" : "no value";
    return slope;
  }
  slope.up = relative(output, row_above()) - 1;
  slope.down = relative(output, row_below()) - 1;
  const double up = one_sided(output, first_up_);
  const double down = one_sided(output, first_down_);
  if (!std::isfinite(up) || !std::isfinite(down)) {
    slope.kind = "edge";
    slope.left = down;
    slope.right = up;
    slope.elasticity = std::isfinite(up) ? up : down;
    return slope;
  }
  if (std::abs(up - down) > kink_tolerance * std::max({1.0, std::abs(up), std::abs(down)})) {
    slope.kind = "kink";
    slope.left = down;
    slope.right = up;
    return slope;
  }
  slope.elasticity = central(output, (up + down) / 2);
  if (slope.elasticity == 0) slope.kind = "flat";
  return slope;
}

}  // namespace ironlaw::studies
