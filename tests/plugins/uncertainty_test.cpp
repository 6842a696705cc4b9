// Means, quantiles and shares of variance against closed forms.
#include "study_fixture.hpp"

#include <numbers>

namespace ironlaw::studies_test {
namespace {

const std::string three_inputs =
    R"([{"s.a": {"normal": [1, 0.1]}}, {"s.b": {"uniform": [0, 2]}}, {"s.c": {"triangular": [0, 1, 3]}}])";
const std::array<double, 3> variances{4 * 0.01, 4.0 / 12, 0.25 * (9.0 + 1 - 3) / 18};  // of 2 a, b and c / 2

Found linear(const std::string& options, std::size_t threads = 1) {
  return found(analytic("linear", "", R"("use": "uncertainty", )" + options, three_inputs), threads);
}

TEST(Uncertainty, ALinearPipelineHasAClosedForm) {
  const double mean = 3 + 2 - 1 + 0.5 * 4 / 3;
  const double variance = variances[0] + variances[1] + variances[2];
  const Found sobol = linear(R"("samples": 16384)");
  EXPECT_NEAR(sobol.number(sobol.row("what", "mean"), "y"), mean, 1e-4);
  EXPECT_NEAR(sobol.number(sobol.row("what", "standard_deviation"), "y"), std::sqrt(variance), 1e-4);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto row = sobol.row("what", std::string(1, static_cast<char>('a' + k)));
    EXPECT_NEAR(sobol.number(row, "y first_order"), variances[k] / variance, 0.005);
    EXPECT_NEAR(sobol.number(row, "y total"), variances[k] / variance, 0.005);
  }
  for (int seed = 1; seed <= 5; ++seed) {
    const Found drawn = linear(R"("samples": 40000, "sampling": "monte_carlo", "seed": )" + std::to_string(seed));
    EXPECT_NEAR(drawn.number(drawn.row("what", "mean"), "y"), mean, 4 * std::sqrt(variance / 40000)) << seed;
  }
}

TEST(Uncertainty, TheSeedDecidesTheDraws) {
  const auto mean = [](const std::string& options) {
    const Found f = linear(R"("samples": 100, )" + options);
    return f.number(f.row("what", "mean"), "y");
  };
  EXPECT_EQ(mean(R"("sampling": "monte_carlo", "seed": 7)"), mean(R"("sampling": "monte_carlo", "seed": 7)"));
  EXPECT_NE(mean(R"("sampling": "monte_carlo", "seed": 7)"), mean(R"("sampling": "monte_carlo", "seed": 8)"));
  EXPECT_NE(mean(R"("seed": 7)"), mean(R"("seed": 8)"));
}

TEST(Uncertainty, QuantilesOfADistribution) {
  const Found f = found(analytic("sum", R"("b": 0, "c": 0)", R"("use": "uncertainty", "samples": 100000, "indices": false)",
                                 R"([{"s.a": {"lognormal": [2, 1.5]}}])"));
  const auto quantile = [](double z) { return 2 * std::exp(std::log(1.5) * z); };
  EXPECT_NEAR(f.number(f.row("what", "p50"), "y"), 2, 1e-3);
  EXPECT_NEAR(f.number(f.row("what", "p05"), "y"), quantile(-1.6448536269514722), 1e-3);
  EXPECT_NEAR(f.number(f.row("what", "p95"), "y"), quantile(1.6448536269514722), 2e-3);
}

TEST(Uncertainty, IndicesOfTheIshigamiFunction) {
  const double pi = std::numbers::pi;
  const std::string axes = R"([{"s.a": {"uniform": [)" + in_full(-pi) + "," + in_full(pi) + R"(]}}, {"s.b": {"uniform": [)" +
                           in_full(-pi) + "," + in_full(pi) + R"(]}}, {"s.c": {"uniform": [)" + in_full(-pi) + "," + in_full(pi) +
                           "]}}]";
  const double first_a = 0.5 * std::pow(1 + 0.1 * std::pow(pi, 4) / 5, 2);
  const double first_b = 49.0 / 8;
  const double both = 0.01 * std::pow(pi, 8) * 8 / 225;
  const double all = first_a + first_b + both;
  const Found f = found(analytic("ishigami", "", R"("use": "uncertainty", "samples": 65536)", axes));
  EXPECT_NEAR(f.number(f.row("what", "mean"), "y"), 3.5, 1e-3);
  EXPECT_NEAR(f.number(f.row("what", "standard_deviation"), "y"), std::sqrt(all), 1e-3);
  const std::array<std::array<double, 2>, 3> shares{{{first_a, first_a + both}, {first_b, first_b}, {0, both}}};
  for (std::size_t k = 0; k < 3; ++k) {
    const auto row = f.row("what", std::string(1, static_cast<char>('a' + k)));
    EXPECT_NEAR(f.number(row, "y first_order"), shares[k][0] / all, 0.005) << k;
    EXPECT_NEAR(f.number(row, "y total"), shares[k][1] / all, 0.005) << k;
  }
}

TEST(Uncertainty, WhatDoesNotVaryHasNothingToShareOut) {
  const Found f = found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100"}},
      "axes": [{"s.efficiency": {"from": 0.3, "to": 0.7}}], "study": {"use": "uncertainty", "outputs": "latency", "samples": 512}})");
  EXPECT_EQ(f.number(f.row("what", "standard_deviation"), "latency"), 0);
  EXPECT_TRUE(std::isnan(f.number(f.row("what", "efficiency"), "latency total")));
}

