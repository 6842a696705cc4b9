#pragma once
// Percentiles of times under load: weighted points of all that varies, into a histogram.
#include <span>

#include "tabulated_time.hpp"
#include "time_histogram.hpp"
#include "token_times.hpp"

namespace ironlaw::load {

/// How much is asked for: means come without the distributions around them.
enum class Detail { means, percentiles };

namespace detail {

/// Part of an iteration that an arrival waits for, and the prompts that come in with it.
struct Meeting {
  Time residual;
  double others;  ///< tokens
  double weight;
};

inline std::size_t meetings(const Observed& o, const WeightedState& s, std::array<Meeting, 18>& to) {
  const Work& w = o.work;
  const Iterations& i = s.state.iterations;
  const double busy = std::min(1.0, static_cast<double>(i.prompt_share * i.with_prompts / i.mean));
  const std::array share{1 - busy, busy * 0.65, busy * 0.35};
  const double many = std::min(w.capacity, i.prompt_units * 1.8);
  const std::array length{
      i.decode, i.with_prompts,
      w.capacity > 1.01 ? w.with_prompts(w.prompts_first ? 0 : s.state.decoding, many * w.unit) : i.with_prompts};
  // Arrivals that come in clumps bring more with them than their rate says.
  const double expected = s.arrivals * i.mean_square / i.mean;
  const double clump = s.arrivals > Rate{} ? std::min(20.0, i.others / std::max(1e-12, expected * w.prompt.mean())) : 1;
  std::size_t count = 0;
  for (std::size_t j = 0; j < length.size(); ++j) {
    if (share[j] < 1e-3) continue;
    const double arriving = static_cast<double>(s.arrivals * length[j]) * clump;
    const int parts = o.meets_residual && s.state.requests > 0.5 ? 2 : 1;
    for (int part = 0; part < parts; ++part) {
      const Time residual = parts == 2 ? length[j] * (0.25 + 0.5 * part) : Time{};
      const double weight = share[j] / parts;
      if (arriving < 2e-2) {
        to[count++] = {residual, arriving * w.prompt.mean(), weight};
        continue;
      }
      const double none = std::exp(-arriving);
      const double mean = arriving / (1 - none);
      const double deviation = std::sqrt(
          std::max(0.0, (arriving + arriving * arriving) / (1 - none) - mean * mean + mean * w.prompt.squared_variation()));
      to[count++] = {residual, 0, weight * none};
      to[count++] = {residual, std::max(0.7, mean - 0.7 * deviation) * w.prompt.mean(), weight * (1 - none) * 0.65};
      to[count++] = {residual, (mean + 1.3 * deviation) * w.prompt.mean(), weight * (1 - none) * 0.35};
    }
  }
  return count;
}

/// The iteration of a prompt in two straight pieces over its tokens; calls are what percentiles would else spend their time on.
class PromptIteration {
 public:
  PromptIteration(const Work& w, double decoding)
      : w_(w),
        quarter_(w.with_prompts(decoding, w.unit * 0.25)),
        one_(w.with_prompts(decoding, w.unit)),
        full_(w.with_prompts(decoding, w.budget)) {}
  [[nodiscard]] Time operator()(double tokens) const {
    const double n = std::min(tokens, w_.budget);
    if (n < w_.unit) return quarter_ + (one_ - quarter_) * ((n - 0.25 * w_.unit) / (0.75 * w_.unit));
    return one_ + (full_ - one_) * ((n - w_.unit) / std::max(1.0, w_.budget - w_.unit));
  }

