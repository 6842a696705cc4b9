#pragma once
// The time of an iteration by part, from the facts of its layout and the numbers of a row.
#include "iteration_facts.hpp"

namespace ironlaw::estimates {

/// Numbers of a row as a rank sees them.
struct RankRow {
  double rows;      ///< of dense products
  double all_rows;  ///< of the replica, which experts see
  double decoding;  ///< sequences of the rank
  double context;
  double queries;  ///< of a decoding sequence: itself and what was drafted
  double prompt_rows;
  double prompt_keys;    ///< of a prompt's last token
  double prompt_before;  ///< cached before it
  double prompt_length;
  double results;  ///< rows of the head

  RankRow(const IterationFacts& f, const IterationInputs& in)
      : decoding(in.decoding_sequences / f.data), context(in.context), queries(1 + in.drafted_tokens) {
    const double spread = in.prompt_tokens / f.data;
    prompt_rows = in.prompt_on_one_rank > 0 ? std::max(spread, std::min(in.prompt_tokens, in.prompt_on_one_rank)) : spread;
    rows = decoding * queries + prompt_rows;
    all_rows = in.decoding_sequences * queries + in.prompt_tokens;
    prompt_length = in.prompt_tokens / in.prompts;
    prompt_before = in.cached_tokens;
    prompt_keys = prompt_before + prompt_length;
    results = decoding * queries + (in.prompt_tokens > 0 ? in.prompts / f.data : 0);
  }
  /// Keys that a prompt token sees in the mean, itself included, of at most `window` (0: all).
  [[nodiscard]] double mean_visible(double window) const {
    const double n = prompt_length;
    if (window <= 0 || prompt_keys <= window) return prompt_before + (n + 1) / 2;
    const double before = std::max(0.0, window - prompt_before);  // tokens that still see everything
    return (before * (prompt_before + (before + 1) / 2) + (n - before) * window) / n;
  }
};

/// Where the time goes.
struct IterationTime {
  Time products{};
  Time experts{};
  Time decode_attention{};
  Time prompt_attention{};
  Time exchange{};
  Time head{};
  Time layers{};    ///< layers beside their kernels
  Time launches{};  ///< of prompts
  Time host{};
  Time drafts{};
  Time total{};  ///< of them all, times the stack's factor
};

/// A product whose narrow weights are widened: in few rows in the longer of both; in many, into a copy that is then multiplied.
inline Time widened_time(const ProductTerm& p, double rows, const StackConstants& stack) {
  const Time compute = p.form.compute * rows;
  const Time memory = p.form.memory_fixed + p.form.memory * rows;
  if (stack.dequantize_rows && rows > *stack.dequantize_rows) return compute + memory + p.copy;
  return std::max(equations::smooth_maximum(compute, memory), p.widening);
}

inline Time product_time(const IterationFacts& f, double rows) {
  if (f.widens) [[unlikely]] {
    Time sum = f.product_fixed + f.product_traffic * rows;
    for (const ProductTerm& p : f.products.all()) sum += p.count * widened_time(p, rows, f.stack);
    return sum;
  }
  Time sum = f.product_fixed + f.product_traffic * rows;
  for (const ProductTerm& p : f.products.all())
    sum += p.count * equations::smooth_maximum(p.form.compute * rows, p.form.memory_fixed + p.form.memory * rows);
  return sum;
}

/// Routing at random: experts of the rank that get a row, and the rows that fall on it.
inline double touched_of(const ExpertTerm& e, double rows) { return equations::touched_uniform(e.own, rows); }
inline Time expert_time(const IterationFacts& f, double all_rows) {
  Time sum{};
  for (const ExpertTerm& e : f.experts.all()) {
    const double slots = all_rows * e.per_token;
    const double rows = slots * e.group_share;
    sum += e.count * e.form(rows, touched_of(e, rows), slots);
  }
  return sum;
}

inline Time decode_attention_time(const IterationFacts& f, const RankRow& r) {
  Time sum = f.state * r.decoding;
  if (r.decoding <= 0) return sum;
  for (const AttentionTerm& a : f.decoding.all()) {
    const double keys = a.seen(r.context);
    sum += a.count * a.form(a.tiles * r.decoding, keys, 0, r.decoding * keys, r.decoding * r.queries * keys);
  }
  return sum;
}

inline Time prompt_attention_time(const IterationFacts& f, const RankRow& r) {
  if (r.prompt_rows <= 0) return {};
  Time sum = f.prompt_row * r.prompt_rows;
  const double tiles = std::ceil(r.prompt_rows / equations::attention_tile_rows);
  for (const AttentionTerm& a : f.prompts.all())
    sum += a.count * a.form(a.tiles * tiles, a.seen(r.prompt_keys), r.prompt_rows, 0, r.prompt_rows * r.mean_visible(a.window));
  return sum;
}

inline Time exchange_time(const IterationFacts& f, const RankRow& r) {
  const ExchangeTerms& x = f.exchange;
  Time sum{};
  if (x.reductions > 0) {
    const auto reduction = [&](double rows) {
      Time one = equations::collective_time(x.law, x.inner, x.wire * rows, x.pcie);
      if (x.outer > 1) one += x.network_latency + x.network_wire * rows;
      return one;
    };
    sum += x.reductions * reduction(r.rows);
    if (x.joint_norms > 0) sum += x.joint_norms * (x.norm_passes + reduction(x.norm_share * r.rows));
  }
  if (x.routed_layers > 0) sum += x.routed_layers * (2 * f.stack.barrier + x.routed_wire * r.all_rows);
  if (f.stages > 1) sum += (f.stages - 1) * (f.stack.stage_latency + x.stage_wire * r.rows);
  return sum;
}

/// Layers, then what stands outside them; drafts run a layer and the head each. `products` and `experts` are those of the row.
inline IterationTime iteration_time(const IterationFacts& f, const RankRow& r, Time products, Time experts) {
  IterationTime t;
  t.products = products;
  t.experts = experts;
  t.decode_attention = decode_attention_time(f, r);
  t.prompt_attention = prompt_attention_time(f, r);
  t.exchange = exchange_time(f, r);
  t.layers = f.layer_time;
  t.head = f.head.form(r.results);
  t.host = f.stack.host_time + f.stack.sequence_time * r.results;
  const Time body = t.products + t.experts + t.decode_attention + t.prompt_attention + t.exchange + t.layers;
  t.drafts = (r.queries - 1) * (body / f.layers + t.head);
  const Time device = body + t.head + t.host + t.drafts;
  if (r.prompt_rows > 0) {
    const Time launches = f.prompt_plain_layers * f.stack.prompt_launch;
    t.launches = f.stack.prompt_launch_hidden ? std::max(launches - device, Time{}) : launches;
  }
  t.total = f.stack.time_factor * (device + t.launches);
  return t;
}
inline IterationTime iteration_time(const IterationFacts& f, const IterationInputs& in) {
  const RankRow r(f, in);
  return iteration_time(f, r, product_time(f, r.rows), expert_time(f, r.all_rows));
}

}  // namespace ironlaw::estimates
