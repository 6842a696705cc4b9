#include "run/isolation.hpp"

#include "plan/clauses.hpp"
#include "run/block_copy.hpp"
#include "run/origin.hpp"
#include "run/row_batch.hpp"
#include "run/zygote.hpp"
#include "value/bytes.hpp"

#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <deque>

namespace ironlaw::host {
namespace {

using Clock = std::chrono::steady_clock;

/// A block under way.
struct Slot {
  bool used = false;
  std::uint64_t first = 0;
  std::size_t rows = 0;
  std::size_t missing = 0;
  std::map<std::uint64_t, std::string> errors;
  std::string stop;
  std::vector<StageError> parts{};  ///< for observers, with the seconds of the stages
  std::vector<double> seconds{};
};

/// What a block holds: what the run shows, then what observers are told.
std::vector<ResultColumn> shared_columns(const Pipeline& pipeline, const ObserverProcess* observers) {
  std::vector<ResultColumn> columns = pipeline.columns();
  if (observers != nullptr) {
    const auto observed = observers->columns();
    columns.insert(columns.end(), observed.begin(), observed.end());
  }
  return columns;
}

struct Worker {
  std::unique_ptr<WorkerProcess> process;
  std::optional<Piece> piece;
  Clock::time_point begin;
};

}  // namespace

struct Isolation::Impl {
  Impl(const Pipeline& p, std::size_t count, double seconds, ObserverProcess* o)
      : pipeline(p),
        observers(o),
        shared(shared_columns(p, o)),
        inputs(p),
        timeout(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))),
        too_slow("took longer than " + format_quantity(seconds, dimension_of<Time>(), "s") + " (--row-timeout)"),
        workers(count),
        slots(2 * count),
        copy(shared, p.clauses().goals(), p.clauses().constraints.size()) {
    for (std::size_t s = 0; s < slots.size(); ++s) blocks.emplace_back(shared, copy.goals().size());
    reports.resize(workers.size());
    zygote.emplace(pipeline, shared, observers != nullptr ? &observers->wanted() : nullptr, blocks, reports);
    for (Worker& worker : workers) renew(worker);
  }

  const Pipeline& pipeline;
  ObserverProcess* observers;
  const std::vector<ResultColumn> shared;  ///< columns of a block
  RowInputs inputs;
  const Clock::duration timeout;
  const std::string too_slow;
  std::deque<SharedBlock> blocks;    ///< by slot
  std::deque<SharedReport> reports;  ///< by worker
  std::optional<Zygote> zygote;      ///< outlives the workers
  std::vector<Worker> workers;
  std::vector<Slot> slots;  ///< the block of row f is in slot f / block_rows modulo their number
  std::deque<Piece> waiting;
  std::size_t most_rows = Plan::block_rows;  ///< of a piece, so that a slow solver does not look like one that hangs
  BlockCopy copy;                            ///< of the block that is handed over

  void renew(Worker& worker) {
    const auto number = static_cast<std::size_t>(&worker - workers.data());
    worker.process.reset();  // one at a time writes the report
    worker.process = std::make_unique<WorkerProcess>(*zygote, pipeline, reports[number], number);
  }
  Slot& slot_of(std::uint64_t first) { return slots[first / Plan::block_rows % slots.size()]; }

  void open(std::uint64_t first, std::size_t rows) {
    const std::size_t s = first / Plan::block_rows % slots.size();
    slots[s] = {true, first, rows, rows, {}, {}, {}, std::vector<double>(pipeline.plan().stages().size())};
    for (std::size_t offset = 0; offset < rows; offset += most_rows)
      waiting.push_back({s, first + offset, static_cast<std::uint32_t>(offset),
                         static_cast<std::uint32_t>(std::min(most_rows, rows - offset))});
  }

  void start_waiting() {
    for (Worker& worker : workers) {
      if (worker.piece || waiting.empty()) continue;
      worker.piece = waiting.front();
      waiting.pop_front();
      worker.begin = Clock::now();
      worker.process->start(*worker.piece);
    }
  }

  [[nodiscard]] bool busy() const {
    return std::any_of(workers.begin(), workers.end(), [](const Worker& w) { return w.piece.has_value(); });
  }

  /// Waits until a worker reports, ends or is late.
  void wait() {
    std::vector<pollfd> watched;
    auto late = Clock::time_point::max();
    for (const Worker& worker : workers) {
      watched.push_back({worker.process->descriptor(), static_cast<short>(worker.piece ? POLLIN : 0), 0});
      if (worker.piece) late = std::min(late, worker.begin + timeout);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(late - Clock::now()).count();
    poll(watched.data(), watched.size(), static_cast<int>(std::clamp<long>(left, 0, 100)));
    for (std::size_t w = 0; w < workers.size(); ++w) {
      Worker& worker = workers[w];
      if (!worker.piece) continue;
      if (watched[w].revents != 0) {
        read_report(worker);
      } else if (Clock::now() >= worker.begin + timeout) {
        (void)worker.process->end();
        lost(worker, too_slow);
      }
    }
  }

  void read_report(Worker& worker) {
    auto report = worker.process->report();
    if (!report) {
      lost(worker, worker.process->end());
      return;
    }
    const Piece piece = *worker.piece;
    worker.piece.reset();
    Slot& slot = slots[piece.block];
    slot.missing -= piece.rows;
    for (auto& [row, line] : report->errors)
      if (row - piece.first < piece.rows) slot.errors.try_emplace(row, std::move(line));
    if (slot.stop.empty()) slot.stop = std::move(report->stop);
    for (StageError& part : report->parts)
      if (part.row - piece.first < piece.rows) slot.parts.push_back(std::move(part));
    for (std::size_t s = 0; s < slot.seconds.size(); ++s) slot.seconds[s] += report->seconds[s];
    if (report->retires) renew(worker);
    const double a_row = std::chrono::duration<double>(Clock::now() - worker.begin).count() / piece.rows;
    const double fitting = std::chrono::duration<double>(timeout).count() / 4 / a_row;
    most_rows = static_cast<std::size_t>(std::clamp<double>(fitting, 1, Plan::block_rows));
  }

  /// The worker died over its piece: halves of it are tried again, a single row is given up.
  void lost(Worker& worker, const std::string& reason) {
    const Piece piece = *worker.piece;
    worker.piece.reset();
    if (piece.rows == 1) {
      slots[piece.block].parts.push_back({piece.first, RowStatus::failed, worker.process->stage(), reason});
      give_up(piece, error_line(worker.process->stage(), reason));
    } else {
      const std::uint32_t half = piece.rows / 2;
      waiting.push_front({piece.block, piece.first + half, piece.offset + half, piece.rows - half});
      waiting.push_front({piece.block, piece.first, piece.offset, half});
    }
    renew(worker);
  }

  void give_up(const Piece& piece, const std::string& line) {
    const SharedBlock& block = blocks[piece.block];
    for (std::size_t c = 0; c < shared.size(); ++c) {
      Cell& cell = block.column(c)[piece.offset];
      cell.number = absent_value;  // inputs follow from the number of the row
    }
    for (std::size_t g = 0; g < copy.goals().size(); ++g) block.goal(g)[piece.offset] = absent_value;
    block.status()[piece.offset] = RowStatus::failed;
    block.rejected()[piece.offset] = 0;
    slots[piece.block].errors[piece.first] = line;
    --slots[piece.block].missing;
  }

  void copy_in(Slot& slot) {
    for (const std::size_t row : copy.take(blocks[static_cast<std::size_t>(&slot - slots.data())], slot.rows))
      slot.errors[slot.first + row] = BlockCopy::overwritten;
    for (std::size_t c = 0; c < shared.size(); ++c)
      for (std::size_t r = 0; r < slot.rows && shared[c].from == ResultColumn::From::input; ++r)
        copy.column(c)[r] = inputs.cell(c, slot.first + r);
  }

  void tell_observers(Slot& slot) {
    const auto told = copy.columns().subspan(pipeline.columns().size());
    observers->observe({.first = slot.first,
                        .status = copy.status(slot.rows),
                        .told = told,
                        .seconds = std::move(slot.seconds),
                        .errors = std::move(slot.parts)});
  }

  bool hand_over(Slot& slot, const std::function<bool(const EvaluatedBlock&)>& take) {
    copy_in(slot);
    if (observers != nullptr) tell_observers(slot);
    slot.used = false;
    return take({{slot.first, copy.columns().first(pipeline.columns().size()), copy.status(slot.rows), &slot.errors, {}},
                 copy.rejected(slot.rows),
                 copy.goals(),
                 slot.stop});
  }
};

Isolation::Isolation(const Pipeline& pipeline, std::size_t workers, ObserverProcess* observers)
    : impl_(std::make_unique<Impl>(pipeline, workers, pipeline.origin()->session.isolate->row_timeout, observers)) {}
Isolation::~Isolation() = default;

void Isolation::run(std::uint64_t first, std::uint64_t end, const std::function<bool()>& interrupted,
                    const std::function<bool(const EvaluatedBlock&)>& take) {
  std::uint64_t opened = first;
  while (first < end) {
    for (; opened < end && !impl_->slot_of(opened).used && !interrupted(); opened += Plan::block_rows)
      impl_->open(opened, static_cast<std::size_t>(std::min<std::uint64_t>(Plan::block_rows, end - opened)));
    impl_->start_waiting();
    if (!impl_->busy()) return;
    impl_->wait();
    for (Slot* slot = &impl_->slot_of(first); first < end && slot->used && slot->missing == 0; slot = &impl_->slot_of(first)) {
      if (!impl_->hand_over(*slot, take)) return;
      first += Plan::block_rows;
    }
  }
}

}  // namespace ironlaw::host
