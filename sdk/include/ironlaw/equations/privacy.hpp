#pragma once
// Differentially private training: the noise that a promise (epsilon, delta) takes, by two accountants.
#include <ironlaw/equations/normal.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace ironlaw::equations {

/// Upper tail over density (Mills ratio). The continued fraction takes over before the tail underflows.
inline double tail_over_density(double x) {
  if (x < 25) return normal_probability(-x) / normal_density(x);
  double fraction = x;
  for (int k = 12; k > 0; --k) fraction = x + k / fraction;
  return 1 / fraction;
}

/// Halves [low, high] until nothing is left between; `above(x)` says that the answer lies below x.
template <class Above>
double bisected(double low, double high, Above above) {
  for (double middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2)
    (above(middle) ? high : low) = middle;
  return high;
}

/// A schedule of private training: each step takes each sample with probability `sampling_rate`.
struct PrivateSchedule {
  double sampling_rate;
  double steps;
};

/// Gaussian differential privacy of noisy subsampled steps, in the limit of many (Bu 2020, Dong 2022).
inline double gaussian_privacy(const PrivateSchedule& s, double noise) {
  return s.sampling_rate * std::sqrt(s.steps * std::expm1(1 / (noise * noise)));
}
/// The noise that gives a Gaussian privacy of `mu`.
inline double gaussian_noise(const PrivateSchedule& s, double mu) {
  return 1 / std::sqrt(std::log1p(mu * mu / (s.sampling_rate * s.sampling_rate * s.steps)));
}
/// delta(epsilon) of a Gaussian privacy of `mu`: both tails over one density, so that neither overflows.
inline double gaussian_delta(double mu, double epsilon) {
  const double near = epsilon / mu - mu / 2;
  if (near < -25) return 1;
  return normal_density(near) * (tail_over_density(near) - tail_over_density(near + mu));
}
/// The Gaussian privacy that promises (epsilon, delta).
inline double gaussian_privacy_of(double epsilon, double delta) {
  double high = 1;
  while (gaussian_delta(high, epsilon) < delta) high *= 2;
  return bisected(0, high, [&](double mu) { return gaussian_delta(mu, epsilon) > delta; });
}
/// The epsilon that a Gaussian privacy of `mu` promises at delta.
inline double gaussian_epsilon(double mu, double delta) {
  double high = 1;
  while (gaussian_delta(mu, high) > delta) high *= 2;
  return bisected(0, high, [&](double epsilon) { return gaussian_delta(mu, epsilon) < delta; });
}

/// Renyi divergence of a whole order that one noisy subsampled step costs (Mironov, Talwar & Zhang 2019).
inline double renyi_step(double sampling_rate, double noise, int order) {
  const double spread = std::min(1 / (2 * noise * noise), 1e290);  // no noise: beyond any promise, but finite
  if (sampling_rate >= 1) return order * spread;
  const double taken = std::log(sampling_rate);
  const double left = std::log1p(-sampling_rate);
  double ways = 0;  // logarithm of the binomial coefficient
  double sum = order * left;
  for (int k = 1; k <= order; ++k) {
    ways += std::log((order - k + 1.0) / k);
    const double term = ways + (order - k) * left + k * taken + (k * k - k) * spread;
    sum = std::max(sum, term) + std::log1p(std::exp(-std::abs(sum - term)));
  }
  return sum / (order - 1);
}

/// Largest order that the bound looks at; it cannot promise an epsilon of ln(1/delta) / (renyi_order - 1) or less.
inline constexpr int renyi_order = 256;

/// The epsilon that a schedule certainly keeps at delta: the best of the bounds of all orders.
inline double renyi_epsilon(const PrivateSchedule& s, double noise, double delta) {
  double best = std::numeric_limits<double>::infinity();
  for (int order = 2; order <= renyi_order; order += order < 64 ? 1 : 32)
    best = std::min(best, s.steps * renyi_step(s.sampling_rate, noise, order) - std::log(delta) / (order - 1));
  return best;
}
/// The noise that certainly keeps (epsilon, delta); epsilon must be above what renyi_order allows.
inline double renyi_noise(const PrivateSchedule& s, double epsilon, double delta) {
  double high = 1;
  while (renyi_epsilon(s, high, delta) > epsilon) high *= 2;
  return bisected(0, high, [&](double noise) { return renyi_epsilon(s, noise, delta) <= epsilon; });
}

}  // namespace ironlaw::equations
