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
    Series<Time> arrivals;
    Series<double> prompts;
    Series<double> answers;
  };
  struct Outputs : ServingOutputs {
    double evictions_per_request = 0;
    Maybe<Time> iteration_time;
    equations::TimeParts parts{};
    Information weights_per_device{};
    Information usable_memory{};
    double longest_request = 0;
    Maybe<double> context_length;
  };
  static constexpr auto inputs =
      ports(serving_inputs, port<&Inputs::seed>("of the random lengths and arrivals", between(0, 1e9)).whole(),
            port<&Inputs::requests>("that end before the replay does", between(10, 1e6)).whole(),
            port<&Inputs::warm_up>("of these, that are not measured", between(0, 1e6)).whole(),
            port<&Inputs::arrivals>("when each request of a trace comes, instead of random ones; each replica in turn gets one",
                                    non_negative)
                .over("request")
                .length(1, 1'000'000)
                .optional(),
            port<&Inputs::prompts>("tokens of each prompt of the trace", at_least_one).over("request").optional(),
            port<&Inputs::answers>("tokens of each answer of the trace", at_least_one).over("request").optional());
  static constexpr auto outputs = ports(
      serving_outputs, port<&Outputs::evictions_per_request>("requests that lost their slot and began again", non_negative),
      port<&Outputs::iteration_time>("of the iterations that were measured, mean; absent where there was none").display("ms"),
      merge<&Outputs::parts>(equations::time_part_ports), port<&Outputs::weights_per_device>("stored weights").display("GB"),
      port<&Outputs::usable_memory>("memory of a device for weights and cache, by the engine's rule").display("GB"),
      port<&Outputs::longest_request>("mean tokens of prompt and answer; of a trace, those of its longest request"),
      port<&Outputs::context_length>("longest context the model was made for; absent: not said"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::weights_per_device, &Outputs::usable_memory>("memory", "weights must leave room for cache",
                                                                                  "W <= usable_memory"),
                      hard<&Outputs::longest_request, &Outputs::context_length>(
                          "serving: context", "prompt and answer must fit the model's context", "prompt + output <= context"),
                      equations::part_limits<&Outputs::parts, &Outputs::iteration_time>());
  static constexpr auto rules = ironlaw::rules(
      rule("give one of users (a closed loop), request_rate (an open one) and arrivals (a trace)",
           [](const Inputs& in) { return (in.users ? 1 : 0) + (in.request_rate ? 1 : 0) + (in.arrivals.empty() ? 0 : 1) == 1; }),
      rule("arrivals of a trace need prompts and answers",
           [](const Inputs& in) { return in.arrivals.empty() || (!in.prompts.empty() && !in.answers.empty()); }),
      rule("arrivals must be in order", [](const Inputs& in) { return std::ranges::is_sorted(in.arrivals.values()); }),
      waves_of_users,
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
    std::vector<load::ArrivingRequest> trace;
    if (!in.arrivals.empty()) {
      const auto replicas = static_cast<std::size_t>(in.replicas);
      for (std::size_t i = 0; i < in.arrivals.size(); i += replicas)
        trace.push_back(
            {in.arrivals[i], in.prompts[i], std::max(2.0, in.answers[i]), std::floor(in.prompts[i] * in.prefix_hit_rate)});
      options = {static_cast<std::int64_t>(trace.size()), 0};
      load::TraceSource source(trace);
      a = load::replay(engine, source, options);
    } else if (in.request_rate) {
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
    fill_parts(iteration, {a.decoding_only, a.with_prompts}, out);
    out.weights_per_device = f.memory.weights;
    out.usable_memory = f.device.usable();
    out.longest_request = in.prompt_tokens + in.output_tokens;
    if (!trace.empty()) out.longest_request = longest(trace);
    out.context_length = f.context_length;
    return out;
  }

 private:
  /// What the iterations were spent on: those of the mean batch of each sort, as parts of the time that such took in the mean.
  static void fill_parts(const ModelledIteration& iteration, std::initializer_list<load::MeanIteration> sorts, Outputs& out) {
    Time mean{};
    for (const load::MeanIteration& sort : sorts) {
      if (!(sort.share > 0)) continue;
      mean += sort.share * sort.time;
      out.parts = out.parts + sort.share * static_cast<double>(sort.time / iteration(sort.batch)) * iteration.parts(sort.batch);
    }
    if (mean > Time{}) out.iteration_time = mean;
  }
  static double longest(const std::vector<load::ArrivingRequest>& trace) {
    double most = 0;
    for (const load::ArrivingRequest& r : trace) most = std::max(most, r.prompt + r.output);
    return most;
  }
};

}  // namespace ironlaw::estimates
