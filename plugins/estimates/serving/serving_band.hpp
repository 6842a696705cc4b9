#pragma once
// How sure an iteration and a static batch are, by regime: quantiles of rows that were left out of the fit, as records have them.
#include <ironlaw/sdk/band.hpp>

#include "../rate_search.hpp"

namespace ironlaw::estimates {

/// 10 and 90 % quantiles of ln(measured / predicted); absent where fewer than three groups of rows were left out one by one.
struct ServingBand {
  Maybe<double> low;
  Maybe<double> high;
  RateFound found;

  [[nodiscard]] bool stands() const { return low && high; }
  [[nodiscard]] double factor(const Maybe<double>& quantile) const { return band_factor(quantile, low, high); }
  [[nodiscard]] std::string_view source() const {
    return found.rate != nullptr ? found->source : std::string_view("the software stack's own rows");
  }
  [[nodiscard]] Maybe<Time> low_of(Time t) const { return low ? Maybe<Time>(std::exp(*low) * t) : Maybe<Time>(); }
  [[nodiscard]] Maybe<Time> high_of(Time t) const { return high ? Maybe<Time>(std::exp(*high) * t) : Maybe<Time>(); }
};

/// Whether a stack brings the band of its own rows.
inline bool has_own_band(const SoftwareStack* stack) { return stack != nullptr && stack->band_low && stack->band_high; }
/// The stack's own band, else that of the regime.
inline ServingBand serving_band(const SoftwareStack* stack, const RateSearch& search, std::string_view what,
                                std::string_view regime) {
  if (has_own_band(stack)) return {stack->band_low, stack->band_high, {}};
  const RateFound found = search.find({.operation = what, .kernel = regime});
  return found.rate == nullptr ? ServingBand{} : ServingBand{found->low, found->high, found};
}

}  // namespace ironlaw::estimates
