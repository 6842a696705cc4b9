// Built with the other string layout of libstdc++, or with its debug containers. Its static constructor leaves a trace, which
// must never appear.
#include <ironlaw/sdk/plugin.hpp>

#include <cstdlib>

namespace {
struct Trace {
  Trace() { setenv("IRONLAW_WRONG_ABI_RAN", "1", 1); }
} trace;

struct Nothing {
  static constexpr auto about = ironlaw::Solver::About{"only_in_wrong_abi", "never runs", "arithmetic"};
  struct Inputs {
    double one = 1;
  };
  struct Outputs {
    double one;
  };
  static constexpr auto inputs = ironlaw::ports(ironlaw::port<&Inputs::one>("a number"));
  static constexpr auto outputs = ironlaw::ports(ironlaw::port<&Outputs::one>("the same number"));
  static Outputs solve(const Inputs& in) { return {in.one}; }
};
}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", Nothing)
