#pragma once
// An iteration's time by what it is spent on: arithmetic, memory traffic, fixed costs, messages.
#include <ironlaw/equations/time_parts.hpp>

#include "iteration_time.hpp"

namespace ironlaw::estimates {

/// Of one product by its rows. Arithmetic and memory overlap within a kernel, so its parts may add up to more than its time.
template <class N>
equations::TimePartsOf<N> form_parts(const equations::RowForm& form, const N& rows) {
  using T = Of<N, Time>;
  return {T(form.compute * rows), T(form.memory_fixed + (form.memory + form.traffic) * rows), spread<N>(form.fixed), T{}};
}
/// The same where narrow weights are widened: by arithmetic in few rows, into a copy in many.
template <class N>
equations::TimePartsOf<N> product_parts(const ProductTerm& p, const N& rows, const StackConstants& stack) {
  using T = Of<N, Time>;
  equations::TimePartsOf<N> parts = form_parts(p.form, rows);
  const T widening = spread<N>(p.widening);
  const T arithmetic = select(widened_time(p, rows, stack) == widening, widening, parts.compute_time);
  if (!stack.dequantize_rows) {
    parts.compute_time = arithmetic;
    return parts;
  }
  const auto many = rows > *stack.dequantize_rows;
  parts.compute_time = select(many, parts.compute_time, arithmetic);
  parts.memory_time = select(many, T(parts.memory_time + p.copy), parts.memory_time);
  return parts;
}

template <class N>
equations::TimePartsOf<N> expert_parts(const ExpertTerm& e, const N& all_rows) {
  using T = Of<N, Time>;
  const N slots = all_rows * e.per_token;
  const N rows = slots * e.group_share;
  const N touched = touched_of(e, rows);
  return {T(e.form.compute * (rows + touched * e.form.touched_rows)),
          T(e.form.memory * touched + e.form.traffic * rows + e.form.permute * slots), T(e.form.fixed + e.form.tile * touched),
          T{}};
}

template <class N>
equations::TimePartsOf<N> attention_parts(const AttentionTerm& a, const N& tiles, const N& keys, const N& rows, const N& cached,
                                          const N& pairs) {
  using T = Of<N, Time>;
  return {T(a.form.pair * pairs), T(a.form.row * rows + a.form.read * cached),
          T(a.form.fixed + a.form.tile * tiles + a.form.key * keys), T{}};
}

/// The parts where the condition holds, and nothing elsewhere.
template <class N, class Condition>
equations::TimePartsOf<N> parts_where(const Condition& condition, const equations::TimePartsOf<N>& p) {
  using T = Of<N, Time>;
  return {select(condition, p.compute_time, T{}), select(condition, p.memory_time, T{}), select(condition, p.overhead, T{}),
          select(condition, p.communication_time, T{})};
}

template <class N>
equations::TimePartsOf<N> decode_attention_parts(const IterationFacts& f, const RankRowOf<N>& r) {
  using T = Of<N, Time>;
  const auto decodes = r.decoding > 0.0;
  equations::TimePartsOf<N> sum{T{}, T(f.state * r.decoding), T{}, T{}};
  if (!any(decodes)) return sum;
  equations::TimePartsOf<N> all{};
  for (const AttentionTerm& a : f.decoding.all()) {
    const N keys = a.seen(r.context);
    all = all + N(a.count) * attention_parts(a, N(a.tiles * r.decoding), keys, N(0.0), N(r.decoding * keys),
                                             N(r.decoding * r.queries * keys));
  }
  return sum + parts_where<N>(decodes, all);
}

template <class N>
equations::TimePartsOf<N> prompt_attention_parts(const IterationFacts& f, const RankRowOf<N>& r) {
  using T = Of<N, Time>;
  const auto has_prompts = !(r.prompt_rows <= 0.0);
  if (!any(has_prompts)) return {};
  equations::TimePartsOf<N> sum{T{}, T(f.prompt_row * r.prompt_rows), T{}, T{}};
  const N tiles = each([](double x) { return std::ceil(x); }, N(r.prompt_rows / equations::attention_tile_rows));
  for (const AttentionTerm& a : f.prompts.all())
    sum = sum + N(a.count) * attention_parts(a, N(a.tiles * tiles), N(a.seen(r.prompt_keys)), r.prompt_rows, N(0.0),
                                             N(r.prompt_rows * r.mean_visible(a.window)));
  return parts_where<N>(has_prompts, sum);
}

/// Of the iteration that took `t`.
template <class N>
equations::TimePartsOf<N> iteration_parts(const IterationFacts& f, const RankRowOf<N>& r, const IterationTimeOf<N>& t) {
  equations::TimePartsOf<N> body = decode_attention_parts(f, r) + prompt_attention_parts(f, r);
  for (const ProductTerm& p : f.products.all())
    body = body + N(p.count) * (f.widens ? product_parts(p, r.rows, f.stack) : form_parts(p.form, r.rows));
  for (const ExpertTerm& e : f.experts.all()) body = body + N(e.count) * expert_parts(e, r.all_rows);
  body.communication_time = t.exchange;
  body.overhead += t.layers;
  const equations::TimePartsOf<N> head = form_parts(f.head.form, r.results);
  const N drafted = r.queries - 1;
  equations::TimePartsOf<N> all = N(1 + drafted / f.layers) * body + N(1 + drafted) * head;
  all.overhead += t.host + t.launches;
  return N(f.stack.time_factor) * all;
}
inline equations::TimeParts iteration_parts(const IterationFacts& f, const IterationInputs& in) {
  const RankRow r(f, in);
  return iteration_parts(f, r, iteration_time(f, r, product_time(f, r.rows), expert_time(f, r.all_rows), exchange_time(f, r)));
}

}  // namespace ironlaw::estimates
