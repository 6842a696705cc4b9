#pragma once
// How routed tokens fall on experts and ranks.
#include <algorithm>
#include <cmath>

namespace ironlaw::estimates {

/// Shares of the experts: all alike, drawn at random token by token, or drawn from a power law.
enum class Routing { balanced, uniform, power_law };

/// Load of the fullest of `ranks` over the mean, where experts' shares are drawn from x^-exponent (law I; held against draws, 11
/// % mean where one draw differs from another by 14 %).
inline double rank_imbalance(double tokens, double experts, double per_token, double ranks, double exponent) {
  if (ranks <= 1 || exponent <= 0) return 1;
  const bool many = tokens * per_token > experts;
  const double low = many ? 1 : 0.01;
  const double high = many ? std::max(0.8 * tokens, 1.5) : 2;
  const auto integral = [&](double power) {
    return std::abs(power) < 1e-6 ? std::log(high / low) : (std::pow(high, power) - std::pow(low, power)) / power;
  };
  const double b = std::abs(exponent - 1) < 1e-6 ? 1 + 1e-6 : exponent;
  const double mean = integral(2 - b) / integral(1 - b);
  const double spread2 = std::max(integral(3 - b) / integral(1 - b) / (mean * mean) - 1, 0.0);
  const double on_rank = experts / ranks;
  const double from = std::pow(low, 1 - b);
  const double to = std::pow(high, 1 - b);
  const double top = std::pow((to - from) * (1 - 0.5 / experts) + from, 1 / (1 - b));
  const double of_sums = 1 + std::sqrt(spread2 / on_rank) * (std::sqrt(2 * std::log(ranks)) - 0.6);
  const double of_one = 1 + (top / mean - 1) / on_rank;
  const double most = ranks * std::min(1.0, on_rank / per_token);
  return std::max(std::min(std::max(of_sums, of_one), most), 1.0);
}

/// Experts of a rank that get at least one of its `rows`.
inline double touched_experts(double experts, double rows, Routing routing) {
  const double cap = std::min(experts, std::max(rows, 1.0));
  const double mean = rows / experts;
  double touched = cap;
  if (routing == Routing::uniform) touched = experts * (1 - std::exp(-mean));
  if (routing == Routing::power_law) touched = std::min(cap, experts * (1 - std::exp(-0.8 * std::pow(mean, 0.7))));
  return std::max(touched, 1.0);
}

}  // namespace ironlaw::estimates
