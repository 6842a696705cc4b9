#pragma once
// The working that `iteration` shows; included by it.
#include "iteration.hpp"
#include "operator_lines.hpp"

namespace ironlaw::estimates {

inline void Iteration::explain(const Inputs& in, const Outputs& out, Working& w) {
  const Facts f = facts(in);
  const RankRow row(f, in);
  w.note("operators and whose constants they take stand below; " +
         std::string(in.software_stack == nullptr ? "no software stack is said: the law's own constants"
                                                  : "software stack " + std::string(in.software_stack->name())));
  explain_stack(in, f.stack, w);
  w.step("rows", "B (1 + s)/D + n_l",
         {{"B", in.decoding_sequences}, {"s", in.drafted_tokens}, {"D", f.data}, {"n_l", row.prompt_rows}}, row.rows);
  w.note("L: layers, each counted by its operators, of which a dense decoder's has nine");
  w.step("layer_time", "L tau + L_r tau_r + L_e tau_e",
         {{"L", f.plain_layers},
          {"tau", f.stack.layer_latency},
          {"L_r", f.recurrent_layers},
          {"tau_r", f.stack.recurrent_layer_latency},
          {"L_e", f.routed_layers},
          {"tau_e", f.stack.expert_layer_latency}},
         out.layer_time);
  if (out.launch_time > Time{})
    w.step("launch_time", f.stack.prompt_launch_hidden ? "max(L eps - t_device, 0)" : "L eps",
           {{"L", f.prompt_plain_layers}, {"eps", f.stack.prompt_launch}}, out.launch_time);
  equations::explain_parts("", out.parts, w);
  w.step("host_time", "t_h + t_s rows", {{"t_h", f.stack.host_time}, {"t_s", f.stack.sequence_time}, {"rows", row.results}},
         out.host_time);
  if (out.draft_time > Time{})
    w.step("draft_time", "s (t_body/L + t_head)", {{"s", in.drafted_tokens}, {"L", f.layers}, {"t_head", out.head_time}},
           out.draft_time);
  const ServingBand& band = in.drafted_tokens > 0 ? f.drafts : f.plain;
  const double factor = f.stack.time_factor * band.factor(in.band_quantile);
  w.step("iteration_time", "phi (t_p + t_e + t_d + t_a + t_x + t_head + t_l + t_eps + t_h + t_s)",
         {{"phi", factor},
          {"t_p", out.product_time},
          {"t_e", out.expert_time},
          {"t_d", out.decode_attention_time},
          {"t_a", out.prompt_attention_time},
          {"t_x", out.exchange_time},
          {"t_head", out.head_time},
          {"t_l", out.layer_time},
          {"t_eps", out.launch_time},
          {"t_h", out.host_time},
          {"t_s", out.draft_time}},
         out.iteration_time);
  if (out.energy)
    w.step("energy", "n (P_idle + (TDP - P_idle) min(1, 0.60 + 1.6 u)) t",
           {{"n", f.tensor * f.data * f.stages},
            {"P_idle", f.power.idle},
            {"TDP", *f.power.design},
            {"u", out.arithmetic_share},
            {"t", out.iteration_time}},
           *out.energy, "fitted on 121 loops of the ML.ENERGY leaderboard");
  if (out.iteration_time_low) {
    const Time t = iteration_time(f, in).total;
    w.step("iteration_time_low", "t exp(q10)", {{"t", t}, {"q10", band.low}}, out.iteration_time_low, band.source());
    w.step("iteration_time_high", "t exp(q90)", {{"t", t}, {"q90", band.high}}, out.iteration_time_high, band.source());
  } else {
    w.note("no band: fewer than three groups of rows of this kind were left out one by one");
  }
  OperatorLines lines(f, *in.hardware);
  lines.add(in);
  lines.write(w);
}

}  // namespace ironlaw::estimates
