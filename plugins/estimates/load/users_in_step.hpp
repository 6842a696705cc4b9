#pragma once
// A closed loop whose lengths are all alike: users who start together stay in the groups that the token budget makes of them. The
// groups are followed from a cold start, from one change to the next, over the few rounds in which they settle.
#include <deque>
#include <optional>

#include "time_histogram.hpp"
#include "work.hpp"

namespace ironlaw::load {

/// Groups of users in the order in which they go round for ever: they wait for their prompts, decode, think, and wait again.
class UsersInStep {
 public:
  UsersInStep(const Work& w, double users, Time think)
      : w_(w),
        asked_(users),
        users_(std::max(1.0, std::round(users))),
        slots_(std::max(1.0, std::floor(w.slots))),
        round_(std::min(users_, slots_)),
        think_(think),
        prompt_(w.prompt.mean()) {
    waiting_.push_back({users_, Time{}});
    seen_.emplace(0, Time{});
  }

  /// Follows them for five rounds, or two of many changes. False where there are too many groups for that.
  bool follow();
  /// Of the last rounds.
  [[nodiscard]] Answer answer() const;

 private:
  struct Waiting {
    double users;
    Time since;
  };
  struct Decoding {
    double users;
    Time first_token;     ///< when it came
    Time waited;          ///< for it
    double begun, until;  ///< in decode iterations
  };
  struct Thinking {
    double users;
    Time until;
  };
  /// Gaps between tokens of one sort.
  struct Gaps {
    double count = 0;
    Time sum{};
    void add(Time each, double more) {
      count += more;
      sum += more * each;
    }
    [[nodiscard]] Time mean() const { return count > 0 ? sum / count : Time{}; }
  };
  /// The time of an iteration, as long as it is the last one's.
  struct Last {
    double decoding = -1, tokens = 0;
    Time time{};
  };
  struct Seen {
    Seen(double answers, Time now) : answers_before(answers), since(now) {}  // which leaves the histograms' bins as they are
    TimeHistogram firsts, each, requests, gaps;
    Gaps plain, stalled;
    double iterations = 0, with_prompts = 0;
    double answers_before;
    Time since;
  };

  Time iteration(double decoding, double tokens, Last& last);
  void step();
  double fill(double budget);
  void decode(double iterations, Time each);
  void see_gaps(double iterations, Time each, bool with_prompts);
  void end_answers();
  void end_prompts();

