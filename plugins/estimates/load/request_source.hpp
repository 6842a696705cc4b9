#pragma once
// Where the requests of a replay come from: users in a closed loop, a random stream, or a trace.
#include <functional>
#include <limits>
#include <queue>
#include <random>
#include <span>
#include <vector>

#include "open_loop.hpp"

namespace ironlaw::load {

struct ArrivingRequest {
  Time at{};
  double prompt = 1;         ///< tokens, those in the cache among them
  double output = 1;         ///< tokens, one at least
  double cached_prefix = 0;  ///< tokens of the prompt that the cache holds
};

inline constexpr Time never = Time::from_value(std::numeric_limits<double>::infinity());

/// Traffic in the order of their arrival.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// When the next request comes; `never` where none is known yet.
  [[nodiscard]] virtual Time next() const = 0;
  virtual ArrivingRequest take() = 0;
  /// A request has got its last token.
  virtual void ended(Time now) = 0;
};

/// Lengths drawn at random.
class RandomLengths {
 public:
  RandomLengths(const Traffic& traffic, std::uint64_t seed) : traffic_(traffic), generator_(seed) {}
  ArrivingRequest draw(Time at) {
    const double prompt = traffic_.prompt.quantile(level_(generator_));
    const double output = std::max(2.0, traffic_.output.quantile(level_(generator_)));
    return {at, prompt, output, std::floor(prompt * traffic_.cached_prefix)};
  }
  std::mt19937_64& generator() { return generator_; }

 private:
  Traffic traffic_;
  std::mt19937_64 generator_;
  std::uniform_real_distribution<double> level_{1e-9, 1 - 1e-9};
};

/// Users who all start at once, and think after each answer: the same time, or an exponential one of that mean.
class ClosedSource final : public RequestSource {
 public:
  ClosedSource(const Traffic& traffic, int users, Time think, bool random_think, std::uint64_t seed)
      : lengths_(traffic, seed), think_(think), random_think_(random_think) {
    for (int i = 0; i < users; ++i) due_.push(Time{});
  }
  Time next() const override { return due_.empty() ? never : due_.top(); }
  ArrivingRequest take() override {
    const Time at = due_.top();
    due_.pop();
    return lengths_.draw(at);
  }
  void ended(Time now) override { due_.push(now + think_ * (random_think_ ? exponential_(lengths_.generator()) : 1)); }

 private:
  RandomLengths lengths_;
  Time think_;
  bool random_think_;
  std::exponential_distribution<double> exponential_{1};
  std::priority_queue<Time, std::vector<Time>, std::greater<>> due_;
};

/// Traffic with gamma-distributed times between them.
class OpenSource final : public RequestSource {
 public:
  OpenSource(const Traffic& traffic, const Arrivals& arrivals, std::uint64_t seed)
      : lengths_(traffic, seed),
        mean_(1.0 / arrivals.rate),
        gap_(1 / arrivals.squared_variation, arrivals.squared_variation),
        next_(mean_ * gap_(lengths_.generator())) {}
  Time next() const override { return next_; }
  ArrivingRequest take() override {
    const ArrivingRequest made = lengths_.draw(next_);
    next_ += mean_ * gap_(lengths_.generator());
    return made;
  }
  void ended(Time) override {}

 private:
  RandomLengths lengths_;
  Time mean_;
  std::gamma_distribution<double> gap_;
  Time next_;
};

/// Traffic as they were written down, in the order of their arrival; outlives the replay.
class TraceSource final : public RequestSource {
 public:
  explicit TraceSource(std::span<const ArrivingRequest> requests) : left_(requests) {}
  Time next() const override { return left_.empty() ? never : left_.front().at; }
  ArrivingRequest take() override {
    const ArrivingRequest made = left_.front();
    left_ = left_.subspan(1);
    return made;
  }
  void ended(Time) override {}

 private:
  std::span<const ArrivingRequest> left_;
};

}  // namespace ironlaw::load
