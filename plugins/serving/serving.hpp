#pragma once
#include <optional>

#include "passes.hpp"

namespace ironlaw::serving {

/// A batch of requests from prompt to last token: first token, next tokens, cache, and whether everything fits.
struct Serving {
  static constexpr auto about = Solver::About{"serving", "First token, next tokens, cache and fit of a batch of requests",
                                              "Pope 2022, 'Efficiently scaling transformer inference'"};

  /// How the cache of a prompt reaches the device that decodes.
  enum class CacheTransfer { layerwise, serial };
  /// counted: verification processes every drafted token, and the draft pays for its launches and its cache. idealized: neither.
  enum class Speculation { counted, idealized };

  struct Given : ServedModel {
    const Hardware* decode_hardware = nullptr;
    const Workload* draft = nullptr;
  };
  struct Inputs : Given, DeploymentTerms {
    double sequence_length = required;
    double batch_size = 1;
    double output_tokens = 1;
    double cached_prefix = 0;
    Maybe<double> prefill_chunk = absent;
    Bandwidth network_bandwidth = 100e9 * units::byte_per_second;
    CacheTransfer cache_transfer = CacheTransfer::layerwise;
    bool check_prefill_memory = true;
    double draft_acceptance_rate = 0.7;
    double draft_length = 4;
    Speculation speculation = Speculation::counted;
    Maybe<Time> ttft_target = absent;
    Maybe<Time> tpot_target = absent;
  };
  struct Facts {
    ServedFacts served;
    std::optional<equations::AskedHardware> elsewhere;  ///< device that decodes, where that is another one
    std::optional<ModelFacts> draft;
    [[nodiscard]] const equations::AskedHardware& decoder() const { return elsewhere ? *elsewhere : served.device; }
  };

  struct Outputs {
    Time ttft;
    Time tpot;
    TokenRate throughput;
    Time request_latency;
    Precision arithmetic_format;
    equations::TimeParts prompt;
    equations::TimeParts token;
    Information kv_cache_size;
    Information model_weights_size;
    Maybe<Information> draft_weights_size;
    Information total_memory_required;
    Information memory_capacity;
    double memory_utilization;
    Maybe<Information> prefill_memory_required;
    Maybe<Information> prefill_memory_capacity;
    double prompt_cache_hit_ratio;
    double prefill_chunks;
    Maybe<Time> prefill_chunk_time;
    Maybe<double> tokens_per_round;
  };

  static constexpr auto inputs = ports(
      deployment_ports, port<&Inputs::sequence_length>("tokens of each prompt", at_least_one).whole(),
      port<&Inputs::batch_size>("requests served together", at_least_one).whole(),
      port<&Inputs::output_tokens>("tokens that each request generates: tpot is their mean, memory that of the last one",
                                   at_least_one)
          .whole(),
      port<&Inputs::cached_prefix>("tokens of each prompt whose cache is already there", non_negative).whole(),
      port<&Inputs::prefill_chunk>("most prompt tokens processed at once; absent: all", at_least_one).whole(),
      port<&Inputs::decode_hardware>("devices that generate, where prompts run elsewhere").optional(),
      port<&Inputs::network_bandwidth>("link that carries the cache from prompt to decode devices, one way", positive)
          .refinement()
          .display("GB/s"),
      port<&Inputs::cache_transfer>("layerwise: a layer's cache leaves while the next layers run; serial: after the prompt")
          .refinement(),
      port<&Inputs::check_prefill_memory>("with decode_hardware: weights and prompts must fit the prompt devices too").parity(),
      port<&Inputs::draft>("small model that drafts tokens for speculative decoding").optional(),
      port<&Inputs::draft_acceptance_rate>("probability that a drafted token is accepted", fraction),
      port<&Inputs::draft_length>("tokens drafted in a round", at_least_one).whole(),
      port<&Inputs::speculation>("counted: verification processes all drafted tokens, the draft pays its launches and its "
                                 "cache; idealized: a plain step, and neither")
          .parity(),
      port<&Inputs::ttft_target>("time to first token that is wanted", positive),
      port<&Inputs::tpot_target>("mean time of an output token that is wanted", positive));

