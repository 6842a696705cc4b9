#include "run/forked_rows.hpp"

#include "plan/plan.hpp"
#include "process/confined_task.hpp"
#include "run/dying_words.hpp"
#include "run/stage_error_bytes.hpp"

#include <ironlaw/maybe.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <thread>

namespace ironlaw::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_told = std::size_t{4} << 20;
constexpr std::size_t longest_error = 2000;
constexpr std::size_t shortened_error = 100;  ///< of many that observers are told of

/// What a process tells beside the columns. The text is rejected rows by constraint, what guards did, what observers are told,
/// then errors.
struct Told {
  std::uint64_t bytes = 0;
  bool done = false;
  std::array<char, 1024> work{};  ///< whose code ran when it died
};

/// Keeps the errors of a piece as bytes.
class WrittenErrors final : public ErrorSink {
 public:
  void row(std::size_t row, RowStatus status, std::string_view port, std::string_view what) noexcept override {
    if (text.size() > most_told / 2 - 3 * longest_error) return;  // the row's status says that it has none
    put(text, static_cast<std::uint64_t>(row));
    put(text, status);
    put(text, port.substr(0, longest_error));
    put(text, what.substr(0, longest_error));
  }
  std::string text;
};

struct PieceError {
  std::uint64_t row;  ///< of the piece
  RowStatus status;
  std::string port;
  std::string what;
};
struct PieceOutcome {
  std::vector<std::uint64_t> rejected;  ///< by constraint
  std::uint64_t amended = 0;
  std::string stop;
  std::vector<double> seconds;           ///< by stage; for observers
  std::vector<StageError> stage_errors;  ///< the same
  std::vector<PieceError> errors;
};

/// Throws Error where the bytes are none. `stages` that observers are told of.
PieceOutcome read_outcome(std::string_view bytes, std::size_t constraints, std::size_t stages, std::size_t rows) {
  PieceOutcome outcome;
  for (std::size_t c = 0; c < constraints; ++c) outcome.rejected.push_back(take<std::uint64_t>(bytes));
  outcome.amended = take<std::uint64_t>(bytes);
  outcome.stop = take_text(bytes);
  if (stages > 0) {
    take_all(bytes, outcome.seconds, stages);
    outcome.stage_errors = take_stage_errors(bytes);
    for (const StageError& error : outcome.stage_errors)
      if (error.row >= rows) throw Error("no error of a row");
  }
  while (!bytes.empty()) {
    const auto row = take<std::uint64_t>(bytes);
    const auto status = take<RowStatus>(bytes);
    std::string port = take_text(bytes);
    std::string what = take_text(bytes);
    if (row >= rows || status > RowStatus::skipped) throw Error("no error of a row");
    outcome.errors.push_back({row, status, std::move(port), std::move(what)});
  }
  return outcome;
}

std::vector<std::uint64_t> rejected_of(const StudySolver& solver) {
  std::vector<std::uint64_t> counts;
  for (std::size_t c = 0; c < solver.constraints(); ++c) counts.push_back(solver.rejected(c));
  return counts;
}

}  // namespace

struct ForkedRows::Process {
  SharedMemory memory{sizeof(Told) + most_told};
  pid_t process = -1;  ///< none where negative
  Piece piece{};
  Clock::time_point begin;

  [[nodiscard]] Told& told() const { return *std::launder(reinterpret_cast<Told*>(memory.data())); }
  [[nodiscard]] char* text() const { return reinterpret_cast<char*>(memory.data() + sizeof(Told)); }
};

/// What processes leave for observers: of each of a slice's blocks, as large as one thread would tell them of.
struct ForkedRows::Observation {
  Observation(std::span<const ResultColumn> columns, std::size_t count, std::size_t plan_stages)
      : stages(plan_stages), copy(columns, 0, 0), seconds(count), errors(count) {
    for (std::size_t b = 0; b < count; ++b) blocks.emplace_back(columns, 0);
  }
  void clear() {
    for (auto& block : seconds) block.assign(stages, 0);
    for (auto& block : errors) block.clear();
  }
  std::size_t stages;
  std::deque<SharedBlock> blocks;
  BlockCopy copy;
  std::vector<std::vector<double>> seconds;     ///< by block and stage
  std::vector<std::vector<StageError>> errors;  ///< by block
  std::size_t place = 0;                        ///< in the slice, of the piece of a process that evaluates one
  std::string text;                             ///< what that process tells of it
};

