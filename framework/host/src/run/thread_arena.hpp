#pragma once
#include "run/signal_stacks.hpp"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <memory>
#include <optional>

namespace ironlaw::host {

/// Threads that rows are answered on, each with a stack for signal handlers.
class ThreadArena {
 public:
  /// \throws std::bad_alloc where memory does not suffice for it
  explicit ThreadArena(std::size_t threads)
      : allowed_(std::make_unique<oneapi::tbb::global_control>(oneapi::tbb::global_control::max_allowed_parallelism, threads)),
        arena_(static_cast<int>(threads)) {
    try {
      arena_.initialize();
    } catch (...) {
      (void)allowed_.release();  // it would wait without end for an arena that memory did not suffice for
      throw;
    }
    stacks_.emplace(arena_);
  }

  template <class Work>
  void execute(const Work& work) {
    arena_.execute(work);
  }

 private:
  std::unique_ptr<oneapi::tbb::global_control> allowed_;
  oneapi::tbb::task_arena arena_;
  std::optional<SignalStacks> stacks_;
};

}  // namespace ironlaw::host
