#pragma once
// Rows of a study, evaluated in processes that are forked for a piece of a block each.
#include "process/shared_memory.hpp"
#include "run/study_solver.hpp"

#include <ironlaw/host/session.hpp>

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <optional>

namespace ironlaw::host {

/// Evaluates blocks in confined processes, so that a plugin that crashes or hangs costs the rows that made it so: a piece whose
/// process died is halved until one row is left, which fails with the reason. The plugins are open in this process, which must
/// have one thread.
class ForkedRows {
 public:
  ForkedRows(const IsolationOptions& options, std::size_t processes);
  ForkedRows(const ForkedRows&) = delete;
  ForkedRows& operator=(const ForkedRows&) = delete;
  ~ForkedRows();
  void evaluate(const StudySolver& solver, const Block& block);

 private:
  struct Piece {
    std::size_t first;
    std::size_t rows;
  };
  struct Process;
  struct Task;
  void start(const Task& task, Process& process);
  void finish(const Task& task, Process& process, int status);
  void lost(const Task& task, Process& process, const std::string& reason);

  const IsolationOptions options_;
  const std::string too_slow_;
  std::deque<Process> processes_;
  std::deque<Piece> waiting_;
  std::size_t most_rows_;  ///< of a piece, so that a slow solver does not look like one that hangs
};

}  // namespace ironlaw::host
