#pragma once
// How pools apart carry a load: requests that arrive at a rate, users who wait for their answers, or a benchmark of them.
#include "pools.hpp"
#include "steady_state.hpp"

namespace ironlaw::load {

/// The two schedulers, and what each part takes for a mean request.
class PoolWork {
 public:
  PoolWork(const Pools& pools, const Traffic& traffic)
      : prompt_engine_(detail::prompt_engine(pools.prompt)),
        decode_engine_(detail::decode_engine(pools.decode)),
        prompts(prompt_engine_, traffic),
        decoding(decode_engine_, traffic),
        capacity(pool_capacity(pools, prompts, decoding)),
        alone(prompts.mean_own(0, 0)),
        carried(decoding.prompt.mean() * pools.cache_per_token / pools.link) {}
  PoolWork(const PoolWork&) = delete;
  PoolWork& operator=(const PoolWork&) = delete;

 private:
  LoadedEngine prompt_engine_, decode_engine_;

 public:
  Work prompts, decoding;
  PoolCapacity capacity;
  Time alone;    ///< of a prompt that meets no other
  Time carried;  ///< of its cache on the link

  /// The link of a prompt engine carries one cache after another; those of one batch end together.
  [[nodiscard]] Time transfer(const Pools& pools, Rate each_engine) const {
    const double busy = std::min(0.98, static_cast<double>(each_engine * carried));
    const double in_batch = std::min(prompts.capacity, static_cast<double>(each_engine * alone));
    return pools.link_latency + carried + busy * carried * ((1 + prompts.prompt.squared_variation()) / (2 * (1 - busy))) +
           (prompts.capacity > 1.3 ? std::max(0.0, in_batch - 1) * carried / 2.0 : Time{});
  }
};

namespace detail {

/// Sums over lengths, waits and the decode pool's states into an answer.
inline void spread_over_pools(const PoolWork& w, const PromptWait& wait, Time transfer, const DecodePool& pool, Answer& a) {
  const Work& p = w.prompts;
  const Work& d = w.decoding;
  const double waiting = std::max(wait.probability, 1e-9);
  TimeHistogram firsts;
  for (std::size_t n = 0; n < p.prompt.tokens().size(); ++n) {
    const Time t = p.own(0, p.prompt.tokens()[n], 0);
    firsts.add(t, p.prompt.share(n) * (1 - waiting));
    for (const auto& [x, share] : exponential_atoms) firsts.add(t + wait.wait / waiting * x, p.prompt.share(n) * waiting * share);
  }
  a.ttft = firsts.spread();
  a.ttft.mean = w.alone + wait.wait;
  a.itl = pool.gaps;
  a.itl_low = a.itl_high = a.itl;
  a.decoding = pool.decoding;
  const Time joins = pool.mean / 2.0 + pool.slot_wait;
  TimeHistogram means, whole;
  for (std::size_t o = 0; o < d.output.tokens().size(); ++o) {
    const double decodes = d.decodes_of(d.output.tokens()[o]);
    const double variation = root(pool.variance * averaged(1.4 * decodes / d.decodes)) / pool.mean;
    const MovedGamma each = MovedGamma::from_zero(pool.mean, variation);
    for (const auto& [z, share] : normal_atoms) {
      const Time t = each.at(z);
      const double weight = d.output.share(o) * share;
      for (std::size_t n = 0; n < p.prompt.tokens().size(); ++n) {
        const Time own_transfer = transfer - w.carried + w.carried * (p.prompt.tokens()[n] / p.prompt.mean());
        means.add((t + (own_transfer + joins) / decodes) / d.tokens_a_step, weight * p.prompt.share(n));
      }
      for (const auto& [first, part] : five_points(a.ttft)) whole.add(decodes * t + transfer + joins + first, weight * part);
    }
  }
  a.tpot = means.spread();
  a.request = whole.spread();
}

}  // namespace detail

/// Traffic that arrives at a rate at pools apart. Unstable from the capacity of the scarcest part on.
inline Answer open_pools_answer(const Pools& pools, const Traffic& traffic, const Arrivals& arrivals) {
  const PoolWork w(pools, traffic);
  Answer a;
  a.capacity = w.capacity.least();
  a.throughput = std::min(arrivals.rate, a.capacity);
  a.stable = arrivals.rate < a.capacity;
  if (!a.stable) return a;
  const TimeSquare alone_square = w.prompts.prompt.mean_of([&](double n) {
    const Time t = w.prompts.own(0, n, 0);
    return t * t;
  });
  const double service_variation = std::max(0.0, static_cast<double>(alone_square / (w.alone * w.alone)) - 1);
  detail::PromptWait wait = detail::chain_wait(w.prompts, pools.prompt_engines, arrivals, w.alone,
                                               (arrivals.squared_variation + service_variation) / 2);
  if (w.prompts.capacity > 1.3) {
    const detail::PromptWait batches = detail::batch_wait(w.prompts, pools.prompt_engines, arrivals.rate, w.alone);
    if (batches.wait > wait.wait) wait = batches;
  }
  detail::spread_over_pools(w, wait, w.transfer(pools, arrivals.rate / pools.prompt_engines),
                            detail::decode_pool(w.decoding, pools.decode_engines, arrivals), a);
  return a;
}

/// `users` who each wait for their answer, in the long run or from a cold start with `waves` requests each. The burst of the
/// start leaves the prompt pool spaced at that pool's rate and stays so: only the first wave queues.
inline Answer closed_pools_answer(const Pools& pools, const Traffic& traffic, double users, Time think_time,
                                  const Maybe<double>& waves) {
  const PoolWork w(pools, traffic);
  const double engines = pools.decode_engines;
  const double decodes = w.decoding.decodes;
  const double in_slots = std::min(users, std::max(1.0, w.decoding.slots * engines));
  const Rate prompts = std::min(w.capacity.prompts, w.capacity.transfer);
  const Time think = users > in_slots ? Time{} : think_time;
  const auto step = [&](double decoding) { return w.decoding.decode(std::max(decoding / engines, 0.5)); };

  double low = 0, high = in_slots;
  for (int i = 0; i < 24; ++i) {
    const double middle = i == 0 ? 0.9 * high : (low + high) / 2;
    const Rate x = middle / (decodes * step(middle));
    const bool more = static_cast<double>(x * (w.alone + think)) + middle > in_slots || x > prompts;
    (more ? high : low) = middle;
  }
  detail::DecodePool pool;
  pool.decoding = (low + high) / 2;
  pool.mean = step(pool.decoding);
  pool.gaps = constant(pool.mean);
  Answer a;
  a.throughput = pool.decoding / (decodes * pool.mean);
  a.capacity = w.capacity.least();
  const double utilisation = std::min(0.9, static_cast<double>(a.throughput / prompts));
  const Time queue = w.alone * (0.5 * utilisation / (1 - utilisation) / pools.prompt_engines);
  detail::spread_over_pools(w, {queue, utilisation}, w.transfer(pools, a.throughput / pools.prompt_engines), pool, a);

  // Bound by prompts: who does not decode waits for a prompt engine.
  const bool bound = in_slots / (w.alone + think + decodes * step(in_slots)) > prompts;
  Time first = a.ttft.mean;
  if (waves) {
    const Time burst = in_slots > w.prompts.capacity ? in_slots / 2 / prompts : Time{};
    const double batch = std::min(w.prompts.capacity, std::max(1.0, in_slots / pools.prompt_engines));
    first = (burst + w.prompts.with_units(0, batch) + (*waves - 1) * first) / *waves;
  }
  if (bound) first = std::max(first, in_slots / prompts - decodes * pool.mean - think);
  if (users > in_slots) first += (users - in_slots) / a.throughput * (waves ? 1 - in_slots / (*waves * users) : 1);
  const Time moved = first - a.ttft.mean;
  scale_to(first, a.ttft);
  for (Time* t : {&a.request.mean, &a.request.p50, &a.request.p90, &a.request.p99}) *t += moved;
  return a;
}

}  // namespace ironlaw::load
