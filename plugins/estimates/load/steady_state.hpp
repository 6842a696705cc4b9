#pragma once
// The long run of an engine under a load, closed or open.
#include "chain.hpp"
#include "percentiles.hpp"
#include "users_in_step.hpp"

namespace ironlaw::load {

/// The closed loop of `users`, those of whom no slot is free among them.
struct ClosedLoop {
  ClosedLoop(const Work& w, double users, const Client& client)
      : in_slots(std::min(users, w.slots)),
        active{users > in_slots ? Time{} : client.think, client.random},  // none thinks while others wait for slots
        state(closed_loop(w, in_slots, active)),
        wait(users > in_slots ? std::max(Time{}, users / state.throughput - client.think - state.cycle) : Time{}) {}
  double in_slots;
  Client active;
  ClosedState state;
  Time wait;  ///< for a slot
};

/// Share of all iterations that hold prompts, where `of_others` is that of those in which a user decodes.
inline double with_own_prompts(const Work& w, const ClosedState& s, double users, double of_others) {
  const double own = std::min(1.0, s.decoding / (w.decodes * users) * w.units);  // of its iterations, or a decode iteration
  if (!w.prompts_first) return of_others + (1 - of_others) * own;
  const double a_decode = of_others / (1 - of_others) + own;
  return a_decode / (1 + a_decode);
}

inline Answer closed_answer(const Work& w, const ClosedLoop& loop, Detail asked) {
  const ClosedState& s = loop.state;
  // How many decode fluctuates as of so many coins.
  const double share = std::min(1.0, s.decoding / loop.in_slots);
  const double deviation = std::sqrt(loop.in_slots * share * (1 - share));
  const Rate arrivals = s.throughput * (loop.in_slots - 1) / loop.in_slots;
  std::array<WeightedState, 3> states;
  std::size_t count = 0;
  const auto add = [&](double weight, const State& state) {
    states[count] = {weight, state, arrivals, 0, Time{}};
    states[count++].state.requests = loop.in_slots - 1;
  };
  if (deviation < 0.02 * loop.in_slots) {
    add(1, s);
  } else {
    const auto at = [&](double z) {
      return closed_state(w, loop.in_slots, loop.active, std::max(0.5, std::min(loop.in_slots, s.decoding + z * deviation)));
    };
    add(0.35, at(-1.2));
    add(0.3, s);
    add(0.35, at(1.2));
  }
  Answer a;
  add_times({w, true, (loop.active.random || loop.active.think > Time{}) && loop.in_slots > 1}, {states.data(), count}, s.first,
            s.between_tokens, asked, a);
  scale_to(s.cycle, a.request);  // by Little's law
  for (Spread* t : {&a.ttft, &a.request})
    for (Time* x : {&t->mean, &t->p50, &t->p90, &t->p99}) *x += loop.wait;
  a.throughput = s.throughput;
  a.decoding = static_cast<double>(s.throughput * w.decodes * s.between_tokens);
  a.prompt_share = with_own_prompts(w, s, loop.in_slots, a.prompt_share);
  return a;
}
/// `users` who each wait for their answer.
inline Answer closed_answer(const Work& w, double users, const Client& client, Detail asked = Detail::percentiles) {
  if (const auto in_step = users_in_step(w, users, client)) return *in_step;
  return closed_answer(w, ClosedLoop(w, users, client), asked);
}

/// Requests that arrive at a rate. Unstable from the engine's capacity on, which is `throughput` then.
inline Answer open_answer(const Work& w, const Arrivals& arrivals, Detail asked = Detail::percentiles) {
  Answer a;
  Chain chain(w, arrivals);
  a.stable = chain.stable();
  a.capacity = chain.capacity();
  if (!a.stable) {
    a.throughput = a.capacity;
    return a;
  }
  chain.solve();
  // Five groups of states; an arrival of a clump finds more in slots, and as many prompts stall its decoding.
  constexpr std::array group{.15, .25, .25, .22, .13};
  const double slots = chain.slots();
  const double clump = (arrivals.squared_variation - 1) / 2;
  std::array<WeightedState, group.size()> states;
  std::size_t count = 0;
  Time first{}, between_tokens{};
  double met = 0, upto = 0, found_before = 0, spread_of_first = 0;
  std::size_t n = 0;
  for (std::size_t g = 0; g < group.size() && n < chain.size(); ++g) {
    upto += group[g];
    double weight = 0, sum = 0, square = 0;
    while (n < chain.size() && (weight == 0 || met + 0.5 * chain.probability(n) <= upto || g + 1 == group.size())) {
      weight += chain.probability(n);
      sum += chain.number(n) * chain.probability(n);
      square += chain.number(n) * chain.number(n) * chain.probability(n);
      met += chain.probability(n);
      ++n;
    }
    if (weight < 1e-9) continue;
    const double found = sum / weight;
    const double requests_met = std::min(slots, std::max(0.0, found + std::max(-0.5 * found, clump)));
    State s = chain.met(requests_met);
    if (clump > 0) s.between_tokens += clump * std::max(Time{}, s.iterations.with_prompts - s.iterations.decode) / w.decodes;
    first += weight * s.first;
    between_tokens += weight * s.between_tokens;
    states[count] = {weight, s, arrivals.rate, 0, chain.mean_wait()};
    if (count > 0) {
      // What the numbers of a group differ by counts as what its mean and the last group's do.
      const Time slope = (s.between_tokens - states[count - 1].state.between_tokens) / std::max(1e-9, found - found_before);
      states[count].within_group = slope * slope * std::max(0.0, square / weight - found * found);
      if (count == 1) states[0].within_group = slope * slope * spread_of_first;
    } else {
      spread_of_first = std::max(0.0, square / weight - found * found);
    }
    found_before = found;
    ++count;
  }
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += states[i].weight;
  // Who waits for a slot is who finds most in slots.
  double left = chain.waiting();
  for (std::size_t i = count; i-- > 0;) {
    const double taken = std::min(states[i].weight, std::max(0.0, left));
    states[i].waits = taken / states[i].weight;
    left -= taken;
  }
  add_times({w, false, true}, {states.data(), count}, first / total + chain.waiting() * chain.mean_wait(), between_tokens / total,
            asked, a);
  a.throughput = arrivals.rate;
  a.decoding = chain.mean();
  return a;
}

}  // namespace ironlaw::load
