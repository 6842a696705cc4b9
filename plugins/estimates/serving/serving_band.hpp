#pragma once
// How sure an iteration and a static batch are, by regime: quantiles of rows that were left out of the fit, as records have them.
#include <ironlaw/sdk/band.hpp>

#include "../rate_search.hpp"

namespace ironlaw::estimates {

/// 10 and 90 % quantiles of ln(measured / predicted); absent where fewer than three groups of rows were left out one by one.
struct ServingBand {
  ServingBand() = default;
  ServingBand(Maybe<double> lower, Maybe<double> upper, const RateFound& from)
      : low(lower), high(upper), found(from), low_share_(share(lower)), high_share_(share(upper)) {}

  Maybe<double> low;
  Maybe<double> high;
  RateFound found;

  [[nodiscard]] bool stands() const { return low && high; }
  template <class Quantile>
  [[nodiscard]] auto factor(const Quantile& quantile) const {
    return band_factor(quantile, low, high);
  }
  [[nodiscard]] std::string_view source() const {
    return found.rate != nullptr ? found->source : std::string_view("the software stack's own rows");
  }
  template <class T>
  [[nodiscard]] auto low_of(const T& t) const {
    return end_of(low_share_, t);
  }
  template <class T>
  [[nodiscard]] auto high_of(const T& t) const {
    return end_of(high_share_, t);
  }

 private:
  static Maybe<double> share(const Maybe<double>& end) { return end ? Maybe<double>(std::exp(*end)) : Maybe<double>(); }
  template <class T>
  static Of<typename T::value_type, Maybe<Time>> end_of(const Maybe<double>& end, const T& t) {
    if (!end) return absent;
    return T(*end * t);
  }
  Maybe<double> low_share_;  ///< of the estimate
  Maybe<double> high_share_;
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
