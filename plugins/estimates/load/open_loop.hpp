#pragma once
// An open loop: requests that arrive at a rate, whatever happens to those before them. What iterations hold while a number of
// them is in slots, and what an arrival meets that finds so many.
#include "tabulated_time.hpp"
#include "work.hpp"

namespace ironlaw::load {

/// Traffic that comes at `rate`; `squared_variation` of the times between them, 1 for Poisson arrivals.
struct Arrivals {
  Rate rate;
  double squared_variation = 1;
};

namespace detail {

/// Share, size and time of iterations with prompts where prompts share iterations with decoding; EG is their fixed point.
inline void settle_mixed(const Work& w, double decoding, Rate units, Iterations& i) {
  if (w.capacity < 1.3) {
    // A prompt's iteration is filled up by the next prompt's beginning where one waits.
    const double filled = std::min(1.0, static_cast<double>(units * i.with_full / w.capacity));
    i.prompt_units = 1 + (w.capacity - 1) * filled;
    i.with_prompts = i.with_one + filled * (i.with_full - i.with_one);
    const double spare = 1 - units * (i.with_prompts - i.decode) / i.prompt_units;
    i.mean = spare > 1e-3 ? i.decode / spare : 1000.0 * units::second;
    if (units * i.mean > i.prompt_units) i.mean = i.with_prompts;
    i.prompt_share = std::min(1.0, static_cast<double>(units * i.mean) / i.prompt_units);
    return;
  }
  // Secants, from below; where they point backwards a damped step.
  TabulatedTime over_units;
  Time before{}, missed_before{};
  for (int step = 0; step < 30; ++step) {
    const double arriving = units * i.mean;
    i.prompt_share = 1 - std::exp(-arriving);
    i.prompt_units = arriving / std::max(1e-12, i.prompt_share);
    if (i.prompt_units > w.capacity) {
      i.prompt_units = w.capacity;
      i.prompt_share = std::min(1.0, arriving / w.capacity);
    }
    i.with_prompts = over_units(i.prompt_units, [&](double n) { return w.with_prompts(decoding, n * w.unit); });
    const Time missed = (1 - i.prompt_share) * i.decode + i.prompt_share * i.with_prompts - i.mean;
    const double slope = step == 0 ? 0 : static_cast<double>((missed - missed_before) / (i.mean - before));
    const Time moved = slope < -0.05 ? missed / -slope : 0.6 * missed;
    before = i.mean;
    missed_before = missed;
    i.mean = std::clamp(i.mean + moved, i.decode, std::max(i.decode, i.with_full));
    if (std::abs(i.mean / before - 1) < 1e-4) break;
  }
}

/// The same where prompts go first: a decode iteration is followed by one of prompts where any came during it, and that by
/// another.
inline void settle_first(const Work& w, Rate units, Iterations& i) {
  i.with_prompts = i.with_one;
  TabulatedTime over_units;
  const bool batches = w.capacity >= 1.3;
  const double during_one_more = batches ? static_cast<double>(units * (i.with_full - i.with_one)) / (w.capacity - 1) : 0;
  const double none_during_one_more = std::exp(-during_one_more);
  for (int step = 0; step < 30; ++step) {
    const Time before = i.mean;
    const double arriving = units * i.mean;
    const double after_decode = 1 - std::exp(-static_cast<double>(units * i.decode));
    const double kept_up = units * i.with_prompts / w.capacity;
    // None comes during an iteration of prompts: the more of them it holds, the longer it is, so over a Poisson number of them.
    const double others = i.prompt_units - 1;
    const double some =
        batches
            ? 1 - std::exp(others * (during_one_more + none_during_one_more - 1) - static_cast<double>(units * i.with_prompts))
            : kept_up;
    i.again = std::min(0.9999, std::max(some, kept_up));
    i.prompt_share = after_decode / std::max(1e-12, after_decode + 1 - i.again);
    i.prompt_units = !batches ? 1 : std::min(w.capacity, std::max(1.0, arriving / std::max(1e-12, i.prompt_share)));
    if (i.prompt_units * i.prompt_share < arriving * 0.999) i.prompt_share = std::min(0.9999, arriving / i.prompt_units);
    i.with_prompts = over_units(i.prompt_units, [&](double n) { return w.with_prompts(0, n * w.unit); });
    i.mean = 0.4 * i.mean + 0.6 * ((1 - i.prompt_share) * i.decode + i.prompt_share * i.with_prompts);
    if (std::abs(i.mean / before - 1) < 1e-4 || i.mean > 1000.0 * units::second) break;
  }
}

/// How many more than a Poisson process brings come with an arrival during `window`, in twice the residual's time.
inline double clumping(const Arrivals& arrivals, Time window) {
  const double v = arrivals.squared_variation;
  const double expected = arrivals.rate * window / 2.0;
  if (v > 1.01)
    return 2 * std::min((v - 1) / 2, std::max(0.0, std::pow(expected / v, 1 / v) / std::tgamma(1 + 1 / v) - expected));
  return v < 0.99 ? -2 * std::min(expected, (1 - v) / 2) : 0;
}

}  // namespace detail

/// Iterations while `decoding` decode and prompts arrive. `guess`: their mean, as it was for a number near by.
inline Iterations open_iterations(const Work& w, double decoding, const Arrivals& arrivals, Time guess) {
  Iterations i;
  const double beside_prompts = w.prompts_first ? 0 : decoding;
  const Rate units = arrivals.rate * w.units;
  i.decode = w.decode(decoding);
  i.with_one = w.with_units(beside_prompts, 1);
  i.with_full = w.with_units(beside_prompts, w.capacity);
  i.with_prompts = i.with_one;
  i.mean = w.prompts_first ? i.decode : std::clamp(guess, i.decode, std::max(i.decode, i.with_full));
  if (units > Rate{}) {
    if (w.prompts_first)
      detail::settle_first(w, units, i);
    else
      detail::settle_mixed(w, decoding, units, i);
  }
  i.arriving = units * i.mean;
  i.mean_square = second_moment(w, i, i.arriving);
  const TimeSquare mean_squared = i.mean * i.mean;
  const auto variance = [&] { return std::max(TimeSquare{}, i.mean_square - mean_squared); };
  if (!w.prompts_first && w.capacity >= 1.3) {
    // A long iteration collects more prompts, so the next one is long too.
    i.feedback = std::min(0.95, static_cast<double>(units * (i.with_full - i.with_one)) / (w.capacity - 1));
    i.mean_square = mean_squared + variance() / (1 - i.feedback * i.feedback);
  }
  i.utilisation = units * i.with_full / w.capacity;
  i.between_tokens = w.prompts_first ? i.mean / std::max(1e-4, 1 - i.prompt_share) : i.mean;
  const double v = arrivals.squared_variation;
  if (v > 1.01) i.mean_square = mean_squared + variance() * v;
  const Time window = i.mean_square / i.mean;
  const Backlog waiting = backlog(w, units * i.with_full, v);
  i.backlog_probability = waiting.probability;
  i.backlog = waiting.iterations * i.with_full;
  const TimeSquare busy = i.prompt_share * i.with_prompts * i.with_prompts;
  if (w.capacity <= 1.01) i.backlog = std::max(Time{}, i.backlog - busy / (2.0 * i.mean));
  i.others = std::min(w.budget, w.prompt.mean() * std::max(0.0, arrivals.rate * window + detail::clumping(arrivals, window)));
  return i;
}

namespace detail {

/// What came until one's first token, `first` after one's arrival, is still to be done then, and what comes meanwhile.
inline void leave_behind(const Work& w, Rate units, Time first, Iterations& i) {
  const double utilisation = std::min(0.97, i.utilisation);
  if (w.capacity >= 1.3) {
    if (!w.prompts_first) return;
    const double again = std::min(0.97, i.again);
    i.drain = again / (1 - again) * i.with_prompts + utilisation * i.backlog / (1 - utilisation);
    return;
  }
  const double left = units * first;
  if (w.prompts_first) {
    i.drain = left / (1 - utilisation) * i.with_full;
    return;
  }
  // Units that arrive and that are done balance: so many iterations more than in the long run hold prompts, which the first does
  // as often as an arrival finds one in work (departures see what arrivals see).
  const double busy = std::min(1.0, static_cast<double>(i.prompt_share * i.with_prompts / i.mean));
  const double met_at_any = left * i.prompt_share;
  const double spare = i.prompt_units - units * (i.with_prompts - i.decode);
  const double more = std::max(0.0, left - met_at_any) / std::max(0.03, spare);
  i.drain = more * (i.with_prompts - i.decode);
  i.draining = std::max(0.5, more / std::max(1e-9, busy - i.prompt_share));
}

}  // namespace detail

/// What `drain` comes to for each of so many decode iterations.
inline Time drain_of_each(Time drain, double draining, double decodes) {
  return drain * ((draining > 0 ? 1 - std::exp(-decodes / draining) : 1) / decodes);
}

/// What an arrival meets that finds `others` in slots. `decoding_share` of them decode at first guess.
inline State open_state(const Work& w, double others, const Arrivals& arrivals, double decoding_share = 0.9, Time guess = {}) {
  State s;
  s.requests = others;
  s.throughput = arrivals.rate;
  const auto beside = [&] { return w.prompts_first ? 0 : others * decoding_share; };
  Time own{};
  // Secants within a bracket: where prompts take nearly all of the time, the share bends sharply.
  double before = 0, off_before = 0, low = 0, high = 1;
  for (int step = 0; step < 16; ++step) {
    s.iterations = open_iterations(w, 1 + others * decoding_share, arrivals, guess);
    guess = s.iterations.mean;
    Iterations& i = s.iterations;
    own = w.own(beside(), w.prompt.mean(), i.others);
    s.first = std::min(1.0, others) * (i.mean_square / (2.0 * i.mean) + i.backlog) + own;
    detail::leave_behind(w, arrivals.rate * w.units, s.first, i);
    s.between_tokens = i.between_tokens + drain_of_each(i.drain, i.draining, w.decodes);
    s.cycle = s.first + w.decodes * s.between_tokens;
    const double off = w.decodes * s.between_tokens / s.cycle - decoding_share;
    if (others * std::abs(off) < 5e-3 * (1 + others)) break;
    (off > 0 ? low : high) = decoding_share;
    const double slope = step == 0 ? 0 : (off - off_before) / (decoding_share - before);
    before = decoding_share;
    off_before = off;
    decoding_share += slope < -0.3 ? off / -slope : off / 2;
    if (decoding_share <= low || decoding_share >= high) decoding_share = (low + high) / 2;
  }
  if (!w.prompt.is_fixed()) {
    const Time spread = w.mean_own(beside(), s.iterations.others) - w.own(beside(), w.prompt.mean(), s.iterations.others);
    s.first += spread;
    s.cycle += spread;
  }
  s.decoding = others * decoding_share;
  return s;
}

}  // namespace ironlaw::load