/// A slice of a block that is evaluated, and what its processes write.
struct ForkedRows::Task {
  Task(const StudySolver& s, const Block& b, std::size_t slice_first, std::size_t slice_rows, Observation* o)
      : solver(s),
        block(b),
        first(slice_first),
        rows(slice_rows),
        observation(o),
        memory(std::max<std::size_t>(1, rows) * (b.out.size() * sizeof(Cell) + sizeof(RowStatus))) {}
  [[nodiscard]] Cell* column(std::size_t c) const { return reinterpret_cast<Cell*>(memory.data()) + c * rows; }
  [[nodiscard]] RowStatus* status() const { return reinterpret_cast<RowStatus*>(column(block.out.size())); }
  [[nodiscard]] std::size_t stages() const { return observation != nullptr ? observation->stages : 0; }
  const StudySolver& solver;
  const Block& block;
  const std::size_t first;
  const std::size_t rows;
  Observation* const observation;  ///< null where nobody observes
  SharedMemory memory;
};

ForkedRows::ForkedRows(const IsolationOptions& options, std::size_t processes, ObserverProcess* observers, std::size_t stages)
    : options_(options),
      too_slow_("took longer than " + format_quantity(options.row_timeout, dimension_of<Time>(), "s") + " (--row-timeout)"),
      processes_(processes),
      most_rows_(Plan::block_rows),
      observers_(observers) {
  if (observers != nullptr) observation_ = std::make_unique<Observation>(observers->columns(), processes, stages);
}

ForkedRows::~ForkedRows() {
  for (Process& process : processes_)
    if (process.process > 0) (void)end_process(process.process);
}

void ForkedRows::evaluate(const StudySolver& solver, const Block& block, bool observed) {
  Observation* const observation = observed ? observation_.get() : nullptr;
  const std::size_t most = observation != nullptr ? observation->blocks.size() * Plan::block_rows : block.rows();
  for (std::size_t first = 0; first < block.rows(); first += most) {
    const Task task(solver, block, first, std::min(most, block.rows() - first), observation);
    if (observation != nullptr) observation->clear();
    evaluate(task);
    if (observation != nullptr) tell_observers(task);
  }
}

/// No piece is in two blocks as observers are told of them.
void ForkedRows::share_out(const Task& task) {
  const std::size_t share = std::max<std::size_t>(1, (task.rows + processes_.size() - 1) / processes_.size());
  const std::size_t most = std::min(share, most_rows_);
  for (std::size_t block = 0; block < task.rows; block += Plan::block_rows) {
    const std::size_t end = std::min(block + Plan::block_rows, task.rows);
    for (std::size_t first = block; first < end; first += most)
      waiting_.push_back({task.first + first, std::min(most, end - first)});
  }
}

void ForkedRows::evaluate(const Task& task) {
  share_out(task);
  for (auto pause = std::chrono::microseconds(50);;) {
    bool works = false;
    bool moved = false;
    for (Process& process : processes_) {
      if (process.process < 0 && !waiting_.empty()) start(task, process);
      if (process.process < 0) continue;
      works = true;
      int status = 0;
      const double seconds = std::chrono::duration<double>(Clock::now() - process.begin).count();
      if (waitpid(process.process, &status, WNOHANG) == process.process) {
        finish(task, process, status);
        moved = true;
      } else if (seconds > options_.row_timeout) {
        (void)end_process(process.process);
        lost(task, process, too_slow_);
        moved = true;
      }
    }
    if (!works && waiting_.empty()) return;
    pause = moved ? std::chrono::microseconds(50) : std::min(2 * pause, std::chrono::microseconds(1000));
    if (!moved) std::this_thread::sleep_for(pause);
  }
}

