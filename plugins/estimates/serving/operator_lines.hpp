#pragma once
// The operators of iterations as a table: of one, or of several that alternate.
#include <ironlaw/working.hpp>

#include <string>
#include <vector>

#include "iteration_time.hpp"

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

}  // namespace detail

/// Adds up what each operator costs, equal ones of several iterations together.
class OperatorLines {
 public:
  OperatorLines(const IterationFacts& f, const Hardware& hardware) : f_(f), hardware_(hardware) {}

  /// An iteration that is `share` of them all.
  void add(const IterationInputs& in, double share = 1) {
    const RankRow row(f_, in);
    share_ = share;
    for (const ProductTerm& p : f_.products.all()) product(p, row.rows);
    for (const ExpertTerm& e : f_.experts.all()) experts(e, row);
    if (row.decoding > 0)
      for (const AttentionTerm& a : f_.decoding.all()) decode_attention(a, row);
    if (row.prompt_rows > 0)
      for (const AttentionTerm& a : f_.prompts.all()) prompt_attention(a, row);
    const IterationTime t = iteration_time(f_, in);
    rest("recurrent state", f_.state * row.decoding, "memory", {});
    rest("activations of prompts", f_.prompt_row * row.prompt_rows, "memory", {});
    rest("exchange", t.exchange, "link", f_.exchange.record);
    product(f_.head, row.results);
    rest("layers beside their kernels", t.layers, "launch", {});
    rest("launches of prompts", t.launches, "launch", {});
    rest("host", t.host, "host", {});
    rest("drafts", t.drafts, "drafts", {});
  }
  void write(Working& w) const {
    for (const Line& l : lines_)
      w.operation({l.name, l.count, l.time, l.bytes, l.operations, l.wall, l.constant, l.record, l.source});
  }

 private:
  struct Line {
    const void* term = nullptr;  ///< what it is of: a window's attention and another's are two lines of one name
    std::string name;
    double count = 0;
    Time time{};
    Information bytes{};
    Operations operations{};
    Time longest{};  ///< of one iteration, whose wall stands for all
    std::string_view wall{};
    std::string constant{};
    std::string record{};
    std::string_view source{};
  };
  static std::string_view wall(Time fixed, Time compute, Time memory) {
    if (fixed >= compute && fixed >= memory) return "latency";
    return compute >= memory ? "compute" : "memory";
  }
  Line& line_of(const void* term, const std::string& name, const RateFound& found) {
    for (Line& l : lines_)
      if (l.term == term) return l;
    Line& l = lines_.emplace_back();
    l.term = term;
    l.name = name;
    l.record = detail::record_name(found);
    if (found.rate != nullptr) l.source = found->source;
    return l;
  }
  void line(const void* term, const std::string& name, double count, Time one, Information bytes, Operations operations,
            std::string_view wall, const RateFound& found) {
    Line& l = line_of(term, name, found);
    l.count += share_ * count;
    l.time += share_ * count * one;
    l.bytes += share_ * count * bytes;
    l.operations += share_ * count * operations;
    if (one < l.longest) return;
    l.longest = one;
    l.wall = wall;
    l.constant = binding_constant(found, wall);
  }
  void rest(const char* name, Time time, std::string_view wall, const RateFound& found) {
    if (time > Time{}) line(name, name, 1, time, {}, {}, wall, found);
  }
  void product(const ProductTerm& p, double rows) {
    const Time compute = p.form.compute * rows;
    const Time memory = p.form.memory_fixed + p.form.memory * rows;
    const Information bytes = p.batch * (p.n * p.k * p.weight + rows * (p.n + p.k) * (2.0 * units::byte));
    line(&p, detail::shape_name(p.role, p.n, p.k), p.count, p.form(rows), bytes, 2 * p.batch * rows * p.n * p.k * units::flop,
         wall(p.form.fixed + p.form.traffic * rows, compute, memory), p.record);
  }
  void experts(const ExpertTerm& e, const RankRow& row) {
    const double slots = row.all_rows * e.per_token;
    const double rows = slots * e.group_share;
    const double touched = touched_of(e, rows);
    line(&e, "routed experts", e.count, e.form(rows, touched, slots), touched * e.elements * e.weight,
         2 * rows * e.elements * units::flop,
         wall(e.form.fixed + e.form.tile * touched + e.form.traffic * rows + e.form.permute * slots,
              e.form.compute * (rows + touched * e.form.touched_rows), e.form.memory * touched),
         e.record);
  }
  void decode_attention(const AttentionTerm& a, const RankRow& row) {
    const double keys = a.seen(row.context);
    const double cached = row.decoding * keys;
    const double pairs = cached * row.queries;
    const Time fixed = a.form.fixed + a.form.tile * (a.tiles * row.decoding) + a.form.key * keys;
    line(&a, std::string(role_name(a.role)) + " of decoding", a.count, a.form(a.tiles * row.decoding, keys, 0, cached, pairs),
         cached * a.cached_bytes, pairs * a.pair_operations, wall(fixed, a.form.pair * pairs, a.form.read * cached), a.record);
  }
  void prompt_attention(const AttentionTerm& a, const RankRow& row) {
    const double tiles = a.tiles * std::ceil(row.prompt_rows / equations::attention_tile_rows);
    const double keys = a.seen(row.prompt_keys);
    const double pairs = row.prompt_rows * row.mean_visible(a.window);
    const Bandwidth sustained = kernel_bandwidth(hardware_) * a.record->memory_share.value_or(1);
    line(&a, std::string(role_name(a.role)) + " of prompts", a.count, a.form(tiles, keys, row.prompt_rows, 0, pairs),
         a.form.row * row.prompt_rows * sustained, pairs * a.pair_operations,
         wall(a.form.fixed + a.form.tile * tiles + a.form.key * keys, a.form.pair * pairs, a.form.row * row.prompt_rows),
         a.record);
  }

  const IterationFacts& f_;
  const Hardware& hardware_;
  double share_ = 1;
  std::vector<Line> lines_;
};

}  // namespace ironlaw::estimates
