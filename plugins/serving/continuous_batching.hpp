#pragma once
#include "passes.hpp"

namespace ironlaw::serving {

/// How prompts share the devices with generation. interleaved: one at a time, each pausing the batch. all_at_once: a full batch
/// of the longest prompts makes the first token, and generation is undisturbed.
enum class PromptSchedule { interleaved, all_at_once };

/// How many requests paged memory holds at once, and what that is worth against memory set aside for the longest request.
struct ContinuousBatching {
  static constexpr auto about = Solver::About{"continuous_batching", "Requests in flight and throughput with a paged cache",
                                              "Kwon 2023, 'PagedAttention'; Yu 2022, 'Orca'"};

  using Given = ServedModel;
  using Facts = ServedFacts;
  struct Inputs : Given, DeploymentTerms {
    double sequence_length = required;
    Maybe<double> mean_request_tokens = absent;
    Maybe<double> output_tokens = absent;
    double max_batch_size = 1;
    double page_size = 16;
    double memory_reserve = 0.1;
    PromptSchedule prompt_schedule = PromptSchedule::interleaved;
    double minimum_requests = 1;
    Maybe<Time> default_tpot = absent;
  };

  static double mean_tokens(const Inputs& in) { return in.mean_request_tokens.value_or(in.sequence_length); }

  struct Outputs {
    TokenRate throughput;
    double max_active_requests;
    Time ttft;
    Maybe<Time> tpot;
    equations::TimeParts prompt;
    equations::TimeParts token;
    TokenRate static_throughput;
    double static_max_active_requests;
    Maybe<double> speedup_vs_static;
    double paged_internal_fragmentation;
    double static_internal_fragmentation;
    Information paged_kv_cache_size;
    Information static_kv_cache_size;
    Information model_weights_size;
    Information weights_per_device;
    Information memory_required;
    Information usable_memory;
  };

  static constexpr auto inputs = ports(
      deployment_ports, port<&Inputs::sequence_length>("most tokens of a request, prompt and output", at_least_one).whole(),
      port<&Inputs::mean_request_tokens>("mean tokens of a request, prompt and output; absent: all are longest", positive),
      port<&Inputs::output_tokens>("how many of the mean tokens are generated; absent: not said, so prompts take no time from "
                                   "generation",
                                   positive),
      port<&Inputs::max_batch_size>("most requests in flight", at_least_one).whole(),
      port<&Inputs::page_size>("tokens of a page of the cache", at_least_one).refinement().whole(),
      port<&Inputs::memory_reserve>("share of the memory that activations and the framework take", between(0, 0.99)).refinement(),
      port<&Inputs::prompt_schedule>("interleaved: prompts run one at a time and pause the batch; all_at_once: the first token "
                                     "waits for a full batch of longest prompts, generation is undisturbed")
          .refinement(),
      port<&Inputs::minimum_requests>("requests in flight below which the deployment is infeasible", at_least_one)
          .refinement()
          .whole(),
      port<&Inputs::default_tpot>("tpot reported where the weights leave no memory for cache; absent: none", positive).parity());

  static constexpr auto outputs = ports(
      port<&Outputs::throughput>("generated tokens of all requests"),
      port<&Outputs::max_active_requests>("requests in flight with a paged cache", non_negative).whole(),
      port<&Outputs::ttft>("time from prompt to first token, without a queue"),
      port<&Outputs::tpot>("mean time of an output token after the first; absent where the weights leave no memory for cache"),
      group<&Outputs::prompt>(equations::time_part_ports), group<&Outputs::token>(equations::time_part_ports),
      port<&Outputs::static_throughput>("with memory set aside for the longest request"),
      port<&Outputs::static_max_active_requests>("requests in flight with memory set aside for the longest request", non_negative)
          .whole(),
      port<&Outputs::speedup_vs_static>("paged over static throughput; absent where only the paged cache holds a request"),
      port<&Outputs::paged_internal_fragmentation>("share of the pages that no token uses", fraction),
      port<&Outputs::static_internal_fragmentation>("share of the memory set aside that no token uses", fraction),
      port<&Outputs::paged_kv_cache_size>("pages of all requests in flight"),
      port<&Outputs::static_kv_cache_size>("memory set aside for the static requests"),
      port<&Outputs::model_weights_size>("stored weights"), port<&Outputs::weights_per_device>("weights that each device holds"),
      port<&Outputs::memory_required>("what each device holds: weights, and the pages of all requests in flight"),
      port<&Outputs::usable_memory>("memory of each device without the reserve"));

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::memory_required, &Outputs::usable_memory>("memory", "weights and cache must fit",
                                                                               "W / t + KV / s <= (1 - reserve) * capacity"),
                      hard<&Inputs::minimum_requests, &Outputs::max_active_requests>(
                          "batching", "the cache must hold the requests", "needed <= free memory / pages of a request"),
                      equations::part_limits<&Outputs::prompt, &Outputs::ttft>(equations::of_prompt),
                      equations::part_limits<&Outputs::token, &Outputs::tpot>());

