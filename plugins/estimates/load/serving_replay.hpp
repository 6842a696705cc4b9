#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "replay.hpp"
#include "serving_engine.hpp"

namespace ironlaw::estimates {

/// The scheduler of `serving_engine` replayed iteration by iteration over random requests: what the closed form is held against.
/// A thousand times slower.
struct ServingReplay {
  static constexpr auto about = Solver::About{
      "serving_replay", "A serving engine under load, replayed request by request: the slow check of serving_engine",
      "schedulers of vLLM, TensorRT-LLM and SGLang as of early 2026"};
  using Given = ServingGiven;
  using Facts = ServingFacts;
  struct Inputs : ServingInputs {
    double seed = 1;
    double requests = 8000;
    double warm_up = 2000;
  };
  struct Outputs : ServingOutputs {
    double evictions_per_request = 0;
  };
  static constexpr auto inputs =
      ports(serving_inputs, port<&Inputs::seed>("of the random lengths and arrivals", between(0, 1e9)).whole(),
            port<&Inputs::requests>("that end before the replay does", between(10, 1e6)).whole(),
            port<&Inputs::warm_up>("of these, that are not measured", between(0, 1e6)).whole());
  static constexpr auto outputs = ports(
      serving_outputs, port<&Outputs::evictions_per_request>("requests that lost their slot and began again", non_negative));
  static constexpr auto rules = ironlaw::rules(
      one_load, waves_of_users,
      rule("users must be a multiple of replicas: one replica is replayed",
           [](const Inputs& in) { return !in.users || std::fmod(*in.users, in.replicas) == 0; }),
      rule("warm_up must be below requests", [](const Inputs& in) { return in.waves || in.warm_up < in.requests; }));

  static Facts facts(const Given& in) { return serving_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const ModelledIteration iteration(f.iteration, in.drafted_tokens, in.band_quantile);
    load::Traffic traffic = traffic_of(in, in.length_spread, f.context_length);
    const load::LoadedEngine engine = engine_of(f, traffic, iteration);
    const auto seed = static_cast<std::uint64_t>(in.seed);
    load::ReplayOptions options{static_cast<std::int64_t>(in.requests), static_cast<std::int64_t>(in.warm_up)};
    load::Answer a;
    if (in.request_rate) {
      load::OpenSource source(traffic, arrivals_of(in, in.replicas), seed);
      a = load::replay(engine, source, options);
    } else {
      const int users = static_cast<int>(*in.users / in.replicas);
      if (in.waves) options = {static_cast<std::int64_t>(*in.waves * users), 0};
      load::ClosedSource source(traffic, users, in.think_time, in.random_delays, seed);
      a = load::replay(engine, source, options);
    }
    Outputs out;
    const Time mean_iteration = a.tpot.mean * traffic.tokens_a_step;
    report(a, {in.replicas, in.replicas, f.devices, in.prompt_tokens, in.output_tokens},
           in.first_token_delay.value_or(f.first_token_delay) * mean_iteration + in.first_token_time.value_or(f.first_token_time),
           out);
    out.evictions_per_request = a.evicted;
    return out;
  }
};

}  // namespace ironlaw::estimates
