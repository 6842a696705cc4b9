#pragma once
// How a request's time per output token varies over the states that requests meet.
#include <array>
#include <span>

#include "open_loop.hpp"

namespace ironlaw::load {

/// A group of states as an arrival meets them.
struct WeightedState {
  double weight = 0;
  State state;
  Rate arrivals{};
  double waits = 0;              ///< probability that no slot is free
  Time mean_wait{};              ///< of those who wait
  TimeSquare within_group = {};  ///< variance of the time between tokens over the states of the group
};

/// What of a load the percentiles depend on beyond the states.
struct Observed {
  const Work& work;
  bool closed;
  bool meets_residual;  ///< arrivals fall into the middle of iterations
};

namespace detail {

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
  Time mean_{}, own_{}, drain_{}, stall_{};
  TimeSquare between_states_{}, within_{}, interruptions_{}, drains_{};
  double prompt_share_ = 0, feedback_ = 0;
  double draining_ = 0;
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
    between_states_ += share * (off * off + s.within_group);
    variance += share * std::max(TimeSquare{}, i.mean_square - i.mean * i.mean);
    feedback_ += share * i.feedback;
    if (gated_) own_ += share * w.own(s.state.decoding, w.prompt.mean(), i.others);
    prompt_share_ += share * i.prompt_share;
    stall_ += share * std::max(Time{}, w.prompts_first ? i.between_tokens - i.decode : i.with_prompts - i.decode);
    drain_ += share * i.drain;
    draining_ += share * i.draining;
    const double spare = 1 - std::min(0.97, i.utilisation);
    const double v = w.prompt.squared_variation();
    memory_ += share * (0.5 + (o.closed ? 0 : i.backlog_probability * 0.5 * w.units * (1 + v) / (spare * spare) / w.capacity));
    if (!w.prompts_first) continue;
    if (!o.closed && w.capacity >= 1.3) {
      // Iterations of prompts follow one another a geometric number of times, each of a Poisson number of prompts.
      const double met = i.prompt_share / std::max(1e-4, 1 - i.prompt_share);
      const Time slope = (i.with_full - i.with_one) / (w.capacity - 1);
      interruptions_ +=
          share * (std::max(0.0, met * (1 + i.again) / (1 - i.again) - met * met) * i.with_prompts * i.with_prompts +
                   met * i.prompt_units * (1 + v) * slope * slope);
      continue;
    }
    // Busy periods, each begun by a prompt that came meanwhile (Kleinrock 1975).
    const double size = std::max(1.0, i.prompt_units);
    const double idle =
        o.closed ? 1 : std::max(0.1, 1 - std::min(0.9, static_cast<double>(s.arrivals * w.units * i.with_prompts / size)));
    const Time one = w.with_units(0, 1) * ((1 + v) * size * (o.closed ? 1 : w.units) / (idle * idle));
    interruptions_ += share * (i.between_tokens - i.decode) * one;
    drains_ += share * i.drain * (one + i.drain);
  }
  within_ = gated_ ? variance : prompt_share_ * (1 - prompt_share_) * stall_ * stall_;
  if (gated_ && feedback_ > 0.05) memory_ += 1 / -std::log(feedback_) - (feedback_ > 0.14 ? 0.5 : 0);
}

inline Time TokenTimes::mean_of(double decodes) const {
  // Short answers begin inside the busy period that their own prompt made.
  if (gated_) return mean_ + (own_ - mean_) * (feedback_ * (1 - std::pow(feedback_, decodes)) / (decodes * (1 - feedback_)));
  return mean_ + drain_of_each(drain_, draining_, decodes) - drain_of_each(drain_, draining_, o_.work.decodes);
}

inline double TokenTimes::variation_of(double decodes) const {
  const auto within_of = [&] {
    if (o_.work.prompts_first) return interruptions_ / decodes + drains_ / (decodes * decodes);
    if (gated_ || o_.closed) return within_ * averaged(decodes / memory_);
    const double more = stall_ > Time{} ? static_cast<double>(drain_of_each(drain_, draining_, decodes) / stall_) : 0;
    const double with_prompts = std::min(1.0, prompt_share_ + more);
    return with_prompts * (1 - with_prompts) * stall_ * stall_ * averaged(decodes / std::max(memory_, draining_));
  };
  const TimeSquare within = within_of();
  const TimeSquare variance = between_states_ * averaged(1.4 * decodes / o_.work.decodes) + within;
  return std::min(1.6, static_cast<double>(root(variance) / mean_of(decodes)));
}

}  // namespace detail

}  // namespace ironlaw::load
