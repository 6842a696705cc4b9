#pragma once
// A closed loop: users who send their next request when the last one has ended. Iterations are counted, not seconds: a decoder
// ends with the same probability in every decode iteration, whatever its length.
#include "bracketed.hpp"
#include "work.hpp"

namespace ironlaw::load {

/// `users` in slots, `client` after each answer, of whom `decoding` decode; `held` is how many users that takes.
struct ClosedState : State {
  double held = 0;
};

namespace detail {

/// Iterations of prompts that wait until one's own is reached, where prompts share iterations with decoding.
inline void meet_mixed(const Work& w, double decoding, double arriving, double others_share, double limit, ClosedState& s) {
  Iterations& i = s.iterations;
  const double units = arriving * w.units;
  const Backlog waiting = backlog(w, units, 1);
  i.backlog_probability = waiting.probability;
  const double full = std::min(waiting.iterations, limit);
  if (w.capacity > 1.3) {
    i.prompt_share = 1 - std::exp(-units);
    i.prompt_units = i.prompt_share > 1e-9 ? std::min(w.capacity, units / i.prompt_share) : 1;
    i.prompt_share = std::min(1.0, units / i.prompt_units);
    i.with_prompts = w.with_units(decoding, i.prompt_units);
  } else {
    i.prompt_units = 1;
    i.prompt_share = std::min(1.0, units / w.capacity);
    i.with_prompts = i.with_full;
  }
  i.mean = (1 - i.prompt_share) * i.decode + i.prompt_share * i.with_prompts;
  i.mean_square = second_moment(w, i, units);
  i.between_tokens = i.mean;
  i.others = std::min(w.budget, arriving * w.prompt.mean() + full * w.capacity * w.unit);
  i.backlog = full * i.with_full;
  s.first = i.backlog + w.mean_own(decoding * others_share, i.others);
}

/// The same where iterations of prompts go before those that decode.
inline void meet_first(const Work& w, double arriving, ClosedState& s) {
  Iterations& i = s.iterations;
  const double units = arriving * w.units;
  const double some = 1 - std::exp(-units);
  const double met = some > 1e-9 ? units / some : 1;
  const double passes = std::max(1.0, met / w.capacity);
  const double until_own = std::max(1.0, (1 + arriving) * w.units / w.capacity);
  i.with_prompts = met <= w.capacity ? w.with_units(0, met) : i.with_full;
  i.prompt_units = std::min(met, w.capacity);
  i.prompt_share = some * passes / (1 + some * passes);
  i.between_tokens = i.decode + some * passes * i.with_prompts;
  i.mean = i.between_tokens / (1 + some * passes);
  i.mean_square = second_moment(w, i, i.prompt_units * i.prompt_share);
  i.others = std::min(w.budget, arriving * w.prompt.mean());
  i.backlog = std::max(0.0, (until_own - w.units) / 2) * i.with_full;
  i.backlog_probability = i.backlog > Time{} ? 0.7 : 0;
  s.first = i.backlog + w.mean_own(0, i.others);
}

}  // namespace detail

/// The state in which `decoding` of `users` decode.
inline ClosedState closed_state(const Work& w, double users, const Client& client, double decoding) {
  ClosedState s;
  s.requests = users;
  s.decoding = decoding;
  Iterations& i = s.iterations;
  const double others_share = std::max(0.0, users - 1) / users;
  const double arriving = decoding / w.decodes * others_share;
  const double beside_prompts = w.prompts_first ? 0 : decoding;
  i.decode = w.decode(std::max(decoding, 1.0));
  i.with_one = w.with_units(beside_prompts, 1);
  i.with_full = w.with_units(beside_prompts, w.capacity);
  i.arriving = arriving * w.units;
  i.utilisation = std::min(1.0, i.arriving / w.capacity);
  if (w.prompts_first)
    detail::meet_first(w, arriving, s);
  else
    detail::meet_mixed(w, decoding, arriving, others_share, std::max(0.0, users - 1) * w.units / w.capacity, s);
  // Without a think time arrivals fall on the ends of iterations, and none is met half-way.
  if (client.random || client.think >= i.decode)
    s.first += others_share * i.mean_square / (2.0 * i.mean);
  else if (client.think > Time{})
    s.first += others_share * std::max(Time{}, i.mean - client.think);
  s.between_tokens = i.between_tokens;
  s.cycle = s.first + w.decodes * s.between_tokens;
  // One's own prompt holds up none of one's own tokens, but it takes its time in each cycle.
  const Time own = w.mean_own(beside_prompts * others_share, 0) - (w.prompts_first ? Time{} : w.units * i.decode);
  s.throughput = decoding / (w.decodes * s.between_tokens + decoding / users * own);
  s.held = s.throughput * (s.cycle + client.think);
  return s;
}

/// The state of `users` in slots, none of whom waits for one, by how many decode.
inline ClosedState closed_loop(const Work& w, double users, const Client& client) {
  double high = users;
  if (!w.prompts_first && users > 1.0001) high = std::min(users, w.capacity * w.decodes / w.units * users / (users - 1));
  ClosedState s = closed_state(w, users, client, high);
  if (s.held <= users) {
    if (high < 0.9999 * users && !w.prompts_first) {
      // Bound by prompts: throughput stays, and who does not decode waits for its first token.
      const Time first = users / s.throughput - client.think - w.decodes * s.between_tokens;
      s.iterations.backlog += std::max(Time{}, first - s.first);
      s.iterations.backlog_probability = 1;
      s.first = std::max(s.first, first);
      s.cycle = s.first + w.decodes * s.between_tokens;
    } else {
      s.throughput = users / (s.cycle + client.think);
    }
    return s;
  }
  const double off_high = s.held / users - 1;
  settle_in(Bracket<double>{0, -1, high, off_high}, high / (1 + off_high), 1e-4, 2e-4, [&](double guess) {
    s = closed_state(w, users, client, guess);
    return s.held / users - 1;
  });
  return s;
}

}  // namespace ironlaw::load
