#pragma once
// How a request's time per output token varies over the states that requests meet.
#include <array>
#include <span>

#include "bracketed.hpp"
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

/// A gamma distribution moved to a mean, a standard deviation and a skewness; its quantiles by Wilson & Hilferty (1931).
struct MovedGamma {
  Time mean, deviation;
  double skewness;

  static constexpr double least_skewness = 0.05;  ///< below, as good as normal
  /// One that is not moved.
  static MovedGamma from_zero(Time mean, double variation) {
    return {mean, variation * mean, std::max(least_skewness, 2 * variation)};
  }
  /// The quantile at a standard normal deviate z.
  [[nodiscard]] Time at(double z) const {
    const double root = 1 - skewness * skewness / 36 + z * skewness / 6;
    return std::max(0.05 * mean, mean + deviation * (2 / skewness * (root * root * root - 1)));
  }
  /// The deviate at which the quantile is t.
  [[nodiscard]] double deviate_of(Time t) const {
    const double cube = 1 + static_cast<double>((t - mean) / deviation) * skewness / 2;
    return (std::cbrt(std::max(0.0, cube)) - 1 + skewness * skewness / 36) * 6 / skewness;
  }
};
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
  /// For a request of so many decode iterations.
  [[nodiscard]] MovedGamma of(double decodes) const;

 private:
  [[nodiscard]] Time mean_of(double decodes) const;
  [[nodiscard]] TimeSquare within_of(double decodes) const;
  [[nodiscard]] Time jump_of(const WeightedState& s) const;

  const Observed& o_;
  bool gated_;  ///< prompts of one iteration are collected during the one before
  Time mean_{}, own_{}, drain_{}, stall_{};
  TimeSquare between_states_{}, within_{}, interruptions_{}, drains_{};
  double prompt_share_ = 0, feedback_ = 0;
  double draining_ = 0;
  decltype(TimeSquare{} * Time{}) cubed_between_states_{};
  Time jump_{};                  ///< third over second moment of what holds up a decoder at once
  double decoding_share_ = 0;    ///< of a user's iterations, in a closed loop
  TimeSquare arrivals_twice_{};  ///< covariance of what arrivals hold up and of what they add to those at work
  double memory_ = 0;            ///< iterations over which lengths are correlated
};

/// Mean number at work of those who arrived in a window, as a share of the mean number at work: the window in mean durations,
/// which are all alike, or exponential where their squared variation is 1.
inline double arrived_beside(double window, double variation) {
  const double alike = window < 1 ? window / 2 : 1 - 0.5 / window;
  return alike + variation * (1 - (1 - std::exp(-window)) / window - alike);
}

/// A prompt that meets a decoder brings those that come while it is worked on, and they bring others: a busy period (Kleinrock
/// 1975), of which r of a prompt's is another's.
inline Time TokenTimes::jump_of(const WeightedState& s) const {
  const Work& w = o_.work;
  const Iterations& i = s.state.iterations;
  const double spread = 1 + w.prompt.squared_variation();
  const double r = o_.closed ? 0
                             : std::min(0.9, gated_                                 ? i.feedback
                                             : w.prompts_first && w.capacity >= 1.3 ? i.again
                                                                                    : i.utilisation);
  const Time beside = w.prompts_first ? Time{} : i.decode;
  const Time one = std::max(Time{}, w.units * (i.with_one - beside));
  return one * (spread * (spread * (1 - r) + 3 * r) / ((1 - r) * (1 - r)));
}

