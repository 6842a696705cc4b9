// The inverse of a pipeline, fed back.
#include "study_fixture.hpp"

#include <random>

namespace ironlaw::studies_test {
namespace {

/// A pipeline with one unknown, its range, and the output that a target is set on.
struct Question {
  std::string stages;
  std::string unknown;
  double low, high;
  std::string unit;  ///< of the unknown
  std::string output;
  std::string target_unit;
  bool more_is_better;  ///< the output rises with the unknown
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  double between(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }
  Question question() {
    switch (std::uniform_int_distribution<int>(0, 3)(random_)) {
      case 0:
        return node();
      case 1:
        return amdahl();
      default:
        return chain();
    }
  }

 private:
  const char* one_of(std::initializer_list<const char*> names) {
    return names.begin()[std::uniform_int_distribution<std::size_t>(0, names.size() - 1)(random_)];
  }
  std::string numbers() { return R"(, "b": )" + in_full(between(0.1, 9)) + R"(, "c": )" + in_full(between(0.1, 9)); }

  /// One to three functions that rise with their first input, one fed by the other.
  Question chain() {
    Question q{R"("s0": {"solver": "analytic_)" + std::string(one_of({"sum", "product", "power", "linear", "kinked"})) + "\"" +
                   numbers() + R"(, "a": "$x"})",
               "x",
               between(0.1, 1),
               between(10, 1000),
               "",
               "s0.y",
               "",
               true};
    const int more = std::uniform_int_distribution<int>(0, 2)(random_);
    for (int s = 1; s <= more; ++s) {
      const auto name = std::to_string(s);
      q.stages += ", \"s" + name + R"(": {"solver": "analytic_)" + one_of({"sum", "product", "power", "linear", "kinked"}) +
                  "\"" + numbers() + R"(, "a": "$s)" + std::to_string(s - 1) + R"(.y"})";
      q.output = "s" + name + ".y";
    }
    q.stages = R"("stages": {)" + q.stages + R"(}, "inputs": {"x": 1})";
    return q;
  }
  Question node() {
    const bool bandwidth = between(0, 1) < 0.5;
    const std::string batch = std::to_string(std::uniform_int_distribution<int>(1, 64)(random_));
    return {R"("stages": {"s": {"solver": "single_node", "workload": ")" +
                std::string(one_of({"ResNet50", "Llama3_8B", "BERT_Base", "GPT2"})) + R"(", "hardware": ")" +
                one_of({"A100", "H100", "H200", "T4"}) + R"(", "efficiency": )" + in_full(between(0.2, 1)) +
                R"(, "batch_size": )" + batch + "}}",
            bandwidth ? "s.hardware.memory_bandwidth" : "s.efficiency",
            bandwidth ? between(0.05, 0.5) : 0.01,
            bandwidth ? between(5, 50) : 1,
            bandwidth ? " TB/s" : "",
            "s.latency",
            " s",
            false};
  }
  Question amdahl() {
    return {
        R"("stages": {"s": {"solver": "amdahl", "stage_speedup": 1, "improved_fraction": )" + in_full(between(0.1, 0.99)) + "}}",
        "s.stage_speedup",
        1,
        between(2, 1000),
        "",
        "s.speedup",
        "",
        true};
  }

  std::mt19937_64 random_;
};

double output_at(const host::Pipeline& p, const Question& q, double x) {
  auto inputs = p.base();
  inputs[p.input(q.unknown)].number = x;
  const auto answer = host::answer(p, inputs);
  return has_outputs(answer.status) && answer.status == RowStatus::ok ? answer.outputs[p.output(q.output)].number : absent_value;
}

