#pragma once
// The long run of an engine under a load, closed or open.
#include "open_loop.hpp"
#include "percentiles.hpp"

namespace ironlaw::load {

/// `users` who each wait for their answer.
inline Answer closed_answer(const LoadedEngine& engine, const Traffic& traffic, double users, const Client& client) {
  const Work w(engine, traffic);
  Answer a;
  const double in_slots = std::min(users, w.slots);
  const Client active{users > in_slots ? Time{} : client.think, client.random};  // none thinks while others wait for slots
  if (w.prompt.is_fixed() && w.output.is_fixed() && users <= w.slots && users > 1 && !client.random &&
      closed_groups(w, users, client.think, a))
    return a;

  const ClosedState s = closed_loop(w, in_slots, active);
  const Time wait = users > in_slots ? std::max(Time{}, users / s.throughput - client.think - s.cycle) : Time{};
  // How many decode fluctuates as of so many coins.
  const double share = std::min(1.0, s.decoding / in_slots);
  const double deviation = std::sqrt(in_slots * share * (1 - share));
  const Rate arrivals = s.throughput * (in_slots - 1) / in_slots;
  std::array<WeightedState, 3> states;
  std::size_t count = 0;
  const auto add = [&](double weight, const State& state) {
    states[count] = {weight, state, arrivals, 0, Time{}};
    states[count++].state.requests = in_slots - 1;
  };
  if (deviation < 0.02 * in_slots) {
    add(1, s);
  } else {
    const auto at = [&](double z) {
      return closed_state(w, in_slots, active, std::max(0.5, std::min(in_slots, s.decoding + z * deviation)));
    };
    add(0.35, at(-1.2));
    add(0.3, s);
    add(0.35, at(1.2));
  }
  add_percentiles({w, true, (active.random || active.think > Time{}) && in_slots > 1}, {states.data(), count}, s.first,
                  s.between_tokens, a);
  scale_to(s.cycle, a.request);  // by Little's law
  for (Spread* t : {&a.ttft, &a.request})
    for (Time* x : {&t->mean, &t->p50, &t->p90, &t->p99}) *x += wait;
  a.throughput = s.throughput;
  a.decoding = s.decoding;
  return a;
}

/// Requests that arrive at a rate. Unstable from the engine's capacity on, which is `throughput` then.
inline Answer open_answer(const LoadedEngine& engine, const Traffic& traffic, const Arrivals& arrivals) {
  const Work w(engine, traffic);
  Answer a;
  Chain chain(w, arrivals);
  a.capacity = chain.capacity();
  if (arrivals.rate >= chain.capacity() * 0.9999) {
    a.stable = false;
    a.throughput = chain.capacity();
    return a;
  }
  chain.solve();
  // Five groups of states; an arrival of a clump finds more in slots, and as many prompts stall its decoding.
  constexpr std::array group{.15, .25, .25, .22, .13};
  const double slots = chain.number(chain.size() - 1);
  const double clump = (arrivals.squared_variation - 1) / 2;
  std::array<WeightedState, group.size()> states;
  std::size_t count = 0;
  Time first{}, between_tokens{};
  double met = 0, upto = 0;
  std::size_t n = 0;
  for (std::size_t g = 0; g < group.size() && n < chain.size(); ++g) {
    upto += group[g];
    double weight = 0, sum = 0;
    while (n < chain.size() && (weight == 0 || met + 0.5 * chain.probability(n) <= upto || g + 1 == group.size())) {
      weight += chain.probability(n);
      sum += chain.number(n) * chain.probability(n);
      met += chain.probability(n);
      ++n;
    }
    if (weight < 1e-9) continue;
    const double found = sum / weight;
    const double requests_met = std::min(slots, std::max(0.0, found + std::max(-0.5 * found, clump)));
    State s = open_state(w, requests_met, arrivals);
    if (clump > 0) s.between_tokens += clump * std::max(Time{}, s.iterations.with_prompts - s.iterations.decode) / w.decodes;
    if (requests_met > 0.97 * slots - 1 && s.between_tokens > chain.full().between_tokens) {
      s = chain.full();
      s.requests = requests_met;
    }
    first += weight * s.first;
    between_tokens += weight * s.between_tokens;
    states[count++] = {weight, s, arrivals.rate, 0, chain.mean_wait()};
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
  add_percentiles({w, false, true}, {states.data(), count}, first / total + chain.waiting() * chain.mean_wait(),
                  between_tokens / total, a);
  a.throughput = arrivals.rate;
  a.decoding = chain.mean();
  return a;
}

}  // namespace ironlaw::load