  static constexpr auto outputs = ports(
      port<&Outputs::ttft>("time to first token"), port<&Outputs::tpot>("mean time of an output token after the first"),
      port<&Outputs::throughput>("tokens of all requests while they generate"),
      port<&Outputs::request_latency>("first token and output_tokens steps"),
      port<&Outputs::arithmetic_format>(
          "number format that products are computed in; another than precision where the device widens it"),
      group<&Outputs::prompt>(equations::time_part_ports), group<&Outputs::token>(equations::time_part_ports),
      port<&Outputs::kv_cache_size>("key-value cache of the batch at its last token"),
      port<&Outputs::model_weights_size>("stored weights"), port<&Outputs::draft_weights_size>("stored weights of the draft"),
      port<&Outputs::total_memory_required>("what each decoding device holds"),
      port<&Outputs::memory_capacity>("memory of each decoding device"),
      port<&Outputs::memory_utilization>("required over capacity; above 1 where it does not fit", non_negative),
      port<&Outputs::prefill_memory_required>("what each prompt device holds, where that is another one"),
      port<&Outputs::prefill_memory_capacity>("memory of each prompt device, where that is another one"),
      port<&Outputs::prompt_cache_hit_ratio>("share of the prompt that was cached", fraction),
      port<&Outputs::prefill_chunks>("passes that a prompt takes").whole(),
      port<&Outputs::prefill_chunk_time>("slowest chunk: the longest that decoding requests wait behind a prompt"),
      port<&Outputs::tokens_per_round>("expected tokens of a speculative round"));

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::total_memory_required, &Outputs::memory_capacity>("memory", "weights and cache must fit",
                                                                       "W / t + KV / s <= capacity")
          .tightened_by<&Inputs::batch_size, &Inputs::sequence_length, &Inputs::output_tokens>(),
      hard<&Outputs::prefill_memory_required, &Outputs::prefill_memory_capacity>(
          "memory: prefill", "weights and prompts must fit where prompts run", "W / t + KV / s <= capacity"),
      equations::part_limits<&Outputs::prompt, &Outputs::ttft>(equations::of_prompt),
      equations::part_limits<&Outputs::token, &Outputs::tpot>(),
      soft<&Outputs::ttft, &Inputs::ttft_target>("serving: first token", "prompts must be answered in time", "TTFT <= target"),
      soft<&Outputs::tpot, &Inputs::tpot_target>("serving: next tokens", "tokens must follow in time", "TPOT <= target"),
      soft<&Outputs::draft_weights_size, &Outputs::model_weights_size>("serving: draft", "a draft is smaller than its target",
                                                                       "W_draft <= W"));

  static constexpr auto rules = ironlaw::rules(rule("cached_prefix must be below sequence_length",
                                                    [](const Inputs& in) { return in.cached_prefix < in.sequence_length; }));

  static Facts facts(const Given& given);
  static Outputs solve(const Inputs& in, const Facts& facts);
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  static Passes::Prompt prompt(const Inputs& in, const Passes& passes) {
    return passes.prompt(in.batch_size, in.sequence_length - in.cached_prefix, in.cached_prefix,
                         in.prefill_chunk.value_or(in.sequence_length));
  }
  static Passes::Step step(const Inputs& in, const Passes& passes, double tokens) {
    return passes.step(in.batch_size, tokens, in.sequence_length, in.output_tokens);
  }
  static Passes draft_passes(const Inputs& in, const Facts& facts);
  static Time transfer(const Inputs& in, const Passes::Step& plain, Time prompt, double layers);
  static void speculate(const Inputs& in, const Facts& facts, const Passes& passes, const Passes::Step& plain, Outputs& out);
};

