// Hostile inputs from a seed, each kind in turn: a crash, a hang or a broken promise is told with the number that repeats it.
// Use: hostile_inputs COUNT [FIRST]
#include "requirements.hpp"
#include "trials.hpp"

#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

namespace {

using namespace ironlaw::hostile;

constexpr unsigned seconds_each = 30;  // of the processor: the machine may be busy
constexpr unsigned seconds_asleep_each = 600;
constexpr std::size_t most_bytes = 96;

/// What the worker and who watches it both see.
struct Shared {
  unsigned long next;
  unsigned long failed;
  unsigned long answered[trials.size()];
};

std::vector<std::uint8_t> bytes_of(unsigned long number) {
  std::mt19937_64 random(number);
  std::vector<std::uint8_t> bytes(4 + random() % most_bytes);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

/// Tries from shared.next on; ends where it crashes, or with the last.
[[noreturn]] void work(Shared& shared, unsigned long end) {
  {
    const Desk desk;
    for (; shared.next < end; ++shared.next) {
      const auto bytes = bytes_of(shared.next);
      const Trial& trial = trials[shared.next % trials.size()];
      alarm(seconds_asleep_each);
      const itimerval patience{{}, {seconds_each, 0}};
      setitimer(ITIMER_PROF, &patience, nullptr);
      try {
        shared.answered[shared.next % trials.size()] += trial.run(Choices(bytes)) ? 1 : 0;
      } catch (const std::exception& e) {
        ++shared.failed;
        std::fprintf(stdout, "%lu (%.*s): %s\n", shared.next, static_cast<int>(trial.name.size()), trial.name.data(), e.what());
        std::fflush(stdout);
      }
    }
  }
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 400;
  const unsigned long first = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 0;
  auto* shared = static_cast<Shared*>(mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (shared == MAP_FAILED) return 2;
  *shared = {};
  shared->next = first;
  while (shared->next < first + count) {
    const pid_t child = fork();
    if (child == 0) work(*shared, first + count);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) return 2;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    ++shared->failed;
    std::printf("%lu (%.*s): ended by %s\n", shared->next, static_cast<int>(trials[shared->next % trials.size()].name.size()),
                trials[shared->next % trials.size()].name.data(),
                WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "an exit in the middle");
    std::fflush(stdout);  // or the next worker has it, too
    ++shared->next;
  }
  for (std::size_t t = 0; t < trials.size(); ++t)
    std::printf("%.*s: %lu of %lu answered, the others refused\n", static_cast<int>(trials[t].name.size()), trials[t].name.data(),
                shared->answered[t], (count + trials.size() - 1 - t) / trials.size());
  std::printf("%lu hostile inputs, %lu failed\n", count, shared->failed);
  return shared->failed == 0 ? 0 : 1;
}
