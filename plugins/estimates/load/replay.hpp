#pragma once
// A discrete-event replay of a continuous-batching scheduler: what the closed forms are held against. A decode iteration costs
// O(1), a request O(log n).
#include <algorithm>
#include <cstdint>
#include <deque>

#include "ended_requests.hpp"
#include "request_source.hpp"
#include "time_histogram.hpp"

namespace ironlaw::load {

struct ReplayOptions {
  std::int64_t requests = 20'000;  ///< that end before it stops, those of the warm-up among them
  std::int64_t warm_up = 4'000;    ///< that are not measured; 0: a cold start is
  std::int64_t most_iterations = 4'000'000;
  std::size_t most_waiting = 200'000;  ///< beyond it the load counts as unstable
};

/// Adds up iterations of one sort.
class IterationSum {
 public:
  void add(const Batch& b, Time took) {
    ++count_;
    time_ += took;
    sum_.decoding += b.decoding;
    sum_.context += b.context;
    sum_.prompt_tokens += b.prompt_tokens;
    sum_.pairs += b.pairs;
    sum_.ended_prompts += b.ended_prompts;
  }
  [[nodiscard]] double count() const { return count_; }
  [[nodiscard]] MeanIteration mean(double of_all) const {
    if (count_ == 0) return {};
    return {count_ / of_all,
            time_ / count_,
            {sum_.decoding / count_, sum_.context / count_, sum_.prompt_tokens / count_, sum_.pairs / count_,
             sum_.ended_prompts / count_, 0}};
  }

 private:
  double count_ = 0;
  Time time_{};
  Batch sum_;
};

class Replay {
 public:
  Replay(const LoadedEngine& engine, RequestSource& source, const ReplayOptions& options)
      : engine_(engine), source_(source), options_(options) {}
  Answer run();

 private:
  enum class Stage { waiting, prompt, decoding, ended };
  struct Request {
    ArrivingRequest asked;
    Stage stage = Stage::waiting;
    double made = 0;    ///< tokens, up to its last change of stage
    double done = 0;    ///< tokens of `needed`
    double needed = 0;  ///< of prompt, and of output to be made again after an eviction
    double shared = 0;  ///< of the prompt, in the cache
    Time first{};       ///< when its first token came
    Time last_token{};
    std::int64_t decoding_since = 0;
    int ticket = 0;  ///< of its admission
  };
  /// A request as it was admitted; stale once it has another ticket.
  struct Admitted {
    std::size_t request;
    int ticket;
  };
  struct Ending {
    std::int64_t iteration;
    Admitted admitted;
    bool operator>(const Ending& o) const { return iteration > o.iteration; }
  };
  /// What an iteration is filled with.
  struct Filling {
    double budget;
    double tokens = 0;
    double pairs = 0;
    bool decodes = true;
    std::vector<std::size_t> ended;
  };

  void arrive();
  void fill_mixed(Filling& f);
  void fill_first(Filling& f);
  bool give(Filling& f, std::size_t r, double most);
  [[nodiscard]] bool fits(const Request& r, double now, double admitted_output) const;
  void admit(std::size_t r);
  void forget_ended_prompts(const Filling& f);
  void evict();
  void decode_step(Time took);
  void end_prompts(const Filling& f);
  void end(Request& r, std::size_t index);
  void prune_admissions();

  const LoadedEngine& engine_;
  RequestSource& source_;
  ReplayOptions options_;

  std::vector<Request> requests_;
  std::deque<std::size_t> waiting_;
  std::vector<std::size_t> partial_;  ///< prompts that have begun
  std::vector<Admitted> admitted_;    ///< in order
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> endings_;
  std::vector<std::size_t> fresh_;  ///< decoders that have had their first token only

