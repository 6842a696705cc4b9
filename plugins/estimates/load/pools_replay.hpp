#pragma once
// A discrete-event replay of pools apart: prompt engines on one queue, a link from each, decode engines that take the request
// with the fewest sequences before.
#include <utility>

#include "pools.hpp"
#include "replay.hpp"

namespace ironlaw::load {

class PoolsReplay {
 public:
  PoolsReplay(const Pools& pools, RequestSource& source, const ReplayOptions& options)
      : pools_(pools),
        source_(source),
        options_(options),
        prompt_engines_(static_cast<std::size_t>(pools.prompt_engines)),
        decode_engines_(static_cast<std::size_t>(pools.decode_engines)) {}
  Answer run();

 private:
  enum class Happens { prompt_iteration_ends, cache_arrives, decode_iteration_ends };
  struct Event {
    Time at;
    Happens what;
    std::size_t who;  ///< engine, or request whose cache arrives
    bool operator>(const Event& o) const { return at > o.at; }
  };
  struct Request {
    ArrivingRequest asked;
    double done = 0;
    Time first{};
  };
  struct PromptEngine {
    bool busy = false;
    Time link_free{};
    std::vector<std::size_t> begun;  ///< one prompt at most, that did not fit whole
    std::vector<std::size_t> ended;
  };
  struct Ending {
    std::int64_t iteration;
    std::size_t request;
    bool operator>(const Ending& o) const { return iteration > o.iteration; }
  };
  struct DecodeEngine {
    bool busy = false;
    double decoding = 0;
    double context = 0;
    double reserved = 0;
    std::int64_t iterations = 0;
    Time took{};
    std::vector<std::size_t> joining;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings;
    [[nodiscard]] double sequences() const { return decoding + static_cast<double>(joining.size()); }
  };

  /// Tokens of cache that the decode pool's rule of admission counts a request as.
  [[nodiscard]] double held(const ArrivingRequest& asked) const {
    return tokens_in_flight(asked.prompt, asked.output / 2, pools_.decode.admission);
  }
  void start_prompts(std::size_t engine);
  void hand_over(std::size_t engine);
  void place();
  void start_decoding(std::size_t engine);
  void end_decode_iteration(std::size_t engine);

