#pragma once
// A benchmark: C users start at once on an idle engine and send m C requests. Its waves spread by the spread of the outputs
// alone, so that the start is not forgotten within ten of them.
#include "steady_state.hpp"

namespace ironlaw::load {

namespace detail {

/// Mean time to first token in a wave whose prompts come within `window` decode iterations.
inline Time wave_first_token(const Work& w, const ClosedState& s, double users, double burst, double window,
                             bool meets_residual) {
  const double spread = std::sqrt(w.output.variance()) / w.tokens_a_step;
  const double arriving = users / window * (users > 1 ? (users - 1) / users : 0);
  const double units = arriving * w.units;
  const Time decode = w.decode(std::max(1.0, s.decoding));
  if (w.prompts_first) {
    const double until_own = std::max(1.0, (1 + arriving) * w.units / w.capacity);
    return std::max(0.0, until_own - w.units) / 2 * w.with_prompts(0, w.budget) +
           w.mean_own(0, std::min(w.budget, arriving * w.prompt.mean())) + (meets_residual ? 0.5 * decode : Time{});
  }
  double full = (burst - window) / 2;
  if (units <= w.capacity)
    full = spread > 0 ? std::min(backlog(w, std::min(units, 0.97 * w.capacity), 1).iterations, burst / 2) : 0;
  const double share = std::min(1.0, w.capacity > 1.3 ? std::max(1 - std::exp(-units), units / w.capacity) : units / w.capacity);
  const double met = std::min(w.capacity, std::max(1.0, units / std::max(1e-9, share)));
  const Time with = w.with_prompts(s.decoding, met * w.unit);
  const Time mean = (1 - share) * decode + share * with;
  const TimeSquare mean_square = (1 - share) * decode * decode + share * with * with;
  const double others = std::min(w.budget, arriving * w.prompt.mean() + full * w.budget);
  return full * w.with_prompts(s.decoding, w.budget) + w.mean_own(std::max(0.0, s.decoding - met), others) +
         (meets_residual ? mean_square / (2.0 * mean) : Time{});
}

}  // namespace detail

/// Mean time to first token over `waves` requests of each user, from a cold start; `in_step` says of those in slots how they go
/// on where they stay in groups.
inline Time benchmark_first_token(const Work& w, const ClosedLoop& loop, double users, const Client& client, double waves,
                                  const std::optional<Answer>& in_step) {
  const double in_slots = loop.in_slots;
  const ClosedState& s = loop.state;
  const double burst = std::max(1.0, in_slots * w.units / w.capacity);
  const double spread = std::sqrt(w.output.variance()) / w.tokens_a_step;
  const double beside = w.prompts_first ? 0 : 0.5 * s.decoding;
  const bool meets_residual = (client.random || client.think > Time{}) && in_slots > 1;

  Time sum =
      std::max(0.0, burst - w.units) / 2 * w.with_prompts(beside, std::min(w.budget, std::min(in_slots, w.capacity) * w.unit)) +
      w.mean_own(beside, std::max(0.0, std::min(w.budget, (in_slots - 1) * w.unit)));
  if (!w.prompts_first && in_step) {
    sum += (waves - 1) * in_step->ttft.mean;
  } else {
    constexpr double soon = 1000;
    bool alike = false;  // the waves to come, as they spread no further
    for (double wave = 1; wave < waves && !alike; ++wave) {
      const double width = std::max(w.prompts_first ? 1 : burst / w.units, std::sqrt(12 * wave) * spread);
      alike = spread == 0 || width >= w.decodes || wave >= soon;
      sum += (alike ? waves - wave : 1) *
             detail::wave_first_token(w, s, in_slots, burst, std::min(w.decodes, width), meets_residual);
    }
  }
  return sum / waves + loop.wait * (1 - in_slots / (waves * users));
}

/// The closed loop of such a benchmark: the long run's answer, its times to first token moved to the mean of the waves.
inline Answer benchmark_answer(const Work& w, double users, const Client& client, double waves,
                               Detail asked = Detail::percentiles) {
  const ClosedLoop loop(w, users, client);
  const auto in_slots = users_in_step(w, loop.in_slots, client);
  const auto in_step = users > loop.in_slots ? users_in_step(w, users, client) : in_slots;
  Answer a = in_step ? *in_step : closed_answer(w, loop, asked);
  const Time first = benchmark_first_token(w, loop, users, client, waves, in_slots);
  const Time moved = first - a.ttft.mean;
  scale_to(first, a.ttft);
  for (Time* t : {&a.request.mean, &a.request.p50, &a.request.p90, &a.request.p99}) *t += moved;
  return a;
}

}  // namespace ironlaw::load
