#pragma once
// A closed loop: users who send their next request when the last one has ended. Iterations are counted, not seconds: a decoder
// ends with the same probability in every decode iteration, whatever its length.
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
  s.throughput = decoding / (w.decodes * s.between_tokens);
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
  // Secants within a bracket (Illinois), in the share of the users that are held.
  double low = 0, off_low = -1, off_high = s.held / users - 1, guess = high / (1 + off_high);
  for (int i = 0, side = 0; i < 22 && high - low > 2e-4 * high; ++i) {
    s = closed_state(w, users, client, guess);
    const double off = s.held / users - 1;
    if (std::abs(off) < 1e-4) break;
    if (off > 0) {
      high = guess;
      off_high = off;
      if (side == 1) off_low /= 2;
      side = 1;
    } else {
      low = guess;
      off_low = off;
      if (side == -1) off_high /= 2;
      side = -1;
    }
    guess = low + (high - low) * (off_low / (off_low - off_high));
  }
  return s;
}

/// A closed loop of fixed lengths, where the groups in which the users started persist for ever. False where the prompts of all
/// groups take as long as an output, so that they mix.
inline bool closed_groups(const Work& w, double users, Time think, Answer& a) {
  const double prompt = w.prompt.mean();
  const double output = w.output.mean();
  const double passes = prompt > w.budget ? std::ceil(prompt / w.budget) : 1;
  const double size = std::min(users, std::max(1.0, w.budget / prompt));
  const double groups = users / size;
  const double beside = prompt > w.budget ? 0 : (size - 1) * prompt;
  const Time decode = w.decode(users);
  const double gaps = w.decodes;
  // What share of the gaps a quantile looks at, and what it sees there.
  const auto gap_at = [](double share, double level, Time with, Time without) { return 1 - share > level ? without : with; };
  if (!w.prompts_first) {
    const double iterations = groups * passes;
    if (iterations >= 0.9 * output) return false;
    const Time first = w.own(std::max(0.0, users - size), prompt, beside);
    const Time with = first / passes;
    const double share = std::max(0.0, iterations - passes) / gaps;
    const Time residual =
        think > Time{} && groups > 1.5 ? with - Time::from_value(std::fmod(think.value(), with.value())) : Time{};
    a.ttft = constant(first + residual);
    a.tpot = constant(decode + share * std::max(Time{}, with - decode));
    a.itl = {a.tpot.mean, gap_at(share, 0.5, with, decode), gap_at(share, 0.9, with, decode), gap_at(share, 0.99, with, decode)};
    a.itl_low = {decode, decode, gap_at(0.6 * share, 0.9, with, decode), gap_at(0.6 * share, 0.99, with, decode)};
    a.itl_high = {with, with, gap_at(1.6 * share, 0.9, with, decode), gap_at(1.6 * share, 0.99, with, decode)};
    a.request = constant(a.ttft.mean + gaps * a.tpot.mean);
    a.prompt_share = share;
  } else {
    const Time pass = w.own(0, prompt, beside);
    const double whole = std::ceil(groups - 1e-9);
    const auto first_at = [&](double level) { return pass * std::max(1.0, std::ceil(level * whole)); };
    const auto gap_after = [&](double level) {
      return decode + (whole - std::max(1.0, std::ceil((1 - level) * whole))) * pass / gaps;
    };
    a.ttft = {pass * (whole + 1) / 2.0, first_at(0.5), first_at(0.9), first_at(0.99)};
    a.tpot = {decode + (whole - 1) / 2 * pass / gaps, gap_after(0.5), gap_after(0.9), gap_after(0.99)};
    a.itl = {a.tpot.mean, decode, decode, decode};
    a.itl_low = constant(decode);
    const auto stalled = [&](double beyond) { return 1.6 / gaps > beyond ? decode + whole * pass : decode; };
    a.itl_high = {decode, decode, stalled(0.1), stalled(0.01)};
    a.request = constant(pass * whole + gaps * decode);
    a.prompt_share = 1 / gaps;
  }
  for (Time* t : {&a.tpot.mean, &a.tpot.p50, &a.tpot.p90, &a.tpot.p99}) *t /= w.tokens_a_step;
  a.throughput = users / (a.request.mean + think);
  a.decoding = users;
  return true;
}

}  // namespace ironlaw::load
