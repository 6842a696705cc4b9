#pragma once
// How sure an answer is: quantiles of measured loops that were left out of the fit, widened where the closed form itself is known
// to be off its replay.
#include "serving_inputs.hpp"
#include "steady_state.hpp"

namespace ironlaw::estimates {

struct ServingBandOutputs {
  Maybe<Time> ttft_low, ttft_high;
  Maybe<Time> ttft_p99_low, ttft_p99_high;
  Maybe<Time> tpot_low, tpot_high;
  Maybe<Time> tpot_p99_low, tpot_p99_high;
};
inline constexpr auto serving_band_outputs =
    ports(port<&ServingBandOutputs::ttft_low>("a tenth of measured loops have less; absent where there is no band").display("ms"),
          port<&ServingBandOutputs::ttft_high>("a tenth have more").display("ms"),
          port<&ServingBandOutputs::ttft_p99_low>("likewise, of what 99 % stay below").display("ms"),
          port<&ServingBandOutputs::ttft_p99_high>("likewise").display("ms"),
          port<&ServingBandOutputs::tpot_low>("a tenth of measured loops have less").display("ms"),
          port<&ServingBandOutputs::tpot_high>("a tenth have more").display("ms"),
          port<&ServingBandOutputs::tpot_p99_low>("likewise, of what 99 % of the requests stay below").display("ms"),
          port<&ServingBandOutputs::tpot_p99_high>("likewise").display("ms"));

/// Factors around a value.
struct Factors {
  double low = 1;
  double high = 1;
  Factors& widen(double below, double above) {
    low /= below;
    high *= above;
    return *this;
  }
};

/// How far the closed form may be off its replay, by regime: where load nears the capacity, where users outnumber slots, where
/// arrivals come in clumps, where answers are short.
struct FormFactors {
  Factors ttft, ttft_p99, tpot, tpot_p99;
};
inline FormFactors form_factors(const LoadInputs& in, const load::Work& w, const load::Answer& a, double users) {
  FormFactors f;
  if (in.request_rate && a.throughput > 0.9 * a.capacity) {
    f.ttft.widen(1.6, 3);  // an engine a tenth slower than estimated is past its capacity there: requests queue
    f.tpot.widen(1.6, 1.4);
    f.ttft_p99.widen(3, 3);
    f.tpot_p99.widen(3, 3);
  }
  if (in.request_rate && in.arrival_variation > 1) {
    f.ttft_p99.widen(1, 1.7);
    f.tpot_p99.widen(1, 1.7);
  }
  if (in.output_tokens < 64 || in.prompt_tokens > 40 * in.output_tokens) f.tpot_p99.widen(1.3, 1.6);
  const bool alike = w.prompt.is_fixed() && w.output.is_fixed();
  if (in.users && users > w.slots) {
    f.ttft_p99.widen(1, 3);
    if (alike && w.prompts_first) f.ttft.widen(1.5, 1.5);
  }
  if (in.users && alike && users <= 6 && in.prompt_tokens > w.budget) f.ttft.widen(1, 2);
  return f;
}

/// `tpot` and `first`: of measured loops; absent: no band.
inline void fill_bands(const load::Answer& a, const FormFactors& form, const ServingBand& tpot, const ServingBand& first,
                       Time ttft, Time ttft_p99, ServingBandOutputs& out) {
  if (tpot.low && tpot.high) {
    out.tpot_low = form.tpot.low * *tpot.low_of(a.tpot.mean);
    out.tpot_high = form.tpot.high * *tpot.high_of(a.tpot.mean);
    out.tpot_p99_low = form.tpot_p99.low * *tpot.low_of(a.tpot.p99);
    out.tpot_p99_high = form.tpot_p99.high * *tpot.high_of(a.tpot.p99);
  }
  if (first.low && first.high) {
    out.ttft_low = form.ttft.low * *first.low_of(ttft);
    out.ttft_high = form.ttft.high * *first.high_of(ttft);
    out.ttft_p99_low = form.ttft_p99.low * *first.low_of(ttft_p99);
    out.ttft_p99_high = form.ttft_p99.high * *first.high_of(ttft_p99);
  }
}

}  // namespace ironlaw::estimates