  const Work& w_;
  double asked_, users_, slots_;
  double round_;  ///< answers
  Time think_;
  double prompt_;
  std::deque<Waiting> waiting_;
  std::deque<Waiting> filled_;  ///< whose prompts end with the iteration
  std::deque<Decoding> decoding_;
  std::deque<Thinking> thinking_;
  double done_ = 0;     ///< tokens of the prompt of who waits first
  double at_work_ = 0;  ///< who decode
  double iterations_ = 0;
  double ended_ = 0;
  Time now_{};
  Time held_up_{};  ///< decoders, by prompts that go first, since their last token
  Last last_decode_, last_with_prompts_;
  std::optional<Seen> seen_;
};

inline bool UsersInStep::follow() {
  constexpr int many = 250;
  int changes = 0;
  for (int round = 1; round <= 5; ++round) {
    if (round % 2 == 0) seen_.emplace(ended_, now_);
    while (ended_ < round * round_ - 0.5) {
      step();
      if (++changes > 2 * many) return false;
    }
    if (round > 1 && changes > many) break;
  }
  return true;
}

inline Time UsersInStep::iteration(double decoding, double tokens, Last& last) {
  if (last.decoding != decoding || last.tokens != tokens)
    last = {decoding, tokens, tokens > 0 ? w_.with_prompts(decoding, tokens) : w_.decode(decoding)};
  return last.time;
}

/// Until the next iteration with prompts, the next answer's end, or the next request.
inline void UsersInStep::step() {
  while (!thinking_.empty() && thinking_.front().until <= now_) {
    waiting_.push_back({thinking_.front().users, thinking_.front().until});
    thinking_.pop_front();
  }
  if (decoding_.empty() && waiting_.empty()) {
    now_ = thinking_.front().until;
    return;
  }
  const double tokens = fill(w_.prompts_first ? w_.engine.token_budget * w_.engine.attention_ranks : w_.budget - at_work_);
  if (tokens == 0) {
    const Time each = iteration(at_work_, 0, last_decode_);
    double n = std::ceil(decoding_.front().until - iterations_ - 1e-6);
    if (waiting_.empty() && !thinking_.empty()) n = std::clamp(std::ceil((thinking_.front().until - now_) / each), 1.0, n);
    see_gaps(n, each, false);
    decode(n, each);
    return;
  }
  const Time took = iteration(w_.prompts_first ? 0 : at_work_, tokens, last_with_prompts_);
  ++seen_->with_prompts;
  if (w_.prompts_first) {
    ++seen_->iterations;
    now_ += took;
    if (at_work_ > 0) held_up_ += took;
  } else {
    see_gaps(1, took, true);
    decode(1, took);
  }
  end_prompts();
}

/// Prompts of who waits into an iteration, in their order; the tokens taken.
inline double UsersInStep::fill(double budget) {
  const bool whole = w_.engine.order == PromptOrder::whole_first;
  double tokens = 0;
  double free = slots_ - at_work_ - (done_ > 0 ? 1 : 0);
  while (budget > 0 && !waiting_.empty() && (done_ > 0 || free >= 1)) {
    const double rest = prompt_ - done_;
    if (rest > budget && !(whole && tokens == 0)) {
      if (whole) break;
      done_ += budget;
      return tokens + budget;
    }
    Waiting& group = waiting_.front();
    const double more = done_ > 0 ? free : free - 1;
    const double ending = 1 + std::min({std::floor(std::max(0.0, budget - rest) / prompt_), group.users - 1, more});
    const double taken = rest + (ending - 1) * prompt_;
    tokens += taken;
    budget -= taken;
    free -= ending - (done_ > 0 ? 1 : 0);
    done_ = 0;
    filled_.push_back({ending, group.since});
    group.users -= ending;
    if (group.users < 0.5) waiting_.pop_front();
  }
  return tokens;
}

inline void UsersInStep::see_gaps(double iterations, Time each, bool with_prompts) {
  seen_->iterations += iterations;
  const auto see = [&](Time gap, double count, Gaps& sort) {
    if (count <= 0) return;
    seen_->gaps.add(gap, count);
    sort.add(gap, count);
  };
  const bool stalled = with_prompts || held_up_ > Time{};
  if (stalled) see(each + held_up_, at_work_, seen_->stalled);
  see(each, (iterations - (stalled ? 1 : 0)) * at_work_, seen_->plain);
}

inline void UsersInStep::decode(double iterations, Time each) {
  now_ += iterations * each;
  held_up_ = Time{};
  if (at_work_ > 0) iterations_ += iterations;
  end_answers();
}

inline void UsersInStep::end_answers() {
  while (!decoding_.empty() && decoding_.front().until <= iterations_ + 1e-6) {
    const Decoding& d = decoding_.front();
    const Time answered = now_ - d.first_token;
    seen_->each.add(answered / ((iterations_ - d.begun) * w_.tokens_a_step), d.users);
    seen_->firsts.add(d.waited, d.users);
    seen_->requests.add(d.waited + answered, d.users);
    at_work_ -= d.users;
    ended_ += d.users;
    const Time until = now_ + think_;
    if (!thinking_.empty() && thinking_.back().until == until)
      thinking_.back().users += d.users;
    else
      thinking_.push_back({d.users, until});
    decoding_.pop_front();
  }
}

inline void UsersInStep::end_prompts() {
  for (const Waiting& g : filled_) {
    decoding_.push_back({g.users, now_, now_ - g.since, iterations_, iterations_ + w_.decodes});
    at_work_ += g.users;
  }
  filled_.clear();
}

inline Answer UsersInStep::answer() const {
  Answer a;
  a.ttft = seen_->firsts.spread();
  a.tpot = seen_->each.spread();
  a.request = seen_->requests.spread();
  a.throughput = asked_ / users_ * (ended_ - seen_->answers_before) / (now_ - seen_->since);
  if (users_ > round_) {
    // Users wait for slots until all the others have had theirs, which the first rounds do not show yet (Little's law).
    const Time longer = std::max(Time{}, asked_ / a.throughput - think_ - a.request.mean);
    for (Spread* spread : {&a.ttft, &a.request})
      for (Time* t : {&spread->mean, &spread->p50, &spread->p90, &spread->p99}) *t += longer;
  }
  a.decoding = static_cast<double>(a.throughput * (a.request.mean - a.ttft.mean));
  a.prompt_share = seen_->with_prompts / seen_->iterations;
  a.itl = seen_->gaps.spread();
  const double stalled = seen_->stalled.count / (seen_->stalled.count + seen_->plain.count);
  const auto gap_at = [&](double share, double beyond) {
    return share * stalled > beyond ? std::max(seen_->stalled.mean(), seen_->plain.mean()) : seen_->plain.mean();
  };
  a.itl_low = {gap_at(0, 0), gap_at(0, 0), gap_at(0.6, 0.1), gap_at(0.6, 0.01)};
  a.itl_high = {gap_at(1.6, 0), gap_at(1.6, 0.5), gap_at(1.6, 0.1), gap_at(1.6, 0.01)};
  return a;
}

/// The closed loop of `users` whose lengths are all alike and who take the same time to think, as long as few groups are left of
/// them.
inline std::optional<Answer> users_in_step(const Work& w, double users, const Client& client) {
  if (!w.prompt.is_fixed() || !w.output.is_fixed() || users <= 1 || client.random) return {};
  UsersInStep groups(w, users, client.think);
  return groups.follow() ? std::optional(groups.answer()) : std::nullopt;
}

}  // namespace ironlaw::load
