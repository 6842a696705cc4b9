#include "run/selection.hpp"

#include "config/budget.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_sorted = 20'000'000;

}  // namespace

Selection::Selection(const Pipeline& pipeline, RowSink& sink, bool every_row)
    : pipeline_(pipeline),
      clauses_(pipeline.clauses()),
      sink_(sink),
      every_row_(every_row),
      sort_begin_(clauses_.goals() - clauses_.sort.size()),
      front_(clauses_.front.size()),
      row_bytes_(2 * sizeof(KeptRow) + pipeline.columns().size() * sizeof(Cell) + clauses_.goals() * 2 * sizeof(double)) {
  const auto add = [&](const Goal& goal) { signs_.push_back(goal.maximise ? -1 : 1); };
  if (clauses_.best) add(*clauses_.best);
  for (const auto& g : clauses_.front) add(g);
  for (const auto& g : clauses_.sort) add(g);
}

Selection::~Selection() { pipeline_.budget().give_back_memory(most_rows_ * row_bytes_); }

void Selection::count_rows(std::size_t rows) {
  if (rows <= most_rows_) return;
  pipeline_.budget().take_memory((rows - most_rows_) * row_bytes_);
  most_rows_ = rows;
}

bool Selection::shown(const EvaluatedBlock& block, std::size_t r) const {
  return !block.is_rejected(r) || clauses_.show_rejected;
}

KeptRow Selection::row_of(const EvaluatedBlock& block, std::size_t r) const {
  const ResultRows& rows = block.rows;
  KeptRow row{rows.number(r), rows.status[r], {}, {}, {}, false};
  for (std::size_t g = 0; g < signs_.size(); ++g) row.goals.push_back(block.goals[g][r]);
  for (const Column& c : rows.columns) row.cells.push_back(c[r]);
  if (const auto it = rows.errors->find(row.number); it != rows.errors->end()) row.error = it->second;
  return row;
}

void Selection::take(const EvaluatedBlock& block) {
  if (every_row_) {
    forward(block);
  } else if (clauses_.best) {
    keep_best(block);
  } else if (!clauses_.front.empty()) {
    keep_front(block);
  } else if (!clauses_.sort.empty()) {
    keep_all(block);
  } else {
    forward(block);
  }
}

void Selection::forward(const EvaluatedBlock& block) {
  const ResultRows& rows = block.rows;
  std::vector<std::size_t> staying;
  for (std::size_t r = 0; r < rows.status.size(); ++r)
    if (shown(block, r)) staying.push_back(r);
  if (staying.empty()) return;
  if (staying.size() == rows.status.size()) {
    sink_.rows(rows);
    return;
  }
  RowBatch batch(pipeline_);
  for (const std::size_t r : staying) batch.add(rows, r);
  sink_.rows(batch.view().rows);
}

void Selection::keep_best(const EvaluatedBlock& block) {
  const auto better = [sign = signs_[0]](const KeptRow& a, const KeptRow& b) {
    return a.goals[0] != b.goals[0] ? sign * a.goals[0] < sign * b.goals[0] : a.number < b.number;
  };  // the heap's front is the worst kept
  for (std::size_t r = 0; r < block.rows.status.size(); ++r) {
    const double value = signs_[0] * block.goals[0][r];
    const bool full = kept_.size() == clauses_.keep;
    if (full && !(value <= signs_[0] * kept_.front().goals[0])) continue;  // where it is not a number too
    if (block.is_rejected(r) || block.rows.status[r] != RowStatus::ok || std::isnan(value)) continue;
    if (full && value == signs_[0] * kept_.front().goals[0] && block.rows.number(r) > kept_.front().number) continue;
    if (full) {
      std::pop_heap(kept_.begin(), kept_.end(), better);
      kept_.pop_back();
    }
    count_rows(kept_.size() + 1);
    kept_.push_back(row_of(block, r));
    std::push_heap(kept_.begin(), kept_.end(), better);
  }
}

void Selection::keep_front(const EvaluatedBlock& block) {
  std::vector<double> values(clauses_.front.size());
  for (std::size_t r = 0; r < block.rows.status.size(); ++r) {
    if (block.is_rejected(r) || block.rows.status[r] != RowStatus::ok) continue;
    bool absent = false;
    for (std::size_t g = 0; g < values.size(); ++g) {
      values[g] = signs_[g] * block.goals[g][r];
      absent |= std::isnan(values[g]);
    }
    if (absent || !front_.admits(values, block.rows.number(r))) continue;
    front_.add(values, row_of(block, r));
    count_rows(front_.rows().size());
  }
}

void Selection::keep_all(const EvaluatedBlock& block) {
  for (std::size_t r = 0; r < block.rows.status.size(); ++r) {
    if (!shown(block, r)) continue;
    if (kept_.size() == most_sorted) throw InputError("/report/sort", "cannot sort more than 20000000 rows; use \"best\"");
    count_rows(kept_.size() + 1);
    kept_.push_back(row_of(block, r));
  }
}

bool Selection::keeps_all() const { return !every_row_ && !clauses_.best && clauses_.front.empty() && !clauses_.sort.empty(); }

std::size_t Selection::looked_through() const { return keeps_all() ? 0 : kept_.size() + front_.size(); }

/// In the order of their numbers: how the rows are kept depends on where the run was interrupted.
void Selection::take_unrecorded(RowBatch& batch) {
  std::vector<KeptRow*> rows;
  const auto look = [&](KeptRow& row) {
    if (!row.recorded) rows.push_back(&row);
    row.recorded = true;
  };
  for (KeptRow& row : front_.rows()) look(row);
  for (std::size_t i = keeps_all() ? all_recorded_to_ : 0; i < kept_.size(); ++i) look(kept_[i]);
  all_recorded_to_ = kept_.size();
  std::sort(rows.begin(), rows.end(), [](const KeptRow* a, const KeptRow* b) { return a->number < b->number; });
  for (const KeptRow* row : rows) batch.add(*row);
}

void Selection::all_recorded() {
  for (KeptRow& row : front_.rows()) row.recorded = true;
  for (KeptRow& row : kept_) row.recorded = true;
  all_recorded_to_ = kept_.size();
}

/// By the sort goals where there are any, else by the goal or the first goal of the front; absent values last, then in row order.
void Selection::sort_kept() {
  const std::size_t begin = clauses_.sort.empty() ? 0 : sort_begin_;
  const std::size_t end = clauses_.sort.empty() ? std::min<std::size_t>(1, signs_.size()) : signs_.size();
  std::sort(kept_.begin(), kept_.end(), [&](const KeptRow& a, const KeptRow& b) {
    for (std::size_t g = begin; g < end; ++g) {
      const bool absent_a = std::isnan(a.goals[g]);
      const bool absent_b = std::isnan(b.goals[g]);
      if (absent_a != absent_b) return absent_b;
      if (!absent_a && a.goals[g] != b.goals[g]) return signs_[g] * a.goals[g] < signs_[g] * b.goals[g];
    }
    return a.number < b.number;
  });
}

void Selection::finish() {
  if (!clauses_.selects()) return;
  if (!clauses_.front.empty()) kept_ = front_.take();
  sort_kept();
  RowBatch batch(pipeline_);
  for (std::size_t first = 0; first < kept_.size(); first += Plan::block_rows) {
    batch.clear();
    for (std::size_t r = first; r < std::min(first + Plan::block_rows, kept_.size()); ++r) batch.add(kept_[r]);
    sink_.rows(batch.view().rows);
  }
}

}  // namespace ironlaw::host
