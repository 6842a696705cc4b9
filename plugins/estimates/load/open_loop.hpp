#pragma once
// An open loop: requests that arrive at a rate, whatever happens to those before them. A birth-death chain over the number in
// slots, whose deaths come from the iterations that this number meets (flow-equivalent server, Chandy, Herzog & Woo 1975).
#include <array>

#include "closed_loop.hpp"

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
    const double spare = 1 - units * (i.with_full - i.decode);
    i.mean = spare > 1e-3 ? i.decode / spare : 1000.0 * units::second;
    if (units * i.mean > 1) i.mean = i.with_full;
    i.prompt_share = std::min(1.0, static_cast<double>(units * i.mean));
    i.prompt_units = 1;
    i.with_prompts = i.with_full;
    return;
  }
  // Secants, from below; where they point backwards a damped step.
  Time before{}, missed_before{};
  for (int step = 0; step < 30; ++step) {
    const double arriving = units * i.mean;
    i.prompt_share = 1 - std::exp(-arriving);
    i.prompt_units = arriving / std::max(1e-12, i.prompt_share);
    if (i.prompt_units > w.capacity) {
      i.prompt_units = w.capacity;
      i.prompt_share = std::min(1.0, arriving / w.capacity);
    }
    i.with_prompts = w.with_units(decoding, i.prompt_units);
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
  for (int step = 0; step < 30; ++step) {
    const Time before = i.mean;
    const double arriving = units * i.mean;
    const double after_decode = 1 - std::exp(-static_cast<double>(units * i.decode));
    const double kept_up = units * i.with_prompts / w.capacity;
    const double some = w.capacity < 1.3 ? kept_up : 1 - std::exp(-static_cast<double>(units * i.with_prompts));
    const double after_prompts = std::min(0.9999, std::max(some, kept_up));
    i.prompt_share = after_decode / std::max(1e-12, after_decode + 1 - after_prompts);
    i.prompt_units = w.capacity < 1.3 ? 1 : std::min(w.capacity, std::max(1.0, arriving / std::max(1e-12, i.prompt_share)));
    if (i.prompt_units * i.prompt_share < arriving * 0.999) i.prompt_share = std::min(0.9999, arriving / i.prompt_units);
    i.with_prompts = w.with_units(0, i.prompt_units);
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
  if (w.prompts_first) {
    const double utilisation = std::min(0.97, i.utilisation);
    if (w.capacity < 1.3) {
      i.drain = utilisation * (i.backlog + busy / (2.0 * i.mean)) / (1 - utilisation);
    } else {
      const double again = std::min(0.97, 1 - std::exp(-static_cast<double>(units * i.with_prompts)));
      i.drain = again / (1 - again) * i.with_prompts + utilisation * i.backlog / (1 - utilisation);
    }
  }
  return i;
}

/// What an arrival meets that finds `others` in slots. `decoding_share` of them decode at first guess.
inline State open_state(const Work& w, double others, const Arrivals& arrivals, double decoding_share = 0.9, Time guess = {}) {
  State s;
  s.requests = others;
  s.throughput = arrivals.rate;
  const auto beside = [&] { return w.prompts_first ? 0 : others * decoding_share; };
  Time own{};
  for (int step = 0; step < 12; ++step) {
    s.iterations = open_iterations(w, 1 + others * decoding_share, arrivals, guess);
    guess = s.iterations.mean;
    const Iterations& i = s.iterations;
    own = w.own(beside(), w.prompt.mean(), i.others);
    s.first = std::min(1.0, others) * (i.mean_square / (2.0 * i.mean) + i.backlog) + own;
    s.between_tokens = i.between_tokens + i.drain / w.decodes;
    s.cycle = s.first + w.decodes * s.between_tokens;
    const double share = w.decodes * s.between_tokens / s.cycle;
    if (std::abs(share - decoding_share) < 5e-3) break;
    decoding_share = (decoding_share + share) / 2;
  }
  if (!w.prompt.is_fixed()) {
    const Time spread = w.mean_own(beside(), s.iterations.others) - w.own(beside(), w.prompt.mean(), s.iterations.others);
    s.first += spread;
    s.cycle += spread;
  }
  s.decoding = others * decoding_share;
  return s;
}

/// Traffic in slots as a chain: how fast each number of them ends, and how long it lasts.
class Chain {
 public:
  Chain(const Work& w, const Arrivals& arrivals);

  /// Most that the engine ends: the rate with all slots taken.
  [[nodiscard]] Rate capacity() const { return ends_[grid_size_ - 1]; }
  /// Finds how often each number is met; needs a rate below capacity.
  void solve();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] double number(std::size_t i) const { return numbers_[i]; }
  [[nodiscard]] double probability(std::size_t i) const { return probabilities_[i]; }
  [[nodiscard]] double waiting() const { return waiting_; }    ///< probability that an arrival finds no slot
  [[nodiscard]] Time mean_wait() const { return mean_wait_; }  ///< of those who wait for a slot
  [[nodiscard]] double mean() const;
  [[nodiscard]] const ClosedState& full() const { return full_; }

 private:
  [[nodiscard]] Rate ends_at(double n, std::size_t& from) const;
  /// How much the number in slots fluctuates beyond independent arrivals and departures: a prompt also holds up the departures of
  /// all others.
  [[nodiscard]] double spread(double likeliest) const;

  const Work& w_;
  Arrivals arrivals_;
  double slots_;
  ClosedState full_;
  static constexpr std::size_t most_grid = 48;  ///< steps by 1.6 go further than any engine's slots
  static constexpr std::size_t most_numbers = 242;
  std::array<double, most_grid> grid_{};
  std::array<Rate, most_grid> ends_{};  ///< at the numbers of the grid
  std::size_t grid_size_ = 0;
  std::array<double, most_numbers> numbers_{}, probabilities_{};
  std::size_t size_ = 0;
  double waiting_ = 0;
  Time mean_wait_{};
};