 private:
  const Work& w_;
  Time quarter_, one_, full_;
};

inline void add_first_tokens(const Observed& o, const WeightedState& s, TimeHistogram& to) {
  const Work& w = o.work;
  const Iterations& i = s.state.iterations;
  const double beside = w.prompts_first ? 0 : std::max(0.0, s.state.decoding - (o.closed ? 1 : 0));
  std::array<Meeting, 18> met{};
  const std::size_t count = meetings(o, s, met);
  // The queue of a closed loop that holds most of its users hardly varies.
  const bool alone = s.state.requests <= 0.5;
  const double steady =
      o.closed && !alone ? std::min(1.0, static_cast<double>(i.backlog / (s.state.requests * w.units / w.capacity * i.with_full)))
                         : 0;
  const double queued = alone ? 0 : std::max(steady > 0.3 ? 1.0 : 0.0, std::min(1.0, i.backlog_probability));
  const Time backlog = queued > 1e-6 ? i.backlog / queued : Time{};
  const PromptIteration prompt(w, beside);
  for (std::size_t n = 0; n < w.prompt.tokens().size(); ++n) {
    const double tokens = w.prompt.tokens()[n];
    const Time own = tokens > w.budget ? w.own(beside, tokens, 0) : Time{};
    for (std::size_t m = 0; m < count; ++m) {
      const Time t = met[m].residual + (tokens > w.budget ? own : prompt(tokens + met[m].others));
      const double weight = w.prompt.share(n) * s.weight * met[m].weight;
      if (queued < 0.01) {
        to.add(t, weight);
        continue;
      }
      to.add(t, weight * (1 - queued));
      for (const auto& [x, share] : exponential_atoms)
        to.add(t + backlog * (1 + (x - 1) * (1 - steady)), weight * queued * share);
    }
  }
}

/// The iterations of one state that hold prompts.
class StateIterations {
 public:
  StateIterations(const Observed& o, const WeightedState& s) : w_(o.work), decoding_(s.state.decoding + (o.closed ? 0 : 1)) {}
  /// Of so many tokens of prompts beside those that decode.
  Time operator()(double tokens) {
    return over_tokens_(tokens, [&](double n) { return w_.with_prompts(decoding_, n); });
  }

