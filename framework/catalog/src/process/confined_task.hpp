#pragma once
#include "process/confinement.hpp"

#include <ironlaw/export.hpp>

#include <atomic>
#include <functional>
#include <string>

namespace ironlaw::host {

/// How a task in a process of its own went.
struct TaskEnd {
  bool done = false;  ///< it handed its bytes back, whole
  std::string bytes{};
  bool thrown = false;    ///< not done, since the task threw: the failure is its message
  std::string failure{};  ///< where not done: "crashed (Segmentation fault)", "took longer than 5 s"
};

/// What a process died of, by the status that waitpid gave: "crashed (Segmentation fault)", "ended the process (exit status 3)".
[[nodiscard]] IRONLAW_API std::string end_of(int status);

/// Waits for the end of a child; false where it takes longer, or as soon as `interrupt` is true.
[[nodiscard]] IRONLAW_API bool wait_for_end(pid_t child, double most_seconds, int& status,
                                            const std::atomic<bool>* interrupt = nullptr);

/// How long a task may take, and how much it may say.
struct TaskLimits {
  double seconds = 0;
  std::size_t bytes = std::size_t{64} << 20;
  const std::atomic<bool>* interrupt = nullptr;  ///< ends it where true
};

/// Runs a task in a confined process, and hands back the bytes that it makes. They come over memory, not over a descriptor, so
/// that whatever a plugin writes is none of them. A task that throws is not done.
[[nodiscard]] IRONLAW_API TaskEnd run_confined(const std::function<std::string()>& task, const TaskLimits& limits,
                                               const Confinement& confinement = {});

}  // namespace ironlaw::host