TEST(Synthesis, FedBackMeetsTheTargetOnAThousandPipelines) {
  Generator generator(20260101);
  int met = 0;
  int everywhere = 0;
  for (int i = 0; i < 1000; ++i) {
    const Question q = generator.question();
    const std::string head = R"({"version": 1, )" + q.stages;
    const std::string range = R"("from": ")" + in_full(q.low) + q.unit + R"(", "to": ")" + in_full(q.high) + q.unit + "\"";
    const std::string bare = R"("from": )" + in_full(q.low) + R"(, "to": )" + in_full(q.high);
    const std::string axes = R"(, "axes": [{")" + q.unknown + "\": {" + (q.unit.empty() ? bare : range) + "}}]";
    const host::Pipeline probe = compiled(head + axes + R"(, "study": {"use": "uncertainty"}})");
    const double scale = q.unit.empty() ? 1 : 1e12;
    const double at = output_at(probe, q, scale * generator.between(q.low, q.high));
    if (std::isnan(at)) continue;  // what does not fit is another test
    const std::string target = q.output + (q.more_is_better ? " >= " : " <= ") + in_full(at) + q.target_unit;
    const Found f = found(head + axes + R"(, "study": {"use": "synthesis", "targets": ")" + target + R"("}})");
    ASSERT_EQ(f.cells.size(), 1u) << target;
    const std::string outcome = f.text(0, "outcome");
    const double value = f.cells[0][0].number;
    const auto meets = [&](double x) {
      const double y = output_at(probe, q, x);
      return q.more_is_better ? y >= at : y <= at;
    };
    ASSERT_TRUE(meets(value)) << head << target;
    if (outcome == "met over the whole range") {
      ++everywhere;
      EXPECT_EQ(value, scale * q.low);
      continue;
    }
    ASSERT_EQ(outcome, "met") << head << target;
    const double below = f.number(0, "misses_at");
    EXPECT_EQ(std::nextafter(below, value), value);
    EXPECT_LT(below, value);
    EXPECT_FALSE(meets(below)) << head << target;
    ++met;
  }
  EXPECT_GT(met, 700);
  EXPECT_GE(met + everywhere, 950);
}

TEST(Synthesis, CountsListsAndObjects) {
  const auto least = [](const std::string& axis, const std::string& targets) {
    return found(analytic("partly", "", R"("use": "synthesis", "targets": )" + targets, axis));
  };
  const Found count = least(R"([{"s.count": {"from": 1, "to": 100}}])", R"("cube >= 100")");
  EXPECT_EQ(count.cells[0][0].number, 5);
  EXPECT_EQ(count.number(0, "misses_at"), 4);
  const Found list = least(R"([{"s.count": [50, 3, 8, 5, 2]}])", R"("cube >= 100")");
  EXPECT_EQ(list.cells[0][0].number, 5);
  EXPECT_EQ(list.number(0, "misses_at"), 3);
  const Found all = least(R"([{"s.count": [7, 6]}])", R"("cube >= 100")");
  EXPECT_EQ(all.cells[0][0].number, 6);
  EXPECT_EQ(all.text(0, "outcome"), "met over the whole range");
  const Found device =
      found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_70B", "hardware": "T4"}},
      "axes": [{"s.hardware": ["T4", "A100", "H100", "H200", "MI300X"]}], "study": {"use": "synthesis", "targets": "feasible"}})");
  EXPECT_EQ(device.text(0, "outcome"), "met");
}

TEST(Synthesis, TheLargestThatStillMeets) {
  const Found f =
      found(analytic("cliff", R"("b": 7)", R"("use": "synthesis", "targets": "y > 0", "largest": "a", "outputs": "y")",
                     R"([{"s.a": {"from": 1, "to": 100}}])"));
  EXPECT_EQ(f.cells[0][0].number, 7);  // an infeasible row meets no target
  EXPECT_EQ(f.number(0, "misses_at"), std::nextafter(7.0, 8.0));
  EXPECT_EQ(f.number(0, "y"), 49);
  EXPECT_TRUE(f.notes("binds: s.room: 7 of 7 (100 %)"));
}

TEST(Synthesis, SeveralTargetsHoldTogether) {
  const Found f = found(analytic("sum", R"("b": 0, "c": 0)", R"("use": "synthesis", "targets": ["y >= 3", "s.y * s.y >= 16"])",
                                 R"([{"s.a": {"from": 0, "to": 100}}])"));
  EXPECT_EQ(f.cells[0][0].number, 4);
}

