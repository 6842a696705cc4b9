// A solver that calls others, and none of the calls can be answered: HOW says why.
#include <ironlaw/sdk.hpp>

using namespace ironlaw;

namespace {

struct Number {
  double value = 1;
};
constexpr auto number_ports = ports(port<&Number::value>("a number"));

/// What is called; which port of it is another matter.
struct CallsNobody {
  static constexpr std::string_view called_solver = "solver_that_is_not_there";
};
struct CallsItself {
  static constexpr std::string_view called_solver = "caller";
};
struct CallsWithout {
  static constexpr std::string_view called_solver = "single_node";
};

struct Caller {
  static constexpr auto about = Solver::About{"caller", "cannot be answered", "spite"};
  using Inputs = Number;
  struct Outputs {
    double twice;
  };
  struct Asked {
    static constexpr std::string_view solver = HOW::called_solver;
    struct Inputs {
      double batch_size;
    };
    struct Outputs {
      Time latency;
    };
    static constexpr auto inputs = ports(called<&Inputs::batch_size>());
    static constexpr auto outputs = ports(called<&Outputs::latency>());
    static Inputs ask(const Number& in) { return {in.value}; }
  };
  using Calls = ironlaw::Calls<Asked>;
  static constexpr auto inputs = number_ports;
  static constexpr auto outputs = ports(port<&Outputs::twice>("twice as much"));
  static Outputs solve(const Inputs& in, const Asked::Outputs&) { return {2 * in.value}; }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", Caller)
