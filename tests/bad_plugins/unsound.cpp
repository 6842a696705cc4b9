// Solvers that load well and break one promise each; HOW names the one that the plugin brings.
#include <ironlaw/sdk/plugin.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cfenv>
#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

using namespace ironlaw;

namespace {

struct Inputs {
  Time once = 1.0 * units::second;
};
struct Outputs {
  Time twice;
};
constexpr auto the_inputs = ports(port<&Inputs::once>("a time", positive));
constexpr auto the_outputs = ports(port<&Outputs::twice>("twice the time"));

struct Base {
  static constexpr auto about = Solver::About{PLUGIN_NAME, "Twice a time", "arithmetic"};
  using Inputs = ::Inputs;
  using Outputs = ::Outputs;
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = the_outputs;
};

struct WritesToStandardOutput : Base {
  static Outputs solve(const Inputs& in) {
    std::puts("thinking");
    return {2.0 * in.once};
  }
};

struct CountsItsCalls : Base {
  static Outputs solve(const Inputs& in) {
    static double calls = 0;
    return {(calls += 1) * in.once};
  }
};

struct SharesBuffers : Base {
  static Outputs solve(const Inputs& in) {
    static volatile double shared = 0;
    shared = in.once.value();
    std::this_thread::yield();
    const double read = shared;
    return {2.0 * Time::from_value(read)};
  }
};

struct BreaksItsPromise : Base {
  static constexpr auto monotone = promises(falls<&Outputs::twice, &Inputs::once>);
  static Outputs solve(const Inputs& in) { return {2.0 * in.once}; }
};

struct MendsItsLimit : Base {
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::twice, &Inputs::once>("time", "no longer than it was").tightened_by<&Inputs::once>());
  static Outputs solve(const Inputs& in) { return {(in.once.value() > 2 ? 0.5 : 2.0) * in.once}; }
};

struct KeepsMemory : Base {
  static Outputs solve(const Inputs& in) {
    static auto& seen = *new std::vector<double>;
    seen.push_back(in.once.value());
    return {2.0 * in.once};
  }
};

struct Crashes : Base {
  static Outputs solve(const Inputs& in) {
    std::raise(SIGSEGV);
    return {2.0 * in.once};
  }
};

struct NeverEnds : Base {
  static Outputs solve(const Inputs& in) {
    std::this_thread::sleep_for(std::chrono::hours(1));
    return {2.0 * in.once};
  }
};

struct StartsThreads : Base {
  static Outputs solve(const Inputs& in) {
    std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(5)); }).detach();
    return {2.0 * in.once};
  }
};

struct RoundsDown : Base {
  static Outputs solve(const Inputs& in) {
    std::fesetround(FE_DOWNWARD);
    return {2.0 * in.once};
  }
};

struct ChangesTheLocale : Base {
  static Outputs solve(const Inputs& in) {
    std::setlocale(LC_NUMERIC, "C.UTF-8");
    return {2.0 * in.once};
  }
};

struct TakesSignals : Base {
  static Outputs solve(const Inputs& in) {
    std::signal(SIGUSR1, [](int) {});
    return {2.0 * in.once};
  }
};

struct ChangesTheMask : Base {
  static Outputs solve(const Inputs& in) {
    umask(0);
    return {2.0 * in.once};
  }
};

struct ClosesDescriptors : Base {
  static Outputs solve(const Inputs& in) {
    for (int descriptor = 3; descriptor < 64; ++descriptor) close(descriptor);
    return {2.0 * in.once};
  }
};

/// Writes what looks like a good verdict.
struct ForgesItsVerdict : Base {
  static Outputs solve(const Inputs& in) {
    for (int descriptor = 3; descriptor < 64; ++descriptor)
      if (write(descriptor, "0", 1) < 0) continue;
    std::raise(SIGSEGV);
    return {2.0 * in.once};
  }
};

struct WritesEverywhere : Base {
  static Outputs solve(const Inputs& in) {
    for (int descriptor = 3; descriptor < 64; ++descriptor)
      if (write(descriptor, "0", 1) < 0) continue;
    return {2.0 * in.once};
  }
};

struct Overruns : Base {
  static Outputs solve(const Inputs& in) {
    const std::vector<double> block(512, in.once.value());
    const volatile double* cells = block.data();
    const volatile std::size_t beyond = 512;
    return {2.0 * Time::from_value(cells[beyond] * 0 + cells[511])};
  }
};

struct OverrunsLittle : Base {
  static Outputs solve(const Inputs& in) {
    const std::unique_ptr<char[]> block(new char[24]);
    volatile char* bytes = block.get();
    const volatile std::size_t beyond = 24;
    bytes[beyond] = 1;
    return {2.0 * in.once};
  }
};

struct Forks : Base {
  static Outputs solve(const Inputs& in) {
    if (fork() == 0) pause();
    return {2.0 * in.once};
  }
};

struct RemembersItsFirstRow : Base {
  static Outputs solve(const Inputs& in) {
    static const double first = in.once.value();
    return {2.0 * in.once * (first == 1.0 ? 1.0 : 2.0)};
  }
};

struct ReadsAFile : Base {
  static Outputs solve(const Inputs& in) {
    static const bool there = [] {
      std::FILE* file = std::fopen("/etc/hostname", "r");
      if (file != nullptr) std::fclose(file);
      return file != nullptr;
    }();
    return {(there ? 2.0 : 2.0) * in.once};
  }
};

struct HasAMemberWithoutPort {
  static constexpr auto about = Solver::About{PLUGIN_NAME, "Twice a time", "arithmetic"};
  struct Inputs {
    Time once = 1.0 * units::second;
    double forgotten = 1;
  };
  using Outputs = ::Outputs;
  static constexpr auto inputs = ports(port<&Inputs::once>("a time", positive));
  static constexpr auto outputs = the_outputs;
  static Outputs solve(const Inputs& in) { return {2.0 * in.forgotten * in.once}; }
};

struct SaysLittle : Base {
  static constexpr auto about = Solver::About{PLUGIN_NAME, "Twice a time", ""};
  static constexpr auto outputs = ports(port<&Outputs::twice>("twice the time").display("GB"));
  static Outputs solve(const Inputs& in) { return {2.0 * in.once}; }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", HOW)
