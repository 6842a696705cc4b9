#include <ironlaw/host/run.hpp>

#include "config/budget.hpp"
#include "plan/spares.hpp"
#include "run/block_runner.hpp"
#include "run/collector.hpp"
#include "run/isolation.hpp"
#include "run/program_solvers.hpp"
#include "run/rank_run.hpp"
#include "run/startable_threads.hpp"
#include "run/thread_arena.hpp"

#include <ironlaw/error.hpp>

#include <oneapi/tbb/parallel_pipeline.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>

namespace ironlaw::host {
namespace {

/// Runners that wait for a block; one is made for each block under way and no more.
class Runners {
 public:
  Runners(const Pipeline& pipeline, CallbackRun& callbacks, const StageTables* tables)
      : pipeline_(pipeline), callbacks_(callbacks), tables_(tables) {}
  std::unique_ptr<BlockRunner> take() {
    auto runner = free_.take();
    return runner ? std::move(runner) : std::make_unique<BlockRunner>(pipeline_, callbacks_, tables_);
  }
  void give(std::unique_ptr<BlockRunner> runner) { free_.give(std::move(runner)); }

 private:
  const Pipeline& pipeline_;
  CallbackRun& callbacks_;
  const StageTables* tables_;
  Spares<BlockRunner> free_;
};

std::size_t rows_of_block(std::uint64_t first, std::uint64_t end) {
  return end - first < Plan::block_rows ? static_cast<std::size_t>(end - first) : Plan::block_rows;
}

/// Walls are counted in this process, of blocks that are here; observers are told of ranks' rows nowhere.
void refuse_observers(const Pipeline& pipeline, const RunOptions& options) {
  const bool isolated = pipeline.origin() != nullptr;
  if (isolated && pipeline.clauses().walls)
    throw InputError("--isolate", "the walls of rows of other processes are not counted; leave \"walls\" out of the report");
  if (options.ranks == nullptr) return;
  for (const CallbackSpec& spec : pipeline.clauses().callbacks)
    if (spec.observer != nullptr)
      throw InputError("--shard mpi",
                       "the observer '" + spec.name + "' cannot see rows of other processes; leave it out of \"callbacks\"");
}

/// Guards of isolated rows are where the rows are.
const CallbackSpecs& callbacks_here(const Pipeline& pipeline) {
  static const CallbackSpecs none;
  return pipeline.origin() == nullptr ? pipeline.clauses().callbacks : none;
}

/// What the ways to run share: the rows, and who is told.
class Run {
 public:
  Run(const Pipeline& pipeline, RowSink& sink, const RunOptions& options)
      : end_(std::min(options.end, pipeline.rows())),
        collector_(pipeline, sink, options),
        pipeline_(pipeline),
        options_(options),
        callbacks_(pipeline.plan(), pipeline.rows(), callbacks_here(pipeline)) {}

  RunSummary run(std::size_t threads) {
    if (!collector_.summary.stopped.empty()) {
      // a guard ended it before it was resumed
    } else if (options_.ranks != nullptr && options_.ranks->size() > 1) {
      if (options_.ranks->rank() > 0) {
        serve(*options_.ranks, pipeline_, callbacks_);
        return {};
      }
      share_out(*options_.ranks, pipeline_, collector_, end_, [this] { return interrupted(); });
    } else if (pipeline_.origin() != nullptr) {
      if (pipeline_.observed()) observers_.emplace(pipeline_);
      Isolation(pipeline_, threads, observers_ ? &*observers_ : nullptr)
          .run(
              collector_.next(), end_, [this] { return interrupted(); },
              [this](const EvaluatedBlock& block) {
                const bool goes_on = collector_.take(block);
                if (options_.progress) options_.progress(collector_.summary.rows);
                return goes_on;
              });
    } else {
      run_here(threads);
    }
    collector_.summary.interrupted = collector_.next() < end_ && collector_.summary.stopped.empty();
    collector_.finish();
    if (observers_) observers_->end();
    callbacks_.end();
    if (collector_.summary.interrupted) pipeline_.budget().check_time();
    return collector_.summary;
  }

