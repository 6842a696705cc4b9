#include "compare.hpp"

#include "findings.hpp"
#include "parts.hpp"
#include "rows.hpp"

#include <ironlaw/series.hpp>
#include <ironlaw/unit_name.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ironlaw::studies {
namespace {

constexpr double least_part = 0.01;  // of a change, to be worth a row

std::optional<std::size_t> find(std::span<const PortInfo> ports, const PortInfo& like) {
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == like.name && ports[i].type == like.type && ports[i].dimension == like.dimension) return i;
  return {};
}
bool same(const PortInfo& port, const Cell& a, const Cell& b) {
  if (port.type == PortType::object) return a.object == b.object;
  if (port.type == PortType::series || port.type == PortType::text) {  // each design has its own
    if (absent_cell(a) || absent_cell(b)) return absent_cell(a) == absent_cell(b);
    if (port.type == PortType::text)
      return *static_cast<const std::string_view*>(a.object) == *static_cast<const std::string_view*>(b.object);
    const SeriesCell &one = *series_of(a), &other = *series_of(b);
    return std::equal(one.data, one.data + one.size, other.data, other.data + other.size);
  }
  return a.number == b.number || (std::isnan(a.number) && std::isnan(b.number));
}
bool is_number(const PortInfo& port) { return port.type == PortType::number || port.type == PortType::integer; }

class Comparison {
 public:
  Comparison(Bench& bench, const Options& options)
      : bench_(bench),
        least_(options.quantity("least").number),
        before_(bench),
        named_(options.ports("outputs").begin(), options.ports("outputs").end()) {
    const auto outputs = before_.solver().outputs();
    for (std::size_t o = 0; o < outputs.size(); ++o) before_.want(o);
    design_column_ = table_.add_number("design", "which of the other designs, from 1");
    what_column_ = table_.add_text("what", "input, output, cause (an input's effect alone) or part (what the output is made of)");
    name_column_ = table_.add_text("name", "what changed");
    of_column_ = table_.add_text("of", "the output that a cause or a part belongs to");
    before_column_ = table_.add_text("before", "value in the first design");
    after_column_ = table_.add_text("after", "value in the other; of a cause: of the output, with this input alone changed");
    change_column_ = table_.add_number("change", "after over before, less 1");
    share_column_ = table_.add_number("share", "of the output's change");
    before_value_column_ = table_.add_number("before_value", "the same as a number, in `unit`; absent of a name");
    after_value_column_ = table_.add_number("after_value", "likewise");
    unit_column_ = table_.add_text("unit", "SI unit of the two numbers; empty where they have none");
  }

  void run() {
    before_.begin(1);
    before_.evaluate();
    if (!has_outputs(before_.status(0))) throw InputError("compare", "the first design has no answer: " + before_.reason(0));
    if (before_.status(0) == RowStatus::infeasible) bench_.note("the first design is infeasible");
    const auto outputs = before_.solver().outputs();
    for (std::size_t o = 0; o < outputs.size(); ++o) first_.push_back(before_.value(o, 0));
    before_status_ = before_.status(0);
    note_margins(bench_, before_, 0);
    for (std::size_t d = 1; d < bench_.pipelines(); ++d) compare_with(d);
    table_.write(bench_);
  }

 private:
  struct Changed {
    std::size_t input;
    Cell after;
  };

  void compare_with(std::size_t d) {
    design_ = d;
    Rows after(bench_, d);
    const auto outputs = after.solver().outputs();
    for (std::size_t o = 0; o < outputs.size(); ++o) after.want(o);
    after.begin(1);
    after.evaluate();
    if (!has_outputs(after.status(0)))
      throw InputError("compare", "design " + std::to_string(d) + " has no answer: " + after.reason(0));
    if (after.status(0) == RowStatus::infeasible) bench_.note("design " + std::to_string(d) + " is infeasible");
    status_ = std::max(before_status_, after.status(0));
    const auto changed = inputs_that_differ(after);
    pair_outputs(after);
    for (const std::size_t o : outputs_to_show()) compare_output(o, after, changed);
  }