 private:
  const Work& w_;
  double decoding_;
  TabulatedTime over_tokens_;
};

/// Gaps of a decoder between tokens; `scale` times the share of iterations with prompts. `alone`: prompts that go first, one by
/// one.
inline void add_gaps(const Observed& o, const WeightedState& s, double scale, StateIterations& iteration,
                     std::span<const Time> alone, TimeHistogram& to) {
  const Work& w = o.work;
  const Iterations& i = s.state.iterations;
  if (w.prompts_first) {
    const double expected = o.closed ? i.arriving : static_cast<double>(s.arrivals * w.units * i.decode);
    const double some = 1 - std::exp(-expected);
    const double interrupted = std::min(1.0, scale * some);
    const Time busy = interrupted > 1e-9 ? (i.between_tokens - i.decode) / std::max(1e-9, some) : Time{};
    const Time one = w.with_units(0, 1);
    const Time rest = std::max(Time{}, busy - one);
    to.add(i.decode, s.weight * (1 - interrupted));
    for (std::size_t n = 0; n < w.prompt.tokens().size(); ++n) {
      const Time gap = i.decode + alone[n];
      const double weight = s.weight * interrupted * w.prompt.share(n);
      if (rest < 0.05 * one) {
        to.add(gap, weight);
        continue;
      }
      for (const auto& [x, share] : exponential_atoms) to.add(gap + x * rest, weight * share);
    }
    return;
  }
  const double with = std::min(1.0, scale * i.prompt_share);
  to.add(i.decode, s.weight * (1 - with));
  if (with >= 0.999) {
    // Every iteration holds prompts: as many as arrive in it, a Poisson number in three points (Gauss-Hermite).
    const double deviation = std::sqrt(3 * i.prompt_units * (1 + w.prompt.squared_variation()));
    for (const auto& [at, share] : {std::pair{-1.0, 1.0 / 6}, std::pair{0.0, 2.0 / 3}, std::pair{1.0, 1.0 / 6}}) {
      const double units = std::max(0.1, i.prompt_units + at * deviation);
      to.add(iteration(std::min(w.budget, w.unit * units)), s.weight * with * share);
    }
    return;
  }
  const double mean_prompts = i.prompt_units > 1.0001 ? -std::log(1 - with) : 0;
  if (w.capacity < 1.3 || mean_prompts < 0.03) {
    const double passes = w.prompt.mean() / w.unit;
    for (std::size_t n = 0; n < w.prompt.tokens().size(); ++n) {
      const double tokens = w.prompt.tokens()[n];
      const double full = std::floor(tokens / w.budget);
      const double rest = tokens - full * w.budget;
      const double weight = s.weight * with * w.prompt.share(n) / passes;
      if (full > 0) to.add(iteration(w.budget), weight * full);
      if (rest > 0) to.add(iteration(rest), weight * (full > 0 ? 1 - std::min(1.0, i.utilisation) : 1));
    }
    return;
  }
  // Poisson, given that there is one.
  double probability = std::exp(-mean_prompts) * mean_prompts / (1 - std::exp(-mean_prompts));
  double left = 1;
  for (int k = 1; k < 30 && k <= w.capacity + 1 && left > 2e-3; ++k) {
    left -= probability;
    for (std::size_t n = 0; probability > 1e-3 && n < w.prompt.tokens().size(); ++n) {
      const double one = w.prompt.tokens()[n];
      const double tokens = k == 1 ? one : w.unit * (k + (one / w.prompt.mean() - 1) * std::sqrt(static_cast<double>(k)));
      to.add(iteration(std::max(w.unit * 0.1, std::min(w.budget, tokens))), s.weight * with * probability * w.prompt.share(n));
    }
    probability *= mean_prompts / (k + 1);
  }
  if (left > 1e-4) to.add(iteration(w.budget), s.weight * with * left);
}

/// The time to first token in five points, for sums with other times.
inline std::array<std::pair<Time, double>, 5> five_points(const Spread& s) {
  return {{{0.75 * s.p50, .35}, {s.p50, .25}, {0.4 * s.p50 + 0.6 * s.p90, .25}, {s.p90, .12}, {s.p99, .03}}};
}

}  // namespace detail

/// Moves a spread to the mean that is known of it.
inline void scale_to(Time mean, Spread& s) {
  const double scale = mean / s.mean;
  for (Time* t : {&s.p50, &s.p90, &s.p99}) *t *= scale;
  s.mean = mean;
}

namespace detail {

inline void add_first_token_spread(const Observed& o, std::span<const WeightedState> states, Answer& a) {
  TimeHistogram firsts;
  double total = 0, waits = 0;
  for (const WeightedState& s : states) {
    total += s.weight;
    waits += s.weight * s.waits;
  }
  // Of four states and more every second stands for its neighbours as well.
  const bool sparse = states.size() >= 4;
  for (std::size_t i = 0; i < states.size(); i += sparse ? 2 : 1) {
    WeightedState s = states[i];
    if (sparse && i > 0) s.weight += 0.5 * states[i - 1].weight;
    if (sparse && i + 1 < states.size()) s.weight += (i + 2 < states.size() ? 0.5 : 1.0) * states[i + 1].weight;
    add_first_tokens(o, s, firsts);
  }
  const Time mean = a.ttft.mean;
  a.ttft = waits > 1e-3 * total ? firsts.convolved(waits / total, states.back().mean_wait, exponential_atoms).spread()
                                : firsts.spread();
  scale_to(mean, a.ttft);
}

inline void add_gap_spreads(const Observed& o, std::span<const WeightedState> states, Answer& a) {
  std::array<Time, LengthAtoms::most> alone{};
  const auto prompts = o.work.prompt.tokens();
  if (o.work.prompts_first)
    for (std::size_t n = 0; n < prompts.size(); ++n) alone[n] = o.work.own(0, prompts[n], 0);
  TimeHistogram gaps, gaps_low, gaps_high;
  for (const WeightedState& s : states) {
    StateIterations iteration(o, s);
    add_gaps(o, s, 1, iteration, alone, gaps);
    add_gaps(o, s, 0.6, iteration, alone, gaps_low);
    add_gaps(o, s, 1.6, iteration, alone, gaps_high);
  }
  a.itl = gaps.spread();
  a.itl_low = gaps_low.spread();
  a.itl_high = gaps_high.spread();
}

}  // namespace detail

/// Fills in what `a` says of times from the states, with the means `first` and `between_tokens`; percentiles where they are asked
/// for.
inline void add_times(const Observed& o, std::span<const WeightedState> states, Time first, Time between_tokens, Detail asked,
                      Answer& a) {
  double total = 0;
  for (const WeightedState& s : states) {
    total += s.weight;
    a.prompt_share += s.weight * s.state.iterations.prompt_share;
  }
  a.prompt_share /= total;
  const detail::TokenTimeSpread tokens(o, states, between_tokens);
  a.ttft.mean = first;
  a.tpot.mean = tokens.mean() / o.work.tokens_a_step;
  a.request.mean = first + tokens.mean_of_all();
  if (asked == Detail::means) return;

  detail::add_first_token_spread(o, states, a);
  detail::add_gap_spreads(o, states, a);
  const auto each_at = [&](double p, double deviate) { return tokens.quantile(p, deviate) / o.work.tokens_a_step; };
  a.tpot = {a.tpot.mean, each_at(0.5, 0), each_at(0.9, 1.2816), each_at(0.99, 2.3263)};
  TimeHistogram requests;
  for (const auto& length : tokens.all())
    for (const auto& [z, part] : detail::normal_atoms) {
      const Time rest = length.decodes * length.each.at(z);
      for (const auto& [wait, share] : detail::five_points(a.ttft)) requests.add(rest + wait, length.share * part * share);
    }
  const Time mean = a.request.mean;
  a.request = requests.spread();
  scale_to(mean, a.request);
}

}  // namespace ironlaw::load
