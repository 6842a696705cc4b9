#pragma once
// The number in slots of an open loop: a birth-death chain, whose deaths come from the iterations that this number meets
// (flow-equivalent server, Chandy, Herzog & Woo 1975).
#include <array>

#include "closed_loop.hpp"
#include "open_loop.hpp"

namespace ironlaw::load {

/// A state that lies a share of the way from one to another.
inline State between(const State& a, const State& b, double share) {
  State s = a;
  const auto towards = [share](auto& to, const auto& from, auto... members) {
    ((to.*members += share * (from.*members - to.*members)), ...);
  };
  towards(s, b, &State::requests, &State::decoding, &State::first, &State::between_tokens, &State::cycle);
  towards(s.iterations, b.iterations, &Iterations::decode, &Iterations::with_one, &Iterations::with_full,
          &Iterations::with_prompts, &Iterations::mean, &Iterations::mean_square, &Iterations::between_tokens, &Iterations::drain,
          &Iterations::draining, &Iterations::backlog, &Iterations::backlog_probability, &Iterations::prompt_share,
          &Iterations::prompt_units, &Iterations::arriving, &Iterations::others, &Iterations::utilisation, &Iterations::feedback,
          &Iterations::again);
  return s;
}

/// Traffic in slots as a chain: how fast each number of them ends, and how long it lasts. States are worked out at numbers 1.6
/// times apart, where they are first asked for, and lie straight between them.
class Chain {
 public:
  Chain(const Work& w, const Arrivals& arrivals);

  /// Most that the engine carries: as many arrive then as end with all slots taken.
  [[nodiscard]] Rate capacity() const;
  [[nodiscard]] bool stable() const { return arrivals_.rate < 0.9999 * most_ends(); }
  /// Finds how often each number is met; needs a rate below capacity.
  void solve();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] double number(std::size_t i) const { return numbers_[i]; }
  [[nodiscard]] double probability(std::size_t i) const { return probabilities_[i]; }
  [[nodiscard]] double slots() const { return slots_; }
  [[nodiscard]] double waiting() const { return waiting_; }    ///< probability that an arrival finds no slot
  [[nodiscard]] Time mean_wait() const { return mean_wait_; }  ///< of those who wait for a slot
  [[nodiscard]] double mean() const;
  /// What an arrival meets that finds `others` in slots: as the chain says, also where all slots are taken, which ends more than
  /// arrivals alone would say.
  [[nodiscard]] State met(double others);

 private:
  /// The state at the k-th number of the grid.
  const State& state(std::size_t k);
  [[nodiscard]] Rate ends(std::size_t k) {
    state(k);
    return ends_[k];
  }
  [[nodiscard]] Rate most_ends() const { return ends_[grid_size_ - 1]; }  ///< with all slots taken, at this rate of arrivals
  /// Of n between the k-th number of the grid and the next, how many end.
  [[nodiscard]] Rate ends_between(std::size_t k, double n);
  /// The grid's number below n, or n's own.
  [[nodiscard]] std::size_t below(double n) const;
  /// The number in slots at which as many end as arrive.
  [[nodiscard]] double find_likeliest();
  /// How much the number in slots fluctuates beyond independent arrivals and departures: a prompt also holds up the departures of
  /// all others.
  [[nodiscard]] double spread(double likeliest);
  /// How far down or up from the likeliest number the chain is met at all.
  [[nodiscard]] double reach(double likeliest, double zeta, bool up);

  static constexpr std::size_t most_grid = 48;  ///< steps by 1.6 go further than any engine's slots
  static constexpr std::size_t most_points = 64;
  const Work& w_;
  Arrivals arrivals_;
  double slots_;
  ClosedState full_;
  std::array<double, most_grid> grid_;
  std::array<State, most_grid> states_;
  std::array<Rate, most_grid> ends_;
  std::array<bool, most_grid> known_{};
  std::size_t grid_size_ = 0;
  std::size_t last_known_ = 0;  ///< which the next one is worked out from
  std::array<double, most_points + 1> numbers_, probabilities_;
  std::size_t size_ = 0;
  double waiting_ = 0;
  Time mean_wait_{};
};

