#pragma once
// How sure an iteration and a static batch are, by regime: quantiles of rows that were left out of the fit, as records have them.
#include "../rate_search.hpp"

namespace ironlaw::estimates {

/// 10 and 90 % quantiles of ln(measured / predicted); absent where fewer than three groups of rows were left out one by one.
struct ServingBand {
  Maybe<double> low;
  Maybe<double> high;
  RateFound found;

  [[nodiscard]] Maybe<Time> low_of(Time t) const { return low ? Maybe<Time>(std::exp(*low) * t) : Maybe<Time>(); }
  [[nodiscard]] Maybe<Time> high_of(Time t) const { return high ? Maybe<Time>(std::exp(*high) * t) : Maybe<Time>(); }
};

inline ServingBand serving_band(const RateSearch& search, std::string_view what, std::string_view regime) {
  const RateFound found = search.find({.operation = what, .kernel = regime});
  return found.rate == nullptr ? ServingBand{} : ServingBand{found->low, found->high, found};
}

}  // namespace ironlaw::estimates
