#pragma once
// An iteration's time by what it is spent on: arithmetic, memory traffic, fixed costs, messages.
#include <ironlaw/equations/time_parts.hpp>

#include "iteration_time.hpp"

namespace ironlaw::estimates {

/// Of one product by its rows. Arithmetic and memory overlap within a kernel, so its parts may add up to more than its time.
inline equations::TimeParts form_parts(const equations::RowForm& form, double rows) {
  return {form.compute * rows, form.memory_fixed + (form.memory + form.traffic) * rows, form.fixed, {}};
}
/// The same where narrow weights are widened: by arithmetic in few rows, into a copy in many.
inline equations::TimeParts product_parts(const ProductTerm& p, double rows, const StackConstants& stack) {
  equations::TimeParts parts = form_parts(p.form, rows);
  if (stack.dequantize_rows && rows > *stack.dequantize_rows) {
    parts.memory_time += p.copy;
  } else if (widened_time(p, rows, stack) == p.widening) {
    parts.compute_time = p.widening;
  }
  return parts;
}

inline equations::TimeParts expert_parts(const ExpertTerm& e, double all_rows) {
  const double slots = all_rows * e.per_token;
  const double rows = slots * e.group_share;
  const double touched = touched_of(e, rows);
  return {e.form.compute * (rows + touched * e.form.touched_rows),
          e.form.memory * touched + e.form.traffic * rows + e.form.permute * slots,
          e.form.fixed,
          {}};
}

inline equations::TimeParts attention_parts(const AttentionTerm& a, double tiles, double keys, double rows, double cached,
                                            double pairs) {
  return {
      a.form.pair * pairs, a.form.row * rows + a.form.read * cached, a.form.fixed + a.form.tile * tiles + a.form.key * keys, {}};
}

inline equations::TimeParts decode_attention_parts(const IterationFacts& f, const RankRow& r) {
  equations::TimeParts sum{{}, f.state * r.decoding, {}, {}};
  if (r.decoding <= 0) return sum;
  for (const AttentionTerm& a : f.decoding.all()) {
    const double keys = a.seen(r.context);
    sum = sum + a.count * attention_parts(a, a.tiles * r.decoding, keys, 0, r.decoding * keys, r.decoding * r.queries * keys);
  }
  return sum;
}

inline equations::TimeParts prompt_attention_parts(const IterationFacts& f, const RankRow& r) {
  if (r.prompt_rows <= 0) return {};
  equations::TimeParts sum{{}, f.prompt_row * r.prompt_rows, {}, {}};
  const double tiles = std::ceil(r.prompt_rows / equations::attention_tile_rows);
  for (const AttentionTerm& a : f.prompts.all())
    sum = sum + a.count * attention_parts(a, a.tiles * tiles, a.seen(r.prompt_keys), r.prompt_rows, 0,
                                          r.prompt_rows * r.mean_visible(a.window));
  return sum;
}

/// Of the iteration that took `t`.
inline equations::TimeParts iteration_parts(const IterationFacts& f, const RankRow& r, const IterationTime& t) {
  equations::TimeParts body = decode_attention_parts(f, r) + prompt_attention_parts(f, r);
  for (const ProductTerm& p : f.products.all()) body = body + p.count * product_parts(p, r.rows, f.stack);
  for (const ExpertTerm& e : f.experts.all()) body = body + e.count * expert_parts(e, r.all_rows);
  body.communication_time = t.exchange;
  body.overhead += t.layers;
  const equations::TimeParts head = form_parts(f.head.form, r.results);
  const double drafted = r.queries - 1;
  equations::TimeParts all = (1 + drafted / f.layers) * body + (1 + drafted) * head;
  all.overhead += t.host + t.launches;
  return f.stack.time_factor * all;
}
inline equations::TimeParts iteration_parts(const IterationFacts& f, const IterationInputs& in) {
  const RankRow r(f, in);
  return iteration_parts(f, r, iteration_time(f, r, product_time(f, r.rows), expert_time(f, r.all_rows)));
}

}  // namespace ironlaw::estimates