inline Chain::Chain(const Work& w, const Arrivals& arrivals)
    : w_(w), arrivals_(arrivals), slots_(std::max(1.0, std::floor(w.slots))), full_(closed_loop(w, slots_, Client{})) {
  for (double n = 1;; n = std::min(slots_, std::max(n + 1, std::floor(n * 1.6)))) {
    grid_[grid_size_++] = n;
    if (n >= slots_ || grid_size_ == most_grid) break;
  }
  last_known_ = grid_size_ - 1;
  states_[last_known_] = full_;
  state(last_known_);
}

inline const State& Chain::state(std::size_t k) {
  if (known_[k]) return states_[k];
  const State& near = states_[last_known_];
  const double share = near.requests > 0 ? near.decoding / near.requests : 0.9;
  states_[k] = open_state(w_, grid_[k] - 1, arrivals_, share, near.iterations.mean);
  ends_[k] = grid_[k] / states_[k].cycle;
  if (k + 1 == grid_size_) ends_[k] = std::max(ends_[k], full_.throughput);
  known_[k] = true;
  last_known_ = k;
  return states_[k];
}

inline Rate Chain::capacity() const {
  // The more arrive, the more prompts hold up who decodes: the rate at which requests end falls until it meets that of arrivals.
  const State& near = states_[grid_size_ - 1];
  const double share = slots_ > 1 ? near.decoding / near.requests : 0.9;
  const auto spare_at = [&](Rate rate) {
    const Arrivals at{rate, arrivals_.squared_variation};
    return slots_ / open_state(w_, slots_ - 1, at, share, full_.iterations.mean).cycle - rate;
  };
  Rate before = full_.throughput;
  Rate spare_before = spare_at(before);
  if (spare_before <= 1e-3 * before) return before;
  Rate rate = before + spare_before / 2.0;
  for (int i = 0; i < 3; ++i) {
    const Rate spare = spare_at(rate);
    const double slope = std::min(-0.5, static_cast<double>((spare - spare_before) / (rate - before)));
    before = rate;
    spare_before = spare;
    rate = std::max(full_.throughput, rate - spare / slope);
    if (std::abs(rate / before - 1) < 2e-3) break;
  }
  return rate;
}

inline std::size_t Chain::below(double n) const {
  std::size_t k = 0;
  while (k + 2 < grid_size_ && grid_[k + 1] <= n) ++k;
  return k;
}

inline Rate Chain::ends_between(std::size_t k, double n) {
  if (grid_size_ == 1) return ends(0);
  const Rate low = ends(k);
  return low + (std::max(low, ends(k + 1)) - low) * ((n - grid_[k]) / (grid_[k + 1] - grid_[k]));
}

inline State Chain::met(double others) {
  const double n = std::clamp(others + 1, 1.0, slots_);
  const std::size_t k = below(n);
  State s = state(k);
  if (grid_size_ > 1) s = between(s, state(k + 1), (n - grid_[k]) / (grid_[k + 1] - grid_[k]));
  s.requests = others;
  constexpr double nearly_all = 0.94;  // of the slots
  if (n <= nearly_all * slots_ || s.cycle <= full_.cycle) return s;
  const double reached = (n / slots_ - nearly_all) / (1 - nearly_all);
  const double share =
      reached * std::clamp(static_cast<double>((s.cycle - n / ends_between(k, n)) / (s.cycle - full_.cycle)), 0.0, 1.0);
  const auto towards = [&](Time& t, Time of_full) { t += share * (of_full - t); };
  towards(s.first, full_.first);
  towards(s.between_tokens, full_.between_tokens);
  towards(s.cycle, full_.cycle);
  if (share > 0.5) s.iterations = full_.iterations;
  return s;
}

