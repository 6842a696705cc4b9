// Solvers whose answers are known in closed form, for the tests of what runs a pipeline many times.
#include <ironlaw/sdk.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::analytic {

struct Three {
  double a = 1;
  double b = 1;
  double c = 1;
};
struct One {
  double y;
};

/// A function of three numbers as a solver.
template <class F>
struct Analytic {
  static constexpr auto about = Solver::About{F::name, "a function in closed form", "by hand"};
  using Inputs = Three;
  using Outputs = One;
  static constexpr auto inputs =
      ports(port<&Inputs::a>("first", unbounded), port<&Inputs::b>("second", unbounded), port<&Inputs::c>("third", unbounded));
  static constexpr auto outputs = ports(port<&Outputs::y>("value of the function", unbounded));
  static Outputs solve(const Inputs& in) { return {F::of(in.a, in.b, in.c)}; }
};

struct Sum {
  static constexpr std::string_view name = "analytic_sum";
  static double of(double a, double b, double c) { return a + 2 * b + c; }
};
struct Product {
  static constexpr std::string_view name = "analytic_product";
  static double of(double a, double b, double c) { return a * b / c; }
};
struct Power {
  static constexpr std::string_view name = "analytic_power";
  static double of(double a, double b, double c) { return std::pow(a, 2.5) * std::pow(b, -1.5) * std::sqrt(c); }
};
struct Linear {
  static constexpr std::string_view name = "analytic_linear";
  static double of(double a, double b, double c) { return 3 + 2 * a - b + 0.5 * c; }
};
struct Kinked {
  static constexpr std::string_view name = "analytic_kinked";
  static double of(double a, double b, double c) { return std::max(a, b) + c; }
};
/// Rises up to a = 5 and falls behind it; its largest value, over b too, is at (5, 2).
struct Hump {
  static constexpr std::string_view name = "analytic_hump";
  static double of(double a, double b, double c) { return c - (a - 5) * (a - 5) - 3 * (b - 2) * (b - 2); }
};
/// Ishigami & Homma 1990, with 7 and 0.1.
struct Ishigami {
  static constexpr std::string_view name = "analytic_ishigami";
  static double of(double a, double b, double c) {
    return std::sin(a) + 7 * std::sin(b) * std::sin(b) + 0.1 * c * c * c * c * std::sin(a);
  }
};

/// Feasible where `used` is at most `bound`; its value goes on behind that.
struct Cliff {
  static constexpr auto about = Solver::About{"analytic_cliff", "a hard limit", "by hand"};
  struct Inputs {
    double a = 1;
    double b = 2;
  };
  struct Outputs {
    double y;
    double used;
    double bound;
  };
  static constexpr auto inputs = ports(port<&Inputs::a>("first", positive), port<&Inputs::b>("limit of the first", positive));
  static constexpr auto outputs =
      ports(port<&Outputs::y>("a * b"), port<&Outputs::used>("the first"), port<&Outputs::bound>("the second"));
  static constexpr auto limits = ironlaw::limits(hard<&Outputs::used, &Outputs::bound>("room", "a must fit"));
  static Outputs solve(const Inputs& in) { return {in.a * in.b, in.a, in.b}; }
};

/// A value only where a is at most 1, and a time made of two.
struct Partly {
  static constexpr auto about =
      Solver::About{"analytic_partly", "a value here and there, a count, and a sum of times", "by hand"};
  struct Inputs {
    double a = 1;
    int count = 1;
    Time fixed = 1.0 * units::second;
    Precision precision = Precision::fp16;
  };
  struct Outputs {
    Maybe<double> y;
    double cube;
    Time work;
    Time fixed;
    Time total;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::a>("first", non_negative), port<&Inputs::count>("how many", at_least_one),
            port<&Inputs::fixed>("time that is always there", positive), port<&Inputs::precision>("without effect"));
  static constexpr auto outputs =
      ports(port<&Outputs::y>("a; absent above 1"), port<&Outputs::cube>("count cubed"), port<&Outputs::work>("a seconds each"),
            port<&Outputs::fixed>("the input"), port<&Outputs::total>("the two together"));
  static Outputs solve(const Inputs& in) {
    Outputs out{};
    if (in.a <= 1) out.y = in.a;
    out.cube = std::pow(in.count, 3);
    out.work = in.a * in.count * units::second;
    out.fixed = in.fixed;
    out.total = out.work + out.fixed;
    return out;
  }
};

}  // namespace ironlaw::analytic

using namespace ironlaw::analytic;
IRONLAW_PLUGIN("analytic", "1.0.0", "Apache-2.0", Analytic<Sum>, Analytic<Product>, Analytic<Power>, Analytic<Linear>,
               Analytic<Kinked>, Analytic<Hump>, Analytic<Ishigami>, Cliff, Partly)
