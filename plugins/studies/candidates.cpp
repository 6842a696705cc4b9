#include "candidates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ironlaw::studies {
namespace {

constexpr double cannot_win = std::numeric_limits<double>::infinity();
constexpr std::uint64_t values_at_hand = 65536;  // of an axis; longer ones are asked of the space beyond
constexpr std::size_t most_reasons = 20;         // reasons that hold values of their rows are without number

std::size_t read_keep(const Options& options) {
  const double keep = options.quantity("keep").number;
  if (!(keep >= 1 && keep <= 10000)) throw InputError("optimize: keep", "takes a count from 1 to 10000");
  return static_cast<std::size_t>(keep);
}

}  // namespace

Candidates::Candidates(Bench& bench, const Options& options)
    : bench_(bench),
      rows_(bench),
      goal_(options.ports("goal").front()),
      maximise_(options.maximise("goal", 0)),
      conditions_(options.ports("subject_to").begin(), options.ports("subject_to").end()),
      shown_(options.ports("outputs").begin(), options.ports("outputs").end()),
      most_(read_keep(options)),
      exceeded_(rows_.solver().limits().size()),
      broken_(conditions_.size()) {
  if (options.ports("goal").size() != 1)
    throw InputError("optimize: goal", "takes one goal; several make a front: a sweep with \"pareto\" in its report");
  rows_.want(goal_);
  for (const std::size_t c : conditions_) rows_.want(c);
  for (const std::size_t o : shown_) rows_.want(o);
  want_limits(rows_);
  for (std::size_t a = 0; a < bench.space().axes(); ++a) {
    axes_.emplace_back(bench.space(), a);
    for (const std::size_t i : axes_.back().inputs()) varied_.push_back(i);
  }
}

Candidates::AxisValues::AxisValues(const Space& space, std::size_t axis)
    : space_(space),
      axis_(axis),
      inputs_(space.axis(axis).inputs),
      size_(space.axis(axis).size),
      at_hand_(std::min(size_, values_at_hand)),
      cells_(at_hand_ * inputs_.size()),
      apart_(inputs_.size()) {
  for (std::uint64_t i = 0; i < at_hand_; ++i)
    space.value(axis, i, std::span(cells_).subspan(i * inputs_.size(), inputs_.size()));
}

/// An axis stays at a value for as many rows as the axes within it have.
void Candidates::fill(std::span<const std::uint64_t> rows) {
  rows_.begin(rows.size());
  std::uint64_t inner = 1;
  for (std::size_t a = axes_.size(); a-- > 0; inner *= axes_[a].size()) {
    AxisValues& axis = axes_[a];
    for (std::size_t k = 0; k < axis.inputs().size(); ++k) {
      const std::span<Cell> column = rows_.write(axis.inputs()[k]);
      std::uint64_t begin = 0;
      std::uint64_t end = 0;
      Cell cell;
      for (std::size_t r = 0; r < rows.size(); ++r) {
        if (rows[r] < begin || rows[r] >= end) {
          const std::uint64_t turn = rows[r] / inner;
          begin = turn * inner;
          end = begin + inner;
          cell = axis.cells(turn % axis.size())[k];
        }
        column[r] = cell;
      }
    }
  }
}

/// Rows that follow one another: an axis stays at a value for as many as the axes within it have.
void Candidates::fill(std::uint64_t first, std::size_t count) {
  rows_.begin(count);
  std::uint64_t inner = 1;
  for (std::size_t a = axes_.size(); a-- > 0; inner *= axes_[a].size()) {
    AxisValues& axis = axes_[a];
    for (std::size_t k = 0; k < axis.inputs().size(); ++k) {
      Cell* const column = rows_.write(axis.inputs()[k]).data();
      std::uint64_t value = first / inner % axis.size();
      std::uint64_t stays = inner - first % inner;
      for (std::size_t r = 0; r < count;) {
        const auto end = static_cast<std::size_t>(std::min<std::uint64_t>(r + stays, count));
        std::fill(column + r, column + end, axis.cells(value)[k]);
        r = end;
        stays = inner;
        value = value + 1 == axis.size() ? 0 : value + 1;
      }
    }
  }
}

void Candidates::evaluate_rows(std::uint64_t first, std::size_t count) {
  if (!left_) left_ = std::make_unique_for_overwrite<std::uint64_t[]>(rows_at_a_time);
  const SiftedDesigns sifted = bench_.sift(first, {left_.get(), count});
  for (const RejectedDesigns& out : sifted.rejected) *counter_of(std::string(out.reason)) += out.designs;
  evaluated_ += count - sifted.left;
  if (sifted.left == 0) return;
  designs_ = {left_.get(), sifted.left};
  if (sifted.left == count) {
    fill(first, count);
  } else {
    fill(designs_);
  }
  judge();
  designs_ = {};
}

