#pragma once
// The working that `serving_engine` shows; included by it.
#include "../serving/operator_lines.hpp"
#include "serving_engine.hpp"

namespace ironlaw::estimates {

inline void ServingEngine::explain(const Inputs& in, const Outputs& out, Working& w) {
  explain_stack(in, stack_constants(in), w);
  w.step("cache_per_sequence", "sum over layers of min(I + O/2, window) bytes, in whole blocks",
         {{"I", in.prompt_tokens}, {"O", in.output_tokens}}, out.cache_per_sequence, "Pope 2022");
  w.step("cache_memory", "the engine's rule: usable - W", {{"usable", out.usable_memory}, {"W", out.weights_per_device}},
         out.cache_memory);
  w.step("slots", "(usable - W) / cache of a request in flight, at most most_sequences",
         {{"usable", out.usable_memory}, {"W", out.weights_per_device}}, out.slots, "Kwon 2023");
  if (out.tpot)
    w.step("request_latency", "ttft + (O - 1) tpot", {{"ttft", *out.ttft}, {"O", in.output_tokens}, {"tpot", *out.tpot}},
           *out.request_latency, "Little 1961");
  w.step("output_throughput", "X O", {{"X", out.request_throughput}, {"O", in.output_tokens}}, out.output_throughput);
  const Facts f = facts(in);
  const ModelledIteration iteration(f.iteration, in.drafted_tokens, in.band_quantile);
  const load::Traffic traffic = offered_traffic(in, f);
  const load::LoadedEngine engine = engine_of(f, traffic, iteration);
  const MeanIterations mean(in, f.iteration, load::Work(engine, traffic), decoding_in(out), out.prompt_share);
  w.note("operators of the mean iteration stand below: " + detail::whole(100 * mean.prompt_share) + " % hold prompts, " +
         detail::whole(mean.with_prompts.prompt_tokens) + " tokens each; " + detail::whole(mean.decoding.decoding_sequences) +
         " sequences decode at " + detail::whole(mean.decoding.context) + " tokens" +
         (f.iteration.stages > 1 ? ", of the group that stages work on together" : ""));
  OperatorLines lines(f.iteration, *in.hardware);
  if (mean.prompt_share < 1) lines.add(mean.decoding, 1 - mean.prompt_share);
  if (mean.prompt_share > 0) lines.add(mean.with_prompts, mean.prompt_share);
  lines.write(w);
}

}  // namespace ironlaw::estimates
