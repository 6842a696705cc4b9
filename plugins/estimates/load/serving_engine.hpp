#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "benchmark.hpp"
#include "cache_tiers.hpp"
#include "mean_iterations.hpp"
#include "serving_bands.hpp"
#include "serving_bill.hpp"
#include "serving_inputs.hpp"
#include "serving_outputs.hpp"

namespace ironlaw::estimates {

/// What keeps a serving engine from more.
enum class ServingLimit { nothing, memory, sequences, prompts, arrivals };

/// Marks what costs little: all but gaps between tokens, percentiles and bands.
template <class... Path>
constexpr Ports<Path...> cheap_but_distributions(Ports<Path...> all) {
  for (PortDeclaration& p : all.declared) {
    const std::string_view name = p.name.view();
    const auto ends = [&](std::string_view what) { return name.ends_with(what); };
    p.cheap_set = name == "itl" || ends("_p50") || ends("_p90") || ends("_p99") || ends("_low") || ends("_high") ? 0 : 1;
  }
  return all;
}

/// A serving engine under load, in closed form: users who wait for their answers, or requests that arrive at a rate.
struct ServingEngine {
  static constexpr auto about =
      Solver::About{"serving_engine", "Latency and throughput of a serving engine under load, with percentiles",
                    "Yu 2022 (Orca); Kwon 2023 (PagedAttention); Agrawal 2024 (Sarathi-Serve); chain over the number in slots as "
                    "Chandy, Herzog & "
                    "Woo 1975; held against a replay of the scheduler"};
  using Given = ServingGiven;
  using Facts = ServingFacts;
  struct Inputs : ServingInputs, TierInputs, BillInputs {
    using Given = ServingGiven;
  };
  struct Outputs : ServingOutputs, ServingBandOutputs, TierOutputs, BillOutputs {
    Maybe<RequestRate> capacity;
    double slots = 0;
    Time decode_iteration{};
    equations::TimeParts parts{};
    Information weights_per_device{};
    Information usable_memory{};
    Information cache_memory{};
    Information activation_memory{};
    Information reserved_memory{};
    Maybe<Bandwidth> tier_traffic;
    Maybe<Bandwidth> tier_bandwidth;
    Information cache_per_sequence{};
    Maybe<double> longest_request;
    Maybe<double> context_length;
    Maybe<double> outside_record;
    double record_edge = 1;
    ServingLimit limit{};
  };
  static constexpr auto inputs = ports(serving_inputs, tier_ports, bill_ports);
  static constexpr auto outputs = cheap_but_distributions(ports(
      serving_outputs, serving_band_outputs,
      port<&Outputs::capacity>("most requests of an open loop, of all replicas").display("request/s"),
      port<&Outputs::slots>("requests that a replica has in flight at most"),
      port<&Outputs::decode_iteration>("time of an iteration without prompts, with all slots taken").display("ms"),
      merge<&Outputs::parts>(equations::time_part_ports), port<&Outputs::weights_per_device>("stored weights").display("GB"),
      port<&Outputs::usable_memory>("memory of a device for weights and cache, by the engine's rule").display("GB"),
      port<&Outputs::cache_memory>("of a device, for cache; below 0 where the weights leave no room").display("GB"),
      port<&Outputs::activation_memory>("of a device, for an iteration's activations").display("GB"),
      port<&Outputs::reserved_memory>("of a device: captured graphs, the engine's own, and what its rule leaves unused")
          .display("GB"),
      port<&Outputs::cache_per_sequence>("cache of a mean request in flight, in whole blocks, on each device of its rank")
          .display("MB"),
      tier_outputs,
      port<&Outputs::tier_traffic>("that cached tokens of host and disks bring to a device; absent without").display("GB/s"),
      port<&Outputs::tier_bandwidth>("at which they come; absent without").display("GB/s"),
      port<&Outputs::longest_request>("mean tokens of prompt and answer"),
      port<&Outputs::context_length>("longest context the model was made for; absent: not said"), bill_outputs,
      port<&Outputs::outside_record>("how many times rows or keys of its mean iterations lie beyond what the records were fitted "
                                     "on; absent where they lie within"),
      port<&Outputs::record_edge>("1, the edge of that range"), port<&Outputs::limit>("what keeps it from more requests")));
  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::weights_per_device, &Outputs::usable_memory>("memory", "weights must leave room for cache",
                                                                  "W <= usable_memory")
          .tightened_by<&Inputs::prompt_tokens, &Inputs::output_tokens, &Inputs::users, &Inputs::request_rate, &Inputs::replicas,
                        &Inputs::think_time>()
          .loosened_by<&Inputs::prompt_tokens, &Inputs::output_tokens, &Inputs::users, &Inputs::request_rate, &Inputs::replicas,
                       &Inputs::think_time>(),
      hard<&Outputs::tier_traffic, &Outputs::tier_bandwidth>(
          "serving: cache tiers", "cached tokens must not come slower than they are read", "traffic <= bandwidth"),
      hard<&Inputs::request_rate, &Outputs::capacity>("serving: load", "requests must not arrive faster than they are served",
                                                      "rate <= capacity"),
      hard<&Outputs::longest_request, &Outputs::context_length>(
          "serving: context", "prompt and answer must fit the model's context", "prompt + output <= context")
          .tightened_by<&Inputs::prompt_tokens, &Inputs::output_tokens, &Inputs::users, &Inputs::request_rate, &Inputs::replicas,
                        &Inputs::think_time>()
          .loosened_by<&Inputs::users, &Inputs::request_rate, &Inputs::replicas, &Inputs::think_time>(),
      soft<&Outputs::outside_record, &Outputs::record_edge>(
          "software: record range", "a record was fitted on other sizes; the law goes on, its error is not known",
          "size <= to, from <= size"),
      equations::part_limits<&Outputs::parts, &Outputs::decode_iteration>());

