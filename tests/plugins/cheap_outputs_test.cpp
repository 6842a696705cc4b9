// A solver that gives its cheap outputs apart is asked for the rest only where somebody wants it.
#include <gtest/gtest.h>

#include <ironlaw/sdk/solver_adapter.hpp>

#include <vector>

namespace {
using namespace ironlaw;

int solved = 0, solved_cheaply = 0;

struct MeanAndSpread {
  static constexpr auto about =
      Solver::About{"mean_and_spread", "a mean that costs little and a spread that does not", "arithmetic"};
  struct Given {
    double scale = 2;
  };
  struct Inputs : Given {
    double of = 1;
  };
  struct Outputs {
    double mean = 0;
    double most = 1;
    double spread = 0;
  };
  struct Facts {
    double scale;
  };
  static constexpr auto inputs = ports(port<&Inputs::scale>("a factor"), port<&Inputs::of>("a number"));
  static constexpr auto outputs =
      ports(port<&Outputs::mean>("cheap").cheap(), port<&Outputs::most>("looked at by a limit"), port<&Outputs::spread>("dear"));
  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::mean, &Outputs::most>("mean", "it must not be more", "mean <= most"));
  static constexpr auto rules = ironlaw::rules(rule("of must not be 13", [](const Inputs& in) { return in.of != 13; }));
  static Outputs cheap(double scale, double of) {
    if (of == 7) throw Unsupported("seven", "it has no mean");
    return {of == 9 ? absent_value : scale * of, 50, 0};
  }
  static Outputs all(double scale, double of) {
    Outputs y = cheap(scale, of);
    y.spread = of == 5 ? absent_value : of * of;
    return y;
  }
};
struct Plain : MeanAndSpread {
  static Outputs solve(const Inputs& in) { return ++solved, all(in.scale, in.of); }
  static Outputs solve_cheap(const Inputs& in) { return ++solved_cheaply, cheap(in.scale, in.of); }
};
struct OfFacts : MeanAndSpread {
  static Facts facts(const Given& given) { return {given.scale}; }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& f) { return ++solved, all(f.scale, in.of); }
  static Outputs solve_cheap(const Inputs& in, const Facts& f) { return ++solved_cheaply, cheap(f.scale, in.of); }
};
static_assert(GivesCheapApart<Plain> && GivesCheapApart<OfFacts> && !GivesCheapApart<MeanAndSpread>);

constexpr std::size_t rows = 30;
struct CheapAnswer {
  std::vector<std::vector<Cell>> cells = std::vector<std::vector<Cell>>(4, std::vector<Cell>(rows));
  std::vector<RowStatus> status = std::vector<RowStatus>(rows, RowStatus::ok);
};
/// `wanted`: of mean, most, spread and feasible.
CheapAnswer answer(const Solver& solver, std::vector<bool> wanted) {
  const Cell scale{.number = 2};
  std::vector<Cell> of;
  for (std::size_t r = 0; r < rows; ++r) of.push_back({.number = static_cast<double>(r)});
  const Column in[] = {{&scale, 0}, {of.data(), 1}};
  CheapAnswer a;
  std::vector<Cell*> out;
  for (std::size_t k = 0; k < wanted.size(); ++k) out.push_back(wanted[k] ? a.cells[k].data() : nullptr);
  solved = solved_cheaply = 0;
  solver.evaluate({in, out, a.status, nullptr});
  return a;
}

void expect_the_rest_only_where_wanted(const Solver& solver) {
  const CheapAnswer all = answer(solver, {true, true, true, true});
  EXPECT_EQ(solved, static_cast<int>(rows) - 1) << "but for the row that breaks a rule";
  EXPECT_EQ(solved_cheaply, 0);
  EXPECT_EQ(all.status[5], RowStatus::failed) << "its spread is not finite";

  for (const bool feasible : {false, true}) {
    const CheapAnswer few = answer(solver, {true, false, false, feasible});
    EXPECT_EQ(solved, 0);
    EXPECT_EQ(solved_cheaply, static_cast<int>(rows) - 1);
    EXPECT_EQ(few.status[5], RowStatus::ok) << "nobody reads what is not finite";
    EXPECT_EQ(few.status[7], RowStatus::refused);
    EXPECT_EQ(few.status[9], RowStatus::failed);
    EXPECT_EQ(few.status[13], RowStatus::refused);
    EXPECT_EQ(few.status[26], RowStatus::infeasible);
    for (std::size_t r = 0; r < rows; ++r) {
      if (r == 5) continue;
      EXPECT_EQ(few.status[r], all.status[r]) << r;
      if (!has_outputs(all.status[r])) continue;
      EXPECT_EQ(few.cells[0][r].number, all.cells[0][r].number) << r;
      if (feasible) {
        EXPECT_EQ(few.cells[3][r].number, all.cells[3][r].number) << r;
      }
    }
  }
  answer(solver, {true, false, true, false});
  EXPECT_EQ(solved, static_cast<int>(rows) - 1);
  EXPECT_EQ(solved_cheaply, 0);
  answer(solver, {false, true, false, false});
  EXPECT_EQ(solved_cheaply, 0) << "what a limit looks at is not cheap by that";
}

TEST(CheapOutputs, TheRestIsMadeOnlyWhereItIsWanted) { expect_the_rest_only_where_wanted(solver_adapter<Plain>); }
TEST(CheapOutputs, SoWithFacts) { expect_the_rest_only_where_wanted(solver_adapter<OfFacts>); }

/// Who says that an output is cheap, but gives nothing apart, is asked for all.
struct MarkedOnly : MeanAndSpread {
  static Outputs solve(const Inputs& in) { return ++solved, all(in.scale, in.of); }
};
TEST(CheapOutputs, AMarkAloneChangesNothing) {
  answer(solver_adapter<MarkedOnly>, {true, false, false, false});
  EXPECT_EQ(solved, static_cast<int>(rows) - 1);
}

}  // namespace
