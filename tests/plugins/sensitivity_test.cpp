// Elasticities against closed forms, kinks, edges, counts and cliffs.
#include "study_fixture.hpp"

#include <random>

namespace ironlaw::studies_test {
namespace {

const std::string use = R"("use": "sensitivity")";

TEST(Sensitivity, SumsProductsAndPowersToEightDigits) {
  struct Case {
    const char* solver;
    std::function<std::array<double, 3>(double, double, double)> elasticities;
  };
  const std::array cases{Case{"sum",
                              [](double a, double b, double c) {
                                const double y = a + 2 * b + c;
                                return std::array{a / y, 2 * b / y, c / y};
                              }},
                         Case{"product",
                              [](double, double, double) {
                                return std::array{1.0, 1.0, -1.0};
                              }},
                         Case{"power",
                              [](double, double, double) {
                                return std::array{2.5, -1.5, 0.5};
                              }},
                         Case{"linear", [](double a, double b, double c) {
                                const double y = 3 + 2 * a - b + 0.5 * c;
                                return std::array{2 * a / y, -b / y, 0.5 * c / y};
                              }}};
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> decades(-6, 6);
  std::uniform_real_distribution<double> share(0.05, 1);
  for (const auto& c : cases) {
    for (int i = 0; i < 50; ++i) {
      const double a = std::pow(10, decades(random));
      const std::array at{a, a * share(random), a * share(random)};
      const Found f = found(
          analytic(c.solver, "\"a\": " + in_full(at[0]) + ", \"b\": " + in_full(at[1]) + ", \"c\": " + in_full(at[2]), use));
      const auto expected = c.elasticities(at[0], at[1], at[2]);
      for (std::size_t k = 0; k < 3; ++k) {
        const auto row = f.row("input", std::string(1, static_cast<char>('a' + k)));
        EXPECT_NEAR(f.number(row, "elasticity"), expected[k], 1e-8 * std::max(1.0, std::abs(expected[k])))
            << c.solver << " " << i;
      }
    }
  }
}

TEST(Sensitivity, TheFiniteStepStandsBesideTheDerivative) {
  const Found f = found(analytic("power", R"("a": 2, "b": 3)", use + R"(, "inputs": ["a", "s.b"], "step": 0.2)"));
  EXPECT_NEAR(f.number(f.row("input", "a"), "step_up"), std::pow(1.2, 2.5) - 1, 1e-14);
  EXPECT_NEAR(f.number(f.row("input", "b"), "step_down"), std::pow(0.8, -1.5) - 1, 1e-14);
  EXPECT_EQ(f.text(0, "input"), "a");  // the strongest first
  EXPECT_EQ(f.text(0, "at"), "2");
}

TEST(Sensitivity, AKinkHasTwoSides) {
  const Found f = found(analytic("kinked", R"("a": 4, "b": 4, "c": 4)", use + R"(, "inputs": ["a", "b", "c"])"));
  const auto a = f.row("input", "a");
  EXPECT_EQ(f.text(a, "kind"), "kink");
  EXPECT_TRUE(std::isnan(f.number(a, "elasticity")));
  EXPECT_NEAR(f.number(a, "left"), 0, 1e-10);
  EXPECT_NEAR(f.number(a, "right"), 0.5, 1e-8);
  EXPECT_EQ(f.text(f.row("input", "c"), "kind"), "smooth");
}

TEST(Sensitivity, AKinkNearbyDoesNotReachTheDerivative) {
  for (const double away : {1e-1, 1e-2, 1e-3, 1e-4}) {
    const Found f = found(analytic("kinked", "\"a\": 4, \"b\": " + in_full(4 * (1 - away)) + R"(, "c": 4)", use));
    EXPECT_NEAR(f.number(f.row("input", "a"), "elasticity"), 0.5, 1e-8) << away;
  }
}

TEST(Sensitivity, AtTheEndOfItsRangeAnInputHasOneSide) {
  const Found f = found(
      R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "efficiency": 1}},
          "study": {"use": "sensitivity", "outputs": "achieved_peak_rate", "inputs": "efficiency"}})");
  EXPECT_EQ(f.text(0, "kind"), "edge");
  EXPECT_NEAR(f.number(0, "elasticity"), 1, 1e-8);
  EXPECT_NEAR(f.number(0, "left"), 1, 1e-8);
  EXPECT_TRUE(std::isnan(f.number(0, "right")));
  EXPECT_TRUE(std::isnan(f.number(0, "cliff_above")));  // the end of a range is no cliff
}

