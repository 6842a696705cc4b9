#pragma once
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <csignal>
#include <memory>

namespace ironlaw::host {

/// Gives each thread that works in an arena a stack for signal handlers: a plugin that uses up the thread's own stack leaves a
/// handler of the program no other place to say so.
class SignalStacks final : public oneapi::tbb::task_scheduler_observer {
 public:
  explicit SignalStacks(oneapi::tbb::task_arena& arena) : task_scheduler_observer(made(arena)) { observe(true); }
  SignalStacks(const SignalStacks&) = delete;
  SignalStacks& operator=(const SignalStacks&) = delete;
  ~SignalStacks() override { observe(false); }

  void on_scheduler_entry(bool) override {
    constexpr std::size_t size = 1 << 16;
    thread_local std::unique_ptr<char[]> own;
    stack_t now{};
    if (own != nullptr || sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
    own = std::make_unique<char[]>(size);
    const stack_t stack{own.get(), 0, size};
    sigaltstack(&stack, nullptr);
  }

 private:
  /// Made by observe(), where memory runs out, it would leave an observer half made, which crashes at its end.
  static oneapi::tbb::task_arena& made(oneapi::tbb::task_arena& arena) {
    arena.initialize();
    return arena;
  }
};

}  // namespace ironlaw::host
