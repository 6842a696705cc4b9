#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "pool_inputs.hpp"
#include "pools_answer.hpp"
#include "serving_bands.hpp"
#include "serving_bill.hpp"
#include "serving_outputs.hpp"

namespace ironlaw::estimates {

/// What keeps pools apart from more requests.
enum class PoolLimit { nothing, prompts, transfer, decoding };

/// Prompts on engines of their own, decoding on others: the cache is handed over between them.
struct ServingPools {
  static constexpr auto about = Solver::About{
      "serving_pools", "Latency and throughput of prompt and decode pools apart, of devices and layouts of their own",
      "Zhong 2024 (DistServe); Patel 2024 (Splitwise); queue of prompts as M/G/P with batches, decoding as a chain; "
      "held against a replay of both pools"};
  using Given = ServingPoolsGiven;
  struct Inputs : ServingPoolsInputs, BillInputs {
    using Given = ServingPoolsGiven;
  };
  using Facts = ServingPoolsFacts;
  struct Outputs : ServingOutputs, ServingBandOutputs, BillOutputs {
    RequestRate capacity{};
    RequestRate prompt_capacity{};
    RequestRate decode_capacity{};
    RequestRate transfer_capacity{};
    double matched_prompt_engines = 0;
    Time transfer_time{};
    Time decode_iteration{};
    equations::TimeParts parts{};
    double slots = 0;
    double devices = 0;
    Maybe<Power> prompt_device_power;
    Maybe<Power> decode_device_power;
    Information prompt_weights_per_device{};
    Information prompt_usable_memory{};
    Information decode_weights_per_device{};
    Information decode_usable_memory{};
    double longest_request = 0;
    Maybe<double> context_length;
    PoolLimit limit{};
  };
  static constexpr auto inputs = ports(serving_pools_inputs, bill_ports);
  static constexpr auto outputs = ports(
      serving_outputs, serving_band_outputs, bill_outputs,
      port<&Outputs::capacity>("most requests of an open loop: the least of the three below").display("request/s"),
      port<&Outputs::prompt_capacity>("requests whose prompts the prompt pool passes").display("request/s"),
      port<&Outputs::decode_capacity>("requests that the decode pool ends with all slots taken").display("request/s"),
      port<&Outputs::transfer_capacity>("requests whose cache the links carry").display("request/s"),
      port<&Outputs::matched_prompt_engines>("prompt engines that would pass just what the decode pool ends"),
      port<&Outputs::transfer_time>("of a mean prompt's cache, on an idle link").display("ms"),
      port<&Outputs::decode_iteration>("time of an iteration of the decode pool, with all slots taken").display("ms"),
      merge<&Outputs::parts>(equations::time_part_ports),
      port<&Outputs::slots>("requests that the decode pool has in flight at most"), port<&Outputs::devices>("of both pools"),
      port<&Outputs::prompt_device_power>("of a device of the prompt pool, mean; absent without a design power").display("W"),
      port<&Outputs::decode_device_power>("of a device of the decode pool").display("W"),
      port<&Outputs::prompt_weights_per_device>("stored weights in the prompt pool").display("GB"),
      port<&Outputs::prompt_usable_memory>("memory of its device for weights and cache").display("GB"),
      port<&Outputs::decode_weights_per_device>("stored weights in the decode pool").display("GB"),
      port<&Outputs::decode_usable_memory>("memory of its device for weights and cache").display("GB"),
      port<&Outputs::longest_request>("mean tokens of prompt and answer"),
      port<&Outputs::context_length>("longest context the model was made for; absent: not said"),
      port<&Outputs::limit>("what keeps them from more requests"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::prompt_weights_per_device, &Outputs::prompt_usable_memory>(
                          "memory: prompt pool", "weights must leave room for cache", "W <= usable memory"),
                      hard<&Outputs::decode_weights_per_device, &Outputs::decode_usable_memory>(
                          "memory: decode pool", "weights must leave room for cache", "W <= usable memory"),
                      hard<&Inputs::request_rate, &Outputs::capacity>(
                          "serving: load", "requests must not arrive faster than they are served", "rate <= capacity"),
                      hard<&Outputs::longest_request, &Outputs::context_length>(
                          "serving: context", "prompt and answer must fit the model's context", "prompt + output <= context"),
                      equations::part_limits<&Outputs::parts, &Outputs::decode_iteration>());
  static constexpr auto rules = ironlaw::rules(one_load, waves_of_users);

  static Facts facts(const Given& in) { return serving_pools_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) {
    const ModelledIteration prompt_iteration(f.prompt.iteration, 0, in.band_quantile);
    const ModelledIteration decode_iteration(f.decode.iteration, in.drafted_tokens, in.band_quantile);
    const load::Traffic traffic = traffic_of(in, in.length_spread, f.decode.context_length);
    const load::Pools pools = pools_of(in, f, traffic, prompt_iteration, decode_iteration);
    const load::PoolWork work(pools, traffic);
    const load::Answer a = in.request_rate ? open_pools_answer(pools, traffic, arrivals_of(in, 1))
                                           : closed_pools_answer(pools, traffic, *in.users, in.think_time, in.waves);
    Outputs out;
    out.devices = in.prompt.pool_devices() + in.decode.pool_devices();
    const Time step = a.stable ? work.decoding.decode(std::max(0.5, a.decoding / in.decode.engines)) : Time{};
    report(a, {1, 1, out.devices, in.prompt_tokens, in.output_tokens},
           in.first_token_delay.value_or(f.decode.first_token_delay + handed_over(f)) * step +
               in.first_token_time.value_or(f.decode.first_token_time),
           out);
    const auto requests = [](Rate rate) { return rate.value() * units::request / units::second; };
    out.capacity = requests(work.capacity.least());
    out.prompt_capacity = requests(work.capacity.prompts);
    out.decode_capacity = requests(work.capacity.decoding);
    out.transfer_capacity = requests(work.capacity.transfer);
    out.matched_prompt_engines = in.prompt.engines * static_cast<double>(work.capacity.decoding / work.capacity.prompts);
    out.transfer_time = work.carried + pools.link_latency;
    out.slots = work.decoding.slots * in.decode.engines;
    out.decode_iteration = work.decoding.decode(work.decoding.slots);
    out.parts = decode_iteration.parts({work.decoding.slots, work.decoding.slots * work.decoding.context});
    out.prompt_weights_per_device = f.prompt.memory.weights;
    out.prompt_usable_memory = f.prompt.device.usable();
    out.decode_weights_per_device = f.decode.memory.weights;
    out.decode_usable_memory = f.decode.device.usable();
    out.longest_request = in.prompt_tokens + in.output_tokens;
    out.context_length = f.decode.context_length;
    out.limit = limit_of(in, work, a);
    if (a.stable) {
      bill(in, f, work, a, out);
      FormFactors form = form_factors(in, work.decoding, a, in.users.value_or(0) / in.decode.engines);
      // Engines that take the whole queue compete for it: the closed form is too low where they are busy.
      if (a.throughput > 0.8 * work.capacity.prompts) form.ttft.widen(1, 1.6);
      if (!in.band_quantile) fill_bands(a, form, f.tpot, f.first_token, *out.ttft, *out.ttft_p99, out);
    }
    return out;
  }
  static void explain(const Inputs& in, const Outputs& out, Working& w);

 private:
  /// Iterations that the hand-over delays a first token by, read off 59 measured loops of pools: engines stream it from the
  /// decode pool. Models without routed experts have none measured.
  static double handed_over(const Facts& f) { return f.decode.iteration.experts.empty() ? 0 : 10; }

  static load::Pools pools_of(const Inputs& in, const Facts& f, const load::Traffic& traffic, const load::IterationTime& prompt,
                              const load::IterationTime& decode) {
    // Each device sends what it holds of a prompt; attention ranks send prompts of their own.
    const double whole = std::max(1.0, traffic.prompt.mean());
    return {engine_of(f.prompt, traffic, prompt),
            engine_of(f.decode, traffic, decode),
            in.prompt.engines,
            in.decode.engines,
            f.transfer * in.prompt.attention_data_parallel,
            f.latency,
            f.prompt.memory.cache.of(whole) / whole};
  }
  /// Each pool draws by its own part of the work; the time of devices is shared by pools.
  static void bill(const Inputs& in, const Facts& f, const load::PoolWork& w, const load::Answer& a, Outputs& out) {
    const Rate of_prompt = a.throughput / in.prompt.engines;
    const Rate of_decode = a.throughput / in.decode.engines;
    const double whole = in.prompt_tokens;
    const EngineWork prompt{f.prompt.iteration, 0, 0, 1, w.prompts.prompt.mean(), whole - w.prompts.prompt.mean()};
    const EngineWork decode{f.decode.iteration, w.decoding.decodes, w.decoding.context, 1 + in.drafted_tokens, 0, 0};
    Bill all;
    Bill prompts;
    const Maybe<Power> prompt_power =
        serving_power(prompt, of_prompt, std::min(1.0, static_cast<double>(a.throughput / w.capacity.prompts)));
    const Maybe<Power> decode_power = serving_power(decode, of_decode, -std::expm1(-a.decoding / in.decode.engines));
    out.prompt_device_power = prompt_power;
    out.decode_device_power = decode_power;
    prompts.add(in, *in.prompt.hardware, in.prompt.pool_devices(), prompt_power);
    all.add(in, *in.prompt.hardware, in.prompt.pool_devices(), prompt_power);
    all.add(in, *in.decode.hardware, in.decode.pool_devices(), decode_power);
    if (all.devices) out.device_power = *all.devices / out.devices;
    const double share = all.cost && prompts.cost && *all.cost > MoneyRate{} ? static_cast<double>(*prompts.cost / *all.cost)
                                                                             : in.prompt.pool_devices() / out.devices;
    all.share(out.input_throughput, out.output_throughput, share, out);
  }
  static PoolLimit limit_of(const Inputs& in, const load::PoolWork& w, const load::Answer& a) {
    const bool full = in.users ? *in.users > w.decoding.slots * in.decode.engines : !a.stable;
    if (!full && (!in.users || a.throughput < 0.98 * w.capacity.least())) return PoolLimit::nothing;
    const Rate least = w.capacity.least();
    if (least == w.capacity.prompts) return PoolLimit::prompts;
    return least == w.capacity.transfer ? PoolLimit::transfer : PoolLimit::decoding;
  }
};

inline void ServingPools::explain(const Inputs& in, const Outputs& out, Working& w) {
  w.step("prompt_capacity", "P K / (c T(K u))", {{"P", in.prompt.engines}}, out.prompt_capacity, "Zhong 2024");
  w.step("decode_capacity", "D S / (O' t_d(S))",
         {{"D S", out.slots}, {"O'", in.output_tokens - 1}, {"t_d", out.decode_iteration}}, out.decode_capacity);
  w.step("capacity", "min(prompts, decoding, transfer)",
         {{"prompts", out.prompt_capacity}, {"decoding", out.decode_capacity}, {"transfer", out.transfer_capacity}},
         out.capacity);
  w.step("matched_prompt_engines", "P decoding / prompts",
         {{"P", in.prompt.engines}, {"decoding", out.decode_capacity}, {"prompts", out.prompt_capacity}},
         out.matched_prompt_engines);
  w.step("output_throughput", "X O", {{"X", out.request_throughput}, {"O", in.output_tokens}}, out.output_throughput);
}

}  // namespace ironlaw::estimates