  static constexpr auto rules = ironlaw::rules(
      rule("mean_request_tokens must not exceed sequence_length",
           [](const Inputs& in) { return in.mean_request_tokens.value_or(1) <= in.sequence_length; }),
      rule("output_tokens must be below mean_request_tokens (or sequence_length, where that is absent)", [](const Inputs& in) {
        return in.prompt_schedule == PromptSchedule::all_at_once || in.output_tokens.value_or(0) < mean_tokens(in);
      }));

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in, const Facts& facts);
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// Room for cache, counted in tokens. Where layers have windows or a state, a token counts with its share of a mean request's.
  struct Room {
    Information token_cache;    ///< of one token, on all devices together
    Information device_cache;   ///< of one token, on each device
    Information longest_cache;  ///< of one token of a longest request, on all devices together
    Information budget;         ///< on each device; negative where the weights do not fit
    double allocated;           ///< mean tokens that pages set aside for a request
    double paged;               ///< requests
    double contiguous;          ///< requests
  };
  /// What requests in flight make of the devices.
  struct Flow {
    Time tpot;
    TokenRate throughput;
    equations::TimeParts parts;  ///< of tpot
  };

  static Passes passes_of(const Inputs& in, const Facts& facts) {
    DeploymentTerms d = in;
    if (!in.both_ceilings) d.framework_overhead = Time{};
    return {d, facts};
  }
  static Room room(const Inputs& in, const Passes& passes, Information usable);
  static Passes::Prompt prompt(const Inputs& in, const Passes& passes) {
    return in.prompt_schedule == PromptSchedule::interleaved ? passes.prompt(1, mean_tokens(in) - in.output_tokens.value_or(0))
                                                             : passes.prompt(in.max_batch_size, in.sequence_length);
  }
  static Flow flow(const Inputs& in, const Passes& passes, double requests, const Passes::Prompt& prompt);
};

inline ContinuousBatching::Room ContinuousBatching::room(const Inputs& in, const Passes& passes, Information usable) {
  const Passes::Step one = passes.step(1, 1, 1, 1);
  Room r{};
  r.budget = usable - passes.on_each_device(one.weights, Information{});
  r.allocated = equations::RequestLengths(mean_tokens(in), in.sequence_length).mean_allocated(in.page_size);
  const bool linear = passes.cache_is_linear();
  r.token_cache = linear ? one.cache : passes.held(1, r.allocated) / r.allocated;
  r.device_cache = passes.on_each_device(Information{}, r.token_cache);
  r.longest_cache = linear ? one.cache : passes.held(1, in.sequence_length) / in.sequence_length;
  if (r.budget <= Information{}) return r;
  const double tokens = r.budget / r.device_cache;
  constexpr double rounding = 1e-9;  // a budget of exactly n requests holds n
  r.contiguous = std::min(std::floor(r.budget / passes.on_each_device(Information{}, r.longest_cache) / in.sequence_length),
                          in.max_batch_size);
  r.paged = std::min(std::floor(std::floor(tokens / in.page_size) * in.page_size / r.allocated + rounding), in.max_batch_size);
  return r;
}

/// Each generated token also pays its share of the prompts that run between steps (Agrawal 2024).
inline ContinuousBatching::Flow ContinuousBatching::flow(const Inputs& in, const Passes& passes, double requests,
                                                         const Passes::Prompt& prompt) {
  const Passes::Step step = passes.step(requests, 1, mean_tokens(in), 1);
  Flow flow{step.time, {}, passes.parts(step)};
  if (in.prompt_schedule == PromptSchedule::interleaved && in.output_tokens) {
    const double prompts = requests / *in.output_tokens;
    flow.tpot += prompts * prompt.time;
    flow.parts = flow.parts + prompts * passes.parts(prompt);
  }
  flow.throughput = requests * units::token / flow.tpot;
  return flow;
}

