#pragma once
// The working that `iteration` shows; included by it.
#include <string>

#include "iteration.hpp"

namespace ironlaw::estimates {
namespace detail {

inline std::string record_name(const RateFound& found) {
  if (found.rate == nullptr) return {};
  std::string name(found.records->name());
  for (const std::string_view part : {found->engine, found->format, found->kernel})
    if (!part.empty()) name.append(", ").append(part);
  return name;
}
inline std::string whole(double v) {
  const std::string text = std::to_string(v);
  return text.substr(0, text.find('.'));
}
/// "up 3584 x 8192"
inline std::string shape_name(OperatorRole role, double n, double k) {
  return std::string(role_name(role)) + " " + whole(n) + " x " + whole(k);
}

/// The operators of an iteration, one line each.
class OperatorLines {
 public:
  OperatorLines(const IterationFacts& f, const IterationInputs& in, Working& w) : f_(f), row_(f, in), in_(in), w_(w) {}

  void write() const {
    for (const ProductTerm& p : f_.products.all()) product(p, row_.rows);
    for (const ExpertTerm& e : f_.experts.all()) experts(e);
    if (row_.decoding > 0)
      for (const AttentionTerm& a : f_.decoding.all()) decode_attention(a);
    if (row_.prompt_rows > 0)
      for (const AttentionTerm& a : f_.prompts.all()) prompt_attention(a);
    const IterationTime t = iteration_time(f_, in_);
    rest("recurrent state", f_.state * row_.decoding, "memory", {});
    rest("activations of prompts", f_.prompt_row * row_.prompt_rows, "memory", {});
    rest("exchange", t.exchange, "link", f_.exchange.record);
    product(f_.head, row_.results);
    rest("layers beside their kernels", t.layers, "launch", {});
    rest("launches of prompts", t.launches, "launch", {});
    rest("host", t.host, "host", {});
    rest("drafts", t.drafts, "drafts", {});
  }

 private:
  static std::string_view wall(Time fixed, Time compute, Time memory) {
    if (fixed >= compute && fixed >= memory) return "latency";
    return compute >= memory ? "compute" : "memory";
  }
  void line(std::string_view name, double count, Time one, Information bytes, Operations operations, std::string_view wall,
            const RateFound& found) const {
    const std::string record = record_name(found);
    const std::string constant = binding_constant(found, wall);
    w_.operation({name, count, count * one, count * bytes, count * operations, wall, constant, record,
                  found.rate == nullptr ? std::string_view() : found->source});
  }
  void rest(std::string_view name, Time time, std::string_view wall, const RateFound& found) const {
    if (time > Time{}) line(name, 1, time, {}, {}, wall, found);
  }
  void product(const ProductTerm& p, double rows) const {
    const Time compute = p.form.compute * rows;
    const Time memory = p.form.memory_fixed + p.form.memory * rows;
    const Information bytes = p.batch * (p.n * p.k * p.weight + rows * (p.n + p.k) * (2.0 * units::byte));
    line(shape_name(p.role, p.n, p.k), p.count, p.form(rows), bytes, 2 * p.batch * rows * p.n * p.k * units::flop,
         wall(p.form.fixed + p.form.traffic * rows, compute, memory), p.record);
  }
  void experts(const ExpertTerm& e) const {
    const double slots = row_.all_rows * e.per_token;
    const double rows = slots * e.group_share;
    const double touched = touched_of(e, rows);
    line("routed experts", e.count, e.form(rows, touched, slots), touched * e.elements * e.weight,
         2 * rows * e.elements * units::flop,
         wall(e.form.fixed + e.form.traffic * rows + e.form.permute * slots,
              e.form.compute * (rows + touched * e.form.touched_rows), e.form.memory * touched),
         e.record);
  }
  void decode_attention(const AttentionTerm& a) const {
    const double keys = a.seen(row_.context);
    const double cached = row_.decoding * keys;
    const double pairs = cached * row_.queries;
    const Time fixed = a.form.fixed + a.form.tile * (a.tiles * row_.decoding) + a.form.key * keys;
    line(std::string(role_name(a.role)) + " of decoding", a.count, a.form(a.tiles * row_.decoding, keys, 0, cached, pairs),
         cached * a.cached_bytes, pairs * a.pair_operations, wall(fixed, a.form.pair * pairs, a.form.read * cached), a.record);
  }
  void prompt_attention(const AttentionTerm& a) const {
    const double tiles = a.tiles * std::ceil(row_.prompt_rows / equations::attention_tile_rows);
    const double keys = a.seen(row_.prompt_keys);
    const double pairs = row_.prompt_rows * row_.mean_visible(a.window);
    const Bandwidth sustained = kernel_bandwidth(*in_.hardware) * a.record->memory_share.value_or(1);
    line(std::string(role_name(a.role)) + " of prompts", a.count, a.form(tiles, keys, row_.prompt_rows, 0, pairs),
         a.form.row * row_.prompt_rows * sustained, pairs * a.pair_operations,
         wall(a.form.fixed + a.form.tile * tiles + a.form.key * keys, a.form.pair * pairs, a.form.row * row_.prompt_rows),
         a.record);
  }

  const IterationFacts& f_;
  RankRow row_;
  const IterationInputs& in_;
  Working& w_;
};

}  // namespace detail

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
  detail::OperatorLines(f, in, w).write();
}

}  // namespace ironlaw::estimates
