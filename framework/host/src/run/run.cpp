#include <ironlaw/host/run.hpp>

#include "run/selection.hpp"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <chrono>

namespace ironlaw::host {
namespace {

/// Takes blocks in row order: counts, tells observers, selects.
class Collector {
 public:
  Collector(const Pipeline& pipeline, RowSink& sink, CallbackRun& callbacks, const RunOptions& options)
      : callbacks_(callbacks), options_(options), clauses_(pipeline.clauses()), selection_(pipeline, sink, options.every_row) {
    for (const auto& c : clauses_.constraints) summary.rejected.emplace_back(c.condition.text(), 0);
  }
  RunSummary summary;

  /// False where the run is to end after this block.
  bool take(BlockRunner& block) {
    if (!summary.stopped.empty()) return false;
    count(block);
    add_tallies(block.walls(), summary.walls);
    if (callbacks_.observed()) block.observe();
    selection_.take(block);
    if (options_.progress) options_.progress(summary.rows);
    summary.stopped = block.stop_reason();
    return summary.stopped.empty();
  }
  void finish() {
    selection_.finish();
    callbacks_.end();
  }

 private:
  void count(const BlockRunner& block) {
    const auto status = block.rows().status;
    const auto rejected = block.rejected();
    summary.rows += status.size();
    for (std::size_t r = 0; r < status.size(); ++r) {
      if (rejected[r] != 0) {
        ++summary.rejected[rejected[r] - std::size_t{1}].second;
        continue;
      }
      switch (status[r]) {
        case RowStatus::ok:
          ++summary.ok;
          break;
        case RowStatus::infeasible:
          ++summary.infeasible;
          break;
        case RowStatus::refused:
          ++summary.refused;
          break;
        case RowStatus::failed:
          ++summary.failed;
          break;
        case RowStatus::skipped:
          ++summary.skipped;
          break;
      }
    }
  }
  CallbackRun& callbacks_;
  const RunOptions& options_;
  const Clauses& clauses_;
  Selection selection_;
};

/// Runners that wait for a block; one is made for each block under way and no more.
class Runners {
 public:
  Runners(const Pipeline& pipeline, CallbackRun& callbacks, const StageTables* tables)
      : pipeline_(pipeline), callbacks_(callbacks), tables_(tables) {}
  std::unique_ptr<BlockRunner> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto runner = std::move(free_.back());
        free_.pop_back();
        return runner;
      }
    }
    return std::make_unique<BlockRunner>(pipeline_, callbacks_, tables_);
  }
  void give(std::unique_ptr<BlockRunner> runner) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(runner));
  }

 private:
  const Pipeline& pipeline_;
  CallbackRun& callbacks_;
  const StageTables* tables_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<BlockRunner>> free_;
};

std::size_t rows_of_block(std::uint64_t first, std::uint64_t rows) {
  return rows - first < Plan::block_rows ? static_cast<std::size_t>(rows - first) : Plan::block_rows;
}

void run_serial(const Pipeline& pipeline, CallbackRun& callbacks, const StageTables* tables, Collector& collector) {
  BlockRunner runner(pipeline, callbacks, tables);
  const std::uint64_t rows = pipeline.rows();
  for (std::uint64_t first = 0; first < rows; first += Plan::block_rows) {
    runner.run(first, rows_of_block(first, rows));
    if (!collector.take(runner)) return;
  }
}

/// Blocks are evaluated side by side and handed to the sink in row order, so the output does not depend on the number of threads.
void run_parallel(const Pipeline& pipeline, CallbackRun& callbacks, const StageTables* tables, Collector& collector,
                  std::size_t threads) {
  namespace tbb = oneapi::tbb;
  const tbb::global_control allowed(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  const std::uint64_t rows = pipeline.rows();
  Runners runners(pipeline, callbacks, tables);
  std::uint64_t next = 0;
  std::atomic<bool> stopped{false};
  arena.execute([&] {
    tbb::parallel_pipeline(
        2 * threads, tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) {
                       if (next >= rows || stopped) control.stop();
                       const std::uint64_t first = next;
                       next += Plan::block_rows;
                       return first;
                     }) & tbb::make_filter<std::uint64_t, BlockRunner*>(tbb::filter_mode::parallel, [&](std::uint64_t first) {
                       auto runner = runners.take();
                       runner->run(first, rows_of_block(first, rows));
                       return runner.release();
                     }) & tbb::make_filter<BlockRunner*, void>(tbb::filter_mode::serial_in_order, [&](BlockRunner* evaluated) {
                       std::unique_ptr<BlockRunner> runner(evaluated);
                       if (!collector.take(*runner)) stopped = true;
                       runners.give(std::move(runner));
                     }));
  });
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
  const std::size_t threads =
      options.threads > 0 ? options.threads : static_cast<std::size_t>(oneapi::tbb::this_task_arena::max_concurrency());
  CallbackRun callbacks(pipeline.plan(), pipeline.rows(), pipeline.clauses().callbacks);
  Collector collector(pipeline, sink, callbacks, options);
  std::optional<const StageTables> tables;
  if (!callbacks.any() && pipeline.rows() > Plan::block_rows)
    tables.emplace(pipeline.plan(), pipeline.axes(), wanted_outputs(pipeline, callbacks), threads);
  if (threads == 1 || pipeline.rows() <= 4 * Plan::block_rows) {
    run_serial(pipeline, callbacks, tables ? &*tables : nullptr, collector);
  } else {
    run_parallel(pipeline, callbacks, tables ? &*tables : nullptr, collector, threads);
  }
  collector.finish();
  collector.summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return collector.summary;
}

}  // namespace ironlaw::host
