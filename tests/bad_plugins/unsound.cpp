// Solvers that load well and break one promise each; HOW names the one that the plugin brings.
#include <ironlaw/sdk/plugin.hpp>

#include <cfenv>
#include <chrono>
#include <csignal>
#include <cstdio>
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

struct SaysLittle : Base {
  static constexpr auto about = Solver::About{PLUGIN_NAME, "Twice a time", ""};
  static constexpr auto outputs = ports(port<&Outputs::twice>("twice the time").display("GB"));
  static Outputs solve(const Inputs& in) { return {2.0 * in.once}; }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", HOW)
