#pragma once
// Equations of serving that several solvers share: positions of a growing cache, speculation, transfers, lengths of requests.
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// A time that grows by the same amount from one step to the next.
struct Line {
  Time first;
  Time growth;
};
/// Sum over the steps from..to - 1.
inline Time sum(const Line& line, double from, double to) {
  return (to - from) * line.first + (to * (to - 1) - from * (from - 1)) / 2 * line.growth;
}
/// Sum over the steps 0..n - 1 of the longer of two times, which cross once at most.
inline Time sum_of_longer(const Line& a, const Line& b, double n) {
  const Time gap = a.first - b.first;
  const Time growth = a.growth - b.growth;
  const double crossing = growth == Time{} ? 0 : std::ceil(-static_cast<double>(gap / growth));
  if (!(crossing > 0 && crossing < n)) return sum(gap + growth * ((n - 1) / 2) > Time{} ? a : b, 0, n);
  const bool a_first = gap > Time{};
  return sum(a_first ? a : b, 0, crossing) + sum(a_first ? b : a, crossing, n);
}

/// Tokens that a round of `length` drafted ones yields, each accepted with the same probability (Leviathan 2023).
inline double tokens_per_round(double acceptance, double length) {
  return acceptance < 1 ? 1 + acceptance * (1 - std::pow(acceptance, length)) / (1 - acceptance) : 1 + length;
}

/// What is left of a transfer that starts layer by layer while the layers are computed (Patel 2024).
inline Time exposed_transfer(Time transfer, Time compute, double layers) {
  return transfer / layers + std::max(Time{}, (layers - 1) / layers * (transfer - compute));
}

/// Lengths of requests: exponential, cut at a longest one (the law of least assumption for a given mean).
class RequestLengths {
 public:
  /// Needs 0 < mean <= longest.
  RequestLengths(double mean, double longest) : longest_(longest), decay_(mean < longest ? decay(mean / longest) / longest : 0) {}

  /// Mean tokens that whole blocks set aside for a request (Kwon 2023).
  [[nodiscard]] double mean_allocated(double block) const {
    const double most = std::ceil(longest_ / block);
    if (decay_ == 0) return block * most;
    return block * std::expm1(-most * block * decay_) / std::expm1(-block * decay_);
  }

 private:
  /// The positive root t of 1 - exp(-t) = share * t, by Newton steps that fall towards it from 1 / share.
  static double decay(double share) {
    double t = 1 / share;
    for (int i = 0; i < 100; ++i) {
      const double next = t - (-std::expm1(-t) - share * t) / (std::exp(-t) - share);
      if (!(next < t)) break;
      t = next;
    }
    return t;
  }

  double longest_;
  double decay_;  ///< one over the scale of the exponential; 0 where every request is a longest one
};

}  // namespace ironlaw::equations