 private:
  void run_here(std::size_t threads) {
    const std::uint64_t rows = end_ - std::min(end_, collector_.next());
    if (rows <= 4 * Plan::block_rows) threads = 1;
    threads = startable_threads(threads);
    if (!callbacks_.any() && rows > Plan::block_rows)
      tables_.emplace(pipeline_.plan(), pipeline_.axes(), wanted_outputs(pipeline_, callbacks_), threads);
    if (threads == 1) {
      run_serial();
    } else {
      run_parallel(threads);
    }
  }
  [[nodiscard]] const StageTables* tables() const { return tables_ ? &*tables_ : nullptr; }

  void run_serial() {
    BlockRunner runner(pipeline_, callbacks_, tables());
    for (std::uint64_t first = collector_.next(); first < end_ && !interrupted(); first += Plan::block_rows) {
      runner.run(first, rows_of_block(first, end_));
      if (!take(runner)) return;
    }
  }

  /// Blocks are evaluated side by side and handed to the sink in row order, so the output does not depend on the number of
  /// threads.
  void run_parallel(std::size_t threads) {
    namespace tbb = oneapi::tbb;
    ThreadArena arena(threads);
    Runners runners(pipeline_, callbacks_, tables());
    std::uint64_t next = collector_.next();
    std::atomic<bool> stopped{false};
    arena.execute([&] {
      tbb::parallel_pipeline(
          2 * threads, tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) {
                         if (next >= end_ || stopped || interrupted()) control.stop();
                         const std::uint64_t first = next;
                         next += Plan::block_rows;
                         return first;
                       }) & tbb::make_filter<std::uint64_t, BlockRunner*>(tbb::filter_mode::parallel, [&](std::uint64_t first) {
                         auto runner = runners.take();
                         runner->run(first, rows_of_block(first, end_));
                         return runner.release();
                       }) & tbb::make_filter<BlockRunner*, void>(tbb::filter_mode::serial_in_order, [&](BlockRunner* evaluated) {
                         std::unique_ptr<BlockRunner> runner(evaluated);
                         if (!take(*runner)) stopped = true;
                         runners.give(std::move(runner));
                       }));
    });
  }

  bool take(BlockRunner& block) {
    if (!collector_.summary.stopped.empty()) return false;
    if (callbacks_.observed()) block.observe();
    const bool goes_on = collector_.take({block.rows(), block.rejected(), block.goals(), block.stop_reason(), block.walls()});
    if (options_.progress) options_.progress(collector_.summary.rows);
    return goes_on;
  }
  [[nodiscard]] bool interrupted() const {
    return (options_.interrupt != nullptr && *options_.interrupt) || pipeline_.budget().late();
  }

  const std::uint64_t end_;
  Collector collector_;
  const Pipeline& pipeline_;
  const RunOptions& options_;
  CallbackRun callbacks_;
  std::optional<ObserverProcess> observers_;  ///< of rows that are isolated
  std::optional<const StageTables> tables_;
};

/// Of a study, whose axes may be continuous.
void refuse_ranges(const Pipeline& pipeline) {
  for (const Axis& axis : pipeline.axes())
    if (axis.distribution)
      throw InputError("", std::string(pipeline.solver().inputs()[axis.inputs.front()].name) +
                               " has a range without \"steps\", which only its study can walk; give steps");
}

}  // namespace

RowSink::~RowSink() = default;

int RunSummary::exit_status() const {
  if (outcome) {
    switch (*outcome) {
      case RowStatus::ok:
        return 0;
      case RowStatus::infeasible:
        return 2;
      case RowStatus::failed:
        return 4;
      default:
        return 1;
    }
  }
  if (ok > 0 || rows == 0) return 0;
  if (refused + skipped > 0) return 1;
  if (failed > 0) return 4;
  return infeasible > 0 ? 2 : 3;
}

RunSummary run(const Pipeline& pipeline, RowSink& sink, const RunOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t threads = threads_for(pipeline, options);
  refuse_observers(pipeline, options);
  refuse_ranges(pipeline);
  auto summary = Run(pipeline, sink, options).run(threads);
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace ironlaw::host
