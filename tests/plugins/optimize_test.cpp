// Known optima by each method, and what takes designs out.
#include "study_fixture.hpp"

#include <array>

namespace ironlaw::studies_test {
namespace {

Found optimize(const std::string& solver, const std::string& options, const std::string& axes, const std::string& ports = {},
               std::size_t threads = 1) {
  return found(analytic(solver, ports, R"("use": "optimize", )" + options, axes), threads);
}

const std::string two_ranges = R"([{"s.a": {"from": -10, "to": 20}}, {"s.b": {"from": -10, "to": 20}}])";

TEST(Optimize, ExhaustiveFindsTheBestAndTheRunnersUp) {
  const Found f = optimize("hump", R"("goal": "max y", "keep": 5, "outputs": "s.y + 1")",
                           R"([{"s.a": {"from": 0, "to": 9, "steps": 10}}, {"s.b": {"from": 0, "to": 9, "steps": 10}}])");
  ASSERT_EQ(f.cells.size(), 5u);
  EXPECT_EQ(f.number(0, "a"), 5);
  EXPECT_EQ(f.number(0, "b"), 2);
  EXPECT_EQ(f.number(0, "y"), 1);
  EXPECT_EQ(f.number(0, "s.y + 1"), 2);
  EXPECT_EQ(f.number(1, "y"), 0);  // of equals the first comes first
  EXPECT_EQ(f.number(1, "a"), 4);
  EXPECT_EQ(f.number(2, "a"), 6);
  EXPECT_EQ(f.summary.rows, 100u + 5u);
}

TEST(Optimize, TheBestShowsItsAxesAndWhatBinds) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "axes": [{"s.batch_size": [1, 512]}], "study": {"use": "optimize", "goal": "min latency", "keep": 2}})");
  EXPECT_EQ(f.number(0, "batch_size"), 1);
  EXPECT_EQ(f.text(0, "binds").find("s.memory: traffic ("), 0u);
  EXPECT_EQ(f.text(1, "binds").find("s.compute ("), 0u);
}

TEST(Optimize, ContinuousByNlopt) {
  const Found f = optimize("hump", R"("goal": "max y", "method": "nlopt")", two_ranges);
  EXPECT_NEAR(f.number(0, "a"), 5, 1e-5);
  EXPECT_NEAR(f.number(0, "b"), 2, 1e-5);
  EXPECT_NEAR(f.number(0, "y"), 1, 1e-10);
  const Found large = optimize("hump", R"("goal": "max y * 1e15 - 1e18")", two_ranges);
  EXPECT_NEAR(large.number(0, "a"), 5, 1e-5);
}

TEST(Optimize, AConditionBoundsWhatASearchMayTake) {
  // The largest of the hump where its a is no more than 3: at (3, 2), on the condition's edge.
  for (const std::string method : {"nlopt", "evolution"}) {
    const Found f = optimize("hump", R"("goal": "max y", "subject_to": "s.a <= 3", "method": ")" + method + "\"", two_ranges);
    EXPECT_NEAR(f.number(0, "y"), 1 - 4, 1e-2) << method;
    EXPECT_LE(f.number(0, "a"), 3) << method;
    EXPECT_TRUE(f.notes("rows: breaks s.a <= 3")) << method;
  }
}

TEST(Optimize, MixedByEvolution) {
  const Found f =
      optimize("hump", R"("goal": "max y")", R"([{"s.a": {"from": 0, "to": 9, "steps": 10}}, {"s.b": {"from": -50, "to": 50}}])");
  EXPECT_EQ(f.number(0, "a"), 5);
  EXPECT_NEAR(f.number(0, "b"), 2, 1e-6);
  const Found again =
      optimize("hump", R"("goal": "max y")", R"([{"s.a": {"from": 0, "to": 9, "steps": 10}}, {"s.b": {"from": -50, "to": 50}}])");
  EXPECT_EQ(f.number(0, "b"), again.number(0, "b"));
}

TEST(Optimize, OnlyTheLeastValueAtWhichConditionsHold) {
  const std::string axes = R"([{"s.a": {"from": 0, "to": 9, "steps": 10}}, {"s.b": {"from": 0, "to": 9, "steps": 10}}])";
  // For each b the least a with a + b >= 7.
  const Found f = optimize("hump", R"("goal": "max y", "subject_to": "s.a + s.b >= 7", "least": "a", "keep": 10)", axes);
  ASSERT_EQ(f.cells.size(), 10u);
  EXPECT_EQ(f.number(0, "a"), 5);
  EXPECT_EQ(f.number(0, "b"), 2);
  for (std::size_t r = 0; r < f.cells.size(); ++r) EXPECT_EQ(f.number(r, "a"), std::max(0.0, 7 - f.number(r, "b"))) << r;
  const Found most = optimize("hump", R"("goal": "max s.a", "subject_to": "s.a + s.b <= 7", "most": "a", "keep": 1)", axes);
  EXPECT_EQ(most.number(0, "a"), 7);
  EXPECT_EQ(most.number(0, "b"), 0);
  EXPECT_TRUE(most.notes("rows: breaks s.a + s.b <= 7"));  // b = 8 and 9
}

