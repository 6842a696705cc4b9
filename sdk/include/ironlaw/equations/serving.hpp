#pragma once
// Equations of serving that several solvers share: positions of a growing cache, speculation, transfers, lengths of requests.
#include <ironlaw/quantity.hpp>
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// A time that grows by the same amount from one step to the next.
template <class N>
struct LineOf {
  Of<N, Time> first;
  Of<N, Time> growth;
};
using Line = LineOf<double>;
/// Sum over the steps from..to - 1.
template <class N>
Of<N, Time> sum(const LineOf<N>& line, const std::type_identity_t<N>& from, const std::type_identity_t<N>& to) {
  return (to - from) * line.first + (to * (to - 1) - from * (from - 1)) / 2 * line.growth;
}
/// Sum over the steps 0..n - 1 of the longer of two times, which cross once at most.
template <class N>
Of<N, Time> sum_of_longer(const LineOf<N>& a, const LineOf<N>& b, const std::type_identity_t<N>& n) {
  using T = Of<N, Time>;
  const auto either_line = [](const auto& first, const LineOf<N>& one, const LineOf<N>& other) {
    return LineOf<N>{select(first, one.first, other.first), select(first, one.growth, other.growth)};
  };
  const T gap = a.first - b.first;
  const T growth = a.growth - b.growth;
  const N meets = each([](double x) { return std::ceil(x); }, N(-N((gap / growth).value())));
  const N crossing = select(growth == Time{}, N(0.0), meets);
  const auto crosses = both(crossing > 0.0, crossing < n);
  const T one = sum(either_line(gap + growth * ((n - 1) / 2) > Time{}, a, b), N(0.0), n);
  if (!any(crosses)) return one;
  const auto a_first = gap > Time{};
  const T parts = sum(either_line(a_first, a, b), N(0.0), crossing) + sum(either_line(a_first, b, a), crossing, n);
  return select(crosses, parts, one);
}

/// Tokens that a round of `length` drafted ones yields, each accepted with the same probability (Leviathan 2023).
template <class N>
N tokens_per_round(const N& acceptance, const std::type_identity_t<N>& length) {
  const N all = each([](double a, double l) { return std::pow(a, l); }, acceptance, length);
  return select(acceptance < 1.0, N(1 + acceptance * (1 - all) / (1 - acceptance)), N(1 + length));
}

/// What is left of a transfer that starts layer by layer while the layers are computed (Patel 2024).
template <class T>
T exposed_transfer(const T& transfer, const T& compute, double layers) {
  return transfer / layers + larger(T{}, T((layers - 1) / layers * (transfer - compute)));
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
