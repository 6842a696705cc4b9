#pragma once
// The process that opens the plugins of an isolated run, once, and that every worker is forked off.
#include "files/descriptor.hpp"
#include "run/worker.hpp"

#include <optional>

namespace ironlaw::host {

class Zygote {
 public:
  /// Forks it, and waits until it has compiled the pipeline. Throws InputError or PluginError as compiling there does, and
  /// PluginError where the process does not live to tell. `blocks`, with these columns, and `reports` are the workers' to write;
  /// `observed`: outputs that observers want, null where there are none.
  Zygote(const Pipeline& pipeline, std::span<const ResultColumn> columns, const std::vector<std::size_t>* observed,
         const std::deque<SharedBlock>& blocks, const std::deque<SharedReport>& reports);
  Zygote(const Zygote&) = delete;
  Zygote& operator=(const Zygote&) = delete;
  /// Kills it, and its workers die with it.
  ~Zygote();

  /// Forks a worker that tells in reports[report] and gets its pieces over `socket`. Throws PluginError where that fails.
  [[nodiscard]] pid_t fork_worker(std::size_t report, int socket);
  /// Ends a worker, and says how it ended: the status that waitpid gave. One that hung up is given a moment to end by itself.
  [[nodiscard]] int end_worker(pid_t worker, bool hung_up);

 private:
  struct Request;
  struct Page;
  [[noreturn]] void serve(const Pipeline& declared, std::span<const ResultColumn> columns,
                          const std::vector<std::size_t>* observed, const std::deque<SharedBlock>& blocks,
                          const std::deque<SharedReport>& reports, int socket, pid_t parent);
  std::int64_t ask(const Request& request, int descriptor);
  void wait_for_answer(std::uint32_t number, double most_seconds);
  [[noreturn]] void lost(const std::string& how);
  [[nodiscard]] Page& page() const;

  SharedMemory memory_;
  int socket_ = -1;
  pid_t process_ = -1;
  std::uint32_t asked_ = 0;
};

/// One worker, seen from the run.
class WorkerProcess {
 public:
  WorkerProcess(Zygote& zygote, const Pipeline& pipeline, const SharedReport& report, std::size_t number);
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Kills it.
  ~WorkerProcess();

  void start(const Piece& piece);
  /// Of the piece that was started; nothing where the process ended instead, or sent what is no report.
  [[nodiscard]] std::optional<PieceReport> report();
  [[nodiscard]] int descriptor() const { return socket_.number(); }
  /// Ends it, if need be, and says how it ended: "crashed (Segmentation fault)".
  [[nodiscard]] std::string end();
  /// The stage that it was in, or empty.
  [[nodiscard]] std::string stage() const;

 private:
  Zygote& zygote_;
  const Pipeline& pipeline_;
  const SharedReport& report_;
  Descriptor socket_;
  pid_t process_ = -1;
  std::uint64_t first_ = 0;  ///< of the piece under way
  bool babbled_ = false;     ///< sent what is no report
  bool hung_up_ = false;
};

}  // namespace ironlaw::host
