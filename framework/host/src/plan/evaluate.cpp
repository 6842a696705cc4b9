// Running a plan over a block of rows. A stage whose inputs are those of the row above is not run again, which finds every hoist
// without knowing the axes; one whose values a run has made beforehand is looked up.
#include "plan/row_runs.hpp"
#include "plan/scratch.hpp"
#include "plan/stage_tables.hpp"
#include "value/check.hpp"

#include <ironlaw/maybe.hpp>

#include <algorithm>
#include <chrono>

namespace ironlaw::host {
namespace {

int severity(RowStatus s) {
  switch (s) {
    case RowStatus::ok:
      return 0;
    case RowStatus::infeasible:
      return 1;
    case RowStatus::skipped:
      return 2;
    case RowStatus::refused:
      return 3;
    case RowStatus::failed:
      return 4;
  }
  return 4;
}
RowStatus worse(RowStatus a, RowStatus b) { return severity(a) >= severity(b) ? a : b; }

/// Passes a stage's errors on, named by stage and for every row that shares the evaluation.
class StageSink final : public ErrorSink {
 public:
  StageSink(const std::string& stage, const Runs& runs, std::size_t first, ErrorSink* to)
      : stage_(stage), runs_(runs), first_(first), to_(to) {}
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    if (to_ == nullptr) return;
    std::string where = stage_;
    if (!port.empty()) where.append(".").append(port);
    for (std::size_t r = runs_.begin(row); r < runs_.end(row); ++r) to_->row(first_ + r, status, where, what);
  }

 private:
  const std::string& stage_;
  const Runs& runs_;
  std::size_t first_;
  ErrorSink* to_;
};

}  // namespace

std::unique_ptr<Plan::Scratch> Plan::acquire() const {
  if (auto spare = free_.take()) return spare;
  auto scratch = std::make_unique<Scratch>();
  std::size_t widest = 0;
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    auto& stage = scratch->stages.emplace_back();
    stage.out.resize(stages_[s].output_count());
    stage.buffers.resize(stage.out.size());
    for (std::size_t o = 0; o < stage.out.size(); ++o)
      if (read_[s][o]) stage.buffers[o].resize(block_rows);
    stage.status.resize(block_rows);
    widest = std::max(widest, stages_[s].in.size());
  }
  scratch->compacted.resize(widest);
  return scratch;
}

void Plan::release(std::unique_ptr<Scratch> scratch) const {
  scratch->arena.clear();
  free_.give(std::move(scratch));
}

void Plan::gather(const PlanStage& stage, const Block& block, std::size_t first, Scratch& scratch) const {
  scratch.in.clear();
  for (const auto& source : stage.in) {
    if (source.from == PlanSource::From::input) {
      const Column& c = block.in[source.index];
      scratch.in.push_back({c.data + first * c.stride, c.stride});
    } else {
      scratch.in.push_back(scratch.stages[source.index].out[source.port]);
    }
  }
}

/// Each output goes straight to the caller's column where it is wanted, to a buffer where only a later stage reads it, else
/// nowhere.
void Plan::place_outputs(std::size_t s, const Block& block, std::size_t first, Scratch& scratch) const {
  auto& stage = scratch.stages[s];
  scratch.out.clear();
  for (std::size_t o = 0; o < stage.out.size(); ++o) {
    Cell* wanted = stages_[s].maker ? nullptr : block.out[stages_[s].first_output + o];
    Cell* buffer = stage.buffers[o].empty() ? nullptr : stage.buffers[o].data();
    scratch.out.push_back(wanted != nullptr ? wanted + first : buffer);
  }
}

/// Series that only a later stage reads go to the stage's own room; the caller has made room for the others.
void Plan::place_series(std::size_t s, std::size_t rows, Scratch& scratch) const {
  if (writes_series_[s] == 0) return;
  auto& stage = scratch.stages[s];
  scratch.own.assign(scratch.out.size(), nullptr);
  for (std::size_t o = 0; o < scratch.out.size(); ++o)
    if (!stage.buffers[o].empty() && scratch.out[o] == stage.buffers[o].data()) scratch.own[o] = scratch.out[o];
  stage.series.place(stages_[s].evaluated().outputs(), scratch.own, rows);
}