  static constexpr auto monotone = promises(rises<&Outputs::longest_request, &Inputs::prompt_tokens>,
                                            rises<&Outputs::longest_request, &Inputs::output_tokens>);

  static constexpr auto rules = ironlaw::rules(
      one_load, waves_of_users,
      rule("disk_hit_rate needs disk_bandwidth", [](const Inputs& in) { return in.disk_hit_rate == 0 || in.disk_bandwidth; }),
      rule("host_hit_rate needs host_bandwidth where the device states no host_link",
           [](const Inputs& in) { return in.host_hit_rate == 0 || in.host_bandwidth || in.hardware->host_link(); }),
      rule("prefix_hit_rate, host_hit_rate and disk_hit_rate are shares of one prompt: at most 0.99 together",
           [](const Inputs& in) { return in.prefix_hit_rate + in.host_hit_rate + in.disk_hit_rate <= 0.99; }));

  static Facts facts(const Given& in) { return serving_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) { return solve(in, f, load::Detail::percentiles); }
  /// The same without gaps between tokens, percentiles and bands: what outputs marked as cheap need.
  static Outputs solve_cheap(const Inputs& in, const Facts& f) { return solve(in, f, load::Detail::means); }
  static void explain(const Inputs& in, const Outputs& out, Working& w);

