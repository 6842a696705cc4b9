#pragma once
// How sure a training step is, by regime: quantiles of rows that were left out of the fit, as records have them.
#include <ironlaw/sdk/band.hpp>

#include <array>
#include <cmath>

#include "step_records.hpp"

namespace ironlaw::estimates {

/// What steps that err alike have in common. `none`: too few sources of them were measured.
enum class StepRegime { sharded, pipelined_16_bit, pipelined_8_bit, experts, experts_hybrid, torus, adapters, none };
inline constexpr std::array<std::string_view, 7> step_regimes{
    "sharded", "pipelined_16_bit", "pipelined_8_bit", "experts", "experts_hybrid", "torus", "adapters"};

/// 10 and 90 % quantiles of ln(measured / predicted), and the record that has them.
struct StepBand {
  Maybe<double> low;
  Maybe<double> high;
  RateFound found{};
  double low_factor = 1;  ///< exp(low), of which every row has its own otherwise
  double high_factor = 1;
  StepBand() = default;
  StepBand(const Maybe<double>& q10, const Maybe<double>& q90, const RateFound& from)
      : low(q10), high(q90), found(from), low_factor(std::exp(q10.value_or(0))), high_factor(std::exp(q90.value_or(0))) {}
  [[nodiscard]] std::string_view source() const {
    return found.rate != nullptr ? found->source : std::string_view("the trainer's own rows");
  }
};
using StepBands = std::array<StepBand, step_regimes.size()>;

inline StepBands step_bands(const RateSearch& search) {
  StepBands bands;
  for (std::size_t k = 0; k < bands.size(); ++k) {
    const RateFound found = search.find({.operation = "training_step", .kernel = step_regimes[k]});
    if (found.rate != nullptr) bands[k] = {found->low, found->high, found};
  }
  return bands;
}

}  // namespace ironlaw::estimates