void ForkedRows::tell(const CallbackRun::Seen& seen) {
  std::vector<Column> told;
  for (const ResultColumn& column : observers_->columns())
    told.push_back(column.from == ResultColumn::From::output ? seen.out[column.index] : seen.used[column.index]);
  std::vector<double> seconds(seen.seconds.begin(), seen.seconds.end());
  std::vector<StageError> errors(seen.errors.begin(), seen.errors.end());
  if (!is_child_)  // a study that evaluated rows by itself
    return observers_->observe({seen.first, seen.status, told, std::move(seconds), std::move(errors), seen.in});
  Observation& o = *observation_;
  const SharedBlock& to = o.blocks[o.place / Plan::block_rows];
  const std::size_t offset = o.place % Plan::block_rows;
  for (std::size_t c = 0; c < told.size(); ++c) to.write(c, told[c], offset, seen.status.size());
  std::copy(seen.status.begin(), seen.status.end(), to.status() + offset);
  std::fill_n(to.rejected() + offset, seen.status.size(), std::uint16_t{0});
  for (StageError& error : errors) error.row -= seen.first;
  const auto write = [&](std::size_t longest) {
    o.text.clear();
    put(o.text, seconds);
    put_stage_errors(o.text, errors, longest);
  };
  write(longest_error);
  if (o.text.size() > most_told / 4) write(shortened_error);
}

void ForkedRows::tell_observers(const Task& task) {
  Observation& o = *task.observation;
  for (std::size_t block = 0; block * Plan::block_rows < task.rows; ++block) {
    const std::size_t first = task.first + block * Plan::block_rows;
    const std::size_t rows = std::min(Plan::block_rows, task.first + task.rows - first);
    const std::uint64_t number = task.solver.observed();
    for (const std::size_t row : o.copy.take(o.blocks[block], rows))
      o.errors[block].push_back({number + row, RowStatus::failed, {}, BlockCopy::overwritten});
    std::vector<Column> in;
    for (const Column& c : task.block.in) in.push_back({c.data + first * c.stride, c.stride});
    observers_->observe(
        {number, o.copy.status(rows), o.copy.columns(), std::move(o.seconds[block]), std::move(o.errors[block]), in});
    task.solver.add_observed(rows);
  }
}

void ForkedRows::start(const Task& task, Process& process) {
  process.piece = waiting_.front();
  waiting_.pop_front();
  process.begin = Clock::now();
  new (process.memory.data()) Told;
  std::cout.flush();
  std::fflush(nullptr);
  const pid_t parent = getpid();
  process.process = fork();
  if (process.process < 0) throw Error(std::string("no process for rows: ") + std::strerror(errno));
  if (process.process > 0) return;
  confine_process(parent, -1, {.memory = options_.row_memory});
  limit_processor_time(options_.row_timeout * static_cast<double>(process.piece.rows));
  keep_dying_words(process.told().work);
  const auto [first, rows] = process.piece;
  const std::size_t place = first - task.first;
  const pid_t own = getpid();
  is_child_ = true;
  if (task.observation != nullptr) task.observation->place = place;
  try {
    std::vector<Column> in;
    for (const Column& c : task.block.in) in.push_back({c.data + first * c.stride, c.stride});
    std::vector<Cell*> out;
    for (std::size_t c = 0; c < task.block.out.size(); ++c)
      out.push_back(task.block.out[c] != nullptr ? task.column(c) + place : nullptr);
    const auto status = std::span(task.status() + place, rows);
    std::copy_n(task.block.status.begin() + static_cast<std::ptrdiff_t>(first), rows, status.begin());
    const auto before = rejected_of(task.solver);
    const std::uint64_t amended_before = task.solver.amended();
    WrittenErrors errors;
    task.solver.evaluate({in, out, status, &errors});
    if (getpid() != own) _exit(0);  // a plugin forked, and this is not the process that was asked
    std::string text;
    const auto after = rejected_of(task.solver);
    for (std::size_t c = 0; c < after.size(); ++c) put(text, after[c] - before[c]);
    put(text, task.solver.amended() - amended_before);
    put(text, std::string_view(task.solver.stop_reason()).substr(0, longest_error));
    if (task.observation != nullptr) text += task.observation->text;
    text += errors.text;
    std::memcpy(process.text(), text.data(), std::min(text.size(), most_told));
    process.told().bytes = text.size();
    process.told().done = true;
  } catch (const std::exception& e) {
    std::cerr << "ironlaw: worker: " + std::string(e.what()) + "\n";  // one write
    _exit(1);
  }
  _exit(0);
}

