// A solver whose declaration contradicts itself does not compile.
#include <ironlaw/sdk/solver_adapter.hpp>

#include <string>
#include <vector>

namespace ironlaw {

struct Example {
  static constexpr auto about = Solver::About{"example", "an example", "nobody"};
  struct Inputs {
#ifdef DEFAULT_OUT_OF_RANGE
    double share = 1.5;
#else
    double share = 0.5;
#endif
    Time target = required;
#ifdef STRING_MEMBER
    std::string label;
#elif defined VECTOR_MEMBER
    std::vector<double> label;
#else
    double label = 1;
#endif
#ifdef REQUIRED_BOOLEAN
    bool fast = required;
#else
    bool fast = false;
#endif
  };
  struct Outputs {
    Time latency;
    Information size;
  };
#ifdef RESERVED_NAME
  static constexpr auto fast_port = port<&Inputs::fast>("whether to hurry").named("solver");
#else
  static constexpr auto fast_port = port<&Inputs::fast>("whether to hurry");
#endif
#ifdef SAME_NAME_TWICE
  static constexpr auto target_port = port<&Inputs::target>("time that is allowed", positive).named("share");
#else
  static constexpr auto target_port = port<&Inputs::target>("time that is allowed", positive);
#endif
  static constexpr auto inputs =
      ports(port<&Inputs::share>("a share", fraction), target_port, fast_port, port<&Inputs::label>("a name"));
  static constexpr auto outputs = ports(port<&Outputs::latency>("time that is taken"), port<&Outputs::size>("size of it"));
#ifdef LIMIT_OF_TWO_DIMENSIONS
  static constexpr auto limits = ironlaw::limits(hard<&Outputs::size, &Inputs::target>("time", "in time"));
#else
  static constexpr auto limits = ironlaw::limits(hard<&Outputs::latency, &Inputs::target>("time", "in time"));
#endif
  static Outputs solve(const Inputs& in) { return {in.share * in.target, in.share * units::byte}; }
};

/// Nothing to ask for is no contradiction, and compiles without a warning.
struct Constant {
  static constexpr auto about = Solver::About{"constant", "needs nothing", "nobody"};
  struct Inputs {};
  struct Outputs {
    double answer;
  };
  static constexpr auto inputs = ports();
  static constexpr auto outputs = ports(port<&Outputs::answer>("the answer"));
  static Outputs solve(const Inputs&) { return {42}; }
};

inline const Solver& example = solver_adapter<Example>;
inline const Solver& constant = solver_adapter<Constant>;

}  // namespace ironlaw