TEST(Sensitivity, CliffsAreBisectedOnEitherSide) {
  const Found up = found(analytic("cliff", R"("a": 1, "b": 1.05)", use + R"(, "inputs": ["a", "b"], "outputs": "y")"));
  EXPECT_NEAR(up.number(up.row("input", "a"), "cliff_above"), 1.05, 1e-14);
  EXPECT_TRUE(std::isnan(up.number(up.row("input", "a"), "cliff_below")));
  EXPECT_NEAR(up.number(up.row("input", "b"), "cliff_below"), 1 / 1.05, 1e-14);
  EXPECT_TRUE(up.notes("cliff: a at 1.05: infeasible, s.room"));
  EXPECT_TRUE(up.notes("binds: s.room"));
  EXPECT_NEAR(up.number(0, "elasticity"), 1, 1e-8);  // outputs go on behind a cliff

  const Found over = found(analytic("cliff", R"("a": 1.05, "b": 1)", use + R"(, "inputs": "a", "outputs": "y")"));
  EXPECT_TRUE(over.notes("the design itself is infeasible"));
  EXPECT_NEAR(over.number(0, "cliff_below"), 1 / 1.05, 1e-14);
}

TEST(Sensitivity, CountsMoveByOne) {
  const Found f = found(analytic("partly", R"("count": 4, "a": 0.5)", use + R"(, "inputs": "count", "outputs": "cube")"));
  EXPECT_EQ(f.text(0, "kind"), "count");
  EXPECT_NEAR(f.number(0, "step_up"), 125.0 / 64 - 1, 1e-14);
  EXPECT_NEAR(f.number(0, "step_down"), 27.0 / 64 - 1, 1e-14);
  EXPECT_NEAR(f.number(0, "left"), 3, 1e-12);
  EXPECT_NEAR(f.number(0, "right"), 3, 1e-12);
  const Found one = found(analytic("partly", "", use + R"(, "inputs": "count", "outputs": "cube")"));
  EXPECT_TRUE(std::isnan(one.number(0, "step_down")));
  EXPECT_TRUE(std::isnan(one.number(0, "cliff_below")));
}

TEST(Sensitivity, ValuesThatAreZeroOrAbsent) {
  const Found zero = found(analytic("linear", R"("a": -1.5, "b": 0.5, "c": 1)", use));
  EXPECT_EQ(zero.cells.size(), 0u);
  EXPECT_TRUE(zero.notes("3 pairs left out"));
  const Found named = found(analytic("linear", R"("a": -1.5, "b": 0.5, "c": 1)", use + R"(, "inputs": "a")"));
  EXPECT_EQ(named.text(0, "kind"), "zero");
  const Found absent = found(analytic("partly", R"("a": 2)", use + R"(, "inputs": "a", "outputs": "y")"));
  EXPECT_EQ(absent.text(0, "kind"), "no value");
  const Found edge = found(analytic("partly", R"("a": 1)", use + R"(, "inputs": "a", "outputs": "y")"));
  EXPECT_EQ(edge.text(0, "kind"), "edge");
  EXPECT_NEAR(edge.number(0, "left"), 1, 1e-8);
}

TEST(Sensitivity, WhatCannotBeDifferentiated) {
  const auto why = [](const std::string& ports, const std::string& options, const std::string& solver = "partly",
                      const std::string& axes = "[]") {
    return refused([&] { (void)found(analytic(solver, ports, use + ", " + options, axes)); });
  };
  EXPECT_NE(why("", R"("inputs": "precision")").find("s.precision: is no number"), std::string::npos);
  EXPECT_NE(why(R"("a": 0)", R"("inputs": "a")").find("is 0, where no elasticity is"), std::string::npos);
  EXPECT_NE(why("", R"("inputs": "cuont")").find("no input 'cuont'; did you mean 'count'?"), std::string::npos);
  EXPECT_NE(why("", R"("outputs": "cubes")").find("cube"), std::string::npos);
  EXPECT_NE(why("", R"("step": 1)").find("sensitivity: step: takes a share between 0 and 1"), std::string::npos);
  EXPECT_NE(why(R"("a": 1)", R"("inputs": "b")", "cliff", R"([{"s.a": {"from": 1, "to": 2}}])").find("a range without steps"),
            std::string::npos);
  EXPECT_NE(
      refused([] {
        (void)found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "TPUv5e",
                  "precision": "fp64"}}, "study": {"use": "sensitivity"}})");
      }).find("the design itself has no answer"),
      std::string::npos);
}

