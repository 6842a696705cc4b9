#include "process/confined_task.hpp"

#include "files/check_sum.hpp"
#include "process/shared_memory.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <thread>

namespace ironlaw::host {
namespace {

/// Stands before the bytes.
struct Head {
  std::uint64_t size = 0;
  std::uint64_t sum = 0;
  bool thrown = false;  ///< the bytes are a message
  bool done = false;
};

std::uint64_t sum_of(const std::byte* bytes, std::size_t size) { return check_sum({reinterpret_cast<const char*>(bytes), size}); }

[[noreturn]] void work(const std::function<std::string()>& task, const SharedMemory& memory, pid_t parent,
                       const Confinement& confinement, double most_seconds) {
  Head head;
  std::string bytes;
  const pid_t own = getpid();
  confine_process(parent, -1, confinement);
  limit_processor_time(most_seconds);
  try {
    // Out of reach while the plugin's code runs: a stray pointer hits nothing here.
    mprotect(memory.data(), memory.size(), PROT_NONE);
    bytes = task();
    if (bytes.size() > memory.size() - sizeof head) throw Error("it said more than fits");
  } catch (const std::exception& e) {
    bytes = e.what();
    bytes.resize(std::min(bytes.size(), memory.size() - sizeof head));
    head.thrown = true;
  } catch (...) {
    bytes = "threw something that is not a std::exception";
    head.thrown = true;
  }
  if (getpid() != own) _exit(0);  // the plugin forked, and this is not the process that was asked
  mprotect(memory.data(), memory.size(), PROT_READ | PROT_WRITE);
  head.size = bytes.size();
  std::memcpy(memory.data() + sizeof head, bytes.data(), bytes.size());
  head.sum = sum_of(memory.data() + sizeof head, bytes.size());
  head.done = true;
  std::memcpy(memory.data(), &head, sizeof head);
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace

bool wait_for_end(pid_t child, double most_seconds, int& status, const std::atomic<bool>* interrupt) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(most_seconds);
  for (auto pause = std::chrono::microseconds(50);; pause = std::min(2 * pause, std::chrono::microseconds(5000))) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child || (ended < 0 && errno != EINTR)) return true;
    if (Clock::now() >= deadline || (interrupt != nullptr && *interrupt)) return false;
    std::this_thread::sleep_for(pause);
  }
}

namespace {

TaskEnd read_end(const SharedMemory& memory, int status) {
  Head head;
  std::memcpy(&head, memory.data(), sizeof head);
  const bool whole = head.done && head.size <= memory.size() - sizeof head && WIFEXITED(status) &&
                     head.sum == sum_of(memory.data() + sizeof head, head.size);
  if (!whole) return {.failure = end_of(status)};
  std::string bytes(reinterpret_cast<const char*>(memory.data() + sizeof head), head.size);
  if (head.thrown) return {.thrown = true, .failure = std::move(bytes)};
  return {.done = true, .bytes = std::move(bytes)};
}

}  // namespace

std::string end_of(int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) return "started a process, or reached for another one";
  if (WIFSIGNALED(status)) return std::string("crashed (") + strsignal(WTERMSIG(status)) + ")";
  return "ended the process (exit status " + std::to_string(WEXITSTATUS(status)) + ")";
}

TaskEnd run_confined(const std::function<std::string()>& task, const TaskLimits& limits, const Confinement& confinement) {
  const SharedMemory memory(limits.bytes);
  std::cout.flush();
  std::fflush(nullptr);  // or the child would write it again
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw Error(std::string("no process to open a plugin in: ") + std::strerror(errno));
  if (child == 0) work(task, memory, parent, confinement, limits.seconds);
  int status = 0;
  const bool in_time = wait_for_end(child, limits.seconds, status, limits.interrupt);
  kill(-child, SIGKILL);  // what it left running
  if (in_time) return read_end(memory, status);
  (void)end_process(child);
  if (limits.interrupt != nullptr && *limits.interrupt) return {.failure = "was interrupted"};
  return {.failure = "took longer than " + format_quantity(limits.seconds, dimension_of<Time>(), "s")};
}

}  // namespace ironlaw::host
