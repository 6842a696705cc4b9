#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "benchmark.hpp"
#include "serving_bands.hpp"
#include "serving_bill.hpp"
#include "serving_inputs.hpp"
#include "serving_outputs.hpp"

namespace ironlaw::estimates {

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
  using Facts = ServingFacts;
  struct Inputs : ServingInputs, BillInputs {
    using Given = ServingGiven;
  };
  struct Outputs : ServingOutputs, ServingBandOutputs, BillOutputs {
    Maybe<RequestRate> capacity;
    double slots = 0;
    Time decode_iteration{};
    equations::TimeParts parts{};
    Information weights_per_device{};
    Information usable_memory{};
    Information cache_per_sequence{};
    Maybe<double> longest_request;
    Maybe<double> context_length;
    ServingLimit limit{};
  };
  static constexpr auto inputs = ports(serving_inputs, bill_ports);
  static constexpr auto outputs = ports(
      serving_outputs, serving_band_outputs,
      port<&Outputs::capacity>("most requests of an open loop, of all replicas").display("request/s"),
      port<&Outputs::slots>("requests that a replica has in flight at most"),
      port<&Outputs::decode_iteration>("time of an iteration without prompts, with all slots taken").display("ms"),
      merge<&Outputs::parts>(equations::time_part_ports), port<&Outputs::weights_per_device>("stored weights").display("GB"),
      port<&Outputs::usable_memory>("memory of a device for weights and cache, by the engine's rule").display("GB"),
      port<&Outputs::cache_per_sequence>("cache of a mean request in flight, on each device of its rank").display("MB"),
      port<&Outputs::longest_request>("mean tokens of prompt and answer"),
      port<&Outputs::context_length>("longest context the model was made for; absent: not said"), bill_outputs,
      port<&Outputs::limit>("what keeps it from more requests"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::weights_per_device, &Outputs::usable_memory>("memory", "weights must leave room for cache",
                                                                                  "W <= share * (M - runtime - activations)"),
                      hard<&Inputs::request_rate, &Outputs::capacity>(
                          "serving: load", "requests must not arrive faster than they are served", "rate <= capacity"),
                      hard<&Outputs::longest_request, &Outputs::context_length>(
                          "serving: context", "prompt and answer must fit the model's context", "prompt + output <= context"),
                      equations::part_limits<&Outputs::parts, &Outputs::decode_iteration>());
  static constexpr auto rules = ironlaw::rules(one_load, waves_of_users);

  static Facts facts(const Given& in) { return serving_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const ModelledIteration iteration(f.iteration, in.drafted_tokens, in.band_quantile);
    const load::Traffic traffic = traffic_of(in, in.length_spread, f.context_length);
    const load::LoadedEngine engine = engine_of(f, traffic, iteration);
    const load::Work work(engine, traffic);
    const load::Answer a = answer(in, engine, traffic);

    Outputs out;
    out.slots = work.slots;
    out.decode_iteration = work.decode(work.slots);
    out.parts = iteration.parts({work.slots, work.slots * work.context});
    const Time mean_iteration = a.stable ? a.tpot.mean * work.tokens_a_step : Time{};
    report(a, {in.replicas, f.devices, in.output_tokens},
           in.first_token_delay.value_or(f.first_token_delay) * mean_iteration + in.first_token_time.value_or(f.first_token_time),
           out);
    if (in.request_rate) out.capacity = a.capacity.value() * in.replicas * units::request / units::second;
    out.weights_per_device = f.memory.weights;
    out.usable_memory = f.usable;
    out.cache_per_sequence = f.memory.cache.of(in.prompt_tokens + in.output_tokens / 2);
    out.longest_request = in.prompt_tokens + in.output_tokens;
    out.context_length = f.context_length;
    out.limit = limit_of(in, f, work, a);
    if (a.stable) {
      bill(in, f, work, a, out);
      const double users = in.users ? std::max(1.0, *in.users / in.replicas) : 0;
      if (!in.band_quantile)  // else the answer stands in the band already
        fill_bands(a, form_factors(in, work, a, users), in.drafted_tokens > 0 ? f.iteration.drafts : f.iteration.plain,
                   f.iteration.first_token, *out.ttft, *out.ttft_p99, out);
    }
    return out;
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w);

 private:
  static load::Answer answer(const Inputs& in, const load::LoadedEngine& engine, const load::Traffic& traffic) {
    if (in.request_rate) return open_answer(engine, traffic, arrivals_of(in, in.replicas));
    const double users = std::max(1.0, *in.users / in.replicas);
    const load::Client client{in.think_time, in.random_delays};
    return in.waves ? benchmark_answer(engine, traffic, users, client, *in.waves) : closed_answer(engine, traffic, users, client);
  }
  static void bill(const Inputs& in, const Facts& f, const load::Work& w, const load::Answer& a, Outputs& out) {
    const double whole = in.prompt_tokens;
    const EngineWork engine{f.iteration, w.decodes, w.context, 1 + in.drafted_tokens, w.prompt.mean(), whole - w.prompt.mean()};
    const double busy = busy_share(in, in.users ? std::max(1.0, *in.users / in.replicas) : 0, a.throughput, a.request.mean);
    out.device_power = serving_power(engine, a.throughput, busy);
    Bill bill;
    bill.add(in, *in.hardware, in.replicas * f.devices, out.device_power);
    bill.share(out.request_throughput * (whole * units::token / units::request), out.output_throughput, prompt_time_share(w, a),
               out);
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