TEST(Uncertainty, DrawsThatAreInfeasibleOrHaveNoValue) {
  const Found cliff = found(analytic("cliff", R"("b": 1)", R"("use": "uncertainty", "outputs": "y", "samples": 1024)",
                                     R"([{"s.a": {"uniform": [0.5, 1.5]}}])"));
  EXPECT_TRUE(cliff.notes("512 of 1024 draws are infeasible"));
  EXPECT_NEAR(cliff.number(cliff.row("what", "mean"), "y"), 1, 1e-3);
  const Found partly = found(
      analytic("partly", "", R"("use": "uncertainty", "outputs": "y", "samples": 1024)", R"([{"s.a": {"uniform": [0, 2]}}])"));
  EXPECT_NEAR(partly.number(partly.row("what", "mean"), "y"), 0.5, 1e-3);  // of the draws that have a value
  const auto why = refused([] {
    (void)found(
        R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "TPUv5e", "precision": "fp64"}},
        "axes": [{"s.efficiency": {"uniform": [0.1, 0.9]}}], "study": {"use": "uncertainty", "samples": 16}})");
  });
  EXPECT_NE(why.find("uncertainty: no draw gives a value: s: TPUv5e states no dense fp64 rate"), std::string::npos) << why;
}

TEST(Uncertainty, ValuesThatAreEquallyLikely) {
  const Found f = found(
      analytic("partly", "", R"("use": "uncertainty", "outputs": "cube", "samples": 4096)", R"([{"s.count": [1, 2, 3, 4]}])"));
  EXPECT_NEAR(f.number(f.row("what", "mean"), "cube"), 25, 1e-9);
}

TEST(Uncertainty, Refusals) {
  const auto why = [](const std::string& options, const std::string& axes = three_inputs) {
    return refused([&] { (void)found(analytic("linear", "", R"("use": "uncertainty")" + options, axes)); });
  };
  EXPECT_NE(why("", "[]").find("needs a random input"), std::string::npos);
  EXPECT_NE(why(R"(, "samples": 1)").find("takes a count from 2"), std::string::npos);
  EXPECT_NE(why(R"(, "sampling": "sobel")").find("takes sobol or monte_carlo, not 'sobel'"), std::string::npos);
  EXPECT_NE(why("", R"([{"s.a": {"normal": [1, 0]}}])").find("/normal/1: s.a = 0 is not allowed"), std::string::npos);
}

TEST(Uncertainty, ThreadsDoNotChangeABit) {
  const Found one = linear(R"("samples": 20000)");
  const Found seven = linear(R"("samples": 20000)", 7);
  expect_same_bits(one, seven);
}

TEST(Uncertainty, WhereNoDrawFits) {
  const auto of = [](const char* device) {
    return found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_70B", "hardware": ")" +
                 std::string(device) + R"("}},
      "axes": [{"s.efficiency": {"from": 0.3, "to": 0.7}}],
      "study": {"use": "uncertainty", "outputs": "latency", "samples": 64}})");
  };
  const Found none = of("T4");
  EXPECT_EQ(none.summary.exit_status(), 2);
  EXPECT_EQ(none.status[0], RowStatus::infeasible);
  EXPECT_TRUE(none.notes("64 of 64 draws are infeasible"));
  EXPECT_EQ(of("B200").summary.exit_status(), 0);
}

}  // namespace
}  // namespace ironlaw::studies_test
