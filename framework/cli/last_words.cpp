#include "last_words.hpp"

#include <ironlaw/catalog/plugin_at_work.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace ironlaw::cli {
namespace {

constexpr int plugin_failed = 4;
constexpr const char* advice = "; --isolate opens plugins in processes of their own\n";

std::atomic<pid_t> watched{0};  ///< this process, not one that was forked off it
static_assert(std::atomic<pid_t>::is_always_lock_free);

bool is_watched() { return watched == static_cast<pid_t>(syscall(SYS_getpid)); }

/// Only what may be done in a signal handler.
[[noreturn]] void blame(const char* whose, const char* what) {
  for (const char* part : {"ironlaw: ", whose, ": ", what, advice})
    if (write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
  end_process(plugin_failed);
}

const char* name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "crashed (Segmentation fault)";
    case SIGBUS:
      return "crashed (Bus error)";
    case SIGILL:
      return "crashed (Illegal instruction)";
    case SIGFPE:
      return "crashed (Floating point exception)";
    default:
      return "crashed (Aborted)";
  }
}

extern "C" void blame_crash(int signal) {
  blame_plugin_at_work(name_of(signal));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// A thread that no plugin is at work on stands aside, so that the next signal comes to another one.
extern "C" void blame_endless(int signal, siginfo_t*, void* context) {
  blame_plugin_at_work("does not end, asked or late");
  sigaddset(&static_cast<ucontext_t*>(context)->uc_sigmask, signal);
  alarm(1);
}

extern "C" void blame_exit() {
  if (!is_watched()) return;
  const char* whose = host::plugin_at_work();
  blame(whose != nullptr ? whose : "a plugin", "called exit");
}

/// For commands that have nothing to finish; an Interrupt takes its place.
extern "C" void tell_interrupt(int signal) {
  constexpr const char* line = "ironlaw: interrupted\n";
  if (is_watched()) (void)!write(STDERR_FILENO, line, std::strlen(line));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void blame_plugin_at_work(const char* what) {
  if (const char* whose = host::plugin_at_work(); whose != nullptr && is_watched()) blame(whose, what);
}

void end_process(int status) {
  syscall(SYS_exit_group, status);
  __builtin_unreachable();
}

void watch_plugins() {
  watched = getpid();
  static std::array<char, 1 << 16> stack;  // a plugin may have used up the other one
  const stack_t alternate{stack.data(), 0, stack.size()};
  sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_handler = blame_crash;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) sigaction(signal, &action, nullptr);
  for (const int signal : {SIGINT, SIGTERM})
    if (std::signal(signal, tell_interrupt) == SIG_IGN) std::signal(signal, SIG_IGN);  // begun behind a shell, or by nohup
  std::atexit(blame_exit);
  std::at_quick_exit(blame_exit);
}

void end_plugins_after(unsigned seconds) {
  struct sigaction action {};
  action.sa_sigaction = blame_endless;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  alarm(seconds);
}

void end_watch() { watched = 0; }

}  // namespace ironlaw::cli