void Candidates::evaluate_rows(std::span<const std::uint64_t> rows) {
  fill(rows);
  judge();
}

void Candidates::evaluate_designs(std::span<const std::uint64_t> rows) {
  designs_ = rows;
  evaluate_rows(rows);
  designs_ = {};
}

std::vector<Candidates::Probed> Candidates::probe(std::span<const std::uint64_t> rows) {
  fill(rows);
  rows_.evaluate();
  std::vector<Probed> all;
  for (std::size_t r = 0; r < rows.size(); ++r) all.push_back(probed(r));
  return all;
}

std::vector<Candidates::Probed> Candidates::probe_and_keep(std::span<const std::uint64_t> rows) {
  auto all = probe(rows);
  for (std::size_t r = 0; r < rows.size(); ++r)
    if (all[r].faults == 0 && all[r].score < cannot_win) keep(r, all[r].score, rows[r]);
  return all;
}

Candidates::Probed Candidates::probe_point(std::span<const double> point) {
  fill(point);
  rows_.evaluate();
  return probed(0);
}

Candidates::Probed Candidates::probed(std::size_t row) const {
  const double score = signed_goal(row);
  Probed p{0, 0, std::isnan(score) ? cannot_win : score};
  if (!has_outputs(rows_.status(row))) return {no_value, 0, cannot_win};
  std::size_t bit = 1;
  const auto note = [&](bool fault, bool broken) {
    const Faults one = Faults{1} << bit;
    if (fault) p.faults |= one;
    if (broken) p.broken |= one;
    bit = std::min(bit + 1, last_fault);
  };
  for (const auto& limit : rows_.solver().limits()) {
    if (!limit.hard) continue;
    const bool exceeded = rows_.side(limit.used, row) > rows_.side(limit.bound, row);
    note(exceeded, exceeded);
  }
  for (const std::size_t c : conditions_) note(rows_.value(c, row) != 1, rows_.value(c, row) == 0);
  return p;
}

std::string Candidates::reason_of_fault(std::size_t n) const {
  for (const auto& limit : rows_.solver().limits())
    if (limit.hard && --n == 0) return "infeasible: " + std::string(limit.name);
  return "breaks " + std::string(rows_.solver().outputs()[conditions_[n - 1]].name);
}

double Candidates::to_beat() const { return best_.size() == most_ ? best_.front().score : cannot_win; }

std::string Candidates::bound_in_words(double score) {
  if (!std::isfinite(score)) return "nothing is known of how good they are";
  const Cell value{maximise_ ? -score : score};
  return "none of them is better than " + std::string(bench_.describe(rows_.solver().outputs()[goal_], value));
}

void Candidates::fill(std::span<const double> points) {
  const Space& space = bench_.space();
  const std::size_t count = points.size() / space.axes();
  rows_.begin(count);
  for (const std::size_t i : varied_) (void)rows_.write(i);
  std::vector<Cell> cells;
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t a = 0; a < space.axes(); ++a) {
      const auto inputs = space.axis(a).inputs;
      cells.resize(inputs.size());
      space.at(a, points[r * space.axes() + a], cells);
      for (std::size_t k = 0; k < cells.size(); ++k) rows_.write(inputs[k])[r] = cells[k];
    }
  }
}

void Candidates::evaluate_points(std::span<const double> points) {
  fill(points);
  judge();
}

void Candidates::judge() {
  rows_.evaluate();
  said_.assign(rows_.reasons() + 1, nullptr);
  scores_.resize(rows_.size());
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    scores_[r] = score_of(r);
    if (scores_[r] < cannot_win) {
      ++can_win_;
      keep(r, scores_[r], designs_.empty() ? evaluated_ : designs_[r]);
    }
    ++evaluated_;
  }
}

std::uint64_t* Candidates::counter_of(const std::string& reason) {
  const bool known = reasons_.size() < most_reasons || reasons_.contains(reason);
  return &reasons_[known ? reason : "other reasons"];
}

template <class Reason>
void Candidates::count(std::uint64_t*& counter, const Reason& reason) {
  if (counter == nullptr) counter = counter_of(reason());
  ++*counter;
}