TEST(Optimize, LeastAndMostTakeOneAxisWithValues) {
  const std::string axes = R"([{"s.a": [1, 2]}, {"s.b": {"from": 0, "to": 9}}])";
  const auto says = [&](const std::string& options, const std::string& of_axes) {
    return refused([&] { (void)optimize("hump", R"("goal": "max y", )" + options, of_axes); });
  };
  EXPECT_NE(says(R"("least": "a")", axes).find("one has a range without steps"), std::string::npos);
  EXPECT_NE(says(R"("least": ["a", "b"])", R"([{"s.a": [1, 2]}, {"s.b": [1, 2]}])").find("takes one axis"), std::string::npos);
  EXPECT_NE(says(R"("least": "a", "most": "b")", R"([{"s.a": [1, 2]}, {"s.b": [1, 2]}])").find("does not go with least"),
            std::string::npos);
  EXPECT_NE(says(R"("least": "b")", R"([{"s.a": [1, 2]}])").find("has one value"), std::string::npos);
}

TEST(Optimize, TheBestLiesAtAHardLimit) {
  for (const std::string method : {"nlopt", "evolution"}) {
    const Found f = optimize("cliff", R"("goal": "max y", "method": ")" + method + "\"", R"([{"s.a": {"from": 1, "to": 100}}])",
                             R"("b": 30)");
    EXPECT_NEAR(f.number(0, "a"), 30, 1e-3) << method;
    EXPECT_LE(f.number(0, "a"), 30) << method;
    EXPECT_TRUE(f.notes("rows: infeasible: s.room")) << method;
  }
}

TEST(Optimize, CountsWhatTakesDesignsOut) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "analytic_cliff", "b": 5}},
      "axes": [{"s.a": [1, 2, 3, 4, 5, 6, 7, 8, 9]}], "where": ["s.a != 2"],
      "study": {"use": "optimize", "goal": "min y", "subject_to": "s.y >= 20", "keep": 3}})");
  ASSERT_EQ(f.cells.size(), 2u);
  EXPECT_EQ(f.number(0, "a"), 4);
  EXPECT_TRUE(f.notes("4 of 9 rows: infeasible: s.room"));
  EXPECT_TRUE(f.notes("1 of 9 rows: rejected by s.a != 2"));
  EXPECT_TRUE(f.notes("2 of 9 rows: breaks s.y >= 20"));
}

/// What is left by conditions on inputs is evaluated close together: the same designs as among all, in the same order, counted by
/// the first condition that each of the others breaks.
TEST(Optimize, ConditionsOnInputsLeaveTheAnswersOfTheRest) {
  const std::string begin = R"({"version": 1, "stages": {"s": {"solver": "analytic_cliff"}},
      "axes": [{"s.a": {"from": 1, "to": 40, "steps": 40}}, {"s.b": {"from": 1, "to": 90, "steps": 90}}], )";
  const std::string conditions = R"(["s.b != 3", "s.a + s.b <= 100", "s.a * s.b != 40"])";
  const std::string study = R"("use": "optimize", "goal": "max y", "keep": 3000, "outputs": ["s.y + s.b"])";
  const Found f = found(begin + R"("where": )" + conditions + R"(, "study": {)" + study + "}}");
  const Found all = found(begin + R"("study": {"subject_to": )" + conditions + ", " + study + "}}");
  ASSERT_EQ(f.cells.size(), all.cells.size());
  ASSERT_GT(f.cells.size(), 300u);
  for (std::size_t r = 0; r < f.cells.size(); ++r)
    EXPECT_EQ(std::memcmp(f.cells[r].data(), all.cells[r].data(), 4 * sizeof(Cell)), 0) << r;
  std::array<int, 3> broken{};
  int infeasible = 0;
  for (int a = 1; a <= 40; ++a) {
    for (int b = 1; b <= 90; ++b) {
      const int first = b == 3 ? 0 : a + b > 100 ? 1 : a * b == 40 ? 2 : 3;
      if (first < 3) ++broken[static_cast<std::size_t>(first)];
      infeasible += first == 3 && a > b ? 1 : 0;
    }
  }
  EXPECT_TRUE(f.notes(std::to_string(broken[0]) + " of 3600 rows: rejected by s.b != 3"));
  EXPECT_TRUE(f.notes(std::to_string(broken[1]) + " of 3600 rows: rejected by s.a + s.b <= 100"));
  EXPECT_TRUE(f.notes(std::to_string(broken[2]) + " of 3600 rows: rejected by s.a * s.b != 40"));
  EXPECT_TRUE(f.notes(std::to_string(infeasible) + " of 3600 rows: infeasible: s.room"));
  expect_same_bits(f, found(begin + R"("where": )" + conditions + R"(, "study": {)" + study + "}}", 7));
}

