#include "last_words.hpp"

#include <ironlaw/catalog/plugin_at_work.hpp>
#include <ironlaw/export.hpp>

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace ironlaw::cli {
namespace {

constexpr int plugin_failed = 4;
constexpr const char* advice = "; --isolate opens plugins in processes of their own\n";

std::atomic<pid_t> watched{0};  ///< this process, not one that was forked off it
static_assert(std::atomic<pid_t>::is_always_lock_free);

bool is_watched() { return watched == static_cast<pid_t>(syscall(SYS_getpid)); }

[[noreturn]] void end_process(int status) {
  syscall(SYS_exit_group, status);
  __builtin_unreachable();
}

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
  if (const char* whose = host::plugin_at_work(); whose != nullptr && is_watched()) blame(whose, name_of(signal));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
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

void end_watch() { watched = 0; }

namespace {

using ProgramWords = char* const*;

void blame_another_program() {
  if (const char* whose = host::plugin_at_work(); whose != nullptr && is_watched()) blame(whose, "became another program");
}

template <class... Arguments>
int call_next(const char* name, Arguments... arguments) {
  blame_another_program();
  return reinterpret_cast<int (*)(Arguments...)>(dlsym(RTLD_NEXT, name))(arguments...);
}

/// A list of words that ends with a null, as one.
std::vector<char*> words_of(const char* first, va_list& more) {
  std::vector<char*> words{const_cast<char*>(first)};
  while (words.back() != nullptr) words.push_back(va_arg(more, char*));
  return words;
}

}  // namespace
}  // namespace ironlaw::cli

// In the place of the C library's, for all that the program loads: nothing else sees a plugin that ends the process so.
extern "C" {
[[noreturn]] IRONLAW_API void _exit(int status) {
  using namespace ironlaw::cli;
  if (const char* whose = ironlaw::host::plugin_at_work(); whose != nullptr && is_watched()) blame(whose, "called _exit");
  end_process(status);
}
[[noreturn]] IRONLAW_API void _Exit(int status) { _exit(status); }

IRONLAW_API int execve(const char* file, ironlaw::cli::ProgramWords words, ironlaw::cli::ProgramWords environment) noexcept {
  return ironlaw::cli::call_next("execve", file, words, environment);
}
IRONLAW_API int execv(const char* file, ironlaw::cli::ProgramWords words) noexcept {
  return ironlaw::cli::call_next("execv", file, words);
}
IRONLAW_API int execvp(const char* file, ironlaw::cli::ProgramWords words) noexcept {
  return ironlaw::cli::call_next("execvp", file, words);
}
IRONLAW_API int execvpe(const char* file, ironlaw::cli::ProgramWords words, ironlaw::cli::ProgramWords environment) noexcept {
  return ironlaw::cli::call_next("execvpe", file, words, environment);
}
IRONLAW_API int execl(const char* file, const char* word, ...) noexcept {
  va_list more;
  va_start(more, word);
  const auto words = ironlaw::cli::words_of(word, more);
  va_end(more);
  return execv(file, words.data());
}
IRONLAW_API int execlp(const char* file, const char* word, ...) noexcept {
  va_list more;
  va_start(more, word);
  const auto words = ironlaw::cli::words_of(word, more);
  va_end(more);
  return execvp(file, words.data());
}
IRONLAW_API int execle(const char* file, const char* word, ...) noexcept {
  va_list more;
  va_start(more, word);
  const auto words = ironlaw::cli::words_of(word, more);
  const auto environment = va_arg(more, ironlaw::cli::ProgramWords);
  va_end(more);
  return execve(file, words.data(), environment);
}
}
