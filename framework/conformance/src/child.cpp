#include "child.hpp"

#include "process/confined_task.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/failure_text.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace ironlaw::host {
namespace {

Finding finding_of(const std::function<Finding()>& check) {
  try {
    return check();
  } catch (const std::exception& e) {
    return {CheckStatus::failed, failure_text(e)};
  }
}

}  // namespace

Finding in_child(const std::function<Finding()>& check, double timeout) {
  const auto end = run_confined(
      [&check] {
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        const Finding finding = finding_of(check);
        return static_cast<char>('0' + static_cast<int>(finding.status)) + finding.detail;
      },
      {.seconds = timeout}, {.breach = Breach::dies, .threads = true});
  if (!end.done) return {CheckStatus::failed, end.thrown ? end.failure : "it " + end.failure};
  return {static_cast<CheckStatus>(end.bytes.front() - '0'), end.bytes.substr(1)};
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