/// Over several blocks of designs, whatever a condition reads: one or several axes, the last or not, none, or too many to be
/// looked up.
TEST(Optimize, DesignsAreRejectedInTheNameOfTheFirstConditionThatTheyBreak) {
  const std::string begin = R"({"version": 1, "inputs": {"p": 1, "q": 1, "least": 3},
      "stages": {"s": {"solver": "analytic_cliff"}, "t": {"solver": "analytic_hump", "a": "$p", "b": "$q"},
                 "u": {"solver": "analytic_hump", "a": "$least"}},
      "axes": [{"p": {"from": 1, "to": 7, "steps": 7}}, {"s.a": {"from": 1, "to": 30, "steps": 30}},
               {"q": {"from": 1, "to": 12, "steps": 12}}, {"s.b": {"from": 1, "to": 40, "steps": 40}}], )";
  const std::string study = R"("study": {"use": "optimize", "goal": "max s.y", "method": "exhaustive", "keep": 40}})";
  const std::string small = R"("$least > 2", "$p != 2 or $q < 5", "s.b > $least", )";
  const std::string large = R"("$p + s.a + $q + s.b <= 70", "s.a != 7")";
  std::array<int, 5> broken{};
  int infeasible = 0;
  int left = 0;
  for (int p = 1; p <= 7; ++p)
    for (int a = 1; a <= 30; ++a)
      for (int q = 1; q <= 12; ++q)
        for (int b = 1; b <= 40; ++b) {
          const int first = p == 2 && q >= 5 ? 1 : b <= 3 ? 2 : p + a + q + b > 70 ? 3 : a == 7 ? 4 : 5;
          if (first < 5) ++broken[static_cast<std::size_t>(first)];
          if (first == 5) ++(a > b ? infeasible : left);
        }
  const std::string of_all = " of 100800 rows: ";
  const Found f = found(begin + R"("where": [)" + small + large + "], " + study);
  EXPECT_FALSE(f.notes("rejected by $least > 2"));
  EXPECT_TRUE(f.notes(std::to_string(broken[1]) + of_all + "rejected by $p != 2 or $q < 5"));
  EXPECT_TRUE(f.notes(std::to_string(broken[2]) + of_all + "rejected by s.b > $least"));
  EXPECT_TRUE(f.notes(std::to_string(broken[3]) + of_all + "rejected by $p + s.a + $q + s.b <= 70"));
  EXPECT_TRUE(f.notes(std::to_string(broken[4]) + of_all + "rejected by s.a != 7"));
  EXPECT_TRUE(f.notes(std::to_string(infeasible) + of_all + "infeasible: s.room"));
  EXPECT_TRUE(f.notes(std::to_string(left) + of_all + "feasible, and every condition met"));
  EXPECT_EQ(f.summary.rows, 100800u + 40u);
  EXPECT_EQ(f.summary.skipped, 0u);  // all of them are told by condition
  std::uint64_t rejected = 0;
  for (const auto& [condition, rows] : f.summary.rejected) rejected += rows;
  EXPECT_EQ(rejected, static_cast<std::uint64_t>(broken[1] + broken[2] + broken[3] + broken[4]));
  expect_same_bits(f, found(begin + R"("where": [)" + small + large + "], " + study, 3));
  // In another order the same designs are left, the others in other names.
  const Found turned = found(begin + R"("where": ["s.a != 7", )" + small + R"("$p + s.a + $q + s.b <= 70"], )" + study);
  ASSERT_EQ(turned.cells.size(), f.cells.size());
  for (std::size_t r = 0; r < f.cells.size(); ++r)
    EXPECT_EQ(std::memcmp(turned.cells[r].data(), f.cells[r].data(), 4 * sizeof(Cell)), 0) << r;
  EXPECT_TRUE(turned.notes("3360" + of_all + "rejected by s.a != 7"));
  const Found none = found(begin + R"("where": ["$least > 3", )" + small + large + "], " + study);
  EXPECT_TRUE(none.notes("100800" + of_all + "rejected by $least > 3"));
  EXPECT_TRUE(none.notes("no design of 100800 is feasible"));
}

