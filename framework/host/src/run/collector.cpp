#include "run/collector.hpp"

#include "plan/row_runs.hpp"
#include "plan/walls.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::host {

void add_counts(RunSummary& summary, const RunSummary& part) {
  summary.rows += part.rows;
  summary.ok += part.ok;
  summary.infeasible += part.infeasible;
  summary.refused += part.refused;
  summary.failed += part.failed;
  summary.skipped += part.skipped;
  for (std::size_t c = 0; c < std::min(summary.rejected.size(), part.rejected.size()); ++c)
    summary.rejected[c].second += part.rejected[c].second;
  add_tallies(part.walls, summary.walls);
  if (summary.first_error.empty()) summary.first_error = part.first_error;
  if (summary.stopped.empty()) summary.stopped = part.stopped;
}

Collector::Collector(const Pipeline& pipeline, RowSink& sink, const RunOptions& options)
    : selection_(pipeline, sink, options), recorder_(options.recorder), next_(options.first) {
  for (const auto& c : pipeline.clauses().constraints) summary.rejected.emplace_back(c.condition.text(), 0);
  if (recorder_ != nullptr) next_ = recorder_->resume(summary, selection_);
}

void Collector::count(const EvaluatedBlock& block) {
  std::array<std::uint64_t, 5> counts{};  // by status
  const auto status = block.rows.status;
  const bool plain = all_ok(status) && block.rejects_none();
  if (plain) counts[0] = status.size();
  for (std::size_t r = plain ? status.size() : 0; r < status.size(); ++r) {
    if (block.is_rejected(r)) {
      ++summary.rejected[block.rejected[r] - std::size_t{1}].second;
    } else {
      ++counts[static_cast<std::size_t>(status[r])];
    }
  }
  summary.rows += status.size();
  summary.ok += counts[0];
  summary.infeasible += counts[1];
  summary.refused += counts[2];
  summary.failed += counts[3];
  summary.skipped += counts[4];
  if (summary.first_error.empty() && block.rows.errors != nullptr && !block.rows.errors->empty())
    summary.first_error = block.rows.errors->begin()->second;
}

bool Collector::reached(std::uint64_t next) {
  next_ = next;
  if (recorder_ != nullptr) recorder_->reached(next_, summary, selection_);
  return summary.stopped.empty();
}

bool Collector::take(const EvaluatedBlock& block) {
  if (!summary.stopped.empty()) return false;
  count(block);
  add_tallies(block.walls, summary.walls);
  selection_.take(block);
  summary.stopped = block.stop;
  return reached(block.rows.first + block.rows.status.size());
}

bool Collector::take(const RunSummary& part, RowBatch& rows, std::uint64_t end) {
  if (!summary.stopped.empty()) return false;
  add_counts(summary, part);
  for (std::size_t first = 0; first < rows.size();) {
    const std::size_t count = rows.same_block(first);
    selection_.take(rows.view(first, count));
    first += count;
  }
  return reached(end);
}

void Collector::finish() {
  if (recorder_ != nullptr) recorder_->ended(next_, summary, selection_);
  if (recorder_ == nullptr || !summary.interrupted) selection_.finish();
}

}  // namespace ironlaw::host