double Candidates::score_of(std::size_t row) {
  const RowStatus status = rows_.status(row);
  if (!has_outputs(status)) {
    count(said_[rows_.reason_number(row)], [&] {
      const std::string reason = rows_.reason(row);
      return reason.empty() ? "no value" : reason;
    });
    return cannot_win;
  }
  if (status == RowStatus::infeasible) {
    const auto limits = rows_.solver().limits();
    for (std::size_t l = 0; l < limits.size(); ++l)
      if (limits[l].hard && rows_.side(limits[l].used, row) > rows_.side(limits[l].bound, row))
        count(exceeded_[l], [&] { return "infeasible: " + std::string(limits[l].name); });
    return cannot_win;
  }
  for (std::size_t c = 0; c < conditions_.size(); ++c) {
    if (rows_.value(conditions_[c], row) == 1) continue;
    count(broken_[c], [&] { return "breaks " + std::string(rows_.solver().outputs()[conditions_[c]].name); });
    return cannot_win;
  }
  const double score = signed_goal(row);
  if (!std::isnan(score)) return score;
  count(without_goal_, [] { return std::string("the goal has no value"); });
  return cannot_win;
}

void Candidates::keep(std::size_t row, double score, std::uint64_t order) {
  const auto better = [](const Kept& a, const Kept& b) { return a.score != b.score ? a.score < b.score : a.order < b.order; };
  Kept kept{score, order, {}};
  if (best_.size() == most_ && !better(kept, best_.front())) return;
  for (const std::size_t i : varied_) kept.cells.push_back(rows_.input(i, row));
  // A search comes back to where it was.
  const auto same = std::find_if(best_.begin(), best_.end(), [&](const Kept& other) {
    return other.score == kept.score && std::equal(kept.cells.begin(), kept.cells.end(), other.cells.begin(),
                                                   [](const Cell& a, const Cell& b) { return a.object == b.object; });
  });
  if (same != best_.end()) {
    same->order = std::min(same->order, order);
    std::make_heap(best_.begin(), best_.end(), better);
    return;
  }
  if (best_.size() == most_) {
    std::pop_heap(best_.begin(), best_.end(), better);
    best_.pop_back();
  }
  best_.push_back(std::move(kept));
  std::push_heap(best_.begin(), best_.end(), better);
}

void Candidates::note_reasons() {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(reasons_.begin(), reasons_.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [reason, rows] : sorted)
    bench_.note(std::to_string(rows) + " of " + std::to_string(evaluated_) + " rows: " + reason);
}

void Candidates::report() {
  std::sort(best_.begin(), best_.end(),
            [](const Kept& a, const Kept& b) { return a.score != b.score ? a.score < b.score : a.order < b.order; });
  Findings table;
  const Solver& solver = rows_.solver();
  std::vector<std::size_t> inputs;
  for (const std::size_t i : varied_)
    inputs.push_back(table.add_port(solver.inputs()[i], std::string(rows_.shown(solver.inputs()[i].name))));
  std::vector<std::size_t> outputs{goal_};
  for (const std::size_t o : shown_)
    if (o != goal_) outputs.push_back(o);
  std::vector<std::size_t> columns;
  for (const std::size_t o : outputs)
    columns.push_back(table.add_port(solver.outputs()[o], std::string(rows_.shown(solver.outputs()[o].name))));

  const std::size_t binds = table.add_text("binds", "the limit that is tightest, and how much of its bound is used");

  rows_.begin(std::max<std::size_t>(best_.size(), 1));
  for (std::size_t r = 0; r < best_.size(); ++r)
    for (std::size_t v = 0; v < varied_.size(); ++v) rows_.vary(varied_[v])[r] = best_[r].cells[v];
  if (!best_.empty()) rows_.evaluate();
  for (std::size_t r = 0; r < best_.size(); ++r) {
    table.add_row();
    for (std::size_t v = 0; v < varied_.size(); ++v) table.set(inputs[v], best_[r].cells[v]);
    for (std::size_t o = 0; o < outputs.size(); ++o) table.set(columns[o], Cell{rows_.value(outputs[o], r)});
    if (const auto margins = margins_of(bench_, rows_, r); !margins.empty())
      table.set(binds,
                std::string_view(margins.front().name + " (" + std::to_string(std::lround(100 * margins.front().share)) + " %)"));
  }
  if (best_.empty() && !bench_.cancelled()) table.add_row(RowStatus::infeasible);
  table.write(bench_);
  if (best_.empty()) {
    bench_.note("no design of " + std::to_string(evaluated_) + " is feasible and meets every condition");
  } else {
    note_margins(bench_, rows_, 0);
    bench_.note(std::to_string(can_win_) + " of " + std::to_string(evaluated_) + " rows: feasible, and every condition met");
  }
  if (passed_over_ > 0)
    bench_.note(std::to_string(passed_over_) + " designs passed over: worse than the best wherever they may be feasible");
  note_reasons();
}

}  // namespace ironlaw::studies
