#pragma once
// What requests of given lengths are to an engine: units of prompt work, slots, and the iterations that they meet.
#include "engine.hpp"
#include "lengths.hpp"

namespace ironlaw::load {

using TimeSquare = decltype(Time{} * Time{});
inline Time root(TimeSquare v) { return Time::from_value(std::sqrt(std::max(0.0, v.value()))); }

/// Traffic that an engine serves. A share `cached_prefix` of each prompt is in its cache already: no work, but context.
struct Traffic {
  Lengths prompt;
  Lengths output;
  double cached_prefix = 0;
  double tokens_a_step = 1;  ///< that a decode iteration gives a sequence: above 1 with speculation
};

/// Tokens of cache that a request in flight takes in the mean over its life, by the rule of admission. A reservation is held for
/// the whole life; SGLang's ratio of reserved output settles near 0.1. `age`: mean of the output that is there.
[[nodiscard]] constexpr double tokens_in_flight(double prompt, double age, Admission admission) {
  switch (admission) {
    case Admission::held:
      break;
    case Admission::reserved:
      return prompt + 2 * age;
    case Admission::ratio:
      return prompt + 1.1 * age;
  }
  return prompt + age;
}

/// Symbols of the closed forms. A unit is a prompt, cut at the token budget.
class Work {
 public:
  Work(const LoadedEngine& engine_served, const Traffic& traffic)
      : engine(engine_served),
        prompt(traffic.prompt, 1, 1 - traffic.cached_prefix),
        output(traffic.output, 2),
        prompts_first(engine.order != PromptOrder::mixed),
        chunk(engine.token_budget),
        budget(engine.token_budget * engine.attention_ranks),
        cached_per_token_(traffic.cached_prefix / (1 - traffic.cached_prefix)) {
    if (engine.order == PromptOrder::whole_first) budget = chunk = std::max(budget, prompt.longest());
    const double age = output.mean_age();
    const double whole_prompt = prompt.mean() * (1 + cached_per_token_);
    context = whole_prompt + age;
    prompt_context_ = prompt.mean_age() * (1 + 2 * cached_per_token_);
    tokens_a_step = traffic.tokens_a_step;
    decodes = decodes_of(output.mean());
    unit = prompt.mean_of([&](double n) { return std::min(n, chunk); });
    units = std::max(1.0, prompt.mean() / unit);
    capacity = std::max(1.0, budget / unit);
    if (engine.order == PromptOrder::whole_first) {
      const double fit = engine.token_budget / unit;
      capacity = std::max(1.0, prompt.is_fixed() ? std::floor(fit) : fit - 0.5);
    }
    slots = slots_of(whole_prompt, age);
  }

  /// Decode iterations of a request of so many output tokens.
  [[nodiscard]] double decodes_of(double tokens) const { return std::max(1.0, tokens - 1) / tokens_a_step; }
  [[nodiscard]] Time decode(double decoding) const { return iteration({decoding, decoding * context}); }
  /// An iteration with n prompt tokens.
  [[nodiscard]] Time with_prompts(double decoding, double n) const {
    return iteration({decoding, decoding * context, n, n * pairs_per_token(), std::max(1.0, n / unit)});
  }
  /// From the start of a prompt's first iteration to its first token, with `others` prompt tokens beside it.
  [[nodiscard]] Time own(double decoding, double n, double others) const {
    const auto last = [&](double rest, double past) {
      const double beside = std::max(0.0, std::min(others, budget - rest));
      return iteration({decoding, decoding * context, rest + beside,
                        pairs(engine, rest, past + cached_per_token_ * n) + beside * pairs_per_token(), 1 + beside / unit, rest});
    };
    if (n <= chunk) return last(n, 0);
    const double full = std::floor(n / chunk);
    const double before = (full - 1) * chunk / 2 + cached_per_token_ * n;
    Time t = full * iteration({decoding, decoding * context, chunk, pairs(engine, chunk, before), 0, chunk});
    if (n > full * chunk) t += last(n - full * chunk, full * chunk);
    return t;
  }
  [[nodiscard]] Time mean_own(double decoding, double others) const {
    return prompt.mean_of_pairs([&](double n) { return own(decoding, n, others); });
  }
  /// Time of `full` iterations' worth of prompts at most.
  [[nodiscard]] Time with_units(double decoding, double n) const { return with_prompts(decoding, std::min(n * unit, budget)); }