  Time now_{};
  Time last_decode_ = -1.0 * units::second;
  double held_ = 0;      ///< tokens in the cache
  double reserved_ = 0;  ///< tokens set aside
  double context_ = 0;   ///< of all decoders
  double decoding_ = 0;
  double running_ = 0;
  double made_ = 0;  ///< by decoders, and their outputs in all
  double to_make_ = 0;
  double reserve_ratio_ = 0.7;  ///< SGLang: share of the output still to come that is kept free
  std::int64_t decode_iterations_ = 0;
  std::int64_t ended_ = 0;
  int tickets_ = 0;

  bool measuring_ = false;
  Time since_{}, until_{};
  std::int64_t measured_ = 0;
  double evicted_ = 0;
  EndedRequests times_;
  TimeHistogram gaps_;
};

inline void Replay::arrive() {
  while (source_.next() <= now_) {
    Request r;
    r.asked = source_.take();
    r.shared = r.asked.cached_prefix;
    r.needed = r.asked.prompt - r.shared;
    requests_.push_back(r);
    waiting_.push_back(requests_.size() - 1);
  }
}

inline void Replay::admit(std::size_t index) {
  Request& r = requests_[index];
  r.stage = Stage::prompt;
  r.ticket = ++tickets_;
  r.done = 0;
  held_ += r.shared;
  admitted_.push_back({index, r.ticket});
  partial_.push_back(index);
  ++running_;
  if (engine_.admission == Admission::reserved) reserved_ += r.asked.prompt + r.asked.output;
}

/// Up to `most` tokens of a prompt into the iteration. False where it got none.
inline bool Replay::give(Filling& f, std::size_t index, double most) {
  Request& r = requests_[index];
  const double n = std::min(most, r.needed - r.done);
  if (n <= 0) return false;
  f.tokens += n;
  f.pairs += pairs(engine_, n, r.shared + r.done);
  r.done += n;
  held_ += n;
  f.budget -= n;
  if (r.done >= r.needed) f.ended.push_back(index);
  return true;
}

/// Whether a request that takes `now` tokens at once gets a slot; `admitted_output`: output of those that got one before it in
/// this iteration.
inline bool Replay::fits(const Request& r, double now, double admitted_output) const {
  if (running_ == 0) return true;
  const double free = engine_.cache_tokens * (engine_.order == PromptOrder::whole_first ? 0.99 : 1);
  if (engine_.admission == Admission::reserved) return reserved_ + r.asked.prompt + r.asked.output <= free;
  double kept = 0;
  if (engine_.admission == Admission::ratio)
    kept = std::max(0.0, r.asked.output - r.made) + admitted_output + reserve_ratio_ * std::max(0.0, to_make_ - made_);
  return held_ + r.shared + now + kept <= free;
}

inline void Replay::fill_mixed(Filling& f) {
  bool evicted = false;
  while (decoding_ > 0 && held_ + decoding_ > engine_.cache_tokens && running_ > 1) {
    evict();
    evicted = true;
  }
  f.budget -= decoding_;
  const auto chunk = [&](std::size_t r) {
    const double room = std::floor(engine_.cache_tokens - held_ - decoding_);
    const bool alone = decoding_ == 0 && running_ == 1;
    return give(f, r, room <= 0 && alone ? f.budget : std::min(f.budget, room));
  };
  for (const std::size_t r : partial_) {
    if (f.budget <= 0) break;
    chunk(r);
  }
  double admitted_output = 0;
  while (!evicted && f.budget > 0 && !waiting_.empty() && running_ < engine_.most_sequences) {
    const std::size_t r = waiting_.front();
    if (!fits(requests_[r], decoding_ + std::min(f.budget, requests_[r].needed), admitted_output)) break;
    waiting_.pop_front();
    admitted_output += requests_[r].asked.output - requests_[r].made;
    admit(r);
    if (!chunk(r)) break;
  }
}

inline void Replay::fill_first(Filling& f) {
  const bool whole = engine_.order == PromptOrder::whole_first;
  const auto chunk = [&](std::size_t r) { give(f, r, whole ? requests_[r].needed : f.budget); };
  for (const std::size_t r : partial_)
    if (f.budget > 0) chunk(r);
  double admitted_output = 0;
  while (f.budget > 0 && !waiting_.empty() && running_ < engine_.most_sequences) {
    const std::size_t index = waiting_.front();
    const Request& r = requests_[index];
    if (!fits(r, r.needed, admitted_output)) break;
    if (whole && f.tokens > 0 && r.needed > f.budget) break;
    waiting_.pop_front();
    admitted_output += r.asked.output - r.made;
    admit(index);
    chunk(index);
  }
  f.decodes = f.tokens == 0;
  while (f.decodes && held_ + decoding_ > engine_.cache_tokens && running_ > 1) {
    evict();
    if (engine_.admission == Admission::ratio) reserve_ratio_ = std::min(1.0, (made_ + 20 * decoding_) / std::max(1.0, to_make_));
  }
}

/// The last admitted goes back to the front of the queue; its prompt and what it made are to be computed again.
inline void Replay::evict() {
  while (!admitted_.empty()) {
    const Admitted a = admitted_.back();
    admitted_.pop_back();
    Request& r = requests_[a.request];
    if (r.ticket != a.ticket || r.stage == Stage::ended || r.stage == Stage::waiting) continue;
    if (r.stage == Stage::prompt) {
      partial_.erase(std::find(partial_.begin(), partial_.end(), a.request));
      held_ -= r.shared + r.done;
    } else {
      r.made += static_cast<double>(decode_iterations_ - r.decoding_since);
      held_ -= r.asked.prompt + r.made;
      context_ -= r.asked.prompt + r.made;
      --decoding_;
      made_ -= r.made;
      to_make_ -= r.asked.output;
      r.last_token = last_decode_;
    }
    --running_;
    if (engine_.admission == Admission::reserved) reserved_ -= r.asked.prompt + r.asked.output;
    r.stage = Stage::waiting;
    r.done = 0;
    r.shared = r.asked.cached_prefix;
    r.needed = r.asked.prompt - r.shared + r.made;
    r.ticket = 0;
    waiting_.push_front(a.request);
    ++evicted_;
    return;
  }
}

inline void Replay::end(Request& r, std::size_t index) {
  r.stage = Stage::ended;
  held_ -= r.asked.prompt + r.asked.output;
  --running_;
  if (engine_.admission == Admission::reserved) reserved_ -= r.asked.prompt + r.asked.output;
  ++ended_;
  source_.ended(now_);
  if (!measuring_) return;
  ++measured_;
  until_ = now_;
  if (static_cast<std::int64_t>(index) < options_.warm_up) return;
  times_.add(r.first - r.asked.at, (now_ - r.first) / std::max(1.0, r.asked.output - 1), now_ - r.asked.at);
}

inline void Replay::decode_step(Time took) {
  ++decode_iterations_;
  held_ += decoding_;
  context_ += decoding_;
  made_ += decoding_;
  if (engine_.admission == Admission::ratio) reserve_ratio_ = std::max(0.098, reserve_ratio_ - (0.7 - 0.098) / 600);
  if (measuring_) {
    const Time gap = last_decode_ >= Time{} ? std::max(took, now_ - last_decode_) : took;
    gaps_.add(gap, decoding_ - static_cast<double>(fresh_.size()));
    for (const std::size_t r : fresh_)
      if (requests_[r].stage == Stage::decoding) gaps_.add(now_ - requests_[r].last_token, 1);
  }
  fresh_.clear();
  last_decode_ = now_;
  while (!endings_.empty() && endings_.top().iteration <= decode_iterations_) {
    const Admitted a = endings_.top().admitted;
    endings_.pop();
    Request& r = requests_[a.request];
    if (r.ticket != a.ticket || r.stage != Stage::decoding) continue;
    context_ -= r.asked.prompt + r.asked.output;
    --decoding_;
    made_ -= r.asked.output;
    to_make_ -= r.asked.output;
    end(r, a.request);
  }
}

/// A prompt that has ended gives the first token, or the next one after an eviction.
inline void Replay::end_prompts(const Filling& f) {
  for (const std::size_t index : f.ended) {
    Request& r = requests_[index];
    if (r.made == 0)
      r.first = now_;
    else if (measuring_)
      gaps_.add(now_ - r.last_token, 1);
    ++r.made;
    ++held_;
    r.last_token = now_;
    if (r.made >= r.asked.output) {
      end(r, index);
      continue;
    }
    r.stage = Stage::decoding;
    r.decoding_since = decode_iterations_;
    ++decoding_;
    context_ += r.asked.prompt + r.made;
    made_ += r.made;
    to_make_ += r.asked.output;
    fresh_.push_back(index);
    endings_.push({decode_iterations_ + static_cast<std::int64_t>(r.asked.output - r.made), {index, r.ticket}});
  }
}

inline void Replay::forget_ended_prompts(const Filling& f) {
  for (const std::size_t r : f.ended) partial_.erase(std::find(partial_.begin(), partial_.end(), r));
}

/// Tickets of requests that have ended are dropped once they are most of the list.
inline void Replay::prune_admissions() {
  if (static_cast<double>(admitted_.size()) <= 4096 + 4 * running_) return;
  std::erase_if(admitted_, [&](const Admitted& a) {
    const Request& r = requests_[a.request];
    return r.ticket != a.ticket || r.stage == Stage::ended || r.stage == Stage::waiting;
  });
}

inline Answer Replay::run() {
  Answer a;
  double decoders_over_time = 0;
  std::int64_t iterations = 0;
  IterationSum decoding_only, with_prompts;
  while (ended_ < options_.requests && iterations < options_.most_iterations) {
    arrive();
    if (running_ == 0 && waiting_.empty()) {
      if (source_.next() == never) break;
      now_ = source_.next();
      last_decode_ = -1.0 * units::second;
      continue;
    }
    if (waiting_.size() > options_.most_waiting) {
      a.stable = false;
      break;
    }
    prune_admissions();
    Filling f{engine_.token_budget, 0, 0, true, {}};
    if (engine_.order != PromptOrder::mixed)
      fill_first(f);
    else
      fill_mixed(f);
    forget_ended_prompts(f);
    const double decoding = f.decodes ? decoding_ : 0;
    const Batch batch{decoding, f.decodes ? context_ : 0, f.tokens, f.pairs, static_cast<double>(f.ended.size()), 0};
    const Time took = (*engine_.iteration)(batch);
    now_ += took;
    ++iterations;
    if (measuring_) {
      decoders_over_time += decoding_ * took.value();
      (f.tokens > 0 ? with_prompts : decoding_only).add(batch, took);
    }
    if (decoding > 0) decode_step(took);
    end_prompts(f);
    if (!measuring_ && ended_ >= options_.warm_up) {
      measuring_ = true;
      since_ = now_;
      evicted_ = 0;
    }
  }
  times_.report(a);
  a.itl = gaps_.spread();
  a.itl_low = a.itl_high = a.itl;
  const Time span = until_ - since_;
  if (span > Time{}) {
    a.throughput = static_cast<double>(measured_) / span;
    a.decoding = decoders_over_time / (now_ - since_).value();
  }
  if (measured_ > 0) a.evicted = evicted_ / static_cast<double>(measured_);
  if (const double all = decoding_only.count() + with_prompts.count(); all > 0) {
    a.decoding_only = decoding_only.mean(all);
    a.with_prompts = with_prompts.mean(all);
    a.prompt_share = a.with_prompts.share;
  }
  return a;
}

/// The replay of closed and open loops, and of a trace.
inline Answer replay(const LoadedEngine& engine, RequestSource& source, const ReplayOptions& options) {
  return Replay(engine, source, options).run();
}

}  // namespace ironlaw::load