TEST(Optimize, ADesignKeepsTheReasonThatItsSolverGives) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "parallel_layout", "workload": "Llama3_8B",
      "fleet": {"node": "DGX_H100", "fabric": "InfiniBand_NDR", "nodes": 4}, "batch_size": 64, "zero_stage": 3}},
      "axes": [{"s.tensor_parallel": [2, 1, 3, 4, 8, 16]}], "where": ["s.tensor_parallel != 2", "s.tensor_parallel != 4"],
      "study": {"use": "optimize", "goal": "min step_time"}})");
  EXPECT_TRUE(f.notes("1 of 6 rows: rejected by s.tensor_parallel != 2"));
  EXPECT_TRUE(f.notes("1 of 6 rows: rejected by s.tensor_parallel != 4"));
  EXPECT_TRUE(f.notes("1 of 6 rows: s: tensor_parallel * pipeline_parallel * expert_parallel must divide"));
  EXPECT_TRUE(f.notes("1 of 6 rows: s: tensor_parallel must not exceed the accelerators of a node"));
}

TEST(Optimize, RulesOfASolverAreCountedByTheirText) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "parallel_layout", "workload": "Llama3_8B",
      "fleet": {"node": "DGX_H100", "fabric": "InfiniBand_NDR", "nodes": 4}, "batch_size": 64, "zero_stage": 3}},
      "axes": [{"s.tensor_parallel": [1, 2, 3, 8, 16]}], "study": {"use": "optimize", "goal": "min step_time"}})");
  EXPECT_TRUE(f.notes("1 of 5 rows: s: tensor_parallel * pipeline_parallel * expert_parallel must divide"))
      << f.summary.notes.size();
  EXPECT_TRUE(f.notes("1 of 5 rows: s: tensor_parallel must not exceed the accelerators of a node"));
}

TEST(Optimize, ASpaceWithoutADesign) {
  const Found f = optimize("cliff", R"("goal": "max y")", R"([{"s.a": [6, 7, 8]}])", R"("b": 5)");
  EXPECT_EQ(f.summary.exit_status(), 2);
  EXPECT_TRUE(f.notes("no design of 3 is feasible and meets every condition"));
  EXPECT_TRUE(f.notes("3 of 3 rows: infeasible: s.room"));
  const Found searched = optimize("cliff", R"("goal": "max y")", R"([{"s.a": {"from": 6, "to": 8}}])", R"("b": 5)");
  EXPECT_EQ(searched.summary.exit_status(), 2);
  const Found absent = optimize("partly", R"("goal": "max y")", R"([{"s.a": [2, 3]}])");
  EXPECT_EQ(absent.summary.exit_status(), 2);
  EXPECT_TRUE(absent.notes("2 of 2 rows: the goal has no value"));
}

TEST(Optimize, Refusals) {
  const auto why = [](const std::string& options, const std::string& axes = two_ranges) {
    return refused([&] { (void)optimize("hump", options, axes); });
  };
  EXPECT_NE(why(R"("goal": "max y")", "[]").find("needs something to choose"), std::string::npos);
  EXPECT_NE(why(R"("goal": "max z")").find("/study/goal: column 5: unknown name 'z'"), std::string::npos);
  EXPECT_NE(why(R"("goal": ["max y", "min y"])").find("takes one goal"), std::string::npos);
  EXPECT_NE(why(R"("goal": "max y", "method": "exhaustive")").find("has a range without steps"), std::string::npos);
  EXPECT_NE(why(R"("goal": "max y", "method": "nlopt")", R"([{"s.a": [1, 2]}])").find("use evolution"), std::string::npos);
  EXPECT_NE(why(R"("goal": "max y", "method": "random")").find("not 'random'"), std::string::npos);
  EXPECT_NE(why(R"("goal": "max y", "keep": 0)").find("takes a count from 1 to 10000"), std::string::npos);
  EXPECT_NE(why(R"("goal": "max y", "evaluations": 3)").find("takes a count from 16"), std::string::npos);
}

TEST(Optimize, ThreadsDoNotChangeABit) {
  for (const std::string axes : {R"([{"s.a": {"from": 0, "to": 9, "steps": 200}}, {"s.b": {"from": 0, "to": 9, "steps": 200}}])",
                                 R"([{"s.a": {"from": 0, "to": 9}}, {"s.b": {"from": 0, "to": 9}}])",
                                 R"([{"s.a": {"from": 0, "to": 9, "steps": 200}}, {"s.b": {"from": 0, "to": 9}}])"}) {
    const Found one = optimize("hump", R"("goal": "max y")", axes);
    const Found seven = optimize("hump", R"("goal": "max y")", axes, {}, 7);
    expect_same_bits(one, seven);
  }
}

}  // namespace
}  // namespace ironlaw::studies_test