inline double Chain::find_likeliest() {
  if (ends(0) >= arrivals_.rate) return 0;
  std::size_t low = 0, high = grid_size_ - 1;
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (ends(middle) < arrivals_.rate ? low : high) = middle;
  }
  return grid_[low] + (grid_[high] - grid_[low]) * ((arrivals_.rate - ends_[low]) / (ends_[high] - ends_[low]));
}

inline double Chain::spread(double likeliest) {
  const State s = met(std::max(0.0, likeliest - 1));
  const double stalled =
      std::min(0.75, std::max(0.0, 1 - static_cast<double>(s.iterations.decode / s.iterations.between_tokens)));
  const double jump = 1 / (1 - stalled);
  return (jump * jump + 1) / 2 * (1 + arrivals_.squared_variation) / 2;
}

inline double Chain::reach(double likeliest, double zeta, bool up) {
  constexpr double rare = 12;  // e^-12 as likely as the likeliest
  const auto slope_at = [&](std::size_t k) { return std::abs(std::log(static_cast<double>(arrivals_.rate / ends(k)))); };
  double n = likeliest, slope = 0, fallen = 0;
  std::size_t k = likeliest < 1 ? 0 : below(likeliest) + (up && grid_size_ > 1 ? 1 : 0);
  for (;;) {
    const double next_slope = slope_at(k);
    const double fall = std::abs(grid_[k] - n) * (slope + next_slope) / 2;
    if (fallen + fall > rare * zeta) return n + (grid_[k] - n) * ((rare * zeta - fallen) / fall);
    fallen += fall;
    n = grid_[k];
    slope = next_slope;
    if (up && k + 1 == grid_size_) return slots_;
    if (!up && k == 0) return 0;
    k += up ? 1 : static_cast<std::size_t>(-1);
  }
}

inline void Chain::solve() {
  const double likeliest = find_likeliest();
  const double zeta = spread(likeliest);
  const double low = likeliest < 1 ? 0 : std::floor(reach(likeliest, zeta, false));
  const double high = std::min(slots_, std::ceil(reach(likeliest, zeta, true)));
  const double step = std::max(1.0, (high - low) / static_cast<double>(most_points));
  size_ = 1 + static_cast<std::size_t>(std::lround((high - low) / step));
  std::array<double, most_points + 1> log_weight;
  log_weight[0] = 0;
  numbers_[0] = low;
  double highest = 0;
  std::size_t k = below(low);
  for (std::size_t i = 1; i < size_; ++i) {
    const double n = low + static_cast<double>(i) * step;
    const double middle = n - 0.5 * (step - 1);
    while (k + 2 < grid_size_ && middle > grid_[k + 1]) ++k;
    numbers_[i] = n;
    log_weight[i] = log_weight[i - 1] + step * std::log(static_cast<double>(arrivals_.rate / ends_between(k, middle)));
    highest = std::max(highest, log_weight[i]);
  }
  double total = 0;
  const auto weight = [&](std::size_t i) { return std::exp((log_weight[i] - highest) / zeta); };
  for (std::size_t i = 0; i < size_; ++i) {
    probabilities_[i] = weight(i) * (i == 0 || i + 1 == size_ ? (step + 1) / 2 : step);
    total += probabilities_[i];
  }
  if (high >= slots_) {
    const double beyond = std::pow(static_cast<double>(arrivals_.rate / most_ends()), 1 / zeta);
    const double top = weight(size_ - 1);
    const double tail = top * beyond / (1 - beyond);
    probabilities_[size_ - 1] += tail;
    total += tail;
    waiting_ = (top + tail) / total;
  }
  for (std::size_t i = 0; i < size_; ++i) probabilities_[i] /= total;
  mean_wait_ = (arrivals_.squared_variation + std::min(1.5, w_.output.squared_variation())) / 2 / (most_ends() - arrivals_.rate);
}

inline double Chain::mean() const {
  double sum = 0;
  for (std::size_t i = 0; i < size(); ++i) sum += numbers_[i] * probabilities_[i];
  return sum;
}

}  // namespace ironlaw::load
