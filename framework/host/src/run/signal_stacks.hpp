#pragma once
#include "value/kept_by_thread.hpp"

#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <array>
#include <csignal>
#include <new>

namespace ironlaw::host {

/// Gives each thread that works in an arena a stack for signal handlers: a plugin that uses up the thread's own stack leaves a
/// handler of the program no other place to say so.
class SignalStacks final : public oneapi::tbb::task_scheduler_observer {
 public:
  /// The arena is initialised: made by observe(), where memory runs out, it would leave an observer half made, which crashes at
  /// its end.
  explicit SignalStacks(oneapi::tbb::task_arena& arena) : task_scheduler_observer(arena) { observe(true); }
  SignalStacks(const SignalStacks&) = delete;
  SignalStacks& operator=(const SignalStacks&) = delete;
  ~SignalStacks() override { observe(false); }

  void on_scheduler_entry(bool) override {
    stack_t now{};
    if (sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
    try {
      static const KeptByThread<Bytes> kept;
      Bytes& own = kept.mine();
      const stack_t stack{own.data(), 0, own.size()};
      sigaltstack(&stack, nullptr);
    } catch (const std::bad_alloc&) {  // the library of threads takes no exception; rows are answered without
    }
  }

 private:
  using Bytes = std::array<char, 1 << 16>;
};

}  // namespace ironlaw::host
