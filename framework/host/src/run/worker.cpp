#include "run/worker.hpp"

#include "process/confinement.hpp"
#include "run/block_runner.hpp"
#include "run/stage_error_bytes.hpp"

#include <ironlaw/error.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

namespace ironlaw::host {
namespace {

constexpr std::size_t most_growth = std::size_t{512} << 20;  ///< of a worker whose plugin leaks, before another takes its place
constexpr std::size_t longest_line = 2000;                   ///< of a report that would not fit otherwise

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// The column of a block that the run shares, shown or only observed.
const Column& told_column(const BlockRunner& runner, const ResultColumn& column, std::size_t c, Column& used) {
  if (c < runner.rows().columns.size()) return runner.rows().columns[c];
  if (column.from == ResultColumn::From::output) return runner.output(column.index);
  return used = runner.used(column.index);
}

void copy_out(std::span<const ResultColumn> columns, const BlockRunner& runner, const Piece& piece, const SharedBlock& to) {
  const ResultRows rows = runner.rows();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    Column used;
    const Column& column = told_column(runner, columns[c], c, used);
    to.write(c, column, piece.offset, piece.rows);
  }
  for (std::size_t g = 0; g < runner.goals().size(); ++g)
    std::copy_n(runner.goals()[g].begin(), piece.rows, to.goal(g) + piece.offset);
  std::copy_n(rows.status.begin(), piece.rows, to.status() + piece.offset);
  std::copy_n(runner.rejected().begin(), piece.rows, to.rejected() + piece.offset);
}

std::string report_of(const BlockRunner& runner, bool retires, std::size_t longest = std::string::npos) {
  std::string report;
  put(report, retires);
  put(report, std::string_view(runner.stop_reason()).substr(0, longest));
  const auto& errors = *runner.rows().errors;
  put(report, static_cast<std::uint64_t>(errors.size()));
  for (const auto& [row, line] : errors) {
    put(report, row);
    put(report, std::string_view(line).substr(0, longest));
  }
  put_stage_errors(report, runner.stage_errors(), longest);
  for (const double seconds : runner.stage_seconds()) put(report, seconds);
  return report;
}

bool receive(Piece& piece) {
  ssize_t got = 0;
  while ((got = recv(own_descriptor, &piece, sizeof piece, 0)) < 0 && errno == EINTR) {
  }
  return got == sizeof piece;
}

}  // namespace

PieceReport read_piece_report(std::string_view bytes, std::size_t stages) {
  PieceReport report;
  report.retires = take<std::uint8_t>(bytes) != 0;
  report.stop = take_text(bytes);
  for (auto lines = take<std::uint64_t>(bytes); lines > 0; --lines) {
    const auto row = take<std::uint64_t>(bytes);
    report.errors[row] = take_line(bytes);
  }
  report.parts = take_stage_errors(bytes);
  take_all(bytes, report.seconds, stages);
  return report;
}

void work(const Pipeline& pipeline, CallbackRun& callbacks, std::span<const ResultColumn> columns,
          const std::deque<SharedBlock>& blocks, const SharedReport& report, const IsolationOptions& options, int socket,
          pid_t parent) {
  confine_process(parent, socket, {.memory = options.row_memory});
  const pid_t own = getpid();
  try {
    BlockRunner runner(pipeline, callbacks);
    runner.show_stage(report.stage());
    const std::size_t begin = resident_bytes();
    for (Piece piece{}; receive(piece);) {
      limit_processor_time(options.row_timeout * piece.rows);
      runner.run(piece.first, piece.rows);
      if (getpid() != own) break;  // a plugin forked, and this is not the worker
      copy_out(columns, runner, piece, blocks[piece.block]);
      const bool retires = resident_bytes() > begin + most_growth;
      std::string text = report_of(runner, retires);
      if (text.size() > SharedReport::most_bytes) text = report_of(runner, retires, longest_line);
      std::memcpy(report.text(), text.data(), text.size());
      const PieceDone done{.first = piece.first, .bytes = text.size()};
      if (send(own_descriptor, &done, sizeof done, MSG_NOSIGNAL) != sizeof done) _exit(hung_up_status);
      if (retires) break;
    }
  } catch (const std::exception& e) {
    std::cerr << "ironlaw: worker: " + std::string(e.what()) + "\n";  // one write
    _exit(1);
  }
  _exit(0);
}

}  // namespace ironlaw::host
