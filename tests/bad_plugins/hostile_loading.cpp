// A good solver in a library that does harm when it is opened; HOW names which.
#include <ironlaw/sdk/plugin.hpp>

#include <unistd.h>

#include <cfenv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

using namespace ironlaw;

namespace {

struct Crashes {
  static void act() { std::raise(SIGSEGV); }
};
struct Exits {
  static void act() { std::exit(0); }
};
struct ExitsAtOnce {
  static void act() { _exit(0); }
};
struct Throws {
  static void act() { throw std::runtime_error("not today"); }
};
struct Hangs {
  static void act() { std::this_thread::sleep_for(std::chrono::hours(1)); }
};
struct Babbles {
  static void act() {
    const std::string noise(200, '\xA5');
    for (int descriptor = 3; descriptor < 256; ++descriptor)
      if (write(descriptor, noise.data(), noise.size()) < 0) continue;
  }
};
struct ClosesAll {
  static void act() {
    for (int descriptor = 3; descriptor < 256; ++descriptor) close(descriptor);
  }
};
struct RoundsUp {
  static void act() { std::fesetround(FE_UPWARD); }
};
struct Forks {
  static void act() {
    for (int i = 0; i < 4; ++i)
      if (fork() == 0) std::raise(SIGSTOP);
  }
};
struct TakesMemory {
  static void act() {
    for (int i = 0; i < 64; ++i)
      if (void* block = std::malloc(std::size_t{1} << 30)) std::memset(block, 1, std::size_t{1} << 30);
  }
};
/// Its handlers make a crash look like an end.
struct TakesSignals {
  static void act() {
    for (int number = 1; number < 32; ++number) std::signal(number, [](int) { _exit(0); });
  }
};

const bool done = (HOW::act(), true);

struct Third {
  static constexpr auto about = Solver::About{PLUGIN_NAME, "A third of a number", "arithmetic"};
  struct Inputs {
    double row = required;
  };
  struct Outputs {
    double value;
  };
  static constexpr auto inputs = ports(port<&Inputs::row>("the number"));
  static constexpr auto outputs = ports(port<&Outputs::value>("its third"));
  static Outputs solve(const Inputs& in) { return {in.row / 3}; }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", Third)
