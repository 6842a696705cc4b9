#include "run/worker_process.hpp"

#include "run/block_runner.hpp"
#include "run/bytes.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

namespace ironlaw::host {
namespace {

constexpr std::size_t rows_a_block = Plan::block_rows;
constexpr std::size_t most_growth = std::size_t{512} << 20;  ///< of a worker whose plugin leaks, before another takes its place

[[noreturn]] void fail(const char* what) { throw Error(std::string(what) + ": " + std::strerror(errno)); }

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_all(int from, char* to, std::size_t n) {
  while (n > 0) {
    const ssize_t got = ::recv(from, to, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    n -= static_cast<std::size_t>(got);
  }
  return true;
}

std::size_t resident_bytes() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

void copy_out(const BlockRunner& runner, const Piece& piece, const SharedBlock& to) {
  const ResultRows rows = runner.rows();
  for (std::size_t c = 0; c < rows.columns.size(); ++c)
    for (std::size_t r = 0; r < piece.rows; ++r) to.column(c)[piece.offset + r] = rows.columns[c][r];
  for (std::size_t g = 0; g < runner.goals().size(); ++g)
    std::copy_n(runner.goals()[g].begin(), piece.rows, to.goal(g) + piece.offset);
  std::copy_n(rows.status.begin(), piece.rows, to.status() + piece.offset);
  std::copy_n(runner.rejected().begin(), piece.rows, to.rejected() + piece.offset);
}

std::string report_of(const BlockRunner& runner, bool retires) {
  std::string report;
  put(report, retires);
  put(report, std::string_view(runner.stop_reason()));
  const auto& errors = *runner.rows().errors;
  put(report, static_cast<std::uint64_t>(errors.size()));
  for (const auto& [row, line] : errors) {
    put(report, row);
    put(report, std::string_view(line));
  }
  return report;
}

/// The life of a worker. What a plugin prints goes to standard error; Ctrl-C is the parent's to handle.
[[noreturn]] void work(const Pipeline& pipeline, CallbackRun& callbacks, const std::deque<SharedBlock>& blocks,
                       std::atomic<std::uint32_t>& running, int descriptor, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  // Its own and the three: the run's journal, and with it the lock, end with the run.
  close_range(STDERR_FILENO + 1, static_cast<unsigned>(descriptor) - 1, 0);
  close_range(static_cast<unsigned>(descriptor) + 1, ~0U, 0);
  dup2(STDERR_FILENO, STDOUT_FILENO);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  try {
    BlockRunner runner(pipeline, callbacks);
    runner.show_stage(running);
    const std::size_t begin = resident_bytes();
    for (Piece piece{}; receive_all(descriptor, reinterpret_cast<char*>(&piece), sizeof piece);) {
      runner.run(piece.first, piece.rows);
      copy_out(runner, piece, blocks[piece.block]);
      const bool retires = resident_bytes() > begin + most_growth;
      const std::string report = report_of(runner, retires);
      std::string bytes;
      put(bytes, static_cast<std::uint64_t>(report.size()));
      if (!send_all(descriptor, bytes + report) || retires) break;
    }
  } catch (const std::exception& e) {
    std::cerr << "ironlaw: worker: " << e.what() << "\n";
    _exit(1);
  }
  _exit(0);
}

}  // namespace

SharedMemory::SharedMemory(std::size_t bytes) : bytes_(bytes) {
  void* where = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (where == MAP_FAILED) fail("no shared memory for --isolate");
  data_ = static_cast<std::byte*>(where);
}
SharedMemory::~SharedMemory() { munmap(data_, bytes_); }

SharedBlock::SharedBlock(std::size_t columns, std::size_t goals)
    : columns_(columns),
      goals_(goals),
      memory_(rows_a_block * ((columns + goals) * sizeof(Cell) + sizeof(std::uint16_t) + sizeof(RowStatus))) {}
Cell* SharedBlock::column(std::size_t c) const { return reinterpret_cast<Cell*>(memory_.data()) + c * rows_a_block; }
double* SharedBlock::goal(std::size_t g) const {
  return reinterpret_cast<double*>(memory_.data()) + (columns_ + g) * rows_a_block;
}
std::uint16_t* SharedBlock::rejected() const { return reinterpret_cast<std::uint16_t*>(goal(goals_)); }
RowStatus* SharedBlock::status() const { return reinterpret_cast<RowStatus*>(rejected() + rows_a_block); }

WorkerProcess::WorkerProcess(const Pipeline& pipeline, CallbackRun& callbacks, const std::deque<SharedBlock>& blocks)
    : pipeline_(pipeline), running_(sizeof(std::atomic<std::uint32_t>)) {
  auto* running = new (running_.data()) std::atomic<std::uint32_t>(~std::uint32_t{0});
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("no socket for --isolate");
  std::cout.flush();
  std::fflush(nullptr);  // else the child would have what is buffered too
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) fail("no process for --isolate");
  if (process_ == 0) {
    close(ends[0]);
    work(pipeline, callbacks, blocks, *running, ends[1], parent);
  }
  close(ends[1]);
  descriptor_ = ends[0];
}

WorkerProcess::~WorkerProcess() {
  if (process_ > 0) (void)end();
  close(descriptor_);
}

// Both change the worker, if not this object.
// NOLINTNEXTLINE(readability-make-member-function-const)
void WorkerProcess::start(const Piece& piece) {
  // A worker that is gone is noticed when its report is read.
  (void)send_all(descriptor_, {reinterpret_cast<const char*>(&piece), sizeof piece});
}

// NOLINTNEXTLINE(readability-make-member-function-const)
std::optional<PieceReport> WorkerProcess::report() {
  std::uint64_t size = 0;
  if (!receive_all(descriptor_, reinterpret_cast<char*>(&size), sizeof size)) return {};
  std::string bytes(size, '\0');
  if (!receive_all(descriptor_, bytes.data(), size)) return {};
  std::string_view rest = bytes;
  PieceReport report;
  report.retires = take<bool>(rest);
  report.stop = take_text(rest);
  for (auto lines = take<std::uint64_t>(rest); lines > 0; --lines) {
    const auto row = take<std::uint64_t>(rest);
    report.errors[row] = take_text(rest);
  }
  return report;
}

std::string WorkerProcess::end() {
  kill(process_, SIGKILL);  // does nothing to one that ended by itself
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  if (WIFSIGNALED(status)) return std::string("crashed (") + strsignal(WTERMSIG(status)) + ")";
  return "ended the process (exit status " + std::to_string(WEXITSTATUS(status)) + ")";
}

std::string WorkerProcess::stage() const {
  const auto stage = reinterpret_cast<const std::atomic<std::uint32_t>*>(running_.data())->load();
  const auto& stages = pipeline_.plan().stages();
  return stage < stages.size() ? stages[stage].name : std::string();
}

}  // namespace ironlaw::host
