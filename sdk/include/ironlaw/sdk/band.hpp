#pragma once
// An estimate's band: where in it a question asks the answer to stand.
#include <ironlaw/equations/normal.hpp>
#include <ironlaw/sdk/lanes.hpp>
#include <ironlaw/sdk/ports.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw {

/// The input `band_quantile` of a solver whose outputs have a band: `Maybe<double>`, absent for the estimate itself. A run that
/// asks for bands sets it in all stages together, and a study may vary it from 0 to 1.
template <auto M>
constexpr auto band_port() {
  return port<M>("where in the band of its error the answer stands: 0.1 and 0.9 are its ends; left out: the estimate itself",
                 fraction)
      .refinement();
}

/// What an estimate is multiplied by at a quantile of its band: exp(mu + sigma z), the lognormal whose 10 and 90 % quantiles are
/// exp(low) and exp(high). 1 where the quantile is absent, or the regime has no band. Beyond one in ten thousand it goes no
/// further.
inline double band_factor(const Maybe<double>& quantile, const Maybe<double>& low, const Maybe<double>& high) {
  if (!quantile || !low || !high) [[likely]]
    return 1;
  constexpr double rare = 1e-4;
  constexpr double z90 = 1.2815515655446004;  // of the 90 % quantile
  const double z = equations::normal_quantile(std::clamp(*quantile, rare, 1 - rare));
  return std::exp((*low + *high) / 2 + (*high - *low) / 2 * (z / z90));
}

template <int W>
Lanes<W> band_factor(const LaneMaybe<Lanes<W>, W>& quantile, const Maybe<double>& low, const Maybe<double>& high) {
  if (!low || !high || !any(has(quantile))) [[likely]]
    return 1.0;
  return each([&](double q) { return band_factor(Maybe<double>::from_cell(q), low, high); }, quantile.cell());
}

}  // namespace ironlaw
