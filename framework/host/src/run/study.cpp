#include <ironlaw/host/study.hpp>

#include "config/budget.hpp"
#include "plan/clauses.hpp"
#include "plan/environment.hpp"
#include "run/condition_tables.hpp"
#include "run/forked_rows.hpp"
#include "run/origin.hpp"
#include "run/program_solvers.hpp"
#include "run/startable_threads.hpp"
#include "run/study_solver.hpp"
#include "run/thread_arena.hpp"
#include "value/shown_value.hpp"

#include <ironlaw/error.hpp>

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <numeric>

namespace ironlaw::host {
namespace {

/// The axes of a config as a study walks them.
class AxesSpace final : public Space {
 public:
  explicit AxesSpace(const Pipeline& pipeline) : pipeline_(pipeline) {}

 private:
  std::size_t do_axes() const override { return pipeline_.axes().size(); }
  SpaceAxis do_axis(std::size_t i) const override {
    const Axis& axis = pipeline_.axes()[i];
    const bool likely = axis.distribution && axis.distribution->shape != Distribution::Shape::uniform &&
                        axis.distribution->shape != Distribution::Shape::log_uniform;
    return {axis.inputs, axis.size(), likely};
  }
  std::uint64_t do_rows() const override { return pipeline_.rows(); }
  void do_at(std::size_t i, double u, std::span<Cell> cells) const override {
    const Axis& axis = pipeline_.axes()[i];
    if (axis.distribution) {
      cells[0].number = axis.distribution->quantile(u);
      return;
    }
    const auto size = static_cast<double>(axis.size());
    do_value(i, static_cast<std::uint64_t>(std::clamp(u * size, 0.0, size - 1)), cells);
  }
  void do_value(std::size_t i, std::uint64_t value, std::span<Cell> cells) const override {
    const Axis& axis = pipeline_.axes()[i];
    for (std::size_t k = 0; k < axis.values.size(); ++k) cells[k] = axis.values[k][static_cast<std::size_t>(value)];
  }
  const Pipeline& pipeline_;
};

/// A study's table: copies what its columns are called, and hands the rows on.
class SinkTable final : public Table {
 public:
  SinkTable(std::span<const PortInfo> ports, StudySink& sink) {
    for (PortInfo port : ports) {
      port.name = keep(unlike_the_others(std::string(port.name)));
      port.doc = keep(port.doc);
      port.display = keep(port.display);
      auto& choices = choices_.emplace_back();
      for (const auto choice : port.choices) choices.push_back(keep(choice));
      port.choices = choices;
      columns_.push_back({std::string(port.name), ResultColumn::From::expression, columns_.size(), port});
    }
    sink_ = &sink.table(columns_);
  }

  [[nodiscard]] std::optional<RowStatus> outcome() const { return outcome_; }

 private:
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
  /// Names of columns are keys in JSON: an input and an output that share theirs are told apart.
  [[nodiscard]] std::string unlike_the_others(const std::string& name) const {
    const auto taken = [&](const std::string& n) {
      return n == "status" || n == "reason" ||
             std::any_of(columns_.begin(), columns_.end(), [&](const ResultColumn& c) { return c.name == n; });
    };
    std::string free = name;
    for (int n = 2; taken(free); ++n) free = name + "_" + std::to_string(n);
    return free;
  }
  void do_append(std::span<const Column> columns, std::span<const RowStatus> status) override {
    if (columns.size() != columns_.size())
      throw Error("a study appends " + std::to_string(columns.size()) + " columns to a table of " +
                  std::to_string(columns_.size()));
    sink_->rows({rows_, columns, status, &no_errors_, {}});
    for (const RowStatus s : status) outcome_ = outcome_ ? std::min(*outcome_, s) : s;
    rows_ += status.size();
  }
  std::optional<RowStatus> outcome_;
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> choices_;
  std::vector<ResultColumn> columns_;
  std::map<std::uint64_t, std::string> no_errors_;
  RowSink* sink_ = nullptr;
  std::uint64_t rows_ = 0;
};

/// Hands the errors of blocks that run side by side to one sink.
class LockedSink final : public ErrorSink {
 public:
  LockedSink(std::size_t first, ErrorSink& to, std::mutex& mutex) : first_(first), to_(to), mutex_(mutex) {}
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    const std::lock_guard lock(mutex_);
    to_.row(first_ + row, status, port, what);
  }