inline TokenTimes::TokenTimes(const Observed& o, std::span<const WeightedState> states)
    : o_(o), gated_(!o.work.prompts_first && o.work.capacity >= 1.3 && !o.closed) {
  const Work& w = o.work;
  double total = 0, found = 0;
  for (const WeightedState& s : states) {
    total += s.weight;
    mean_ += s.weight * s.state.between_tokens;
    found += s.weight * s.state.requests;
  }
  mean_ = mean_ / total;
  found /= total;
  double square = 0;
  Time product{}, held_up{};
  TimeSquare variance{};
  for (const WeightedState& s : states) {
    const double share = s.weight / total;
    const Iterations& i = s.state.iterations;
    const Time off = s.state.between_tokens - mean_;
    between_states_ += share * (off * off + s.within_group);
    square += share * (s.state.requests - found) * (s.state.requests - found);
    product += share * (s.state.requests - found) * off;
    held_up += share * (s.state.between_tokens - i.decode);
    cubed_between_states_ += share * (off * off + 3.0 * s.within_group) * off;
    jump_ += share * jump_of(s);
    variance += share * std::max(TimeSquare{}, i.mean_square - i.mean * i.mean);
    feedback_ += share * i.feedback;
    if (gated_) own_ += share * w.own(s.state.decoding, w.prompt.mean(), i.others);
    prompt_share_ += share * i.prompt_share;
    stall_ += share * std::max(Time{}, w.prompts_first ? i.between_tokens - i.decode : i.with_prompts - i.decode);
    drain_ += share * i.drain;
    if (o.closed) decoding_share_ += share * std::min(1.0, s.state.decoding / (s.state.requests + 1));
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
  if (!o.closed && square > 1e-6) arrivals_twice_ = 2.0 * held_up * std::max(Time{}, product / square);
  within_ = gated_ ? variance : prompt_share_ * (1 - prompt_share_) * stall_ * stall_;
  if (gated_ && feedback_ > 0.05) memory_ += 1 / -std::log(feedback_) - (feedback_ > 0.14 ? 0.5 : 0);
}

inline Time TokenTimes::mean_of(double decodes) const {
  // Short answers begin inside the busy period that their own prompt made.
  if (gated_) return mean_ + (own_ - mean_) * (feedback_ * (1 - std::pow(feedback_, decodes)) / (decodes * (1 - feedback_)));
  return mean_ + drain_of_each(drain_, draining_, decodes) - drain_of_each(drain_, draining_, o_.work.decodes);
}

inline TimeSquare TokenTimes::within_of(double decodes) const {
  if (o_.closed) {
    // Each of the other users sends one prompt in its cycle, which one's own answer covers most of: the more their lengths are
    // alike, the less does the number of prompts vary that it meets.
    const double at_random = std::min(1.0, o_.work.output.squared_variation());
    const double covered = std::min(1.0, decoding_share_ * decodes / o_.work.decodes);
    const double varies = at_random + (1 - at_random) * (1 - covered);
    return varies * (o_.work.prompts_first ? interruptions_ / decodes : within_ * averaged(decodes / memory_));
  }
  if (o_.work.prompts_first) return interruptions_ / decodes + drains_ / (decodes * decodes);
  if (gated_) return within_ * averaged(decodes / memory_);
  const double more = stall_ > Time{} ? static_cast<double>(drain_of_each(drain_, draining_, decodes) / stall_) : 0;
  const double with_prompts = std::min(1.0, prompt_share_ + more);
  return with_prompts * (1 - with_prompts) * stall_ * stall_ * averaged(decodes / std::max(memory_, draining_));
}

inline MovedGamma TokenTimes::of(double decodes) const {
  const TimeSquare within = within_of(decodes);
  const double kept = averaged(1.4 * decodes / o_.work.decodes);
  // Who arrives while one decodes holds one up with its prompt, and then decodes beside one.
  const double length = decodes / o_.work.decodes;
  const double beside = arrived_beside(length, std::min(1.0, o_.work.output.squared_variation()));
  const TimeSquare variance = between_states_ * kept + within + arrivals_twice_ * (beside / length);
  const Time mean = mean_of(decodes);
  const Time deviation = std::clamp(root(variance), 1e-4 * mean, 1.6 * mean);
  // Cumulants add up: those of sums of rare jumps, and of the states.
  const auto third = within * jump_ / decodes + cubed_between_states_ * (kept * std::sqrt(kept));
  return {mean, deviation,
          std::clamp(static_cast<double>(third / (deviation * deviation * deviation)), MovedGamma::least_skewness, 4.0)};
}

/// Time per output token over requests of all lengths, moved to the mean `between_tokens`.
class TokenTimeSpread {
 public:
  struct OfLength {
    double decodes, share;
    MovedGamma each;
  };
  TokenTimeSpread(const Observed& o, std::span<const WeightedState> states, Time between_tokens) {
    const TokenTimes tokens(o, states);
    const double to_mean = between_tokens / tokens.mean();
    const LengthAtoms& output = o.work.output;
    for (std::size_t n = 0; n < output.tokens().size(); ++n) {
      OfLength& length = lengths_[size_++];
      length = {o.work.decodes_of(output.tokens()[n]), output.share(n), {}};
      length.each = tokens.of(length.decodes);
      length.each.mean *= to_mean;
      length.each.deviation *= to_mean;
    }
  }
  [[nodiscard]] std::span<const OfLength> all() const { return {lengths_.data(), size_}; }
  [[nodiscard]] Time mean() const {
    Time sum{};
    for (const OfLength& l : all()) sum += l.share * l.each.mean;
    return sum;
  }
  /// From the first token to the last.
  [[nodiscard]] Time mean_of_all() const {
    Time sum{};
    for (const OfLength& l : all()) sum += l.share * l.decodes * l.each.mean;
    return sum;
  }
  /// Time that the share p of requests does not exceed; `deviate`: that of p.
  [[nodiscard]] Time quantile(double p, double deviate) const {
    Time low = lengths_[0].each.at(deviate), high = low;
    for (const OfLength& l : all().subspan(1)) {
      const Time t = l.each.at(deviate);
      low = std::min(low, t);
      high = std::max(high, t);
    }
    return settle_in(Bracket<Time>{low, -p, high, 1 - p}, (low + high) / 2.0, 3e-4, 1e-3, [&](Time t) {
      double below = 0;
      for (const OfLength& l : all()) below += l.share * equations::normal_probability(l.each.deviate_of(t));
      return below - p;
    });
  }

 private:
  std::array<OfLength, LengthAtoms::most> lengths_;
  std::size_t size_ = 0;
};

}  // namespace detail

}  // namespace ironlaw::load
