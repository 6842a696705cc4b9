#pragma once
// The standard normal distribution.
#include <cmath>
#include <numbers>

namespace ironlaw::equations {

inline double normal_density(double x) { return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }
inline double normal_probability(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

/// The x below which the variable stays with probability p in (0, 1): Halley's steps from Tukey's lambda, and halving where the
/// tail is too flat for them.
inline double normal_quantile(double p) {
  double x = 4.91 * (std::pow(p, 0.14) - std::pow(1 - p, 0.14));
  for (int i = 0; i < 8; ++i) {
    const double step = (normal_probability(x) - p) / normal_density(x);
    const double move = step / (1 + x * step / 2);
    if (!(std::abs(move) < 1)) break;
    x -= move;
    if (std::abs(move) < 1e-9) return x;
  }
  double low = -40;
  double high = 40;
  for (double middle = 0; low < middle && middle < high; middle = (low + high) / 2)
    (normal_probability(middle) > p ? high : low) = middle;
  return high;
}

}  // namespace ironlaw::equations