 private:
  std::size_t first_;
  ErrorSink& to_;
  std::mutex& mutex_;
};

class PipelineBench final : public Bench {
 public:
  PipelineBench(const Pipeline& pipeline, StudySink& sink, std::size_t threads, const std::atomic<bool>* interrupt)
      : pipeline_(pipeline),
        study_(*pipeline.study()),
        sink_(sink),
        space_(pipeline),
        threads_(threads),
        interrupt_(interrupt),
        callbacks_(pipeline.plan(), pipeline.rows(), pipeline.clauses().callbacks,
                   pipeline.origin() != nullptr ? CallbackRun::Which::guards : CallbackRun::Which::all) {
    add(pipeline, study_.derived, study_.derived_ports);
    StudySolver::Tell tell;
    if (callbacks_.observed()) tell = [this](const CallbackRun::Seen& seen) { callbacks_.observe(seen); };
    if (pipeline.origin() != nullptr) {
      if (pipeline.observed()) {
        observers_.emplace(pipeline);
        callbacks_.observed_elsewhere(observers_->wanted());
        tell = [this](const CallbackRun::Seen& seen) { forked_->tell(seen); };
      }
      forked_.emplace(*pipeline.origin()->session.isolate, threads, observers_ ? &*observers_ : nullptr,
                      pipeline.plan().stages().size());
    }
    if (callbacks_.any() || tell) solvers_.front()->watch(callbacks_, std::move(tell));
    for (const auto& other : study_.others) {
      add(*other, none_, {});
      guards_of_others_.emplace_back(other->plan(), pipeline.rows(), other->clauses().callbacks, CallbackRun::Which::guards);
      if (guards_of_others_.back().any()) solvers_.back()->watch(guards_of_others_.back(), {});
    }
  }

  RunSummary summary;

  void finish() {
    for (const auto& solver : solvers_) solver->check_callbacks();
    callbacks_.end();
    if (observers_) observers_->end();
    for (const auto& solver : solvers_) summary.amended += solver->amended();
    summary.stopped = stop_reason();
    summary.interrupted = summary.stopped.empty() && do_cancelled();
    if (summary.amended > 0)
      do_note("guards amended inputs of " + std::to_string(summary.amended) + " of " + std::to_string(summary.rows) +
              " rows: their outputs are those of the amended inputs, and inputs in the table are what the study asked for");
    if (table_) summary.outcome = table_->outcome();
    const auto& constraints = pipeline_.clauses().constraints;
    for (std::size_t c = 0; c < constraints.size(); ++c) {
      summary.rejected.emplace_back(constraints[c].condition.text(), solvers_.front()->rejected(c));
      summary.skipped -= std::min(summary.skipped, summary.rejected.back().second);
    }
  }

 private:
  void add(const Pipeline& pipeline, const std::deque<Expression>& derived, std::span<const PortInfo> ports) {
    solvers_.push_back(std::make_unique<StudySolver>(pipeline, derived, ports));
    bases_.push_back(pipeline.base());
  }
  const Solver& do_pipeline(std::size_t i) const override { return *solvers_.at(i); }
  std::size_t do_pipelines() const override { return solvers_.size(); }
  std::span<const Cell> do_base(std::size_t i) const override { return bases_.at(i); }
  const Space& do_space() const override { return space_; }
  Table& do_table(std::span<const PortInfo> columns) override {
    if (table_) throw Error("a study declares its table once");
    return table_.emplace(columns, sink_);
  }
  std::string_view do_describe(const PortInfo& port, const Cell& cell) override {
    return described_.emplace_back(
        value_text({std::string(port.name), &port, cell, object_name(pipeline_.environment().zoo(), port, cell)}));
  }
  void do_note(std::string_view text) override {
    summary.notes.emplace_back(text);
    sink_.note(text);
  }
  void do_progress(double done) override { sink_.progress(done); }
  bool do_cancelled() const noexcept override {
    return (interrupt_ != nullptr && *interrupt_) || pipeline_.budget().late() || !stop_reason().empty();
  }
  /// Why a guard wants the study to end, or empty.
  [[nodiscard]] std::string stop_reason() const {
    for (const auto& solver : solvers_)
      if (std::string reason = solver->stop_reason(); !reason.empty()) return reason;
    return {};
  }
  std::uint64_t do_seed() const noexcept override { return study_.seed; }