inline ContinuousBatching::Outputs ContinuousBatching::solve(const Inputs& in, const Facts& facts) {
  const Passes passes = passes_of(in, facts);
  passes.check_context(in.sequence_length);
  const double mean = mean_tokens(in);
  const Passes::Prompt first = prompt(in, passes);

  Outputs out{};
  out.usable_memory = (1 - in.memory_reserve) * passes.memory().capacity;
  const Room r = room(in, passes, out.usable_memory);
  out.weights_per_device = out.usable_memory - r.budget;
  out.memory_required = out.weights_per_device;
  out.model_weights_size = in.tensor_parallel * out.weights_per_device;
  out.ttft = first.time;
  out.prompt = passes.parts(first);
  out.tpot = in.default_tpot;
  out.speedup_vs_static = 1.0;
  if (r.budget <= Information{}) return out;

  const Flow paged = flow(in, passes, r.paged, first);
  out.max_active_requests = r.paged;
  out.static_max_active_requests = r.contiguous;
  out.tpot = paged.tpot;
  out.token = paged.parts;
  out.memory_required = std::min(out.weights_per_device + r.paged * r.allocated * r.device_cache, out.usable_memory);
  out.throughput = paged.throughput;
  out.static_throughput = flow(in, passes, r.contiguous, first).throughput;
  if (r.contiguous > 0) {
    out.speedup_vs_static = static_cast<double>(out.throughput / out.static_throughput);
  } else if (r.paged > 0) {
    out.speedup_vs_static = absent;
  }
  out.paged_internal_fragmentation = std::max(0.0, 1 - mean / r.allocated);
  out.static_internal_fragmentation = 1 - mean / in.sequence_length;
  out.paged_kv_cache_size = r.paged * r.allocated * r.token_cache;
  out.static_kv_cache_size = r.contiguous * in.sequence_length * r.longest_cache;
  return out;
}

inline void ContinuousBatching::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  const Passes passes = passes_of(in, f);
  const Passes::Prompt first = prompt(in, passes);
  const Room r = room(in, passes, out.usable_memory);
  const double mean = mean_tokens(in);
  w.step("model_weights_size", "P * b", {{"P", in.workload->parameters()}, {"b", bytes_per_element(in.precision)}},
         out.model_weights_size);
  w.step("weights_per_device", "W / t", {{"W", out.model_weights_size}, {"t", in.tensor_parallel}}, out.weights_per_device);
  w.step("usable_memory", "(1 - reserve) * C", {{"reserve", in.memory_reserve}, {"C", passes.memory().capacity}},
         out.usable_memory);
  w.step("ttft", in.both_ceilings ? "max(t_c, t_m) + fixed" : "t_c + dispatch", {{"t_c", first.compute}, {"t_m", first.memory}},
         out.ttft);
  w.step("allocated", "p * E[ceil(X / p)], X exponential, cut at S",
         {{"p", in.page_size}, {"mean", mean}, {"S", in.sequence_length}}, r.allocated, "Kwon 2023");
  w.step("max_active_requests", "min(floor(floor(G / p) * p / allocated), B_max)",
         {{"G", r.budget / r.device_cache}, {"p", in.page_size}, {"allocated", r.allocated}, {"B_max", in.max_batch_size}},
         out.max_active_requests, "Kwon 2023");
  w.step("static_max_active_requests", "min(floor(G / S), B_max)",
         {{"G", r.budget / passes.on_each_device(Information{}, r.longest_cache)},
          {"S", in.sequence_length},
          {"B_max", in.max_batch_size}},
         out.static_max_active_requests);
  if (r.budget > Information{}) {
    const auto step = passes.step(r.paged, 1, mean, 1);
    w.step("tpot", "t_step + N * t_prompt / O",
           {{"t_step", step.time}, {"N", r.paged}, {"t_prompt", first.time}, {"O", in.output_tokens}}, out.tpot, "Agrawal 2024");
  } else {
    w.note("The weights leave no memory for cache.");
    if (out.tpot) w.step("tpot", "default_tpot", {{"default_tpot", in.default_tpot}}, out.tpot);
  }
  equations::explain_parts("prompt.", out.prompt, w);
  equations::explain_parts("token.", out.token, w);
  w.step("throughput", "N / tpot", {{"N", r.paged}, {"tpot", out.tpot}}, out.throughput);
  w.step("static_throughput", "N_static / tpot(N_static)", {{"N_static", r.contiguous}}, out.static_throughput);
  w.step("speedup_vs_static", "throughput / static_throughput",
         {{"throughput", out.throughput}, {"static", out.static_throughput}}, out.speedup_vs_static);
  w.step("paged_internal_fragmentation", "1 - mean / allocated", {{"mean", mean}, {"allocated", r.allocated}},
         out.paged_internal_fragmentation);
  w.step("static_internal_fragmentation", "1 - mean / S", {{"mean", mean}, {"S", in.sequence_length}},
         out.static_internal_fragmentation);
  w.step("memory_required", "W / t + kappa_d * N * allocated",
         {{"W / t", out.weights_per_device}, {"kappa_d", r.device_cache}, {"N", r.paged}, {"allocated", r.allocated}},
         out.memory_required);
  w.step("paged_kv_cache_size", "kappa * N * allocated", {{"kappa", r.token_cache}, {"N", r.paged}, {"allocated", r.allocated}},
         out.paged_kv_cache_size);
  w.step("static_kv_cache_size", "kappa * N_static * S",
         {{"kappa", r.longest_cache}, {"N_static", r.contiguous}, {"S", in.sequence_length}}, out.static_kv_cache_size);
}

}  // namespace ironlaw::serving
