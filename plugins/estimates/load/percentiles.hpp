#pragma once
// Percentiles of times under load: weighted points of all that varies, into a histogram.
#include <span>

#include "closed_loop.hpp"
#include "time_histogram.hpp"

namespace ironlaw::load {

/// A group of states as an arrival meets them.
struct WeightedState {
  double weight = 0;
  State state;
  Rate arrivals{};
  double waits = 0;  ///< probability that no slot is free
  Time mean_wait{};  ///< of those who wait
};

/// What of a load the percentiles depend on beyond the states.
struct Observed {
  const Work& work;
  bool closed;
  bool meets_residual;  ///< arrivals fall into the middle of iterations
};

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

/// Gaps of a decoder between tokens; `scale` times the share of iterations with prompts.
inline void add_gaps(const Observed& o, const WeightedState& s, double scale, TimeHistogram& to) {
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
      const Time gap = i.decode + w.own(0, w.prompt.tokens()[n], 0);
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
  const double decoding = o.closed ? s.state.decoding : s.state.decoding + 1;
  to.add(i.decode, s.weight * (1 - with));
  if (with >= 0.999) {
    // Every iteration holds prompts: as many as arrive in it, a Poisson number in three points (Gauss-Hermite).
    const double deviation = std::sqrt(3 * i.prompt_units * (1 + w.prompt.squared_variation()));
    for (const auto& [at, share] : {std::pair{-1.0, 1.0 / 6}, std::pair{0.0, 2.0 / 3}, std::pair{1.0, 1.0 / 6}}) {
      const double units = std::max(0.1, i.prompt_units + at * deviation);
      to.add(w.with_prompts(decoding, std::min(w.budget, w.unit * units)), s.weight * with * share);
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
      if (full > 0) to.add(w.with_prompts(decoding, w.budget), weight * full);
      if (rest > 0) to.add(w.with_prompts(decoding, rest), weight * (full > 0 ? 1 - std::min(1.0, i.utilisation) : 1));
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
      to.add(w.with_prompts(decoding, std::max(w.unit * 0.1, std::min(w.budget, tokens))),
             s.weight * with * probability * w.prompt.share(n));
    }
    probability *= mean_prompts / (k + 1);
  }
  if (left > 1e-4) to.add(w.with_prompts(decoding, w.budget), s.weight * with * left);
}

/// Quantile of a gamma distribution at a standard normal deviate z (Wilson & Hilferty 1931).
inline Time gamma_at(Time mean, double variation, double z) {
  const double cube_root = 1 - variation * variation / 9 + z * variation / 3;
  return mean * std::max(0.05, cube_root * cube_root * cube_root);
}
/// Variance of the mean of a process over x correlation times, as a share of its variance.
inline double averaged(double x) { return x < 1e-3 ? 1 : 2 * (x - 1 + std::exp(-x)) / (x * x); }

struct NormalAtom {
  double z, weight;
};
inline constexpr std::array<NormalAtom, 6> normal_atoms{
    {{-1.8, .08}, {-.85, .25}, {-.25, .17}, {.25, .25}, {.95, .20}, {2.3, .05}}};

/// How a request's time per output token varies: over states, and over the iterations that its own tokens fall on.
class TokenTimes {
 public:
  TokenTimes(const Observed& o, std::span<const WeightedState> states);
  [[nodiscard]] Time mean() const { return mean_; }
  /// Mean and standard deviation over mean, for a request of so many decode iterations.
  [[nodiscard]] Time mean_of(double decodes) const;
  [[nodiscard]] double variation_of(double decodes) const;

