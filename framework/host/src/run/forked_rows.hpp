#pragma once
// Rows of a study, evaluated in processes that are forked for a piece of a block each.
#include "process/shared_memory.hpp"
#include "run/block_copy.hpp"
#include "run/observer_process.hpp"
#include "run/study_solver.hpp"

#include <ironlaw/host/session.hpp>

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <optional>

namespace ironlaw::host {

/// Evaluates blocks in confined processes, so that a plugin that crashes or hangs costs the rows that made it so: a piece whose
/// process died is halved until one row is left, which fails with the reason. The plugins are open in this process, which must
/// have one thread. Observers are told of the rows that come back, in the order and the blocks in which one thread would tell
/// them.
class ForkedRows {
 public:
  /// `observers` may be null; `stages`: of the plan that they see.
  ForkedRows(const IsolationOptions& options, std::size_t processes, ObserverProcess* observers, std::size_t stages);
  ForkedRows(const ForkedRows&) = delete;
  ForkedRows& operator=(const ForkedRows&) = delete;
  ~ForkedRows();
  /// `observed`: observers are told of the rows.
  void evaluate(const StudySolver& solver, const Block& block, bool observed);
  /// Where the solver says what observers are to be told: in a process that evaluates a piece it is kept for the one that asked.
  void tell(const CallbackRun::Seen& seen);

 private:
  struct Piece {
    std::size_t first;
    std::size_t rows;
  };
  struct Process;
  struct Task;
  struct Observation;
  void evaluate(const Task& task);
  void share_out(const Task& task);
  void tell_observers(const Task& task);
  [[nodiscard]] static bool can_be(const Task& task, std::size_t place, std::size_t rows);
  void start(const Task& task, Process& process);
  void finish(const Task& task, Process& process, int status);
  void lost(const Task& task, Process& process, const std::string& reason);

  const IsolationOptions options_;
  const std::string too_slow_;
  std::deque<Process> processes_;
  std::deque<Piece> waiting_;
  std::size_t most_rows_;  ///< of a piece, so that a slow solver does not look like one that hangs
  ObserverProcess* observers_;
  std::unique_ptr<Observation> observation_;  ///< where there are observers
  bool is_child_ = false;
};

}  // namespace ironlaw::host
