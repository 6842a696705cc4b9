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

  struct Given : ServedModel, DeploymentChoices {
    const Hardware* decode_hardware = nullptr;
    const Workload* draft = nullptr;
    CacheTransfer cache_transfer = CacheTransfer::layerwise;
    bool check_prefill_memory = true;
    Speculation speculation = Speculation::counted;
  };
  template <class N>
  struct InputsOf : Given, DeploymentNumbers<N> {
    N sequence_length = required;
    N batch_size = 1;
    N output_tokens = 1;
    N cached_prefix = 0;
    Of<N, Maybe<double>> prefill_chunk = absent;
    Of<N, Bandwidth> network_bandwidth = spread<N>(100e9 * units::byte_per_second);
    N draft_acceptance_rate = 0.7;
    N draft_length = 4;
    Of<N, Maybe<Time>> ttft_target = absent;
    Of<N, Maybe<Time>> tpot_target = absent;
  };
  using Inputs = InputsOf<double>;
  struct Facts {
    ServedFacts served;
    std::optional<equations::AskedHardware> elsewhere;  ///< device that decodes, where that is another one
    std::optional<ModelFacts> draft;
    [[nodiscard]] const equations::AskedHardware& decoder() const { return elsewhere ? *elsewhere : served.device; }
  };

  template <class N>
  struct OutputsOf {
    Of<N, Time> ttft;
    Of<N, Time> tpot;
    Of<N, TokenRate> throughput;
    Of<N, Time> request_latency;
    Of<N, Precision> arithmetic_format;
    equations::TimePartsOf<N> prompt;
    equations::TimePartsOf<N> token;
    Of<N, Information> kv_cache_size;
    Of<N, Information> model_weights_size;
    Of<N, Maybe<Information>> draft_weights_size;
    Of<N, Information> total_memory_required;
    Of<N, Information> memory_capacity;
    N memory_utilization;
    Of<N, Maybe<Information>> prefill_memory_required;
    Of<N, Maybe<Information>> prefill_memory_capacity;
    N prompt_cache_hit_ratio;
    N prefill_chunks;
    Of<N, Maybe<Time>> prefill_chunk_time;
    Of<N, Maybe<double>> tokens_per_round;
  };
  using Outputs = OutputsOf<double>;

  template <class N>
  static constexpr auto inputs_of = ports(
      deployment_ports_of<N>, port<&InputsOf<N>::sequence_length>("tokens of each prompt", at_least_one).whole(),
      port<&InputsOf<N>::batch_size>("requests served together", at_least_one).whole(),
      port<&InputsOf<N>::output_tokens>("tokens that each request generates: tpot is their mean, memory that of the last one",
                                        at_least_one)
          .whole(),
      port<&InputsOf<N>::cached_prefix>("tokens of each prompt whose cache is already there", non_negative).whole(),
      port<&InputsOf<N>::prefill_chunk>("most prompt tokens processed at once; absent: all", at_least_one).whole(),
      port<&InputsOf<N>::decode_hardware>("devices that generate, where prompts run elsewhere").optional(),
      port<&InputsOf<N>::network_bandwidth>("link that carries the cache from prompt to decode devices, one way", positive)
          .refinement()
          .display("GB/s"),
      port<&InputsOf<N>::cache_transfer>("layerwise: a layer's cache leaves while the next layers run; serial: after the prompt")
          .refinement(),
      port<&InputsOf<N>::check_prefill_memory>("with decode_hardware: weights and prompts must fit the prompt devices too")
          .parity(),
      port<&InputsOf<N>::draft>("small model that drafts tokens for speculative decoding").optional(),
      port<&InputsOf<N>::draft_acceptance_rate>("probability that a drafted token is accepted", fraction),
      port<&InputsOf<N>::draft_length>("tokens drafted in a round", at_least_one).whole(),
      port<&InputsOf<N>::speculation>("counted: verification processes all drafted tokens, the draft pays its launches and its "
                                      "cache; idealized: a plain step, and neither")
          .parity(),
      port<&InputsOf<N>::ttft_target>("time to first token that is wanted", positive),
      port<&InputsOf<N>::tpot_target>("mean time of an output token that is wanted", positive));

  static constexpr auto inputs = inputs_of<double>;

  template <class N>
  static constexpr auto outputs_of = ports(
      port<&OutputsOf<N>::ttft>("time to first token"), port<&OutputsOf<N>::tpot>("mean time of an output token after the first"),
      port<&OutputsOf<N>::throughput>("tokens of all requests while they generate"),
      port<&OutputsOf<N>::request_latency>("first token and output_tokens steps"),
      port<&OutputsOf<N>::arithmetic_format>(
          "number format that products are computed in; another than precision where the device widens it"),
      group<&OutputsOf<N>::prompt>(equations::time_part_ports_of<N>),
      group<&OutputsOf<N>::token>(equations::time_part_ports_of<N>),
      port<&OutputsOf<N>::kv_cache_size>("key-value cache of the batch at its last token"),
      port<&OutputsOf<N>::model_weights_size>("stored weights"),
      port<&OutputsOf<N>::draft_weights_size>("stored weights of the draft"),
      port<&OutputsOf<N>::total_memory_required>("what each decoding device holds"),
      port<&OutputsOf<N>::memory_capacity>("memory of each decoding device"),
      port<&OutputsOf<N>::memory_utilization>("required over capacity; above 1 where it does not fit", non_negative),
      port<&OutputsOf<N>::prefill_memory_required>("what each prompt device holds, where that is another one"),
      port<&OutputsOf<N>::prefill_memory_capacity>("memory of each prompt device, where that is another one"),
      port<&OutputsOf<N>::prompt_cache_hit_ratio>("share of the prompt that was cached", fraction),
      port<&OutputsOf<N>::prefill_chunks>("passes that a prompt takes").whole(),
      port<&OutputsOf<N>::prefill_chunk_time>("slowest chunk: the longest that decoding requests wait behind a prompt"),
      port<&OutputsOf<N>::tokens_per_round>("expected tokens of a speculative round"));
  static constexpr auto outputs = outputs_of<double>;

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

  static constexpr auto rules = ironlaw::rules(
      rule("cached_prefix must be below sequence_length", [](const auto& in) { return in.cached_prefix < in.sequence_length; }));

  static Facts facts(const Given& given);
  template <class N>
  static OutputsOf<N> rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare);
  static Outputs solve(const Inputs& in, const Facts& facts) {
    Rare<double> none;
    return rows(in, facts, none);
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  template <class N>
  static DeploymentTermsOf<N> terms_of(const InputsOf<N>& in) {
    return {static_cast<const DeploymentNumbers<N>&>(in), static_cast<const DeploymentChoices&>(in)};
  }
  template <class N>
  static typename PassesOf<N>::Prompt prompt(const InputsOf<N>& in, const PassesOf<N>& passes, Rare<N>& rare) {
    return passes.prompt(in.batch_size, in.sequence_length - in.cached_prefix, in.cached_prefix,
                         select(has(in.prefill_chunk), *in.prefill_chunk, in.sequence_length), rare);
  }
  template <class N>
  static typename PassesOf<N>::Step step(const InputsOf<N>& in, const PassesOf<N>& passes, const std::type_identity_t<N>& tokens,
                                         Rare<N>& rare) {
    return passes.step(in.batch_size, tokens, in.sequence_length, in.output_tokens, rare);
  }
  template <class N>
  static PassesOf<N> draft_passes(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare);
  template <class N>
  static Of<N, Time> transfer(const InputsOf<N>& in, const typename PassesOf<N>::Step& plain, const Of<N, Time>& prompt,
                              double layers);
  template <class N>
  static void speculate(const InputsOf<N>& in, const Facts& facts, const PassesOf<N>& passes,
                        const typename PassesOf<N>::Step& plain, OutputsOf<N>& out, Rare<N>& rare);
};