 private:
  static Outputs solve(const Inputs& in, const Facts& f, load::Detail asked) {
    const ModelledIteration iteration(f.iteration, in.drafted_tokens, in.band_quantile);
    const load::Traffic traffic = offered_traffic(in, f);
    const TierRead tiers(in, in, f, in.prompt_tokens);
    const load::LoadedEngine engine = engine_of(f, traffic, iteration);
    const load::Work work(engine, traffic);
    const SharedUsers users = in.users ? shared_users(*in.users, in.replicas) : SharedUsers{0, in.replicas};
    load::Answer a = answer(in, users.of_engine, tiers.alone, work, asked);

    Outputs out;
    if (tiers.alone > Time{}) read_tiers(tiers, a.throughput / f.iteration.data, work.prompt.squared_variation(), a, out);
    out.slots = work.slots;
    out.decode_iteration = work.decode(work.slots);
    out.parts = iteration.parts({work.slots, work.slots * work.context});
    const Time mean_iteration = a.stable ? a.tpot.mean * work.tokens_a_step : Time{};
    report(a, {users.at_work, in.replicas, f.devices, in.prompt_tokens, in.output_tokens},
           in.first_token_delay.value_or(f.first_token_delay) * mean_iteration + in.first_token_time.value_or(f.first_token_time),
           out);
    if (in.request_rate) out.capacity = a.capacity.value() * in.replicas * units::request / units::second;
    out.weights_per_device = f.memory.weights;
    out.usable_memory = f.device.usable();
    out.cache_memory = f.device.cache;
    out.activation_memory = f.device.activations;
    out.reserved_memory = f.device.reserved();
    const Information token = f.memory.cache.a_token(in.prompt_tokens + in.output_tokens) / f.iteration.data;
    const auto held = [&](Information of_device) { return static_cast<double>(of_device / token); };
    out.cache_tokens = engine.cache_tokens;
    if (in.host_cache && token > Information{}) out.host_cache_tokens = held(*in.host_cache);
    if (in.disk_cache && token > Information{}) out.disk_cache_tokens = held(*in.disk_cache);
    out.cache_per_sequence = f.memory.cache.of(in.prompt_tokens + in.output_tokens / 2);
    out.longest_request = in.prompt_tokens + in.output_tokens;
    out.context_length = f.context_length;
    out.outside_record = MeanIterations(in, f.iteration, work, decoding_in(out), out.prompt_share).outside(f.iteration);
    out.limit = limit_of(in, f, work, a);
    if (a.stable) {
      bill(in, users, f, work, a, out);
      if (asked == load::Detail::percentiles && !in.band_quantile)  // else the answer stands in the band already
        fill_bands(a, form_factors(in, work, a, users.of_engine), in.drafted_tokens > 0 ? f.iteration.drafts : f.iteration.plain,
                   f.iteration.first_token, *out.ttft, *out.ttft_p99, out);
    }
    return out;
  }
  /// Who reads its cached tokens waits before its prompt begins, and holds no slot meanwhile.
  static void read_tiers(const TierRead& tiers, Rate requests, double variation, load::Answer& a, Outputs& out) {
    const Time read = tiers.at(requests, variation);
    out.tier_load_time = read;
    out.tier_traffic = tiers.of_prompt * requests;
    out.tier_bandwidth = tiers.of_prompt / tiers.alone;
    for (load::Spread* spread : {&a.ttft, &a.request})
      for (Time* t : {&spread->mean, &spread->p50, &spread->p90, &spread->p99}) *t += read;
  }
  static load::Answer answer(const Inputs& in, double users, Time read, const load::Work& work, load::Detail asked) {
    if (in.request_rate) return open_answer(work, arrivals_of(in, in.replicas), asked);
    const load::Client client{in.think_time + read, in.random_delays};
    return in.waves ? benchmark_answer(work, users, client, *in.waves, asked) : closed_answer(work, users, client, asked);
  }
  static void bill(const Inputs& in, const SharedUsers& users, const Facts& f, const load::Work& w, const load::Answer& a,
                   Outputs& out) {
    const double whole = in.prompt_tokens;
    const EngineWork engine{f.iteration, w.decodes, w.context, 1 + in.drafted_tokens, w.prompt.mean(), whole - w.prompt.mean()};
    const double at_work = users.at_work / in.replicas;
    const double busy = busy_share(in, users.of_engine, a.throughput, a.request.mean);
    out.device_power = serving_power(engine, at_work * a.throughput, at_work * busy);
    Bill bill;
    bill.add(in, *in.hardware, in.replicas * f.devices, out.device_power);
    bill.share(out.input_throughput, out.output_throughput, prompt_time_share(w, a), out);
  }
  static ServingLimit limit_of(const Inputs& in, const Facts& f, const load::Work& work, const load::Answer& a) {
    const double users = in.users ? *in.users / in.replicas : a.stable ? 0 : 1e9;
    if (users > work.slots) return work.slots < f.most_sequences ? ServingLimit::memory : ServingLimit::sequences;
    if (a.prompt_share > 0.98) return ServingLimit::prompts;
    return in.request_rate ? ServingLimit::arrivals : ServingLimit::nothing;
  }
  static load::Traffic offered_traffic(const Inputs& in, const Facts& f) {
    load::Traffic traffic = traffic_of(in, in.length_spread, f.context_length);
    traffic.cached_prefix += in.host_hit_rate + in.disk_hit_rate;
    return traffic;
  }
  /// Sequences of a replica at work: one at least, and all slots where requests come faster than they are served.
  static double decoding_in(const Outputs& out) { return out.tpot ? std::max(1.0, out.decoding_sequences) : out.slots; }
};

}  // namespace ironlaw::estimates

#include "serving_engine_working.hpp"