void Plan::run_stage(std::size_t s, const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const {
  const PlanStage& plan_stage = stages_[s];
  auto& stage = scratch.stages[s];
  gather(plan_stage, block, first, scratch);
  place_outputs(s, block, first, scratch);
  place_series(s, rows, scratch);

  Runs& runs = scratch.runs;
  const auto initial = block.status.subspan(first, rows);
  if (scratch.context.hooks != nullptr) scratch.context.hooks->before_stage(s, scratch.in, initial);
  bool masked =
      !all_ok(initial) && std::any_of(initial.begin(), initial.end(), [](RowStatus r) { return r == RowStatus::skipped; });
  for (const auto& source : plan_stage.in)
    masked |= source.from == PlanSource::From::stage && !scratch.stages[source.index].clean;
  if (masked) {
    runs.rows = runs.count = rows;
    runs.compact = false;
  } else {
    find_runs(scratch.in, rows, scratch.changed, runs);
  }

  std::fill_n(stage.status.begin(), runs.count, RowStatus::ok);
  if (masked) {
    for (std::size_t r = 0; r < rows; ++r) {
      bool skip = initial[r] == RowStatus::skipped;
      for (const auto& source : plan_stage.in)
        skip |= source.from == PlanSource::From::stage && !has_outputs(scratch.stages[source.index].status[r]);
      if (!skip) continue;
      stage.status[r] = RowStatus::skipped;
      for (Cell* column : scratch.out)
        if (column != nullptr) column[r].number = absent_value;
    }
  }
  if (runs.compact && runs.count > 1) {
    for (std::size_t k = 0; k < scratch.in.size(); ++k) {
      if (scratch.in[k].stride == 0) continue;
      scratch.compacted[k].resize(block_rows);
      for (std::size_t i = 0; i < runs.count; ++i) scratch.compacted[k][i] = scratch.in[k].data[runs.starts[i]];
      scratch.in[k].data = scratch.compacted[k].data();
    }
  }

  StageSink sink(plan_stage.name, runs, first, block.errors);
  const Block part{scratch.in, scratch.out, std::span(stage.status).first(runs.count), block.errors != nullptr ? &sink : nullptr,
                   scratch.memory != nullptr && remembers_[s] != 0 ? &scratch.memory->stages[s] : nullptr};
  const auto begin =
      scratch.context.hooks != nullptr ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
  if (plan_stage.maker) {
    plan_stage.maker->evaluate(part, scratch.arena);
  } else {
    plan_stage.evaluated().evaluate(part);
  }
  if (scratch.context.hooks != nullptr)
    scratch.context.hooks->after_stage(s, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  stage_rows_.fetch_add(runs.count, std::memory_order_relaxed);

  if (runs.count < rows)
    for (std::size_t i = runs.count; i-- > 0;)
      std::fill(stage.status.begin() + static_cast<std::ptrdiff_t>(runs.begin(i)),
                stage.status.begin() + static_cast<std::ptrdiff_t>(runs.end(i)), stage.status[i]);
  for (std::size_t o = 0; o < stage.out.size(); ++o) {
    Cell* column = scratch.out[o];
    const bool constant = runs.count == 1 && runs.compact && !stage.buffers[o].empty() && column == stage.buffers[o].data();
    if (column != nullptr && runs.compact && !constant) widen(column, runs);
    stage.out[o] = {column, constant ? std::size_t{0} : std::size_t{1}};
  }
  stage.clean = true;
  if (all_ok(std::span(stage.status).first(rows))) return;
  for (std::size_t r = 0; r < rows; ++r) {
    if (stage.status[r] == RowStatus::ok) [[likely]]
      continue;
    stage.clean &= has_outputs(stage.status[r]);
    block.status[first + r] = worse(block.status[first + r], stage.status[r]);
  }
}

/// A stage that has a table: its rows are looked up, not run.
void Plan::look_up(std::size_t s, const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const {
  const StageTable& table = *scratch.context.tables->of(s);
  const auto& at = scratch.located[table.subset];
  auto& stage = scratch.stages[s];
  place_outputs(s, block, first, scratch);
  for (std::size_t o = 0; o < stage.out.size(); ++o) {
    const bool wanted = !stages_[s].maker && block.out[stages_[s].first_output + o] != nullptr;
    Cell* column = scratch.out[o];
    if (!wanted && (table.looked_up[o] == 0 || at.one)) {
      stage.out[o] = {table.looked_up[o] != 0 ? &table.outputs[o][at.rows[0]] : nullptr, 0};
      continue;
    }
    const Cell* cells = table.outputs[o].data();
    for (std::size_t r = 0; r < rows; ++r) column[r] = cells[at.rows[r]];
    stage.out[o] = {column, 1};
  }

  const auto initial = block.status.subspan(first, rows);
  stage.clean = table.clean && std::none_of(initial.begin(), initial.end(), [](RowStatus r) { return r == RowStatus::skipped; });
  std::fill(stage.status.begin(), stage.status.end(), RowStatus::ok);
  if (stage.clean) return;
  for (std::size_t r = 0; r < rows; ++r) {
    if (initial[r] == RowStatus::skipped) {
      stage.status[r] = RowStatus::skipped;
      for (std::size_t o = 0; o < stage.out.size(); ++o)
        if (stage.out[o].stride != 0) scratch.out[o][r].number = absent_value;
      continue;
    }
    stage.status[r] = table.status[at.rows[r]];
    initial[r] = worse(initial[r], stage.status[r]);
    if (block.errors == nullptr) continue;
    const auto [begin, end] = table.errors.equal_range(at.rows[r]);
    for (auto error = begin; error != end; ++error)
      block.errors->row(first + r, error->second.status, error->second.where, error->second.what);
  }
}

void Plan::evaluate_chunk(const Block& block, std::size_t first, std::size_t rows, Scratch& scratch) const {
  const StageTables* tables = scratch.context.tables;
  if (tables != nullptr) {
    scratch.located.resize(tables->subsets());
    for (std::size_t k = 0; k < scratch.located.size(); ++k) {
      scratch.located[k].rows.resize(rows);
      scratch.located[k].one = tables->locate(k, scratch.context.first + first, scratch.located[k].rows);
    }
  }
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    if (tables != nullptr && tables->of(s) != nullptr) {
      look_up(s, block, first, rows, scratch);
    } else {
      run_stage(s, block, first, rows, scratch);
    }
  }
  scratch.arena.clear();
}

void Plan::evaluate_hooked(const Block& block, StageHooks& hooks) const {
  check_inputs(inputs(), block);
  evaluate_rows(block, {&hooks});
}

void Plan::evaluate_prepared(const Block& block, const StageTables& tables, std::uint64_t first) const {
  check_inputs(inputs(), block);
  evaluate_rows(block, {nullptr, &tables, first});
}

void Plan::evaluate_rows(const Block& block, const RowContext& context) const {
  // Rows that came in without a value are `skipped` while the stages run, and get their own status back afterwards.
  struct Given {
    std::span<RowStatus> status;
    std::vector<std::pair<std::size_t, RowStatus>> rows;
    ~Given() {
      for (const auto& [row, own] : rows) status[row] = own;
    }
  } given{block.status, {}};
  const std::size_t looked_at = all_ok(block.status) ? 0 : block.rows();
  for (std::size_t r = 0; r < looked_at; ++r) {
    if (has_outputs(block.status[r])) continue;
    given.rows.emplace_back(r, block.status[r]);
    block.status[r] = RowStatus::skipped;
  }
  auto scratch = acquire();
  scratch->context = context;
  scratch->memory = nullptr;
  if (block.memory != nullptr && context.hooks == nullptr) {  // guards may change what does not vary
    std::unique_ptr<SolverMemory>& memory = block.memory->of_solver;
    if (memory == nullptr) memory = std::make_unique<Memory>(stages_.size());
    scratch->memory = static_cast<Memory*>(memory.get());
  }
  for (std::size_t first = 0; first < block.rows(); first += block_rows)
    evaluate_chunk(block, first, std::min(block_rows, block.rows() - first), *scratch);
  release(std::move(scratch));
}

}  // namespace ironlaw::host
