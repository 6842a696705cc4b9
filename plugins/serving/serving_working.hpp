#pragma once
// The working that serving shows; included by it.
#include "serving.hpp"

namespace ironlaw::serving {

inline void Serving::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  Rare<double> none;
  const Passes prompt_side(terms_of(in), f.served, none);
  const Passes decode_side(terms_of(in), f.served.model, f.decoder(), none);
  const Passes::Prompt first = prompt(in, prompt_side, none);
  const Passes::Step plain = step(in, decode_side, 1, none);

  if (in.prefill_chunk)
    w.step("prefill_chunk_time", "longest chunk", {{"q", in.prefill_chunk}, {"chunks", first.chunks}}, out.prefill_chunk_time,
           "Agrawal 2024");
  w.step("prompt time", in.both_ceilings ? "sum over chunks of max(t_c, t_m) + fixed" : "t_c + chunks * dispatch",
         {{"n", in.sequence_length - in.cached_prefix}, {"B", in.batch_size}, {"t_c", first.compute}, {"t_m", first.memory}},
         first.time, "Pope 2022; Kaplan 2020");
  if (in.decode_hardware)
    w.step("cache transfer",
           in.cache_transfer == CacheTransfer::serial ? "KV / beta_x" : "T/L + max(0, (L - 1)/L * (T - t_prompt))",
           {{"KV", plain.first_cache}, {"beta_x", in.network_bandwidth}, {"L", prompt_side.shape().layers}},
           transfer(in, plain, first.time, prompt_side.shape().layers), "Patel 2024; Zhong 2024");
  w.step("ttft", "t_prompt + t_transfer", {{"t_prompt", first.time}, {"t_transfer", out.ttft - first.time}}, out.ttft);
  w.step("step time", in.both_ceilings ? "mean over positions of max(t_c, t_m) + fixed" : "t_m + fixed",
         {{"t_c", plain.compute}, {"t_m", plain.memory}, {"fixed", plain.fixed()}}, plain.time, "Pope 2022");
  if (in.draft) {
    const bool counted = in.speculation == Speculation::counted;
    const Time drafted = step(in, draft_passes(in, f, none), 1, none).time;
    const Time verified = counted ? step(in, decode_side, in.draft_length + 1, none).time : plain.time;
    w.step("tokens_per_round", "1 + a * (1 - a^K) / (1 - a)", {{"a", in.draft_acceptance_rate}, {"K", in.draft_length}},
           out.tokens_per_round, "Leviathan 2023");
    w.step("tpot", "(K * t_draft + t_verify) / E",
           {{"K", in.draft_length}, {"t_draft", drafted}, {"t_verify", verified}, {"E", out.tokens_per_round}}, out.tpot,
           "Leviathan 2023");
    w.step("draft_weights_size", "P_d * b", {{"b", bytes_per_element(in.precision)}}, out.draft_weights_size);
  } else {
    w.step("tpot", "t_step", {{"t_step", plain.time}}, out.tpot);
  }
  equations::explain_parts("prompt.", out.prompt, w);
  equations::explain_parts("token.", out.token, w);
  w.step("throughput", "B / tpot", {{"B", in.batch_size}, {"tpot", out.tpot}}, out.throughput);
  w.step("request_latency", "ttft + O * tpot", {{"ttft", out.ttft}, {"O", in.output_tokens}, {"tpot", out.tpot}},
         out.request_latency);
  w.step("model_weights_size", "P * b", {{"P", in.workload->parameters()}, {"b", bytes_per_element(in.precision)}},
         out.model_weights_size);
  w.step("kv_cache_size", "kappa * B * (S + O - 1)",
         {{"kappa", out.kv_cache_size / (in.batch_size * (in.sequence_length + in.output_tokens - 1))},
          {"B", in.batch_size},
          {"S", in.sequence_length},
          {"O", in.output_tokens}},
         out.kv_cache_size, "Pope 2022; Ainslie 2023; DeepSeek-V2 2024");
  w.step("total_memory_required", "W / t + KV / s + draft, s = min(t, a_kv), 1 for a latent cache",
         {{"W", out.model_weights_size},
          {"KV", out.kv_cache_size},
          {"t", in.tensor_parallel},
          {"s", decode_side.cache_shards()},
          {"draft", out.total_memory_required - decode_side.on_each_device(plain.weights, plain.cache)}},
         out.total_memory_required);
  w.step("memory_utilization", "M / C", {{"M", out.total_memory_required}, {"C", out.memory_capacity}}, out.memory_utilization);
  if (out.prefill_memory_required)
    w.step("prefill_memory_required", "W / t + KV / s",
           {{"W", plain.weights}, {"KV", plain.first_cache}, {"t", in.tensor_parallel}, {"s", prompt_side.cache_shards()}},
           out.prefill_memory_required);
  w.step("prompt_cache_hit_ratio", "c / S", {{"c", in.cached_prefix}, {"S", in.sequence_length}}, out.prompt_cache_hit_ratio,
         "Zheng 2024");
}

}  // namespace ironlaw::serving
