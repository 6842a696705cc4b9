#include "run/selection.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_sorted = 20'000'000;

bool dominates(const std::vector<double>& a, const std::vector<double>& b, std::size_t goals) {
  bool better = false;
  for (std::size_t g = 0; g < goals; ++g) {
    if (a[g] > b[g]) return false;
    better |= a[g] < b[g];
  }
  return better;
}

}  // namespace

Selection::Selection(const Pipeline& pipeline, RowSink& sink, bool every_row)
    : pipeline_(pipeline),
      clauses_(pipeline.clauses()),
      sink_(sink),
      every_row_(every_row),
      sort_begin_((clauses_.best ? 1 : 0) + clauses_.front.size()) {
  if (clauses_.best) maximise_.push_back(clauses_.best->maximise);
  for (const auto& g : clauses_.front) maximise_.push_back(g.maximise);
  for (const auto& g : clauses_.sort) maximise_.push_back(g.maximise);
}

double Selection::goal(const BlockRunner& block, std::size_t g, std::size_t r) const {
  const double v = block.goals()[g][r];
  return maximise_[g] ? -v : v;
}

bool Selection::shown(const BlockRunner& block, std::size_t r) const {
  return block.rejected()[r] == 0 || clauses_.show_rejected;
}

Selection::Row Selection::row_of(const BlockRunner& block, std::size_t r) const {
  const ResultRows rows = block.rows();
  Row row{rows.number(r), rows.status[r], {}, {}, {}};
  for (std::size_t g = 0; g < maximise_.size(); ++g) row.goals.push_back(goal(block, g, r));
  for (const Column& c : rows.columns) row.cells.push_back(c[r]);
  if (const auto it = rows.errors->find(row.number); it != rows.errors->end()) row.error = it->second;
  return row;
}

void Selection::take(const BlockRunner& block) {
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

void Selection::forward(const BlockRunner& block) {
  const ResultRows rows = block.rows();
  std::vector<std::size_t> staying;
  for (std::size_t r = 0; r < rows.status.size(); ++r)
    if (shown(block, r)) staying.push_back(r);
  if (staying.size() == rows.status.size()) {
    sink_.rows(rows);
    return;
  }
  if (staying.empty()) return;
  std::vector<std::vector<Cell>> cells(rows.columns.size());
  std::vector<Column> columns;
  std::vector<RowStatus> status;
  std::vector<std::uint64_t> numbers;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    for (const std::size_t r : staying) cells[c].push_back(rows.columns[c][r]);
    columns.push_back({cells[c].data(), 1});
  }
  for (const std::size_t r : staying) {
    status.push_back(rows.status[r]);
    numbers.push_back(rows.number(r));
  }
  sink_.rows({rows.first, columns, status, rows.errors, numbers});
}

void Selection::keep_best(const BlockRunner& block) {
  const auto worse = [](const Row& a, const Row& b) {
    return a.goals[0] != b.goals[0] ? a.goals[0] < b.goals[0] : a.number < b.number;  // the heap's front is the worst kept
  };
  for (std::size_t r = 0; r < block.rows().status.size(); ++r) {
    const double value = goal(block, 0, r);
    if (block.rejected()[r] != 0 || block.rows().status[r] != RowStatus::ok || std::isnan(value)) continue;
    if (kept_.size() == clauses_.keep) {
      if (value >= kept_.front().goals[0]) continue;  // of equals the earlier row stays
      std::pop_heap(kept_.begin(), kept_.end(), worse);
      kept_.pop_back();
    }
    kept_.push_back(row_of(block, r));
    std::push_heap(kept_.begin(), kept_.end(), worse);
  }
}

void Selection::keep_front(const BlockRunner& block) {
  const std::size_t goals = clauses_.front.size();
  std::vector<double> values(goals);
  for (std::size_t r = 0; r < block.rows().status.size(); ++r) {
    if (block.rejected()[r] != 0 || block.rows().status[r] != RowStatus::ok) continue;
    for (std::size_t g = 0; g < goals; ++g) values[g] = goal(block, g, r);
    if (std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) continue;
    const auto beaten = [&](const Row& row) {
      return dominates(row.goals, values, goals) || std::equal(values.begin(), values.end(), row.goals.begin());
    };
    if (std::any_of(kept_.begin(), kept_.end(), beaten)) continue;
    std::erase_if(kept_, [&](const Row& row) { return dominates(values, row.goals, goals); });
    kept_.push_back(row_of(block, r));
  }
}

void Selection::keep_all(const BlockRunner& block) {
  for (std::size_t r = 0; r < block.rows().status.size(); ++r) {
    if (!shown(block, r)) continue;
    if (kept_.size() == most_sorted) throw InputError("/report/sort", "cannot sort more than 20000000 rows; use \"best\"");
    kept_.push_back(row_of(block, r));
  }
}

/// By the sort goals where there are any, else by the goal or the first goal of the front; absent values last, then in row order.
void Selection::sort_kept() {
  const std::size_t begin = clauses_.sort.empty() ? 0 : sort_begin_;
  const std::size_t end = clauses_.sort.empty() ? std::min<std::size_t>(1, maximise_.size()) : maximise_.size();
  std::sort(kept_.begin(), kept_.end(), [&](const Row& a, const Row& b) {
    for (std::size_t g = begin; g < end; ++g) {
      const bool absent_a = std::isnan(a.goals[g]);
      const bool absent_b = std::isnan(b.goals[g]);
      if (absent_a != absent_b) return absent_b;
      if (!absent_a && a.goals[g] != b.goals[g]) return a.goals[g] < b.goals[g];
    }
    return a.number < b.number;
  });
}

void Selection::finish() {
  if (!clauses_.selects()) return;
  sort_kept();
  const std::size_t columns = pipeline_.columns().size();
  for (std::size_t first = 0; first < kept_.size(); first += Plan::block_rows) {
    const std::size_t n = std::min(Plan::block_rows, kept_.size() - first);
    std::vector<std::vector<Cell>> cells(columns);
    std::vector<Column> shown_columns;
    std::vector<RowStatus> status;
    std::vector<std::uint64_t> numbers;
    std::map<std::uint64_t, std::string> errors;
    for (std::size_t r = 0; r < n; ++r) {
      const Row& row = kept_[first + r];
      for (std::size_t c = 0; c < columns; ++c) cells[c].push_back(row.cells[c]);
      status.push_back(row.status);
      numbers.push_back(row.number);
      if (!row.error.empty()) errors[row.number] = row.error;
    }
    for (auto& c : cells) shown_columns.push_back({c.data(), 1});
    sink_.rows({numbers.front(), shown_columns, status, &errors, numbers});
  }
}

}  // namespace ironlaw::host
