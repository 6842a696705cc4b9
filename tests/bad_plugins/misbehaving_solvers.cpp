// Loads well; its solvers fail, each in its own way, on every second row.
#include <ironlaw/sdk/plugin.hpp>

#include <stdexcept>

using namespace ironlaw;

namespace {

struct Inputs {
  int row = required;
};
struct Outputs {
  double value;
};
constexpr auto the_inputs = ports(port<&Inputs::row>("number of the row", non_negative));
constexpr auto the_outputs = ports(port<&Outputs::value>("number of the row"));
constexpr bool behaves(const ::Inputs& in) { return in.row % 2 == 0; }

struct ThrowsStandard {
  static constexpr auto about = Solver::About{"throws_standard", "throws std::runtime_error", "spite"};
  using Inputs = ::Inputs;
  using Outputs = ::Outputs;
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = the_outputs;
  static Outputs solve(const Inputs& in) {
    if (behaves(in)) return {double(in.row)};
    throw std::runtime_error("out of patience");
  }
};

struct ThrowsNumber {
  static constexpr auto about = Solver::About{"throws_number", "throws an int", "spite"};
  using Inputs = ::Inputs;
  using Outputs = ::Outputs;
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = the_outputs;
  static Outputs solve(const Inputs& in) {
    if (behaves(in)) return {double(in.row)};
    throw 42;
  }
};

struct ReturnsNan {
  static constexpr auto about = Solver::About{"returns_nan", "divides zero by zero", "spite"};
  using Inputs = ::Inputs;
  using Outputs = ::Outputs;
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = the_outputs;
  static Outputs solve(const Inputs& in) { return {behaves(in) ? double(in.row) : std::numeric_limits<double>::quiet_NaN()}; }
};

struct ReturnsInfinity {
  static constexpr auto about = Solver::About{"returns_infinity", "divides one by zero", "spite"};
  using Inputs = ::Inputs;
  using Outputs = ::Outputs;
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = the_outputs;
  static Outputs solve(const Inputs& in) { return {behaves(in) ? double(in.row) : std::numeric_limits<double>::infinity()}; }
};

struct LeavesAbsent {
  static constexpr auto about = Solver::About{"leaves_absent", "marks an output absent that is not optional", "spite"};
  using Inputs = ::Inputs;
  struct Outputs {
    Time time;
  };
  static constexpr auto inputs = the_inputs;
  static constexpr auto outputs = ports(port<&Outputs::time>("the row in seconds"));
  static Outputs solve(const Inputs& in) { return {Time::from_value(behaves(in) ? in.row : absent_value)}; }
};

}  // namespace

IRONLAW_PLUGIN("misbehaving_solvers", "1.0.0", "Apache-2.0", ThrowsStandard, ThrowsNumber, ReturnsNan, ReturnsInfinity,
               LeavesAbsent)
