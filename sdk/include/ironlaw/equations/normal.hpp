#pragma once
// The standard normal distribution.
#include <cmath>
#include <numbers>

namespace ironlaw::equations {

inline double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }
inline double normal_probability(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

/// The x below which the variable stays with probability p in (0, 1): Tukey's lambda as a start, then Halley's steps.
inline double normal_quantile(double p) {
  double x = 4.91 * (std::pow(p, 0.14) - std::pow(1 - p, 0.14));
  for (int i = 0; i < 6; ++i) {
    const double step = (normal_probability(x) - p) / normal_density(x);
    x -= step / (1 + x * step / 2);
    if (std::abs(step) < 1e-9) break;
  }
  return x;
}

}  // namespace ironlaw::equations