TEST(Synthesis, SeveralUnknownsAreAFront) {
  const Found f = found(analytic("product", "", R"("use": "synthesis", "targets": "y >= 10")",
                                 R"([{"s.a": {"from": 1, "to": 9, "steps": 9}}, {"s.b": {"from": 0.1, "to": 100}}])"));
  ASSERT_EQ(f.cells.size(), 9u);
  for (std::size_t r = 0; r < f.cells.size(); ++r) {
    EXPECT_EQ(f.number(r, "a"), static_cast<double>(r + 1));
    EXPECT_GE(f.number(r, "a") * f.number(r, "b"), 10);
    EXPECT_LT(f.number(r, "a") * f.number(r, "misses_at"), 10);
  }
  const Found counts = found(analytic("product", "", R"("use": "synthesis", "targets": "y >= 10")",
                                      R"([{"s.a": [1, 2, 3, 4, 5]}, {"s.b": [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}])"));
  std::vector<std::pair<double, double>> front;
  for (const auto& row : counts.cells) front.emplace_back(row[0].number, row[1].number);
  EXPECT_EQ(front, (std::vector<std::pair<double, double>>{{1, 10}, {2, 5}, {3, 4}, {4, 3}, {5, 2}}));
  const Found dominated = found(analytic("kinked", R"("c": 0)", R"("use": "synthesis", "targets": "y >= 5")",
                                         R"([{"s.a": {"from": 1, "to": 6, "steps": 6}}, {"s.b": {"from": 1, "to": 9}}])"));
  front.clear();
  for (const auto& row : dominated.cells) front.emplace_back(row[0].number, row[1].number);
  EXPECT_EQ(front, (std::vector<std::pair<double, double>>{{1, 5}, {5, 1}}));
}

TEST(Synthesis, WhatHasNoInverseSaysSo) {
  const Found none =
      found(analytic("sum", "", R"("use": "synthesis", "targets": "y >= 1000")", R"([{"s.a": {"from": 0, "to": 10}}])"));
  EXPECT_EQ(none.text(0, "outcome"), "no value meets the targets");
  EXPECT_EQ(none.summary.exit_status(), 2);
  EXPECT_TRUE(none.notes("no value in the range meets the targets; the nearest is a = 10"));
  EXPECT_TRUE(none.notes("misses y >= 1000 by 99 %: y is "));
  const Found low =
      found(analytic("sum", "", R"("use": "synthesis", "targets": "y <= -1000")", R"([{"s.a": {"from": 0, "to": 10}}])"));
  EXPECT_TRUE(low.notes("no value in the range meets the targets; the nearest is a = 0"));
  const Found full =
      found(R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "Llama3_70B", "hardware": "H100"}},
      "axes": [{"s.hardware.memory_bandwidth": {"from": "1 TB/s", "to": "100 TB/s"}}],
      "study": {"use": "synthesis", "targets": "latency <= 20 ms"}})");
  EXPECT_TRUE(full.notes("exceeds s.memory by 64 %: "));
  EXPECT_TRUE(full.notes("(164 %)"));
  const Found hump = found(analytic("hump", R"("b": 2, "c": 10)", R"("use": "synthesis", "targets": "y >= 5")",
                                    R"([{"s.a": {"from": 0, "to": 10}}])"));
  EXPECT_EQ(hump.text(0, "outcome"), "not monotone");
  EXPECT_EQ(hump.summary.exit_status(), 1);
  EXPECT_TRUE(hump.notes("fail at a later one"));
  const Found rising = found(
      analytic("hump", R"("b": 2, "c": 10)", R"("use": "synthesis", "targets": "y >= 5")", R"([{"s.a": {"from": 0, "to": 5}}])"));
  EXPECT_NEAR(rising.cells[0][0].number, 5 - std::sqrt(5.0), 1e-14);
}

TEST(Synthesis, Refusals) {
  const auto why = [](const std::string& study, const std::string& axes) {
    return refused([&] { (void)found(analytic("sum", "", R"("use": "synthesis")" + study, axes)); });
  };
  const std::string range = R"([{"s.a": {"from": 0, "to": 10}}])";
  EXPECT_NE(why(R"(, "targets": "y >= 1")", "[]").find("needs an unknown: an axis with a range"), std::string::npos);
  EXPECT_NE(why("", range).find(R"(needs "targets")"), std::string::npos);
  EXPECT_NE(why(R"(, "targets": "y")", range).find("targets"), std::string::npos);
  EXPECT_NE(why(R"(, "targets": "y >= 1", "largest": "b")", range).find("s.b is on no axis"), std::string::npos);
}

TEST(Synthesis, ThreadsDoNotChangeABit) {
  const auto with = [](std::size_t threads) {
    return found(analytic("product", "", R"("use": "synthesis", "targets": "y >= 17")",
                          R"([{"s.b": {"from": 1, "to": 3}}, {"s.a": {"from": 0.1, "to": 100}}])"),
                 threads);
  };
  const Found one = with(1);
  const Found seven = with(7);
  ASSERT_EQ(one.cells.size(), 33u);
  expect_same_bits(one, seven);
}

}  // namespace
}  // namespace ironlaw::studies_test