/// What lies in memory that a process wrote may be anything.
bool ForkedRows::can_be(const Task& task, std::size_t place, std::size_t rows) {
  for (std::size_t r = place; r < place + rows; ++r) {
    if (task.status()[r] > RowStatus::skipped) return false;
    for (std::size_t c = 0; c < task.block.out.size(); ++c)
      if (task.block.out[c] != nullptr && !can_be_of(task.solver.outputs()[c], task.column(c)[r])) return false;
  }
  return true;
}

void ForkedRows::finish(const Task& task, Process& process, int status) {
  const Told told = process.told();
  const bool whole = told.done && told.bytes <= most_told && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!whole) {
    const std::string whose(told.work.data(), strnlen(told.work.data(), told.work.size()));
    return lost(task, process, whose.empty() ? end_of(status) : whose + " " + end_of(status));
  }
  const auto [first, rows] = process.piece;
  const std::size_t place = first - task.first;
  const auto statuses = std::span(task.status() + place, rows);
  PieceOutcome outcome;
  try {
    outcome =
        read_outcome({process.text(), static_cast<std::size_t>(told.bytes)}, task.solver.constraints(), task.stages(), rows);
    if (!can_be(task, place, rows)) throw Error("no values of a row");
  } catch (const Error&) {
    return lost(task, process, BlockCopy::overwritten);
  }
  process.process = -1;
  for (std::size_t c = 0; c < task.block.out.size(); ++c)
    if (task.block.out[c] != nullptr) std::copy_n(task.column(c) + place, rows, task.block.out[c] + first);
  std::copy(statuses.begin(), statuses.end(), task.block.status.begin() + static_cast<std::ptrdiff_t>(first));
  for (std::size_t c = 0; c < outcome.rejected.size(); ++c) task.solver.add_rejected(c, outcome.rejected[c]);
  task.solver.add_guarded(outcome.amended, outcome.stop);
  if (task.block.errors != nullptr)
    for (const auto& error : outcome.errors) task.block.errors->row(first + error.row, error.status, error.port, error.what);
  if (task.observation != nullptr) {
    const std::size_t of = place / Plan::block_rows;
    for (std::size_t s = 0; s < outcome.seconds.size(); ++s) task.observation->seconds[of][s] += outcome.seconds[s];
    for (StageError& error : outcome.stage_errors) {
      error.row += task.solver.observed() + place;
      task.observation->errors[of].push_back(std::move(error));
    }
  }
  const double a_row = std::chrono::duration<double>(Clock::now() - process.begin).count() / static_cast<double>(rows);
  most_rows_ = static_cast<std::size_t>(std::clamp<double>(options_.row_timeout / 4 / a_row, 1, Plan::block_rows));
}

void ForkedRows::lost(const Task& task, Process& process, const std::string& reason) {
  process.process = -1;
  const auto [first, rows] = process.piece;
  if (rows > 1) {
    waiting_.push_front({first + rows / 2, rows - rows / 2});
    waiting_.push_front({first, rows / 2});
    return;
  }
  for (Cell* column : task.block.out)
    if (column != nullptr) column[first].number = absent_value;
  reject_row(task.block, first, RowStatus::failed, {}, reason);
  if (task.observation == nullptr) return;
  const std::size_t place = first - task.first;
  const SharedBlock& block = task.observation->blocks[place / Plan::block_rows];
  for (std::size_t c = 0; c < observers_->columns().size(); ++c) block.column(c)[place % Plan::block_rows].number = absent_value;
  block.status()[place % Plan::block_rows] = RowStatus::failed;
  block.rejected()[place % Plan::block_rows] = 0;
  task.observation->errors[place / Plan::block_rows].push_back({task.solver.observed() + place, RowStatus::failed, {}, reason});
}

}  // namespace ironlaw::host
