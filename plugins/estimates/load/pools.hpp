#pragma once
// Prompts and decoding on devices of their own, with the cache handed over between them (Zhong 2024, 'DistServe').
#include "open_loop.hpp"
#include "percentiles.hpp"

namespace ironlaw::load {

struct Pools {
  LoadedEngine prompt;  ///< its scheduler is not asked
  LoadedEngine decode;
  double prompt_engines = 1;
  double decode_engines = 1;
  Bandwidth link;  ///< out of each prompt engine
  Time link_latency{};
  Information cache_per_token{};  ///< that is handed over that link
};

/// Traffic that each part of the pools can carry.
struct PoolCapacity {
  Rate prompts, decoding, transfer;
  [[nodiscard]] Rate least() const { return std::min({prompts, decoding, transfer}); }
};

namespace detail {

/// Prompts alone never evict; decoding takes what its engine's rule of admission says.
inline LoadedEngine prompt_engine(LoadedEngine e) {
  e.order = PromptOrder::mixed;
  e.admission = Admission::held;
  return e;
}
inline LoadedEngine decode_engine(LoadedEngine e) {
  e.order = PromptOrder::mixed;
  return e;
}

/// Wait for a prompt engine, and the probability that there is one.
struct PromptWait {
  Time wait;
  double probability;
};

/// The number of prompts in the pool as a chain: one after another, or shared between engines in batches as the queue grows.
inline PromptWait chain_wait(const Work& w, double engines, const Arrivals& arrivals, Time alone, double variation) {
  double log_weight = 0, highest = 0, last = 0;
  std::array<double, 400> weights{};
  std::size_t n = 1;
  for (; n < weights.size(); ++n) {
    const double number = static_cast<double>(n);
    const double batch = std::min(w.capacity, std::max(1.0, number / engines));
    const Time t = batch <= 1.001 ? alone : w.with_units(0, batch) * (w.units > 1.001 ? w.units : 1);
    last = std::min(0.9999, static_cast<double>(arrivals.rate * t / (std::min(number, engines) * batch)));
    log_weight += std::log(last);
    weights[n] = log_weight;
    highest = std::max(highest, log_weight);
    if (log_weight < -30 && number > engines) break;
  }
  const std::size_t end = std::min(n + 1, weights.size());
  double total = 0, mean = 0, waiting = 0;
  for (std::size_t i = 0; i < end; ++i) {
    const double p = std::exp(weights[i] - highest);
    total += p;
    mean += static_cast<double>(i) * p;
    if (static_cast<double>(i) >= engines) waiting += p;
  }
  const double tail = std::exp(weights[end - 1] - highest) * last / (1 - last);
  total += tail;
  mean += tail * (static_cast<double>(end) + last / (1 - last));
  waiting += tail;
  return {std::max(Time{}, mean / total / arrivals.rate - alone) * variation, waiting / total};
}

/// An engine takes the whole queue at once, so batches grow while all are busy. A prompt that finds all busy waits for the first
/// of them to end, then for its own batch: those who came since an engine was free before.
inline PromptWait batch_wait(const Work& w, double engines, Rate arrivals, Time alone) {
  const auto time_of = [&](double batch) { return std::max(alone, w.with_units(0, std::min(w.capacity, batch))); };
  const auto collected = [&](Time t) { return static_cast<double>(arrivals * t / engines) * w.units; };
  double batch = 1;
  for (int i = 0; i < 40; ++i) {
    const double a = collected(time_of(batch));
    batch = 0.5 * batch + 0.5 * std::min(w.capacity, a + std::exp(-a));
  }
  const Time t = time_of(batch);
  const double a = collected(t);
  // Long services collect more, so the next one is long too.
  const Time slope = batch < w.capacity ? time_of(batch + 1) - t : Time{};
  const double feedback = std::min(0.95, collected(slope));
  const TimeSquare square = t * t + slope * slope * (batch / (1 - feedback * feedback));
  const Time met = square / t;
  double probability = a / (a + std::exp(-a));
  if (engines > 1) {
    const double utilisation = std::min(0.98, a / batch);
    double blocking = 1;  // Erlang
    for (double k = 1; k <= engines; ++k) blocking = utilisation * engines * blocking / (k + utilisation * engines * blocking);
    probability = blocking / (1 - utilisation * (1 - blocking));
  }
  return {probability * (met / (engines + 1) + time_of(1 + collected(met)) - alone), probability};
}

/// Sequences in the decode pool as a chain, spread evenly over its engines.
struct DecodePool {
  Time mean{};
  TimeSquare variance{};
  Time slot_wait{};
  double decoding = 0;
  Spread gaps{};
};

inline DecodePool decode_pool(const Work& w, double engines, const Arrivals& arrivals) {
  const double most = std::max(1.0, std::floor(w.slots * engines));
  const double zeta = (1 + arrivals.squared_variation) / 2;
  const auto ends = [&](double n, Time t) { return n / (w.decodes * t); };
  // Two passes over the chain: its weights are a running sum, so none needs to be kept. Iterations are nearly straight lines over
  // the sequences, so few are asked for.
  const auto walk = [&](auto&& visit) {
    double log_weight = 0, from = 1, to = 1;
    Time first = w.decode(std::max(1.0, 1 / engines)), last = first;
    visit(0.0, 0.0, first);
    for (double n = 1; n <= most; ++n) {
      if (n > to) {
        from = to;
        first = last;
        to = std::min(most, from + std::max(1.0, std::floor(from / 8)));
        last = w.decode(std::max(1.0, to / engines));
      }
      const Time t = to > from ? first + (n - from) / (to - from) * (last - first) : first;
      log_weight += std::log(static_cast<double>(arrivals.rate / ends(n, t))) / zeta;
      visit(n, log_weight, t);
    }
  };
  double highest = 0;
  walk([&](double, double weight, Time) { highest = std::max(highest, weight); });
  double total = 0, top = 0;
  walk([&](double, double weight, Time) { total += top = std::exp(weight - highest); });
  const Rate capacity = ends(w.slots * engines, w.decode(w.slots));
  const double beyond = std::min(0.9999, static_cast<double>(arrivals.rate / capacity));
  const double tail = top * beyond / (1 - beyond);
  total += tail;

  DecodePool pool;
  TimeHistogram gaps;
  TimeSquare square{};
  // Who joins n others meets n + 1.
  double joined = 0;
  Time at{};
  const auto meet = [&](Time t) {
    if (joined <= 1e-7) return;
    pool.mean += joined * t;
    square += joined * t * t;
    gaps.add(t, joined);
  };
  walk([&](double n, double weight, Time t) {
    if (n > 0) meet(at = t);
    joined = (std::exp(weight - highest) + (n == most ? tail : 0)) / total;
    pool.decoding += n * joined;
  });
  meet(at);
  pool.variance = std::max(TimeSquare{}, square - pool.mean * pool.mean);
  pool.gaps = gaps.spread();
  const double variation = (arrivals.squared_variation + std::min(1.5, w.output.squared_variation())) / 2;
  pool.slot_wait = (top + tail) / total * variation / (capacity - arrivals.rate);
  return pool;
}

}  // namespace detail

inline PoolCapacity pool_capacity(const Pools& pools, const Work& prompts, const Work& decoding) {
  return {pools.prompt_engines * prompts.capacity / (prompts.units * prompts.with_units(0, prompts.capacity)),
          pools.decode_engines * decoding.slots / (decoding.decodes * decoding.decode(decoding.slots)),
          pools.prompt_engines * pools.link / (decoding.prompt.mean() * pools.cache_per_token)};
}

}  // namespace ironlaw::load