  void do_evaluate(const Block& block, std::size_t i) override {
    const StudySolver& solver = *solvers_.at(i);
    if (const std::string reason = stop_reason(); !reason.empty()) {
      for (std::size_t r = 0; r < block.rows(); ++r)
        if (has_outputs(block.status[r])) reject_row(block, r, RowStatus::skipped, {}, reason);
    } else if (forked_) {
      forked_->evaluate(solver, block, i == 0);
    } else if (threads_ == 1 || callbacks_.observed() || block.rows() <= 2 * Plan::block_rows) {
      solver.evaluate(block);
    } else {
      evaluate_parallel(solver, block);
    }
    solver.check_callbacks();
    count(block.status);
  }
  SiftedDesigns do_sift(std::uint64_t first, std::span<std::uint64_t> left) override {
    sifted_.clear();
    if (callbacks_.any() || forked_) {
      std::iota(left.begin(), left.end(), first);
      return {left.size(), sifted_};
    }
    if (!tables_) {
      tables_.emplace(pipeline_);
      for (std::size_t t = 0; t < tables_->size(); ++t)
        reasons_.push_back(pipeline_.clauses().constraints[tables_->constraint(t)].reason());
    }
    std::vector<std::uint64_t> rejected(tables_->size());
    const std::size_t kept = tables_->sift(first, left, rejected);
    summary.rows += left.size() - kept;
    summary.skipped += left.size() - kept;
    for (std::size_t t = 0; t < rejected.size(); ++t) {
      if (rejected[t] == 0) continue;
      solvers_.front()->add_rejected(tables_->constraint(t), rejected[t]);
      sifted_.push_back({reasons_[t], rejected[t]});
    }
    return {kept, sifted_};
  }
  void evaluate_parallel(const Solver& solver, const Block& block) {
    namespace tbb = oneapi::tbb;
    std::mutex mutex;
    const auto part = [&](const tbb::blocked_range<std::size_t>& range) {
      const std::size_t first = range.begin() * Plan::block_rows;
      const std::size_t rows = std::min(range.end() * Plan::block_rows, block.rows()) - first;
      std::vector<Column> in;
      for (const Column& c : block.in) in.push_back({c.data + first * c.stride, c.stride});
      std::vector<Cell*> out;
      for (Cell* c : block.out) out.push_back(c != nullptr ? c + first : nullptr);
      std::optional<LockedSink> errors;
      if (block.errors != nullptr) errors.emplace(first, *block.errors, mutex);
      solver.evaluate({in, out, block.status.subspan(first, rows), errors ? &*errors : nullptr});
    };
    const std::size_t blocks = (block.rows() + Plan::block_rows - 1) / Plan::block_rows;
    if (!arena_) arena_.emplace(threads_);
    arena_->execute([&] { tbb::parallel_for(tbb::blocked_range<std::size_t>(0, blocks), part); });
  }
  void count(std::span<const RowStatus> status) {
    summary.rows += status.size();
    for (const RowStatus s : status) {
      summary.ok += s == RowStatus::ok;
      summary.infeasible += s == RowStatus::infeasible;
      summary.refused += s == RowStatus::refused;
      summary.failed += s == RowStatus::failed;
      summary.skipped += s == RowStatus::skipped;
    }
  }

  const Pipeline& pipeline_;
  const StudyPlan& study_;
  StudySink& sink_;
  AxesSpace space_;
  std::size_t threads_;
  std::optional<ThreadArena> arena_;  ///< once rows need it
  const std::atomic<bool>* interrupt_;
  CallbackRun callbacks_;
  std::deque<CallbackRun> guards_of_others_;
  const std::deque<Expression> none_;
  std::vector<std::unique_ptr<StudySolver>> solvers_;
  std::vector<std::vector<Cell>> bases_;
  std::optional<ObserverProcess> observers_;  ///< of an isolated pipeline
  std::optional<ForkedRows> forked_;          ///< the same
  std::optional<ConditionTables> tables_;     ///< once a study sifts
  std::vector<std::string> reasons_;          ///< by table
  std::vector<RejectedDesigns> sifted_;
  std::optional<SinkTable> table_;
  std::deque<std::string> described_;
};

}  // namespace

StudySink::~StudySink() = default;

RunSummary run_study(const Pipeline& pipeline, StudySink& sink, const RunOptions& options) {
  if (pipeline.origin() != nullptr && !pipeline.origin()->session.isolate->opens_here)
    throw InputError("--isolate", "a study runs where its plugin is open; see with_open_plugins()");
  const StudyPlan* plan = pipeline.study();
  if (plan == nullptr) throw InputError("/study", "the config asks for no study; run() sweeps it");
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t threads = startable_threads(threads_for(pipeline, options));
  PipelineBench bench(pipeline, sink, threads, options.interrupt);
  plan->study->run(bench, *plan->options);
  bench.finish();
  if (bench.summary.interrupted) pipeline.budget().check_time();
  bench.summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  sink.finish(bench.summary);
  return bench.summary;
}

}  // namespace ironlaw::host
