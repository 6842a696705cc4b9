#include "run/block_runner.hpp"

#include "doors/door.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <algorithm>

namespace ironlaw::host {
std::vector<char> wanted_outputs(const Pipeline& pipeline, const CallbackRun& callbacks) {
  const Clauses& clauses = pipeline.clauses();
  const std::size_t inputs = pipeline.solver().inputs().size();
  std::vector<char> wanted(pipeline.solver().outputs().size(), 0);
  const auto want = [&](const Expression& expression) {
    for (const std::size_t slot : expression.slots())
      if (slot >= inputs) wanted[slot - inputs] = 1;
  };
  for (const auto& column : pipeline.columns())
    if (column.from == ResultColumn::From::output) wanted[column.index] = 1;
  for (const std::size_t output : callbacks.wanted()) wanted[output] = 1;
  for (const auto& amendable : pipeline.amendable())
    if (amendable.source >= inputs) wanted[amendable.source - inputs] = 1;
  for (const auto& c : clauses.constraints) want(c.condition);
  for (const auto& e : clauses.derived) want(e);
  if (clauses.best) want(clauses.best->expression);
  for (const auto& goal : clauses.front) want(goal.expression);
  for (const auto& goal : clauses.sort) want(goal.expression);
  if (clauses.walls)
    for (const std::size_t output : clauses.walls->outputs()) wanted[output] = 1;
  if (clauses.bands)
    for (const auto& e : clauses.bands->estimates()) wanted[e.output] = wanted[e.low] = wanted[e.high] = 1;
  return wanted;
}

void BlockRunner::Errors::row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept {
  lines.try_emplace(first + row, error_line(port, what));
  if (structured) parts.push_back({first + row, status, std::string(port.substr(0, port.find('.'))), error_line(port, what)});
}

BlockRunner::BlockRunner(const Pipeline& pipeline, CallbackRun& callbacks, const StageTables* tables)
    : pipeline_(pipeline),
      clauses_(pipeline.clauses()),
      callbacks_(callbacks),
      tables_(tables),
      hooks_(callbacks),
      base_(pipeline.base()),
      stored_(pipeline.plan().outputs().size()),
      derived_(clauses_.derived.size() + (clauses_.walls ? 2 : 0), std::vector<Cell>(Plan::block_rows)),
      out_(stored_.size(), nullptr),
      status_(Plan::block_rows),
      rejected_(Plan::block_rows),
      values_(Plan::block_rows) {
  errors_.structured = callbacks.tells_errors();
  if (callbacks.guarded() && callbacks.amendable().size() != pipeline.amendable().size())
    throw PluginError({}, "callbacks", "a guard declares other inputs each time that it is made");
  for (const Cell& cell : base_) asked_.push_back({&cell, 0});
  asked_.resize(base_.size() + stored_.size());
  std::uint64_t inner = 1;
  for (std::size_t a = pipeline.axes().size(); a-- > 0;) {
    inner_.insert(inner_.begin(), inner);
    inner *= pipeline.axes()[a].size();
  }
  for (const auto& axis : pipeline.axes()) {
    for (const std::size_t input : axis.inputs) {
      axis_cells_.emplace_back(Plan::block_rows);
      asked_[input] = {axis_cells_.back().data(), 1};
    }
  }
  if (clauses_.best) goal_expressions_.push_back(&clauses_.best->expression);
  for (const auto& goal : clauses_.front) goal_expressions_.push_back(&goal.expression);
  for (const auto& goal : clauses_.sort) goal_expressions_.push_back(&goal.expression);
  goals_.assign(goal_expressions_.size(), std::vector<double>(Plan::block_rows));

  const auto wanted = wanted_outputs(pipeline, callbacks);
  for (std::size_t o = 0; o < wanted.size(); ++o) {
    if (wanted[o] == 0) continue;
    stored_[o].resize(Plan::block_rows);
    out_[o] = stored_[o].data();
    asked_[base_.size() + o] = {out_[o], 1};
  }
  slots_ = asked_;
  for (std::size_t a = 0; a < pipeline.amendable().size(); ++a)
    if (pipeline.amendable()[a].alone) slots_[pipeline.amendable()[a].source] = hooks_.used(a);
  if (clauses_.bands) bands_.emplace(pipeline, wanted);
  for (std::size_t c = 0; c < pipeline.columns().size(); ++c) {
    const ResultColumn& column = pipeline.columns()[c];
    if (column.end != ResultColumn::End::none) {
      shown_.push_back(bands_->column(c));
      continue;
    }
    switch (column.from) {
      case ResultColumn::From::input:
        shown_.push_back(asked_[column.index]);
        break;
      case ResultColumn::From::output:
        shown_.push_back(asked_[base_.size() + column.index]);
        break;
      case ResultColumn::From::used:
        shown_.push_back(hooks_.used(column.index));
        break;
      case ResultColumn::From::asked:
        shown_.push_back(asked_[pipeline.amendable()[column.index].source]);
        break;
      case ResultColumn::From::expression:
        shown_.push_back(column.index < derived_.size() ? Column{derived_[column.index].data(), 1} : bands_->monotone());
        break;
    }
  }
}

void BlockRunner::fill_axes() {
  std::size_t column = 0;
  for (std::size_t a = 0; a < pipeline_.axes().size(); ++a) {
    for (const auto& values : pipeline_.axes()[a].values) {
      Cell* to = axis_cells_[column++].data();
      if (inner_[a] == 1) {  // another value in each row
        auto value = static_cast<std::size_t>(first_ % values.size());
        for (std::size_t r = 0, n = 0; r < count_; r += n, value = 0) {
          n = std::min(count_ - r, values.size() - value);
          std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(value), n, to + r);
        }
        continue;
      }
      for_each_value(inner_[a], values.size(), first_, count_,
                     [&](std::size_t begin, std::size_t end, std::size_t v) { std::fill(to + begin, to + end, values[v]); });
    }
  }
}

