#pragma once
// A serving engine as its load sees it: how long an iteration takes, how much it holds, and what its scheduler does.
#include <ironlaw/kernel_rates.hpp>

namespace ironlaw::load {

/// What one iteration of an engine works on.
struct Batch {
  double decoding = 0;       ///< sequences that get their next token
  double context = 0;        ///< tokens that these hold, all together
  double prompt_tokens = 0;  ///< tokens of prompts
  double pairs = 0;          ///< (query, key) pairs of the prompt tokens
  double ended_prompts = 0;  ///< prompts whose last token is among them
  double one_prompt = 0;     ///< tokens of a prompt that lies on one of several attention ranks; 0: spread evenly
};

/// The time of an iteration; all that the equations of load know of a model and its devices.
class IterationTime {
 public:
  virtual ~IterationTime() = default;
  [[nodiscard]] virtual Time operator()(const Batch& batch) const = 0;
};

struct LoadedEngine {
  const IterationTime* iteration;
  double cache_tokens;          ///< tokens that its key-value cache holds
  double attention_ranks = 1;   ///< that decode sequences of their own (attention-data parallelism)
  double token_budget = 8192;   ///< tokens of an iteration and rank
  double most_sequences = 256;  ///< in flight
  PromptOrder order = PromptOrder::mixed;
  Admission admission = Admission::held;
  double pair_offset = 600;  ///< tokens of context that a prompt token's attention costs beyond those it sees (kernel start)
};

/// (query, key) pairs of n prompt tokens after `past` cached ones, as its kernels' time counts them.
[[nodiscard]] constexpr double pairs(const LoadedEngine& engine, double n, double past) {
  return n * past + n * (n + engine.pair_offset) / 2;
}

/// Mean and quantiles of a time.
struct Spread {
  Time mean{}, p50{}, p90{}, p99{};
};
constexpr Spread constant(Time t) { return {t, t, t, t}; }

/// Iterations of one sort, in the mean.
struct MeanIteration {
  double share = 0;  ///< of all iterations
  Time time{};
  Batch batch;
};

/// How an engine carries a load.
struct Answer {
  Rate throughput{};             ///< requests
  bool stable = true;            ///< else `throughput` is the capacity, and the times mean nothing
  Rate capacity{};               ///< most requests, of an open loop
  double decoding = 0;           ///< mean sequences that decode
  Spread ttft{};                 ///< arrival to first token
  Spread tpot{};                 ///< mean gap of a request's tokens after the first
  Spread itl{};                  ///< gap between two tokens
  Spread request{};              ///< arrival to last token
  Spread itl_low{}, itl_high{};  ///< p90 and p99 with 0.6 and 1.6 times as many iterations that hold prompts
  double prompt_share = 0;       ///< iterations that hold prompts
  double evicted = 0;            ///< evictions a request (a replay's)
  MeanIteration decoding_only;   ///< iterations without prompts (a replay's)
  MeanIteration with_prompts;    ///< the others (a replay's)
};

}  // namespace ironlaw::load
