// Arithmetic on wires: inputs computed from others and from outputs of stages.
#include "sessions.hpp"

namespace ironlaw::host {
namespace {

std::string with_batch(const std::string& batch, const std::string& rest = R"(, "inputs": {"tp": 2, "replicas": 4})") {
  return one_stage(resnet_on_a100 + R"(, "batch_size": ")" + batch + '"', rest);
}

TEST(PlanArithmetic, AnInputIsComputedFromOthers) {
  const Pipeline p = compiled(with_batch("$tp * $replicas"));
  const Answer a = answer(p);
  EXPECT_EQ(output_of(p, a, "s.batch_size"), 8);
  const Pipeline plain = compiled(one_stage(resnet_on_a100 + R"(, "batch_size": 8)"));
  EXPECT_EQ(output_of(p, a, "s.latency"), output_of(plain, answer(plain), "s.latency"));
}

TEST(PlanArithmetic, FollowsAnAxisRowByRow) {
  const Pipeline p = compiled(with_batch("2 * $tp", R"(, "axes": [{"tp": [1, 2, 3]}])"));
  auto inputs = p.base();
  for (const double tp : {1.0, 3.0}) {
    inputs[p.input("tp")].number = tp;
    EXPECT_EQ(output_of(p, answer(p, inputs), "s.batch_size"), 2 * tp);
  }
}

TEST(PlanArithmetic, ARangeOfWholeNumbersNeedsNoSteps) {
  const Pipeline p = compiled(with_batch("2 * $tp", R"(, "inputs": {"tp": 7}, "axes": [{"tp": {"from": 1, "to": 3}}])"));
  EXPECT_EQ(p.rows(), 3u);
}

TEST(PlanArithmetic, ReadsOutputsOfStagesWithTheirUnits) {
  const Pipeline p = compiled(R"json({"version": 1, "inputs": {"share": 0.5}, "stages": {
      "total": {"solver": "iron_law", "memory_time": "$pass.memory_time * $share + 1 ms", "compute_time": "$pass.compute_time",
                "overhead_time": "max($pass.overhead, $pass.compute_time)"},
      "pass": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}})json");
  const Answer a = answer(p);
  EXPECT_DOUBLE_EQ(output_of(p, a, "total.memory_time"), output_of(p, a, "pass.memory_time") * 0.5 + 1e-3);
}

TEST(PlanArithmetic, AnInputThatAlsoGoesInAsItIs) {
  for (const char* order : {R"("batch_size": "$n * 2", "efficiency": 0.5}, "b": {"batch_size": "$n")",
                            R"("batch_size": "$n", "efficiency": 0.5}, "b": {"batch_size": "$n * 2")"}) {
    const Pipeline p =
        compiled(R"({"version": 1, "inputs": {"n": 4}, "stages": {
        "a": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", )" +
                 std::string(order) + R"(, "solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}})");
    EXPECT_EQ(answer(p).status, RowStatus::ok);
  }
}

TEST(PlanArithmetic, AFieldOfAnObjectIsComputed) {
  const auto energy = [](const std::string& stage) {
    const Pipeline p = compiled(one_stage(stage, R"(, "inputs": {"watts": "200 W"})"));
    return output_of(p, answer(p), "s.energy");
  };
  const double twice = energy(resnet_on_a100 + R"(, "hardware.tdp": "$watts * 4")");
  EXPECT_EQ(twice,
            energy(R"("solver": "single_node", "workload": "ResNet50", "hardware": {"based_on": "A100", "tdp": "4 * $watts"})"));
  EXPECT_EQ(twice, energy(resnet_on_a100 + R"json(, "hardware.tdp": "2 * ($watts + 200 W)")json"));
}

TEST(PlanArithmetic, OfARowThatLeavesTheRangeRefusesThatRow) {
  const Pipeline p = compiled(with_batch("$tp - 2", R"(, "inputs": {"tp": 2})"));
  EXPECT_EQ(answer(p).status, RowStatus::refused);
  EXPECT_EQ(answer(compiled(with_batch("1 / ($tp - 2)", R"(, "inputs": {"tp": 2})"))).status, RowStatus::refused);
}

TEST(PlanArithmetic, WhatItCannotBeIsSaidBeforeAnythingRuns) {
  const auto message = [](const std::string& text) { return refused([&] { compiled(with_batch(text)); }); };
  EXPECT_NE(message("$tq * 2").find("'$tq' is no input and no output of a stage; did you mean '$tp'?"), std::string::npos);
  EXPECT_NE(message("$tp * 1 ms").find("batch_size takes a plain number, but $tp * 1 ms is in s"), std::string::npos);
  EXPECT_NE(message("$tp > 1").find("batch_size takes a number, but $tp > 1 is true or false"), std::string::npos);
  EXPECT_NE(message("$tp *").find("column"), std::string::npos);
  EXPECT_NE(message("$s.latency * 1").find("in a circle"), std::string::npos);
  EXPECT_NE(refused([&] {
              compiled(one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": "$d + 1")",
                                 R"(, "inputs": {"d": "A100"})"));
            }).find("hardware takes an object"),
            std::string::npos);
  EXPECT_NE(
      refused([&] { compiled(with_batch("$d + 1", R"(, "inputs": {"d": "fast"})")); }).find("d is 'fast', which is no number"),
      std::string::npos);
}

TEST(PlanArithmetic, ANameWithAHyphenComesBeforeADifference) {
  const Pipeline p = compiled(with_batch("$tp-1", R"(, "inputs": {"tp-1": 3})"));
  EXPECT_EQ(p.base()[p.input("tp-1")].number, 3);
  const Pipeline difference = compiled(with_batch("$tp-1", R"(, "inputs": {"tp": 2})"));
  EXPECT_EQ(output_of(difference, answer(difference), "s.batch_size"), 1);
}

}  // namespace
}  // namespace ironlaw::host