template <class N>
Of<N, Time> Serving::transfer(const InputsOf<N>& in, const typename PassesOf<N>::Step& plain, const Of<N, Time>& prompt,
                              double layers) {
  const Of<N, Time> all = plain.first_cache / in.network_bandwidth;
  return in.cache_transfer == CacheTransfer::serial ? all : equations::exposed_transfer(all, prompt, layers);
}

inline Serving::Facts Serving::facts(const Given& given) {
  Facts f{ServedFacts(given), {}, {}};
  if (given.decode_hardware != nullptr) f.elsewhere.emplace(*given.decode_hardware, given.precision, given.widths.accumulation);
  if (given.draft != nullptr) f.draft.emplace(*given.draft, given.formats());
  return f;
}

template <class N>
PassesOf<N> Serving::draft_passes(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare) {
  DeploymentTermsOf<N> d = terms_of(in);
  if (in.speculation == Speculation::idealized) {
    d.framework_overhead = Of<N, Time>{};
    d.both_ceilings = false;
  }
  return PassesOf<N>(d, *facts.draft, facts.decoder(), rare);
}

/// Rounds of drafted and verified tokens in place of single steps.
template <class N>
void Serving::speculate(const InputsOf<N>& in, const Facts& facts, const PassesOf<N>& passes,
                        const typename PassesOf<N>::Step& plain, OutputsOf<N>& out, Rare<N>& rare) {
  const bool counted = in.speculation == Speculation::counted;
  const PassesOf<N> draft = draft_passes(in, facts, rare);
  const auto drafted = step(in, draft, N(1.0), rare);
  const typename PassesOf<N>::Step verified = counted ? step(in, passes, in.draft_length + 1, rare) : plain;
  const N tokens = equations::tokens_per_round(in.draft_acceptance_rate, in.draft_length);
  out.tokens_per_round = tokens;
  out.tpot = (in.draft_length * drafted.time + verified.time) / tokens;
  out.token = N(1 / tokens) * (in.draft_length * draft.parts(drafted) + passes.parts(verified));
  out.draft_weights_size = drafted.weights;
  out.total_memory_required += draft.on_each_device(drafted.weights, counted ? drafted.cache : Of<N, Information>{});
}