  const Pools& pools_;
  RequestSource& source_;
  ReplayOptions options_;
  std::vector<PromptEngine> prompt_engines_;
  std::vector<DecodeEngine> decode_engines_;
  std::vector<Request> requests_;
  std::deque<std::size_t> waiting_;  ///< for a prompt engine
  std::deque<std::size_t> handed_;   ///< caches that wait for a decode engine
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Time now_{};
  std::int64_t ended_ = 0;
  bool measuring_ = false;
  Time since_{}, until_{};
  std::int64_t measured_ = 0;
  EndedRequests times_;
  TimeHistogram gaps_;
};

inline void PoolsReplay::start_prompts(std::size_t engine) {
  PromptEngine& e = prompt_engines_[engine];
  if (e.busy) return;
  double budget = pools_.prompt.token_budget, tokens = 0, seen = 0;
  e.ended.clear();
  const auto give = [&](std::size_t index) {
    Request& r = requests_[index];
    const double n = std::min(budget, r.asked.prompt - r.asked.cached_prefix - r.done);
    tokens += n;
    seen += pairs(pools_.prompt, n, r.asked.cached_prefix + r.done);
    r.done += n;
    budget -= n;
    if (r.done >= r.asked.prompt - r.asked.cached_prefix)
      e.ended.push_back(index);
    else
      e.begun.push_back(index);
  };
  const std::vector<std::size_t> begun = std::exchange(e.begun, {});
  for (const std::size_t r : begun) give(r);
  while (budget > 0 && e.begun.empty() && !waiting_.empty()) {
    const std::size_t r = waiting_.front();
    waiting_.pop_front();
    give(r);
  }
  if (tokens <= 0) return;
  e.busy = true;
  const Time took = (*pools_.prompt.iteration)({0, 0, tokens, seen, static_cast<double>(e.ended.size())});
  events_.push({now_ + took, Happens::prompt_iteration_ends, engine});
}

inline void PoolsReplay::hand_over(std::size_t engine) {
  PromptEngine& e = prompt_engines_[engine];
  e.busy = false;
  for (const std::size_t r : e.ended) {
    requests_[r].first = now_;
    e.link_free = std::max(e.link_free, now_) + requests_[r].asked.prompt * pools_.cache_per_token / pools_.link;
    events_.push({e.link_free + pools_.link_latency, Happens::cache_arrives, r});
  }
  start_prompts(engine);
}

inline void PoolsReplay::place() {
  while (!handed_.empty()) {
    const ArrivingRequest& asked = requests_[handed_.front()].asked;
    std::size_t best = decode_engines_.size();
    for (std::size_t i = 0; i < decode_engines_.size(); ++i) {
      const DecodeEngine& e = decode_engines_[i];
      if (e.sequences() >= pools_.decode.most_sequences) continue;
      if (e.sequences() > 0 && e.reserved + held(asked) > pools_.decode.cache_tokens) continue;
      if (best == decode_engines_.size() || e.sequences() < decode_engines_[best].sequences()) best = i;
    }
    if (best == decode_engines_.size()) return;
    decode_engines_[best].reserved += held(asked);
    decode_engines_[best].joining.push_back(handed_.front());
    handed_.pop_front();
    start_decoding(best);
  }
}

inline void PoolsReplay::start_decoding(std::size_t engine) {
  DecodeEngine& e = decode_engines_[engine];
  if (e.busy) return;
  for (const std::size_t r : e.joining) {
    const ArrivingRequest& asked = requests_[r].asked;
    ++e.decoding;
    e.context += asked.prompt + 1;
    e.endings.push({e.iterations + static_cast<std::int64_t>(std::max(1.0, asked.output - 1)), r});
  }
  e.joining.clear();
  if (e.decoding == 0) return;
  e.busy = true;
  e.took = (*pools_.decode.iteration)({e.decoding, e.context});
  events_.push({now_ + e.took, Happens::decode_iteration_ends, engine});
}

inline void PoolsReplay::end_decode_iteration(std::size_t engine) {
  DecodeEngine& e = decode_engines_[engine];
  e.busy = false;
  e.context += e.decoding;
  if (measuring_) gaps_.add(e.took, e.decoding);
  ++e.iterations;
  while (!e.endings.empty() && e.endings.top().iteration <= e.iterations) {
    const std::size_t index = e.endings.top().request;
    const Request& r = requests_[index];
    e.endings.pop();
    --e.decoding;
    e.context -= r.asked.prompt + r.asked.output;
    e.reserved -= held(r.asked);
    ++ended_;
    source_.ended(now_);
    if (!measuring_) continue;
    ++measured_;
    until_ = now_;
    if (static_cast<std::int64_t>(index) >= options_.warm_up)
      times_.add(r.first - r.asked.at, (now_ - r.first) / std::max(1.0, r.asked.output - 1), now_ - r.asked.at);
  }
  if (!measuring_ && ended_ >= options_.warm_up) {
    measuring_ = true;
    since_ = now_;
  }
  place();
  start_decoding(engine);
}

inline Answer PoolsReplay::run() {
  Answer a;
  while (ended_ < options_.requests) {
    if (source_.next() != never && (events_.empty() || source_.next() <= events_.top().at)) {
      now_ = source_.next();
      requests_.push_back({source_.take(), 0, Time{}});
      waiting_.push_back(requests_.size() - 1);
      for (std::size_t i = 0; i < prompt_engines_.size() && !waiting_.empty(); ++i) start_prompts(i);
      if (waiting_.size() + handed_.size() > options_.most_waiting) {
        a.stable = false;
        break;
      }
      continue;
    }
    if (events_.empty()) break;
    const Event e = events_.top();
    events_.pop();
    now_ = e.at;
    switch (e.what) {
      case Happens::prompt_iteration_ends:
        hand_over(e.who);
        break;
      case Happens::cache_arrives:
        handed_.push_back(e.who);
        place();
        break;
      case Happens::decode_iteration_ends:
        end_decode_iteration(e.who);
        break;
    }
  }
  times_.report(a);
  a.itl = gaps_.spread();
  a.itl_low = a.itl_high = a.itl;
  if (until_ > since_) a.throughput = static_cast<double>(measured_) / (until_ - since_);
  return a;
}

}  // namespace ironlaw::load
