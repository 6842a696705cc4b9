#pragma once
// The working that `static_batch` shows; included by it.
#include "operator_lines.hpp"
#include "static_batch.hpp"

namespace ironlaw::estimates {

inline void StaticBatch::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  explain_stack(in, f.stack, w);
  const double factor = f.batch_decode.factor(in.band_quantile);
  const IterationInputs step = decode_step(in, f);
  w.step("tpot", "t_step max(p, B/b)/p",
         {{"t_step", factor * iteration_time(f, step).total},
          {"p", in.pipeline_parallel},
          {"B", in.batch_size},
          {"b", in.batch_size / out.decode_groups}},
         out.tpot, "Pope 2022");
  if (out.tpot_low) {
    w.step("tpot_low", "tpot exp(q10)", {{"tpot", out.tpot / factor}, {"q10", f.batch_decode.low}}, out.tpot_low,
           f.batch_decode.source());
    w.step("tpot_high", "tpot exp(q90)", {{"tpot", out.tpot / factor}, {"q90", f.batch_decode.high}}, out.tpot_high,
           f.batch_decode.source());
  }
  w.step("request_latency", "t_prompt + (O - 1) tpot",
         {{"t_prompt", out.prompt_time}, {"O", in.output_tokens}, {"tpot", out.tpot}}, out.request_latency);
  w.step("decode_throughput", "B / tpot", {{"B", in.batch_size * units::token}, {"tpot", out.tpot}}, out.decode_throughput);
  equations::explain_parts("prompt.", out.prompt, w);
  equations::explain_parts("token.", out.token, w);
  w.note("operators of one step that gives each request of a group its next token");
  OperatorLines lines(f, *in.hardware);
  lines.add(step);
  lines.write(w);
}

}  // namespace ironlaw::estimates
