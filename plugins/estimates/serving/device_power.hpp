#pragma once
// Power of a device that serves: 60 % of its dynamic range while it works at all, and more with arithmetic. Bandwidth explains
// nothing. Fitted on 121 loops of the ML.ENERGY leaderboard (H100, B200; vLLM 2025).
#include "iteration_time.hpp"

namespace ironlaw::estimates {

/// Time that the arithmetic of these rows takes at the peak of each format.
template <class N>
Of<N, Time> arithmetic_time(const IterationFacts& f, const RankRowOf<N>& r) {
  using O = Of<N, Operations>;
  const PowerFacts& p = f.power;
  O pairs{};
  const auto decodes = r.decoding > 0.0, has_prompts = r.prompt_rows > 0.0;
  if (any(decodes))
    for (const AttentionTerm& a : f.decoding.all())
      pairs = select(decodes, O(pairs + a.count * (r.decoding * r.queries * a.seen(r.context)) * a.pair_operations), pairs);
  if (any(has_prompts))
    for (const AttentionTerm& a : f.prompts.all())
      pairs = select(has_prompts, O(pairs + a.count * (r.prompt_rows * r.mean_visible(a.window)) * a.pair_operations), pairs);
  return p.row * r.rows + p.all_row * r.all_rows + p.result * r.results + pairs / p.pair_peak;
}

/// P = P_idle + (TDP - P_idle) min(1, 0.60 + 1.6 u), u: arithmetic at peak over time.
template <class N>
Of<N, Maybe<Power>> device_power(const PowerFacts& p, const N& arithmetic) {
  constexpr double at_work = 0.60;
  constexpr double with_arithmetic = 1.6;
  if (!p.design) return absent;
  return Of<N, Maybe<Power>>(p.idle + smaller(N(1.0), N(at_work + with_arithmetic * arithmetic)) * (*p.design - p.idle));
}

}  // namespace ironlaw::estimates
