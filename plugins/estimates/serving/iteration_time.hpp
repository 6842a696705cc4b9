#pragma once
// The time of an iteration by part, from the facts of its layout and the numbers of a row.
#include "iteration_facts.hpp"

namespace ironlaw::estimates {

/// Numbers of a row as a rank sees them.
template <class N>
struct RankRowOf {
  N rows;      ///< of dense products
  N all_rows;  ///< of the replica, which experts see
  N decoding;  ///< sequences of the rank
  N context;
  N queries;  ///< of a decoding sequence: itself and what was drafted
  N prompt_rows;
  N prompt_keys;    ///< of a prompt's last token
  N prompt_before;  ///< cached before it
  N prompt_length;
  N results;  ///< rows of the head

  RankRowOf() = default;
  RankRowOf(const IterationFacts& f, const IterationInputsOf<N>& in)
      : decoding(in.decoding_sequences / f.data), context(in.context), queries(1 + in.drafted_tokens) {
    const N spread_rows = in.prompt_tokens / f.data;
    prompt_rows =
        select(in.prompt_on_one_rank > 0.0, larger(spread_rows, smaller(in.prompt_tokens, in.prompt_on_one_rank)), spread_rows);
    rows = decoding * queries + prompt_rows;
    all_rows = in.decoding_sequences * queries + in.prompt_tokens;
    prompt_length = in.prompt_tokens / in.prompts;
    prompt_before = in.cached_tokens;
    prompt_keys = prompt_before + prompt_length;
    results = decoding * queries + select(in.prompt_tokens > 0.0, N(in.prompts / f.data), N(0.0));
  }
  /// Keys that a prompt token sees in the mean, itself included, of at most `window` (0: all).
  [[nodiscard]] N mean_visible(double window) const {
    const N& n = prompt_length;
    const N all = prompt_before + (n + 1) / 2;
    if (window <= 0) return all;
    const N before = larger(N(0.0), N(window - prompt_before));  // tokens that still see everything
    const N some = (before * (prompt_before + (before + 1) / 2) + (n - before) * window) / n;
    return select(prompt_keys <= window, all, some);
  }
};
using RankRow = RankRowOf<double>;

/// Where the time goes.
template <class N>
struct IterationTimeOf {
  Of<N, Time> products{};
  Of<N, Time> experts{};
  Of<N, Time> decode_attention{};
  Of<N, Time> prompt_attention{};
  Of<N, Time> exchange{};
  Of<N, Time> head{};
  Of<N, Time> layers{};    ///< layers beside their kernels
  Of<N, Time> launches{};  ///< of prompts
  Of<N, Time> host{};
  Of<N, Time> drafts{};
  Of<N, Time> total{};  ///< of them all, times the stack's factor
};
using IterationTime = IterationTimeOf<double>;

/// A product whose narrow weights are widened: in few rows in the longer of both; in many, into a copy that is then multiplied.
template <class N>
Of<N, Time> widened_time(const ProductTerm& p, const N& rows, const StackConstants& stack) {
  using T = Of<N, Time>;
  const T compute = p.form.compute * rows;
  const T memory = p.form.memory_fixed + p.form.memory * rows;
  const T few = larger(equations::smooth_maximum(compute, memory), spread<N>(p.widening));
  if (!stack.dequantize_rows) return few;
  return select(rows > *stack.dequantize_rows, T(compute + memory + p.copy), few);
}

template <class N>
Of<N, Time> product_time(const IterationFacts& f, const N& rows) {
  using T = Of<N, Time>;
  T sum = f.product_fixed + f.product_traffic * rows;
  if (f.widens) [[unlikely]] {
    for (const ProductTerm& p : f.products.all()) sum += p.count * widened_time(p, rows, f.stack);
    return sum;
  }
  for (const ProductTerm& p : f.products.all())
    sum += p.count * equations::smooth_maximum(T(p.form.compute * rows), T(p.form.memory_fixed + p.form.memory * rows));
  return sum;
}

/// Routing at random: experts of the rank that get a row, and the rows that fall on it.
template <class N>
N touched_of(const ExpertTerm& e, const N& rows) {
  return equations::touched_uniform(e.own, rows);
}
template <class N>
Of<N, Time> expert_time(const IterationFacts& f, const N& all_rows) {
  Of<N, Time> sum{};
  for (const ExpertTerm& e : f.experts.all()) {
    const N slots = all_rows * e.per_token;
    const N rows = slots * e.group_share;
    sum += e.count * e.form(rows, touched_of(e, rows), slots);
  }
  return sum;
}

template <class N>
Of<N, Time> decode_attention_time(const IterationFacts& f, const RankRowOf<N>& r) {
  using T = Of<N, Time>;
  const T state = f.state * r.decoding;
  const auto decodes = r.decoding > 0.0;
  if (!any(decodes)) return state;
  T sum = state;
  for (const AttentionTerm& a : f.decoding.all()) {
    const N keys = a.seen(r.context);
    sum += a.count * a.form(N(a.tiles * r.decoding), keys, N(0.0), r.decoding * keys, r.decoding * r.queries * keys);
  }
  return select(decodes, sum, state);
}

template <class N>
Of<N, Time> prompt_attention_time(const IterationFacts& f, const RankRowOf<N>& r) {
  using T = Of<N, Time>;
  const auto has_prompts = !(r.prompt_rows <= 0.0);
  if (!any(has_prompts)) return {};
  T sum = f.prompt_row * r.prompt_rows;
  const N tiles = each([](double x) { return std::ceil(x); }, N(r.prompt_rows / equations::attention_tile_rows));
  for (const AttentionTerm& a : f.prompts.all())
    sum += a.count *
           a.form(N(a.tiles * tiles), a.seen(r.prompt_keys), r.prompt_rows, N(0.0), r.prompt_rows * r.mean_visible(a.window));
  return select(has_prompts, sum, T{});
}

/// Reductions after products, and hops between stages.
template <class N>
Of<N, Time> row_exchange_time(const IterationFacts& f, const N& rows) {
  using T = Of<N, Time>;
  const ExchangeTerms& x = f.exchange;
  T sum{};
  if (x.reductions > 0) {
    const auto reduction = [&](const N& reduced) {
      T one = x.form(T(x.wire * reduced));
      if (x.outer > 1) one += x.network_latency + x.network_wire * reduced;
      return one;
    };
    sum += x.reductions * reduction(rows);
    if (x.joint_norms > 0) sum += x.joint_norms * (x.norm_passes + reduction(N(x.norm_share * rows)));
  }
  if (f.stages > 1) sum += (f.stages - 1) * (f.stack.stage_latency + x.stage_wire * rows);
  return sum;
}
/// Passages to routed experts and back.
template <class N>
Of<N, Time> routed_exchange_time(const IterationFacts& f, const N& all_rows) {
  using T = Of<N, Time>;
  const ExchangeTerms& x = f.exchange;
  return x.routed_layers > 0 ? T(x.routed_layers * (2 * f.stack.barrier + x.routed_wire * all_rows)) : T{};
}
template <class N>
Of<N, Time> exchange_time(const IterationFacts& f, const RankRowOf<N>& r) {
  return row_exchange_time(f, r.rows) + routed_exchange_time(f, r.all_rows);
}

/// Layers, then what stands outside them; drafts run a layer and the head each. `products`, `experts` and `exchange` are those of
/// the row.
template <class N>
IterationTimeOf<N> iteration_time(const IterationFacts& f, const RankRowOf<N>& r,
                                  const std::type_identity_t<Of<N, Time>>& products,
                                  const std::type_identity_t<Of<N, Time>>& experts,
                                  const std::type_identity_t<Of<N, Time>>& exchange) {
  using T = Of<N, Time>;
  IterationTimeOf<N> t;
  t.products = products;
  t.experts = experts;
  t.decode_attention = decode_attention_time(f, r);
  t.prompt_attention = prompt_attention_time(f, r);
  t.exchange = exchange;
  t.layers = spread<N>(f.layer_time);
  t.head = f.head.form(r.results);
  t.host = f.stack.host_time + f.stack.sequence_time * r.results;
  const T body = t.products + t.experts + t.decode_attention + t.prompt_attention + t.exchange + t.layers;
  t.drafts = (r.queries - 1) * (body / f.layers + t.head);
  const T device = body + t.head + t.host + t.drafts;
  const T launches = spread<N>(f.prompt_plain_layers * f.stack.prompt_launch);
  t.launches = select(r.prompt_rows > 0.0, f.stack.prompt_launch_hidden ? larger(T(launches - device), T{}) : launches, T{});
  t.total = f.stack.time_factor * (device + t.launches);
  return t;
}
inline IterationTime iteration_time(const IterationFacts& f, const IterationInputs& in) {
  const RankRow r(f, in);
  return iteration_time(f, r, product_time(f, r.rows), expert_time(f, r.all_rows), exchange_time(f, r));
}

}  // namespace ironlaw::estimates