template <class N>
Serving::OutputsOf<N> Serving::rows(const InputsOf<N>& in, const Facts& facts, Rare<N>& rare) {
  const DeploymentTermsOf<N> terms = terms_of(in);
  const PassesOf<N> prompt_side(terms, facts.served, rare);
  std::optional<PassesOf<N>> elsewhere;
  const PassesOf<N>& decode_side =
      facts.elsewhere ? elsewhere.emplace(terms, facts.served.model, *facts.elsewhere, rare) : prompt_side;
  decode_side.check_context(in.sequence_length + in.output_tokens - 1, rare);
  const auto first = prompt(in, prompt_side, rare);
  const auto plain = step(in, decode_side, N(1.0), rare);

  OutputsOf<N> out;
  out.draft_weights_size = absent;
  out.prefill_memory_required = absent;
  out.prefill_memory_capacity = absent;
  out.tokens_per_round = absent;
  out.arithmetic_format = facts.served.device.arithmetic;
  out.ttft = first.time;
  out.tpot = plain.time;
  out.prompt = prompt_side.parts(first);
  out.token = decode_side.parts(plain);
  out.kv_cache_size = plain.cache;
  out.model_weights_size = plain.weights;
  out.total_memory_required = decode_side.on_each_device(plain.weights, plain.cache);
  out.memory_capacity = spread<N>(decode_side.memory().capacity);
  if (in.decode_hardware) {
    const Of<N, Time> handed_over = transfer(in, plain, first.time, prompt_side.shape().layers);
    out.ttft += handed_over;
    out.prompt.communication_time += handed_over;
    if (in.check_prefill_memory) {
      out.prefill_memory_required = prompt_side.on_each_device(plain.weights, plain.first_cache);
      out.prefill_memory_capacity = spread<N>(prompt_side.memory().capacity);
    }
  }
  if (in.draft) speculate(in, facts, decode_side, plain, out, rare);
  out.throughput = in.batch_size * units::token / out.tpot;
  out.request_latency = out.ttft + in.output_tokens * out.tpot;
  out.memory_utilization = N((out.total_memory_required / out.memory_capacity).value());
  out.prompt_cache_hit_ratio = in.cached_prefix / in.sequence_length;
  out.prefill_chunks = first.chunks;
  out.prefill_chunk_time = select(has(in.prefill_chunk), Of<N, Maybe<Time>>(first.slowest_chunk), Of<N, Maybe<Time>>(absent));
  return out;
}

}  // namespace ironlaw::serving

#include "serving_working.hpp"
