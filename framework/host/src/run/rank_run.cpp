#include "run/rank_run.hpp"

#include "run/block_runner.hpp"
#include "run/journal.hpp"
#include "value/bytes.hpp"

#include <algorithm>
#include <deque>

namespace ironlaw::host {
namespace {

/// Rows that a rank evaluates at once; none: there are no more.
struct Chunk {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

constexpr std::uint64_t chunks_ahead = 2;  ///< of each rank, so that it need not wait for the next one

/// Gathers the rows that nothing selects.
class BatchSink final : public RowSink {
 public:
  explicit BatchSink(RowBatch& batch) : batch_(batch) {}
  void rows(const ResultRows& rows) override {
    for (std::size_t r = 0; r < rows.status.size(); ++r) batch_.add(rows, r);
  }

 private:
  RowBatch& batch_;
};

std::string bytes_of(const Chunk& chunk) {
  std::string bytes;
  put(bytes, chunk);
  return bytes;
}

/// Chunks in row order, of which no more are under way than fit into memory.
class Chunks {
 public:
  Chunks(const Pipeline& pipeline, std::uint64_t first, std::uint64_t end, std::uint64_t workers)
      : next_(first), end_(end), most_(chunks_ahead * 4 * workers) {
    const std::uint64_t blocks = (end - first) / Plan::block_rows / (16 * workers);
    rows_ = Plan::block_rows * std::clamp<std::uint64_t>(blocks, 1, pipeline.clauses().selects() ? 1024 : 32);
  }
  /// Nothing where no chunk may start yet.
  [[nodiscard]] Chunk next(std::uint64_t collected) {
    if (next_ >= end_ || next_ >= collected + most_ * rows_) return {};
    const Chunk chunk{next_, std::min(end_, next_ + rows_)};
    next_ = chunk.end;
    return chunk;
  }
  void stop() { end_ = next_; }

 private:
  std::uint64_t next_;
  std::uint64_t end_;
  std::uint64_t most_;
  std::uint64_t rows_;
};

void evaluate(const Chunk& chunk, const Pipeline& pipeline, BlockRunner& runner, std::string& bytes) {
  RowBatch rows(pipeline);
  BatchSink sink(rows);
  Collector collector(pipeline, sink, {.first = chunk.first});
  for (std::uint64_t first = chunk.first; first < chunk.end; first += Plan::block_rows) {
    runner.run(first, static_cast<std::size_t>(std::min<std::uint64_t>(Plan::block_rows, chunk.end - first)));
    if (!collector.take({runner.rows(), runner.rejected(), runner.goals(), runner.stop_reason(), runner.walls()})) break;
  }
  collector.selection().take_unrecorded(rows);
  put(bytes, Chunk{chunk.first, collector.next()});
  write_summary(collector.summary, bytes);
  rows.write(bytes);
}

}  // namespace

void serve(Ranks& ranks, const Pipeline& pipeline, CallbackRun& callbacks) {
  BlockRunner runner(pipeline, callbacks);
  for (;;) {
    const auto message = ranks.receive();
    std::string_view bytes = message.bytes;
    const auto chunk = take<Chunk>(bytes);
    if (chunk.first == chunk.end) return;
    std::string result;
    try {
      put(result, true);
      evaluate(chunk, pipeline, runner, result);
    } catch (const std::exception& e) {
      result.clear();
      put(result, false);
      put(result, std::string_view(e.what()));
    }
    ranks.send(0, result);
  }
}

void share_out(Ranks& ranks, const Pipeline& pipeline, Collector& collector, std::uint64_t end,
               const std::function<bool()>& interrupted) {
  Chunks chunks(pipeline, collector.next(), end, static_cast<std::uint64_t>(ranks.size() - 1));
  std::map<std::uint64_t, std::string> early;  ///< results that came before those of the rows before them
  std::deque<int> idle;                        ///< ranks, each as often as it may take a chunk
  for (std::uint64_t i = 0; i < chunks_ahead; ++i)
    for (int rank = 1; rank < ranks.size(); ++rank) idle.push_back(rank);
  std::uint64_t under_way = 0;
  std::string failure;
  RowBatch rows(pipeline);
  const auto hand_out = [&] {
    if (interrupted() || !collector.summary.stopped.empty() || !failure.empty()) chunks.stop();
    for (Chunk chunk; !idle.empty() && (chunk = chunks.next(collector.next())).end > 0; ++under_way, idle.pop_front())
      ranks.send(idle.front(), bytes_of(chunk));
  };
  const auto collect = [&] {
    for (auto result = early.find(collector.next()); result != early.end(); result = early.find(collector.next())) {
      std::string_view bytes = result->second;
      const auto chunk = take<Chunk>(bytes);
      const auto part = read_summary(bytes);
      rows.read(bytes);
      collector.take(part, rows, chunk.end);
      early.erase(result);
    }
  };
  for (hand_out(); under_way > 0; hand_out()) {
    const auto message = ranks.receive();
    --under_way;
    idle.push_back(message.from);
    std::string_view bytes = message.bytes;
    try {
      if (!take<bool>(bytes)) throw Error(take_text(bytes));
      std::string_view head = bytes;
      early.emplace(take<Chunk>(head).first, bytes);
      if (failure.empty() && collector.summary.stopped.empty()) collect();
    } catch (const std::exception& e) {
      failure = e.what();  // the other ranks are to end before this is thrown
    }
  }
  for (int rank = 1; rank < ranks.size(); ++rank) ranks.send(rank, bytes_of({}));
  if (!failure.empty()) throw Error(failure);
}

}  // namespace ironlaw::host