TEST(Sensitivity, OverAxesADesignHasItsOwnRows) {
  const Found f = found(analytic("sum", R"("b": 1, "c": 2)", use + R"(, "inputs": ["a", "b"])", R"([{"s.a": [1, 3]}])"));
  ASSERT_EQ(f.cells.size(), 4u);  // y = a + 2 b + c
  for (std::size_t r = 0; r < 4; ++r) {
    const double a = f.number(r, "a");
    const double expected = (f.text(r, "input") == "a" ? a : 2) / (a + 4);
    EXPECT_NEAR(f.number(r, "elasticity"), expected, 1e-8) << r;
  }
  EXPECT_EQ(f.number(0, "a"), 1);
  EXPECT_EQ(f.number(3, "a"), 3);
}

TEST(Sensitivity, LooksAtTheFieldsOfObjectsByItself) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "study": {"use": "sensitivity", "outputs": "latency"}})");
  const double share = f.number(f.row("input", "hardware.memory_bandwidth"), "elasticity");
  EXPECT_NEAR(share, f.number(f.row("input", "memory_efficiency"), "left"), 1e-7);
  EXPECT_LT(share, -0.9);
}

TEST(Sensitivity, ReachesObjectsInObjects) {
  const Found f =
      found(R"({"version": 1, "stages": {"s": {"solver": "distributed", "workload": "Llama3_8B", "fleet": "Training_1K",
      "batch_size": 1024, "zero_stage": 3}}, "study": {"use": "sensitivity", "outputs": "step_time"}})");
  const double rate = f.number(f.row("input", "fleet.node.accelerator.peak_rate.fp16"), "elasticity");
  EXPECT_NEAR(rate, f.number(f.row("input", "efficiency"), "elasticity"), 1e-7);
  EXPECT_LT(f.number(f.row("input", "fleet.fabric.link_bandwidth"), "elasticity"), 0);
}

TEST(Sensitivity, FieldsOfObjectsAndOutputsThatAreExpressions) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "study": {"use": "sensitivity", "outputs": ["memory_time", "s.memory_time * s.memory_time"], "inputs": "hardware.memory_bandwidth"}})");
  EXPECT_NEAR(f.number(0, "elasticity"), -1, 1e-8);
  EXPECT_NEAR(f.number(1, "elasticity"), -2, 1e-8);
}

TEST(Sensitivity, OfADesignThatDoesNotFit) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_70B", "hardware": "T4"}},
      "study": {"use": "sensitivity", "outputs": "latency", "inputs": "hardware.memory_bandwidth"}})");
  ASSERT_EQ(f.status.size(), 1u);
  EXPECT_EQ(f.status[0], RowStatus::infeasible);
  EXPECT_EQ(f.summary.exit_status(), 2);
  EXPECT_GT(f.number(0, "at_value"), 1e11);
  EXPECT_EQ(f.text(0, "unit"), "B/s");
}

TEST(Studies, IncludeNothingOfASolver) {
  const std::vector<std::string> headers{"<ironlaw/study.hpp>",     "<ironlaw/options.hpp>", "<ironlaw/solver.hpp>",
                                         "<ironlaw/maybe.hpp>",     "<ironlaw/error.hpp>",   "<ironlaw/sdk.hpp>",
                                         "<ironlaw/unit_name.hpp>", "<ironlaw/series.hpp>",  "<ironlaw/step_numbers.hpp>"};
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(IRONLAW_STUDIES)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
    ++files;
    std::ifstream text(entry.path());
    for (std::string line; std::getline(text, line);) {
      if (!line.starts_with("#include ")) continue;
      const std::string header = line.substr(9);
      if (header.starts_with("\"")) {
        EXPECT_EQ(header.find('/'), std::string::npos) << entry.path() << ": " << header;
      } else if (header.starts_with("<ironlaw")) {
        EXPECT_NE(std::find(headers.begin(), headers.end(), header), headers.end()) << entry.path() << ": " << header;
      }
    }
  }
  EXPECT_GE(files, 10);
}

}  // namespace
}  // namespace ironlaw::studies_test