inline Chain::Chain(const Work& w, const Arrivals& arrivals)
    : w_(w), arrivals_(arrivals), slots_(std::max(1.0, std::floor(w.slots))), full_(closed_loop(w, slots_, Client{})) {
  double share = 0.9;
  Time mean{};
  for (double n = 1;; n = std::min(slots_, std::max(n + 1, std::floor(n * 1.6)))) {
    const State s = open_state(w, n - 1, arrivals, share, mean);
    mean = s.iterations.mean;
    if (n > 1) share = s.decoding / s.requests;
    grid_[grid_size_] = n;
    ends_[grid_size_++] = n / s.cycle;
    if (n >= slots_ || grid_size_ == most_grid) break;
  }
  for (std::size_t i = 1; i < grid_size_; ++i) ends_[i] = std::max(ends_[i], ends_[i - 1] * (1 + 1e-9));
  ends_[grid_size_ - 1] = std::max(ends_[grid_size_ - 1], full_.throughput);
}

inline Rate Chain::ends_at(double n, std::size_t& from) const {
  if (grid_size_ == 1) return ends_[0];
  while (from + 2 < grid_size_ && n > grid_[from + 1]) ++from;
  return ends_[from] + (ends_[from + 1] - ends_[from]) * ((n - grid_[from]) / (grid_[from + 1] - grid_[from]));
}

inline double Chain::spread(double likeliest) const {
  State s = open_state(w_, std::max(0.0, likeliest - 1), arrivals_);
  if (likeliest > 0.97 * slots_ && s.between_tokens > full_.between_tokens) s = full_;
  const double stalled =
      std::min(0.75, std::max(0.0, 1 - static_cast<double>(s.iterations.decode / s.iterations.between_tokens)));
  const double jump = 1 / (1 - stalled);
  return (jump * jump + 1) / 2 * (1 + arrivals_.squared_variation) / 2;
}

inline void Chain::solve() {
  const double step = std::max(1.0, std::floor(slots_ / 120));
  const auto points = static_cast<std::size_t>(std::ceil(slots_ / step));
  size_ = points + 1;
  std::array<double, most_numbers> log_weight{};
  double highest = 0;
  std::size_t from = 0;
  for (std::size_t i = 1; i <= points; ++i) {
    const double n = std::min(slots_, static_cast<double>(i) * step);
    const double width = n - numbers_[i - 1];
    numbers_[i] = n;
    log_weight[i] =
        log_weight[i - 1] + width * std::log(static_cast<double>(arrivals_.rate / ends_at(n - 0.5 * (width - 1), from)));
    highest = std::max(highest, log_weight[i]);
  }
  double likeliest = 0;
  for (std::size_t i = 0; i <= points; ++i)
    if (log_weight[i] >= highest) likeliest = numbers_[i];

  const double zeta = spread(likeliest);
  const double beyond = std::pow(static_cast<double>(arrivals_.rate / capacity()), 1 / zeta);
  double total = 0;
  for (std::size_t i = 0; i <= points; ++i) {
    const double width = i == 0 ? 1 : numbers_[i] - numbers_[i - 1];
    probabilities_[i] = std::exp((log_weight[i] - highest) / zeta) * (i < points ? (i == 0 ? 1 : step) : width);
    total += probabilities_[i];
  }
  const double top = std::exp((log_weight[points] - highest) / zeta);
  const double tail = top * beyond / (1 - beyond);
  probabilities_[points] += tail;
  total += tail;
  for (std::size_t i = 0; i <= points; ++i) probabilities_[i] /= total;
  waiting_ = (top + tail) / total;
  mean_wait_ = (arrivals_.squared_variation + std::min(1.5, w_.output.squared_variation())) / 2 / (capacity() - arrivals_.rate);
}

inline double Chain::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < size(); ++i) sum += numbers_[i] * probabilities_[i];
  return sum;
}

}  // namespace ironlaw::load