 private:
  const Observed& o_;
  bool gated_;  ///< prompts of one iteration are collected during the one before
  Time mean_{}, decode_{}, own_{}, drain_{}, stall_{};
  TimeSquare between_states_{}, within_{}, interruptions_{};
  double prompt_share_ = 0, busy_ = 0, feedback_ = 0;
  double memory_ = 0;  ///< iterations over which lengths are correlated
};

inline TokenTimes::TokenTimes(const Observed& o, std::span<const WeightedState> states)
    : o_(o), gated_(!o.work.prompts_first && o.work.capacity >= 1.3 && !o.closed) {
  const Work& w = o.work;
  double total = 0;
  for (const WeightedState& s : states) {
    total += s.weight;
    mean_ += s.weight * s.state.between_tokens;
  }
  mean_ = mean_ / total;
  TimeSquare variance{};
  for (const WeightedState& s : states) {
    const double share = s.weight / total;
    const Iterations& i = s.state.iterations;
    const Time off = s.state.between_tokens - mean_;
    between_states_ += share * off * off;
    variance += share * std::max(TimeSquare{}, i.mean_square - i.mean * i.mean);
    feedback_ += share * i.feedback;
    if (gated_) own_ += share * w.own(s.state.decoding, w.prompt.mean(), i.others);
    prompt_share_ += share * i.prompt_share;
    busy_ += share * std::min(1.0, static_cast<double>(i.prompt_share * i.with_prompts / i.mean));
    stall_ += share * std::max(Time{}, w.prompts_first ? i.between_tokens - i.decode : i.with_prompts - i.decode);
    decode_ += share * i.decode;
    drain_ += share * i.drain;
    const double spare = 1 - std::min(0.97, i.utilisation);
    const double v = w.prompt.squared_variation();
    memory_ += share * (0.5 + (o.closed ? 0 : i.backlog_probability * 0.5 * w.units * (1 + v) / (spare * spare) / w.capacity));
    if (!w.prompts_first) continue;
    const double size = std::max(1.0, i.prompt_units);
    const double idle =
        o.closed ? 1 : std::max(0.1, 1 - std::min(0.9, static_cast<double>(s.arrivals * w.units * i.with_prompts / size)));
    interruptions_ += share * (i.between_tokens - i.decode) * w.with_units(0, 1) * ((1 + v) * size / (idle * idle));
  }
  within_ = gated_ ? variance : prompt_share_ * (1 - prompt_share_) * stall_ * stall_;
  if (gated_ && feedback_ > 0.05) memory_ += 1 / -std::log(feedback_) - (feedback_ > 0.14 ? 0.5 : 0);
}

inline Time TokenTimes::mean_of(double decodes) const {
  const double x = decodes / memory_;
  if (o_.work.prompts_first) return mean_ + drain_ * (1 / decodes - 1 / o_.work.decodes);
  // Short answers begin inside the busy period that their own prompt made.
  if (gated_) return mean_ + (own_ - mean_) * (feedback_ * (1 - std::pow(feedback_, decodes)) / (decodes * (1 - feedback_)));
  if (o_.closed) return mean_;
  return mean_ + (decode_ + busy_ * stall_ - mean_) * (x < 1e-3 ? 1 : (1 - std::exp(-x)) / x);
}

inline double TokenTimes::variation_of(double decodes) const {
  const TimeSquare within = o_.work.prompts_first ? interruptions_ / decodes + drain_ * drain_ * (1.5 / (decodes * decodes))
                                                  : within_ * averaged(decodes / memory_);
  const TimeSquare variance = between_states_ * averaged(1.4 * decodes / o_.work.decodes) + within;
  return std::min(1.6, static_cast<double>(root(variance) / mean_of(decodes)));
}

/// The time to first token in five points, for sums with other times.
inline std::array<std::pair<Time, double>, 5> five_points(const Spread& s) {
  return {{{0.75 * s.p50, .35}, {s.p50, .25}, {0.4 * s.p50 + 0.6 * s.p90, .25}, {s.p90, .12}, {s.p99, .03}}};
}

}  // namespace detail

/// Moves a spread to the mean that is known of it.
inline void scale_to(Time mean, Spread& s) {
  const double scale = mean / s.mean;
  for (Time* t : {&s.mean, &s.p50, &s.p90, &s.p99}) *t *= scale;
}

/// Fills in the spreads of `a` from the states, with the means `first` and `between_tokens`.
inline void add_percentiles(const Observed& o, std::span<const WeightedState> states, Time first, Time between_tokens,
                            Answer& a) {
  TimeHistogram firsts, gaps, gaps_low, gaps_high;
  double total = 0, waits = 0;
  for (const WeightedState& s : states) {
    total += s.weight;
    waits += s.weight * s.waits;
    a.prompt_share += s.weight * s.state.iterations.prompt_share;
    detail::add_gaps(o, s, 1, gaps);
    detail::add_gaps(o, s, 0.6, gaps_low);
    detail::add_gaps(o, s, 1.6, gaps_high);
  }
  a.prompt_share /= total;
  // Of four states and more every second stands for its neighbours as well.
  const bool sparse = states.size() >= 4;
  for (std::size_t i = 0; i < states.size(); i += sparse ? 2 : 1) {
    WeightedState s = states[i];
    if (sparse && i > 0) s.weight += 0.5 * states[i - 1].weight;
    if (sparse && i + 1 < states.size()) s.weight += (i + 2 < states.size() ? 0.5 : 1.0) * states[i + 1].weight;
    detail::add_first_tokens(o, s, firsts);
  }
  if (waits > 1e-3 * total) firsts = firsts.convolved(waits / total, states.back().mean_wait, exponential_atoms);
  a.ttft = firsts.spread();
  scale_to(first, a.ttft);
  a.itl = gaps.spread();
  a.itl_low = gaps_low.spread();
  a.itl_high = gaps_high.spread();

  const detail::TokenTimes tokens(o, states);
  TimeHistogram means, requests;
  const double to_mean = between_tokens / tokens.mean();
  for (std::size_t n = 0; n < o.work.output.tokens().size(); ++n) {
    const double decodes = o.work.decodes_of(o.work.output.tokens()[n]);
    const Time mean = tokens.mean_of(decodes);
    const double variation = tokens.variation_of(decodes);
    for (const auto& [z, share] : detail::normal_atoms) {
      const Time t = detail::gamma_at(mean, variation, z) * to_mean;
      const double weight = o.work.output.share(n) * share;
      means.add(t / o.work.tokens_a_step, weight);
      for (const auto& [wait, part] : detail::five_points(a.ttft)) requests.add(decodes * t + wait, weight * part);
    }
  }
  a.tpot = means.spread();
  a.request = requests.spread();
}

}  // namespace ironlaw::load