  const LoadedEngine& engine;
  LengthAtoms prompt;  ///< the part of prompts that is work
  LengthAtoms output;
  bool prompts_first;
  double chunk;        ///< most tokens of one prompt in an iteration
  double budget;       ///< tokens of an iteration
  double context = 0;  ///< of a sequence met decoding
  double tokens_a_step = 1;
  double decodes = 0;   ///< decode iterations of a request
  double unit = 0;      ///< tokens
  double units = 0;     ///< a prompt
  double capacity = 0;  ///< units an iteration can take
  double slots = 0;     ///< sequences in flight

 private:
  [[nodiscard]] Time iteration(const Batch& batch) const { return (*engine.iteration)(batch); }
  [[nodiscard]] double pairs_per_token() const { return prompt_context_ + engine.pair_offset / 2; }

  [[nodiscard]] double slots_of(double whole_prompt, double age) const {
    const double tokens = engine.cache_tokens * (engine.order == PromptOrder::whole_first ? 0.99 : 1);  // vLLM v0's watermark
    const double lost = engine.admission == Admission::reserved ? 0.5 : 0;
    return std::max(1.0, std::min(engine.most_sequences, tokens / tokens_in_flight(whole_prompt, age, engine.admission) - lost));
  }

  double cached_per_token_;
  double prompt_context_ = 0;
};

/// Units of prompts that wait beyond one iteration's capacity.
struct Backlog {
  double iterations = 0;   ///< full ones
  double probability = 0;  ///< that there is one
};
/// `arriving` units come during a full iteration. The maximum of a Gaussian walk (Siegmund 1985), or for one prompt an iteration
/// Pollaczek-Khinchine.
inline Backlog backlog(const Work& w, double arriving, double arrival_variation) {
  const double utilisation = std::min(arriving / w.capacity, 0.998);
  if (utilisation <= 0) return {};
  const double variation = arrival_variation + w.prompt.squared_variation();
  if (w.capacity <= 1.01) return {utilisation * w.units * variation / (2 * (1 - utilisation)), utilisation};
  const double units = utilisation * w.capacity;
  const double variance = units * w.units * variation;
  const double spare = w.capacity - units;
  const double over = std::exp(-1.166 * spare / std::sqrt(variance));
  return {variance / (2 * spare) * over / w.capacity, over};
}

/// Iterations that a request meets: some hold prompts, the others decode only.
struct Iterations {
  Time decode{};        ///< without prompts
  Time with_one{};      ///< unit of prompts
  Time with_full{};     ///< capacity of prompts
  Time with_prompts{};  ///< as many as there are when there are some
  Time mean{};
  TimeSquare mean_square{};
  Time between_tokens{};  ///< mean time per output token
  Time drain{};           ///< that prompts which came meanwhile add to one's first decode iterations
  double draining = 0;    ///< iterations over which they do; prompts first: before the first of them
  Time backlog{};         ///< wait for iterations that are full
  double backlog_probability = 0;
  double prompt_share = 0;  ///< iterations that hold prompts
  double prompt_units = 1;  ///< units in such an iteration
  double arriving = 0;      ///< units an iteration
  double others = 0;        ///< prompt tokens that share one's first iteration
  double utilisation = 0;   ///< of the capacity for prompts
  double feedback = 0;      ///< correlation of one iteration's length with the next
  double again = 0;         ///< prompts first: share of iterations of prompts that another follows
};

/// The second moment of an iteration's time where `arriving` units come during one.
inline TimeSquare second_moment(const Work& w, const Iterations& i, double arriving) {
  const bool batches = w.capacity > 1.01;
  const Time slope = batches ? (i.with_full - i.with_one) / (w.capacity - 1) : Time{};
  const double mean_square_units =
      std::min(std::max(i.prompt_units * i.prompt_units, (arriving + arriving * arriving) / std::max(1e-9, i.prompt_share)),
               std::max(i.prompt_units * i.prompt_units, w.capacity * w.capacity));
  const double variance =
      (batches ? mean_square_units - i.prompt_units * i.prompt_units : 0) + i.prompt_units * w.prompt.squared_variation();
  return (1 - i.prompt_share) * i.decode * i.decode +
         i.prompt_share * (i.with_prompts * i.with_prompts + slope * slope * variance);
}

/// A user of a closed loop: thinks after each answer, and sends the next request then. At random, requests fall into any part of
/// an iteration; else all users' delays are the same.
struct Client {
  Time think{};
  bool random = false;
};

/// A number of requests in an engine, and how it moves.
struct State {
  double requests = 0;  ///< in slots; for an open loop those that an arrival finds there
  double decoding = 0;
  Rate throughput{};
  Time first{};  ///< from admission to first token
  Time between_tokens{};
  Time cycle{};  ///< from admission to the last token
  Iterations iterations;
};

}  // namespace ironlaw::load