inline Time Serving::transfer(const Inputs& in, const Passes::Step& plain, Time prompt, double layers) {
  const Time all = plain.first_cache / in.network_bandwidth;
  return in.cache_transfer == CacheTransfer::serial ? all : equations::exposed_transfer(all, prompt, layers);
}

inline Serving::Facts Serving::facts(const Given& given) {
  Facts f{ServedFacts(given), {}, {}};
  if (given.decode_hardware != nullptr) f.elsewhere.emplace(*given.decode_hardware, given.precision, given.widths.accumulation);
  if (given.draft != nullptr) f.draft.emplace(*given.draft, given.formats());
  return f;
}

inline Passes Serving::draft_passes(const Inputs& in, const Facts& facts) {
  DeploymentTerms d = in;
  if (in.speculation == Speculation::idealized) {
    d.framework_overhead = Time{};
    d.both_ceilings = false;
  }
  return {d, *facts.draft, facts.decoder()};
}

/// Rounds of drafted and verified tokens in place of single steps.
inline void Serving::speculate(const Inputs& in, const Facts& facts, const Passes& passes, const Passes::Step& plain,
                               Outputs& out) {
  const bool counted = in.speculation == Speculation::counted;
  const Passes draft = draft_passes(in, facts);
  const Passes::Step drafted = step(in, draft, 1);
  const Passes::Step verified = counted ? step(in, passes, in.draft_length + 1) : plain;
  out.tokens_per_round = equations::tokens_per_round(in.draft_acceptance_rate, in.draft_length);
  out.tpot = (in.draft_length * drafted.time + verified.time) / *out.tokens_per_round;
  out.token = 1 / *out.tokens_per_round * (in.draft_length * draft.parts(drafted) + passes.parts(verified));
  out.draft_weights_size = drafted.weights;
  out.total_memory_required += draft.on_each_device(drafted.weights, counted ? drafted.cache : Information{});
}

inline Serving::Outputs Serving::solve(const Inputs& in, const Facts& facts) {
  const Passes prompt_side(in, facts.served);
  std::optional<Passes> elsewhere;
  const Passes& decode_side = facts.elsewhere ? elsewhere.emplace(in, facts.served.model, *facts.elsewhere) : prompt_side;
  decode_side.check_context(in.sequence_length + in.output_tokens - 1);
  const Passes::Prompt first = prompt(in, prompt_side);
  const Passes::Step plain = step(in, decode_side, 1);

  Outputs out{};
  out.arithmetic_format = facts.served.device.arithmetic;
  out.ttft = first.time;
  out.tpot = plain.time;
  out.prompt = prompt_side.parts(first);
  out.token = decode_side.parts(plain);
  out.kv_cache_size = plain.cache;
  out.model_weights_size = plain.weights;
  out.total_memory_required = decode_side.on_each_device(plain.weights, plain.cache);
  out.memory_capacity = decode_side.memory().capacity;
  if (in.decode_hardware) {
    const Time handed_over = transfer(in, plain, first.time, prompt_side.shape().layers);
    out.ttft += handed_over;
    out.prompt.communication_time += handed_over;
    if (in.check_prefill_memory) {
      out.prefill_memory_required = prompt_side.on_each_device(plain.weights, plain.first_cache);
      out.prefill_memory_capacity = prompt_side.memory().capacity;
    }
  }
  if (in.draft) speculate(in, facts, decode_side, plain, out);
  out.throughput = in.batch_size * units::token / out.tpot;
  out.request_latency = out.ttft + in.output_tokens * out.tpot;
  out.memory_utilization = out.total_memory_required / out.memory_capacity;
  out.prompt_cache_hit_ratio = in.cached_prefix / in.sequence_length;
  out.prefill_chunks = first.chunks;
  if (in.prefill_chunk) out.prefill_chunk_time = first.slowest_chunk;
  return out;
}

}  // namespace ironlaw::serving

#include "serving_working.hpp"
