#pragma once
// How many samples a rare group needs.
#include <ironlaw/equations/privacy.hpp>

#include <cmath>

namespace ironlaw::responsible {

/// Samples of a group that tell an error rate from one that differs by `gap` (normal approximation).
inline double samples_for_gap(double error_rate, double gap, double confidence) {
  const double z = equations::normal_quantile(confidence);
  return 2 * z * z * error_rate * (1 - error_rate) / (gap * gap);
}

/// Samples of everybody that hold at least `group_samples` of a group with the given prevalence (binomial, normal approximation).
inline double samples_for_group(double group_samples, double prevalence, double confidence) {
  const double z = equations::normal_quantile(confidence);
  const double variance = prevalence * (1 - prevalence);
  const double root = (z * std::sqrt(variance) + std::sqrt(z * z * variance + 4 * prevalence * group_samples)) / (2 * prevalence);
  return root * root;
}

}  // namespace ironlaw::responsible