  void pair_outputs(const Rows& after) {
    const auto outputs = before_.solver().outputs();
    pairs_.clear();
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const auto other = find(after.solver().outputs(), outputs[o]);
      pairs_.push_back({first_[o], other ? after.value(*other, 0) : absent_value});
    }
  }

  std::vector<Changed> inputs_that_differ(const Rows& after) {
    std::vector<Changed> changed;
    const auto ports = before_.solver().inputs();
    const auto others = after.solver().inputs();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const auto other = find(others, ports[i]);
      if (!other) {
        input_row(ports[i], &before_.base(i), nullptr);
        continue;
      }
      const Cell& a = before_.base(i);
      const Cell& b = after.base(*other);
      if (same(ports[i], a, b)) continue;
      changed.push_back({i, b});
      input_row(ports[i], &a, &b);
    }
    for (std::size_t i = 0; i < others.size(); ++i)
      if (!find(ports, others[i])) input_row(others[i], nullptr, &after.base(i));
    return changed;
  }

  [[nodiscard]] std::vector<std::size_t> outputs_to_show() const {
    if (!named_.empty()) return named_;
    std::vector<std::size_t> all(before_.solver().outputs().size());
    for (std::size_t o = 0; o < all.size(); ++o) all[o] = o;
    return all;
  }

  void compare_output(std::size_t o, Rows& after, const std::vector<Changed>& changed) {
    const PortInfo& port = before_.solver().outputs()[o];
    const auto other = find(after.solver().outputs(), port);
    if (!other) return;
    const double a = first_[o];
    const double b = after.value(*other, 0);
    const double change = is_number(port) ? b / a - 1 : absent_value;
    const bool unchanged = a == b || (std::isnan(a) && std::isnan(b)) || (is_number(port) && std::abs(change) < least_);
    if (unchanged) return;
    begin_row("output", before_.shown(port.name), {}, status_);
    values(port, Cell{a}, Cell{b}, absent_value);
    if (!is_number(port)) return;
    add_causes(o, b, changed);
    add_parts(o, b);
  }

  /// Each changed input alone: the first design with only that one taken from the other.
  void add_causes(std::size_t o, double b, const std::vector<Changed>& changed) {
    const PortInfo& port = before_.solver().outputs()[o];
    const double a = first_[o];
    if (changed.size() < 2) return;
    before_.begin(changed.size());
    for (std::size_t r = 0; r < changed.size(); ++r) before_.vary(changed[r].input)[r] = changed[r].after;
    before_.evaluate();
    for (std::size_t r = 0; r < changed.size(); ++r) {
      const double alone = before_.value(o, r);
      if (alone == a || std::abs(alone / a - 1) < least_) continue;
      begin_row("cause", before_.shown(before_.solver().inputs()[changed[r].input].name), before_.shown(port.name),
                std::max(status_, before_.status(r)));
      values(port, Cell{a}, Cell{alone}, (alone - a) / (b - a));
    }
  }

  /// What an output is made of, by how much of its change each part carries.
  void add_parts(std::size_t o, double b) {
    const auto outputs = before_.solver().outputs();
    for (const std::size_t p : parts_of(before_.solver(), o, pairs_)) {
      const auto [from, to] = pairs_[p];
      const double share = (to - from) / (b - first_[o]);
      if (!std::isfinite(share) || std::abs(share) < least_part) continue;
      begin_row("part", before_.shown(outputs[p].name), before_.shown(outputs[o].name), status_);
      values(outputs[p], Cell{from}, Cell{to}, share);
    }
  }

  void begin_row(std::string_view what, std::string_view name, std::string_view of, RowStatus status) {
    table_.add_row(status);
    table_.set(design_column_, static_cast<double>(design_));
    table_.set(what_column_, what);
    table_.set(name_column_, name);
    if (!of.empty()) table_.set(of_column_, of);
  }
  /// Both sides for people, and where they are numbers for programs.
  void values(const PortInfo& port, const Cell& before, const Cell& after, double share) {
    side(port, before, before_column_, before_value_column_);
    side(port, after, after_column_, after_value_column_);
    if (!is_number(port)) return;
    unit(port);
    const double change = after.number / before.number - 1;
    if (std::isfinite(change)) table_.set(change_column_, change);
    if (std::isfinite(share)) table_.set(share_column_, share);
  }
  void side(const PortInfo& port, const Cell& cell, std::size_t text_column, std::size_t value_column) {
    const std::string_view text = bench_.describe(port, cell);
    table_.set(text_column, text.empty() ? "none" : text);
    if (is_number(port) && std::isfinite(cell.number)) table_.set(value_column, cell.number);
  }
  void unit(const PortInfo& port) {
    if (is_number(port) && !port.dimension.dimensionless()) table_.set(unit_column_, unit_name(port.dimension));
  }
  /// An input; null on the side that does not have it.
  void input_row(const PortInfo& port, const Cell* before, const Cell* after) {
    begin_row("input", before_.shown(port.name), {}, status_);
    if (before != nullptr && after != nullptr) return values(port, *before, *after, absent_value);
    unit(port);
    if (before != nullptr) side(port, *before, before_column_, before_value_column_);
    if (after != nullptr) side(port, *after, after_column_, after_value_column_);
    table_.set(before == nullptr ? before_column_ : after_column_, std::string_view("not there"));
  }

  Bench& bench_;
  double least_;
  Rows before_;
  std::vector<std::size_t> named_;
  std::vector<double> first_;  ///< outputs of the first design
  std::vector<Pair> pairs_;    ///< the same in both
  std::size_t design_ = 0;
  Findings table_;
  RowStatus before_status_ = RowStatus::ok;
  RowStatus status_ = RowStatus::ok;  ///< the worse of the two designs'
  std::size_t design_column_, what_column_, name_column_, of_column_, before_column_, after_column_, before_value_column_,
      after_value_column_, unit_column_, change_column_, share_column_;
};

}  // namespace

void Compare::do_run(Bench& bench, const Options& given) const {
  check_one_design(bench, "compare");
  if (bench.pipelines() < 2)
    throw InputError("compare", "needs a second design: \"with\": a file, or other values ({\"device\": \"H100\"})");
  Comparison(bench, given).run();
}

}  // namespace ironlaw::studies
