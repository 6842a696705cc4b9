#include "child.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/units.hpp>
#include <ironlaw/quantity.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>

namespace ironlaw::host {
namespace {

/// The child's part: never returns.
[[noreturn]] void run(const std::function<Finding()>& check, int to_parent) {
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
  Finding finding;
  try {
    finding = check();
  } catch (const std::exception& e) {
    finding = {CheckStatus::failed, e.what()};
  } catch (...) {
    finding = {CheckStatus::failed, "something was thrown that is not a std::exception"};
  }
  std::string text(1, static_cast<char>('0' + static_cast<int>(finding.status)));
  text += finding.detail;
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t n = write(to_parent, rest.data(), rest.size());
    if (n <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  _exit(0);
}

/// What the child wrote until it closed its end; false where it took too long.
bool read_all(int from_child, double timeout, std::string& text) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::duration<double>(timeout);
  std::array<char, 4096> buffer;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{from_child, POLLIN, 0};
    const int count = left <= 0 ? 0 : poll(&ready, 1, static_cast<int>(left));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    const ssize_t n = read(from_child, buffer.data(), buffer.size());
    if (n <= 0) return true;
    text.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace

Finding in_child(const std::function<Finding()>& check, double timeout) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw Error("a check cannot be started: " + std::string(std::strerror(errno)));
  std::cout.flush();
  std::fflush(nullptr);  // or the child would write it again
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    run(check, ends[1]);
  }
  close(ends[1]);
  std::string text;
  const bool in_time = child > 0 && read_all(ends[0], timeout, text);
  close(ends[0]);
  if (child < 0) throw Error("a check cannot be started: " + std::string(std::strerror(errno)));
  if (!in_time) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) return {CheckStatus::failed, "it had not ended after " + format_quantity(timeout, dimension_of<Time>(), "s")};
  if (WIFSIGNALED(status)) return {CheckStatus::failed, std::string("it crashed: ") + strsignal(WTERMSIG(status))};
  if (text.empty())
    return {CheckStatus::failed, "it crashed: the process ended with exit status " + std::to_string(WEXITSTATUS(status))};
  return {static_cast<CheckStatus>(text.front() - '0'), text.substr(1)};
}

std::string standard_output_of(const std::function<void()>& action) {
  const int file = memfd_create("standard output", MFD_CLOEXEC);
  if (file < 0 || dup2(file, STDOUT_FILENO) < 0) throw Error("standard output cannot be redirected");
  action();
  std::cout.flush();
  std::fflush(nullptr);
  std::string text(static_cast<std::size_t>(lseek(file, 0, SEEK_END)), '\0');
  if (pread(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) throw Error("standard output is lost");
  return text;
}

}  // namespace ironlaw::host
