#include "run/block_runner.hpp"

#include <algorithm>

namespace ironlaw::host {
namespace {

/// The value of row r is values[(r / inner) % size]; walked without a division a row.
void fill_column(Cell* to, const std::vector<Cell>& values, std::uint64_t inner, std::uint64_t first, std::size_t count) {
  std::size_t value = static_cast<std::size_t>(first / inner % values.size());
  std::uint64_t left = inner - first % inner;
  for (std::size_t r = 0; r < count;) {
    const std::size_t end = left < count - r ? r + static_cast<std::size_t>(left) : count;
    std::fill(to + r, to + end, values[value]);
    r = end;
    if (++value == values.size()) value = 0;
    left = inner;
  }
}

}  // namespace

void BlockRunner::Errors::row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept {
  lines.try_emplace(first + row, error_line(port, what));
  if (structured) parts.push_back({first + row, status, std::string(port.substr(0, port.find('.'))), error_line(port, what)});
}

BlockRunner::BlockRunner(const Pipeline& pipeline, CallbackRun& callbacks)
    : pipeline_(pipeline),
      clauses_(pipeline.clauses()),
      callbacks_(callbacks),
      hooks_(callbacks),
      base_(pipeline.base()),
      stored_(pipeline.plan().outputs().size()),
      derived_(clauses_.derived.size(), std::vector<Cell>(Plan::block_rows)),
      out_(stored_.size(), nullptr),
      status_(Plan::block_rows),
      rejected_(Plan::block_rows),
      values_(Plan::block_rows) {
  errors_.structured = callbacks.observed();
  for (const Cell& cell : base_) slots_.push_back({&cell, 0});
  slots_.resize(base_.size() + stored_.size());
  std::uint64_t inner = 1;
  for (std::size_t a = pipeline.axes().size(); a-- > 0;) {
    inner_.insert(inner_.begin(), inner);
    inner *= pipeline.axes()[a].size();
  }
  for (const auto& axis : pipeline.axes()) {
    for (const std::size_t input : axis.inputs) {
      axis_cells_.emplace_back(Plan::block_rows);
      slots_[input] = {axis_cells_.back().data(), 1};
    }
  }
  if (clauses_.best) goal_expressions_.push_back(&clauses_.best->expression);
  for (const auto& goal : clauses_.front) goal_expressions_.push_back(&goal.expression);
  for (const auto& goal : clauses_.sort) goal_expressions_.push_back(&goal.expression);
  goals_.assign(goal_expressions_.size(), std::vector<double>(Plan::block_rows));

  for (const auto& column : pipeline.columns())
    if (column.from == ResultColumn::From::output) want_output(column.index);
  for (const std::size_t output : callbacks.wanted()) want_output(output);
  for (const auto& c : clauses_.constraints) want_slots(c.condition.slots());
  for (const auto& e : clauses_.derived) want_slots(e.slots());
  for (const auto* e : goal_expressions_) want_slots(e->slots());
  for (const auto& column : pipeline.columns()) {
    switch (column.from) {
      case ResultColumn::From::input:
        shown_.push_back(slots_[column.index]);
        break;
      case ResultColumn::From::output:
        shown_.push_back(slots_[base_.size() + column.index]);
        break;
      case ResultColumn::From::expression:
        shown_.push_back({derived_[column.index].data(), 1});
        break;
    }
  }
}

void BlockRunner::want_output(std::size_t output) {
  if (out_[output] != nullptr) return;
  stored_[output].resize(Plan::block_rows);
  out_[output] = stored_[output].data();
  slots_[base_.size() + output] = {out_[output], 1};
}

void BlockRunner::want_slots(std::span<const std::size_t> slots) {
  for (const std::size_t slot : slots)
    if (slot >= base_.size()) want_output(slot - base_.size());
}

void BlockRunner::fill_axes() {
  std::size_t column = 0;
  for (std::size_t a = 0; a < pipeline_.axes().size(); ++a)
    for (const auto& values : pipeline_.axes()[a].values)
      fill_column(axis_cells_[column++].data(), values, inner_[a], first_, count_);
}

/// Marks the rows that a constraint takes out; those asked before anything runs are skipped.
void BlockRunner::apply(bool before) {
  for (std::size_t c = 0; c < clauses_.constraints.size(); ++c) {
    const Constraint& constraint = clauses_.constraints[c];
    if (constraint.before != before) continue;
    constraint.condition.evaluate(slots_, count_, std::span(values_).first(count_), workspace_);
    for (std::size_t r = 0; r < count_; ++r) {
      if (values_[r] != 0 || rejected_[r] != 0 || !has_outputs(status_[r])) continue;
      rejected_[r] = static_cast<std::uint16_t>(c + 1);
      if (before) status_[r] = RowStatus::skipped;
    }
  }
}

void BlockRunner::evaluate_expressions() {
  for (std::size_t d = 0; d < derived_.size(); ++d) {
    clauses_.derived[d].evaluate(slots_, count_, std::span(values_).first(count_), workspace_);
    for (std::size_t r = 0; r < count_; ++r) derived_[d][r].number = values_[r];
  }
  for (std::size_t g = 0; g < goals_.size(); ++g)
    goal_expressions_[g]->evaluate(slots_, count_, std::span(goals_[g]).first(count_), workspace_);
}

void BlockRunner::run(std::uint64_t first, std::size_t count) {
  first_ = first;
  count_ = count;
  fill_axes();
  std::fill_n(status_.begin(), count, RowStatus::ok);
  std::fill_n(rejected_.begin(), count, std::uint16_t{0});
  errors_.first = first;
  errors_.lines.clear();
  errors_.parts.clear();
  apply(true);
  const Block block{std::span<const Column>(slots_).first(base_.size()), out_, std::span(status_).first(count), &errors_};
  if (callbacks_.any() || hooks_.shows_stage()) {
    hooks_.begin_block(first);
    pipeline_.plan().evaluate_hooked(block, hooks_);
    errors_.lines.insert(hooks_.vetoes().begin(), hooks_.vetoes().end());
  } else {
    pipeline_.plan().evaluate(block);
  }
  apply(false);
  evaluate_expressions();
  if (!clauses_.show_rejected) return;
  for (std::size_t r = 0; r < count; ++r) {
    if (rejected_[r] == 0) continue;
    status_[r] = RowStatus::skipped;
    errors_.lines.try_emplace(first + r, "rejected by " + clauses_.constraints[rejected_[r] - 1].condition.text());
  }
}

void BlockRunner::observe() {
  callbacks_.observe(first_, std::span<const Column>(slots_).first(base_.size()),
                     std::span<const Column>(slots_).subspan(base_.size()), std::span(status_).first(count_), hooks_.seconds(),
                     errors_.parts);
}

}  // namespace ironlaw::host
