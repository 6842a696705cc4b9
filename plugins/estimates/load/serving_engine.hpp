#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "benchmark.hpp"
#include "serving_inputs.hpp"

namespace ironlaw::estimates {

/// Outputs that `serving_engine` and `serving_replay` share. Times are absent where the load is more than the engine carries.
struct ServingOutputs {
  Maybe<Time> ttft, ttft_p50, ttft_p90, ttft_p99;
  Maybe<Time> tpot, tpot_p50, tpot_p90, tpot_p99;
  Maybe<Time> itl, itl_p50, itl_p90, itl_p99;
  Maybe<Time> request_latency, request_latency_p50, request_latency_p90, request_latency_p99;
  RequestRate request_throughput{};
  TokenRate output_throughput{};
  TokenRate throughput_per_device{};
  Maybe<TokenRate> throughput_per_user;
  double decoding_sequences = 0;
  double prompt_share = 0;
};
inline constexpr auto serving_outputs =
    ports(port<&ServingOutputs::ttft>("time to first token, mean").display("ms"),
          port<&ServingOutputs::ttft_p50>("its median").display("ms"),
          port<&ServingOutputs::ttft_p90>("that 90 % stay below").display("ms"),
          port<&ServingOutputs::ttft_p99>("that 99 % stay below").display("ms"),
          port<&ServingOutputs::tpot>("time per output token after the first, mean").display("ms"),
          port<&ServingOutputs::tpot_p50>("its median over requests").display("ms"),
          port<&ServingOutputs::tpot_p90>("that 90 % of the requests stay below").display("ms"),
          port<&ServingOutputs::tpot_p99>("that 99 % of the requests stay below").display("ms"),
          port<&ServingOutputs::itl>("gap between two deliveries to a user, mean").display("ms"),
          port<&ServingOutputs::itl_p50>("its median").display("ms"),
          port<&ServingOutputs::itl_p90>("that 90 % stay below").display("ms"),
          port<&ServingOutputs::itl_p99>("that 99 % stay below").display("ms"),
          port<&ServingOutputs::request_latency>("from arrival to last token, mean").display("s"),
          port<&ServingOutputs::request_latency_p50>("its median").display("s"),
          port<&ServingOutputs::request_latency_p90>("that 90 % stay below").display("s"),
          port<&ServingOutputs::request_latency_p99>("that 99 % stay below").display("s"),
          port<&ServingOutputs::request_throughput>("of all replicas; beyond the capacity, the capacity").display("request/s"),
          port<&ServingOutputs::output_throughput>("tokens of answers, of all replicas").display("token/s"),
          port<&ServingOutputs::throughput_per_device>("tokens of answers").display("token/s"),
          port<&ServingOutputs::throughput_per_user>("one over the mean time per output token").display("token/s"),
          port<&ServingOutputs::decoding_sequences>("in a replica, mean"),
          port<&ServingOutputs::prompt_share>("iterations that hold prompts", fraction));

/// Fills in what an answer of one replica says. `reported`: how much later than its making a first token is seen.
inline void report(const load::Answer& a, const ServingInputs& in, const ServingFacts& f, Time reported, ServingOutputs& out) {
  const double each = in.output_tokens;
  out.request_throughput = a.throughput.value() * in.replicas * units::request / units::second;
  out.output_throughput = a.throughput.value() * in.replicas * each * units::token / units::second;
  out.throughput_per_device = out.output_throughput / (in.replicas * f.devices);
  out.decoding_sequences = a.decoding;
  out.prompt_share = std::min(1.0, a.prompt_share);
  if (!a.stable) return;
  const auto fill = [](const load::Spread& s, Time later, Maybe<Time>& mean, Maybe<Time>& p50, Maybe<Time>& p90,
                       Maybe<Time>& p99) {
    mean = s.mean + later;
    p50 = s.p50 + later;
    p90 = s.p90 + later;
    p99 = s.p99 + later;
  };
  fill(a.ttft, reported, out.ttft, out.ttft_p50, out.ttft_p90, out.ttft_p99);
  fill(a.tpot, {}, out.tpot, out.tpot_p50, out.tpot_p90, out.tpot_p99);
  fill(a.itl, {}, out.itl, out.itl_p50, out.itl_p90, out.itl_p99);
  fill(a.request, {}, out.request_latency, out.request_latency_p50, out.request_latency_p90, out.request_latency_p99);
  out.throughput_per_user = 1.0 * units::token / a.tpot.mean;
}

inline constexpr auto one_load =
    rule("give one of users (a closed loop) and request_rate (an open one)",
         [](const ServingInputs& in) { return in.users.has_value() != in.request_rate.has_value(); });
inline constexpr auto waves_of_users = rule("waves are of users: a benchmark of an open loop is not told",
                                            [](const ServingInputs& in) { return in.users || !in.waves; });

/// What keeps a serving engine from more.
enum class ServingLimit { nothing, memory, sequences, prompts, arrivals };

/// A serving engine under load, in closed form: users who wait for their answers, or requests that arrive at a rate.
struct ServingEngine {
  static constexpr auto about =
      Solver::About{"serving_engine", "Latency and throughput of a serving engine under load, with percentiles",
                    "Yu 2022 (Orca); Kwon 2023 (PagedAttention); Agrawal 2024 (Sarathi-Serve); chain over the number in slots as "
                    "Chandy, Herzog & "
                    "Woo 1975; held against a replay of the scheduler"};
  using Given = ServingGiven;
  using Inputs = ServingInputs;
  using Facts = ServingFacts;
  struct Outputs : ServingOutputs {
    Maybe<RequestRate> capacity;
    double slots = 0;
    Time decode_iteration{};
    Information weights_per_device{};
    Information usable_memory{};
    Information cache_per_sequence{};
    Maybe<double> longest_request;
    Maybe<double> context_length;
    ServingLimit limit{};
  };
  static constexpr auto inputs = serving_inputs;
  static constexpr auto outputs =
      ports(serving_outputs, port<&Outputs::capacity>("most requests of an open loop, of all replicas").display("request/s"),
            port<&Outputs::slots>("requests that a replica has in flight at most"),
            port<&Outputs::decode_iteration>("time of an iteration without prompts, with all slots taken").display("ms"),
            port<&Outputs::weights_per_device>("stored weights").display("GB"),
            port<&Outputs::usable_memory>("memory of a device for weights and cache, by the engine's rule").display("GB"),
            port<&Outputs::cache_per_sequence>("cache of a mean request in flight, on each device of its rank").display("MB"),
            port<&Outputs::longest_request>("mean tokens of prompt and answer"),
            port<&Outputs::context_length>("longest context the model was made for; absent: not said"),
            port<&Outputs::limit>("what keeps it from more requests"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::weights_per_device, &Outputs::usable_memory>("memory", "weights must leave room for cache",
                                                                                  "W <= share * (M - runtime - activations)"),
                      hard<&Inputs::request_rate, &Outputs::capacity>(
                          "serving: load", "requests must not arrive faster than they are served", "rate <= capacity"),
                      hard<&Outputs::longest_request, &Outputs::context_length>(
                          "serving: context", "prompt and answer must fit the model's context", "prompt + output <= context"));
  static constexpr auto rules = ironlaw::rules(one_load, waves_of_users);

  static Facts facts(const Given& in) { return serving_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const ModelledIteration iteration(f.iteration, in.drafted_tokens, in.band_quantile);
    const load::Traffic traffic = traffic_of(in, f);
    const load::LoadedEngine engine = engine_of(f, traffic, iteration);
    const load::Work work(engine, traffic);
    const load::Answer a = answer(in, engine, traffic);

    Outputs out;
    out.slots = work.slots;
    out.decode_iteration = work.decode(work.slots);
    const Time mean_iteration = a.stable ? a.tpot.mean * work.tokens_a_step : Time{};
    report(a, in, f,
           in.first_token_delay.value_or(f.first_token_delay) * mean_iteration + in.first_token_time.value_or(f.first_token_time),
           out);
    if (in.request_rate) out.capacity = a.capacity.value() * in.replicas * units::request / units::second;
    out.weights_per_device = f.memory.weights;
    out.usable_memory = f.usable;
    out.cache_per_sequence = f.memory.cache.of(in.prompt_tokens + in.output_tokens / 2);
    out.longest_request = in.prompt_tokens + in.output_tokens;
    out.context_length = f.context_length;
    out.limit = limit_of(in, f, work, a);
    return out;
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w);

 private:
  static load::Answer answer(const Inputs& in, const load::LoadedEngine& engine, const load::Traffic& traffic) {
    if (in.request_rate) return open_answer(engine, traffic, arrivals_of(in));
    const double users = std::max(1.0, *in.users / in.replicas);
    const load::Client client{in.think_time, in.random_delays};
    return in.waves ? benchmark_answer(engine, traffic, users, client, *in.waves) : closed_answer(engine, traffic, users, client);
  }
  static ServingLimit limit_of(const Inputs& in, const Facts& f, const load::Work& work, const load::Answer& a) {
    const double users = in.users ? *in.users / in.replicas : a.stable ? 0 : 1e9;
    if (users > work.slots) return work.slots < f.most_sequences ? ServingLimit::memory : ServingLimit::sequences;
    if (a.prompt_share > 0.98) return ServingLimit::prompts;
    return in.request_rate ? ServingLimit::arrivals : ServingLimit::nothing;
  }
};

inline void ServingEngine::explain(const Inputs& in, const Outputs& out, Working& w) {
  explain_stack(in, stack_constants(in), w);
  w.step("cache_per_sequence", "sum over layers of min(I + O/2, window) bytes",
         {{"I", in.prompt_tokens}, {"O", in.output_tokens}}, out.cache_per_sequence, "Pope 2022");
  w.step("slots", "(usable - W) / cache of a request in flight, at most most_sequences",
         {{"usable", out.usable_memory}, {"W", out.weights_per_device}}, out.slots, "Kwon 2023");
  if (out.tpot)
    w.step("request_latency", "ttft + (O - 1) tpot", {{"ttft", *out.ttft}, {"O", in.output_tokens}, {"tpot", *out.tpot}},
           *out.request_latency, "Little 1961");
  w.step("output_throughput", "X O", {{"X", out.request_throughput}, {"O", in.output_tokens}}, out.output_throughput);
  w.note("the iteration's own working: ironlaw solve iteration, with decoding_sequences " +
         std::to_string(static_cast<long long>(std::lround(out.decoding_sequences))) + " and the same layout");
}

}  // namespace ironlaw::estimates