/// Marks the rows that a constraint takes out; those asked before anything runs are skipped.
void BlockRunner::apply(bool before) {
  for (std::size_t c = 0; c < clauses_.constraints.size(); ++c) {
    const Constraint& constraint = clauses_.constraints[c];
    if (constraint.before != before) continue;
    constraint.condition.evaluate(before ? asked_ : slots_, count_, std::span(values_).first(count_), workspace_);
    for (std::size_t r = 0; r < count_; ++r) {
      if (values_[r] != 0 || rejected_[r] != 0 || !has_outputs(status_[r])) continue;
      rejected_[r] = static_cast<std::uint16_t>(c + 1);
      if (before) status_[r] = RowStatus::skipped;
    }
  }
}

void BlockRunner::evaluate_expressions() {
  for (std::size_t d = 0; d < clauses_.derived.size(); ++d) {
    clauses_.derived[d].evaluate(slots_, count_, std::span(values_).first(count_), workspace_);
    for (std::size_t r = 0; r < count_; ++r) derived_[d][r].number = values_[r];
  }
  for (std::size_t g = 0; g < goals_.size(); ++g)
    goal_expressions_[g]->evaluate(slots_, count_, std::span(goals_[g]).first(count_), workspace_);
}

void BlockRunner::evaluate_walls() {
  walls_ = clauses_.walls->tallies();
  std::vector<Cell>& binding = derived_[clauses_.derived.size()];
  std::vector<Cell>& margin = derived_[clauses_.derived.size() + 1];
  for (std::size_t r = 0; r < count_; ++r) {
    binding[r].number = margin[r].number = absent_value;
    if (!has_outputs(status_[r])) continue;
    const auto first = clauses_.walls->tightest(slots_, r);
    if (first) {
      binding[r].number = static_cast<double>(first->wall);
      margin[r].number = first->margin;
    }
    if (rejected_[r] == 0) clauses_.walls->count(slots_, r, first, walls_);
  }
}

void BlockRunner::evaluate(const Block& block) {
  if (!callbacks_.any() && !hooks_.shows_stage()) {
    if (tables_ != nullptr) {
      pipeline_.plan().evaluate_prepared(block, *tables_, first_);
    } else {
      pipeline_.plan().evaluate(block);
    }
    return;
  }
  hooks_.begin_block(first_);
  pipeline_.plan().evaluate_hooked(block, hooks_);
  hooks_.mark_failed(block.status);
  for (const auto& [row, veto] : hooks_.vetoes()) {
    errors_.lines.try_emplace(row, veto.what);
    if (errors_.structured) errors_.parts.push_back(veto);
  }
}

void BlockRunner::run(std::uint64_t first, std::size_t count) {
  reset_floating_point();
  first_ = first;
  count_ = count;
  fill_axes();
  std::fill_n(status_.begin(), count, RowStatus::ok);
  std::fill_n(rejected_.begin(), count, std::uint16_t{0});
  errors_.first = first;
  errors_.lines.clear();
  errors_.parts.clear();
  series_.place(pipeline_.plan().outputs(), out_, count);
  apply(true);
  evaluate({std::span<const Column>(asked_).first(base_.size()), out_, std::span(status_).first(count), &errors_, &memory_});
  apply(false);
  evaluate_expressions();
  if (clauses_.walls) evaluate_walls();
  if (bands_) bands_->evaluate(slots_, shown_, std::span(status_).first(count));
  if (!clauses_.show_rejected) return;
  for (std::size_t r = 0; r < count; ++r) {
    if (rejected_[r] == 0) continue;
    status_[r] = RowStatus::skipped;
    errors_.lines.try_emplace(first + r, clauses_.constraints[rejected_[r] - 1].reason());
  }
}

void BlockRunner::observe() {
  const auto& amendable = pipeline_.amendable();
  std::vector<Column> used;
  for (std::size_t a = 0; a < amendable.size(); ++a) used.push_back(hooks_.used(a));
  const auto columns = std::span<const Column>(asked_);
  callbacks_.observe({first_, columns.first(base_.size()), columns.subspan(base_.size()), std::span(status_).first(count_),
                      hooks_.seconds(), errors_.parts, amendable, used});
}

}  // namespace ironlaw::host
