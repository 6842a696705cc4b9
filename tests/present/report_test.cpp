#include "report_fixture.hpp"

#include <gtest/gtest.h>

#include <ironlaw/maybe.hpp>
#include <map>

namespace ironlaw::host {
namespace {

std::string printed(const Pipeline& pipeline, const Answer& a, const ReportOptions& options, bool single = true) {
  std::ostringstream out;
  report_answer(pipeline, a, single, options, out);
  return out.str();
}

/// An answer whose outputs are all absent but for those given.
Answer answer_with(const Pipeline& pipeline, const std::map<std::string, double>& outputs, RowStatus status = RowStatus::ok) {
  Answer a = answer(pipeline);
  for (Cell& cell : a.outputs) cell.number = absent_value;
  for (const auto& [name, value] : outputs) a.outputs[pipeline.output(name)].number = value;
  a.status = status;
  return a;
}

TEST(TextAnswer, ShowsReadableUnitsInAlignedColumnsAndLeavesOutWhatIsAbsent) {
  const auto pipeline = pipeline_of({{"node", single_node()}});
  const auto a = answer_with(
      pipeline, {{"node.latency", 5.4256e-4}, {"node.bottleneck", 1}, {"node.mfu", 0.123456}, {"node.overhead_dominated", 1}});
  EXPECT_EQ(printed(pipeline, a, options_of(OutputFormat::text)),
            "node (single_node): workload ResNet50, hardware A100\n"
            "  latency             542.6 us\n"
            "  bottleneck          " +
                std::string(session().plugins().solver("single_node").outputs()[pipeline.output("node.bottleneck")].choices[1]) +
                "\n"
                "  mfu                 0.1235\n"
                "  overhead_dominated  yes\n");
}

TEST(TextAnswer, NamesAStageLikeItsSolverOnce) {
  const auto pipeline = pipeline_of({{"single_node", single_node()}});
  EXPECT_TRUE(printed(pipeline, answer(pipeline), options_of(OutputFormat::text))
                  .starts_with("single_node: workload ResNet50, hardware A100\n"));
}

TEST(TextAnswer, ShowsWallsAndWhyItIsInfeasible) {
  const auto pipeline = pipeline_of({{"node", single_node()}});
  const auto fits = answer_with(pipeline, {{"node.memory_footprint", 4e10}, {"node.memory_capacity", 8e10}});
  EXPECT_TRUE(contains(printed(pipeline, fits, options_of(OutputFormat::text)), "  limits\n  memory: 40 GB of 80 GB (50 %)\n"));
  EXPECT_FALSE(contains(printed(pipeline, fits, options_of(OutputFormat::text)), "infeasible"));

  const auto over =
      answer_with(pipeline, {{"node.memory_footprint", 1.6e11}, {"node.memory_capacity", 8e10}}, RowStatus::infeasible);
  const std::string text = printed(pipeline, over, options_of(OutputFormat::text));
  EXPECT_TRUE(contains(text, "  memory: 160 GB of 80 GB (200 %), exceeded\n"));
  EXPECT_TRUE(contains(text, "\ninfeasible: memory 160 GB of 80 GB (200 %)"));
}

TEST(TextAnswer, HasColourOnlyWhereAsked) {
  const auto pipeline = pipeline_of({{"node", single_node()}});
  const auto over = answer_with(pipeline, {{"node.memory_footprint", 2}, {"node.memory_capacity", 1}}, RowStatus::infeasible);
  auto options = options_of(OutputFormat::text);
  EXPECT_FALSE(contains(printed(pipeline, over, options), "\033"));
  options.colour = true;
  EXPECT_TRUE(contains(printed(pipeline, over, options), "\033[31minfeasible: memory"));
  options.format = OutputFormat::json;
  EXPECT_FALSE(contains(printed(pipeline, over, options), "\033"));
}

TEST(TextAnswer, PrintsTheStatusOfAStageWithoutOutputs) {
  const auto pipeline = pipeline_of(
      {{"node", single_node()}, {"law", {{"solver", "amdahl"}, {"improved_fraction", "$node.mfu"}, {"stage_speedup", 2}}}});
  auto a = answer_with(pipeline, {}, RowStatus::refused);
  a.errors = {"node.batch_size = 0 is not allowed", "node: no"};
  const std::string text = printed(pipeline, a, options_of(OutputFormat::text), false);
  EXPECT_TRUE(contains(text, "hardware A100\n  refused\n"));
  EXPECT_TRUE(contains(text, "law (amdahl)\n  skipped\n"));
}

TEST(Explain, SubstitutesNumbersAndBreaksLongLinesBetweenPieces) {
  const auto pipeline = pipeline_of({{"law", {{"solver", "amdahl"}, {"improved_fraction", 0.5}, {"stage_speedup", 2}}}});
  auto options = options_of(OutputFormat::text);
  EXPECT_FALSE(contains(printed(pipeline, answer(pipeline), options), "improved_fraction"));
  options.explain = true;
  const std::string text = printed(pipeline, answer(pipeline), options);
  EXPECT_TRUE(contains(text, "  improved_fraction  0.5\n"));
  EXPECT_TRUE(contains(text, "\n  1. relative_time = (1 - p) + p / s = (1 - 0.5) + 0.5 / 2 = 0.75   [Amdahl 1967]\n"));
  options.width = 50;
  EXPECT_TRUE(contains(printed(pipeline, answer(pipeline), options),
                       "\n  1. relative_time = (1 - p) + p / s\n       = (1 - 0.5) + 0.5 / 2 = 0.75\n       [Amdahl 1967]\n"));
  options.format = OutputFormat::markdown;
  EXPECT_TRUE(contains(printed(pipeline, answer(pipeline), options),
                       "\n1. `relative_time = (1 - p) + p / s` `= (1 - 0.5) + 0.5 / 2` `= 0.75` [Amdahl 1967]\n"));
}

TEST(Explain, IsAListInJson) {
  const auto pipeline = pipeline_of({{"law", {{"solver", "amdahl"}, {"improved_fraction", 0.5}, {"stage_speedup", 2}}}});
  auto options = options_of(OutputFormat::json);
  EXPECT_FALSE(Json::parse(printed(pipeline, answer(pipeline), options)).contains("explain"));
  options.explain = true;
  const Json step = Json::parse(printed(pipeline, answer(pipeline), options))["explain"][0];
  EXPECT_EQ(step["what"], "relative_time");
  EXPECT_EQ(step["equation"], "(1 - p) + p / s");
  EXPECT_EQ(step["terms"], Json::parse(R"([{"symbol": "p", "value": 0.5}, {"symbol": "s", "value": 2}])"));
  EXPECT_EQ(step["result"], 0.75);
  EXPECT_EQ(step["source"], "Amdahl 1967");
}

TEST(JsonAnswer, OfOneSolverHasItsInputsAndOutputsAtTheTop) {
  const auto pipeline = pipeline_of({{"single_node", single_node()}});
  const auto a = answer_with(pipeline, {{"single_node.latency", 0.25},
                                        {"single_node.mfu", 0.5},
                                        {"single_node.bottleneck", 0},
                                        {"single_node.overhead_dominated", 0}});
  const Json json = Json::parse(printed(pipeline, a, options_of(OutputFormat::json)));
  EXPECT_EQ(json["solver"], "single_node");
  EXPECT_EQ(json["status"], "ok");
  EXPECT_EQ(json["inputs"]["hardware"], "A100");
  EXPECT_TRUE(json["inputs"]["batch_size"].is_number_integer());
  EXPECT_EQ(json["inputs"]["precision"], "fp16");
  EXPECT_EQ(json["inputs"]["training"], false);
  EXPECT_TRUE(json["inputs"]["tokens_per_sample"].is_null());
  EXPECT_EQ(json["outputs"]["latency"], Json::parse(R"({"value": 0.25, "unit": "s"})"));
  EXPECT_EQ(json["outputs"]["mfu"], 0.5);
  EXPECT_TRUE(json["outputs"]["bottleneck"].is_string());
  EXPECT_EQ(json["outputs"]["overhead_dominated"], false);
  EXPECT_TRUE(json["outputs"]["energy"].is_null());
  EXPECT_FALSE(json.contains("infeasible"));
}

TEST(JsonAnswer, SaysWhereItComesFrom) {
  const auto pipeline = pipeline_of({{"node", single_node()}});
  const Json provenance = Json::parse(printed(pipeline, answer(pipeline), options_of(OutputFormat::json)))["provenance"];
  EXPECT_EQ(provenance["program"], "test 1");
  EXPECT_EQ(provenance["profile"], "native");
  std::vector<std::string> names;
  for (const auto& plugin : provenance["plugins"]) names.push_back(plugin["name"]);
  EXPECT_EQ(names, (std::vector<std::string>{"roofline", "workloads", "hardware"}));
  ASSERT_FALSE(provenance["zoo"].empty());
  const Json& stamp = provenance["zoo"].front();
  EXPECT_TRUE(stamp["version"].is_string());
  for (const char* sum : {"sha256", "records_sha256"}) EXPECT_EQ(stamp[sum].get<std::string>().size(), 64u) << sum;
}

TEST(JsonAnswer, OfARunHasItsStagesAndNamesTheExceededLimit) {
  const auto pipeline = pipeline_of(
      {{"node", single_node()}, {"law", {{"solver", "amdahl"}, {"improved_fraction", "$node.mfu"}, {"stage_speedup", 2}}}});
  const auto a =
      answer_with(pipeline, {{"node.memory_footprint", 3}, {"node.memory_capacity", 1}, {"node.mfu", 0.5}, {"law.speedup", 2}},
                  RowStatus::infeasible);
  const Json json = Json::parse(printed(pipeline, a, options_of(OutputFormat::json), false));
  EXPECT_EQ(json["name"], "chain");
  EXPECT_EQ(json["status"], "infeasible");
  EXPECT_EQ(json["stages"]["node"]["status"], "infeasible");
  EXPECT_EQ(json["stages"]["law"]["status"], "ok");
  EXPECT_EQ(json["stages"]["law"]["inputs"]["improved_fraction"], 0.5);
  EXPECT_EQ(json["stages"]["law"]["outputs"]["speedup"], 2);
  EXPECT_EQ(json["stages"]["node"]["limits"][0]["margin"], Json::parse(R"({"value": -2, "unit": "B"})"));
  EXPECT_EQ(
      json["infeasible"],
      Json::parse(
          R"([{"stage": "node", "limit": "memory", "used": {"value": 3, "unit": "B"}, "bound": {"value": 1, "unit": "B"}}])"));
}

TEST(JsonAnswer, HasTheErrorsOfARefusedRow) {
  const auto pipeline = pipeline_of({{"node", single_node()}});
  auto a = answer_with(pipeline, {}, RowStatus::refused);
  a.errors = {"node: no"};
  const Json json = Json::parse(printed(pipeline, a, options_of(OutputFormat::json)));
  EXPECT_EQ(json["status"], "refused");
  EXPECT_EQ(json["errors"], Json::parse(R"(["node: no"])"));
  EXPECT_TRUE(json["outputs"]["latency"].is_null());
}

TEST(JsonAnswer, NamesObjectsMadeHereAndShowsTheFieldsGiven) {
  auto stage = single_node();
  stage["hardware.tdp"] = "300 W";
  const auto replaced = pipeline_of({{"node", stage}});
  const Json inputs = Json::parse(printed(replaced, answer(replaced), options_of(OutputFormat::json)))["inputs"];
  EXPECT_EQ(inputs["hardware"], "A100*");
  EXPECT_EQ(inputs["hardware.tdp"], Json::parse(R"({"value": 300, "unit": "W"})"));
  EXPECT_FALSE(inputs.contains("hardware.object"));

  stage = single_node();
  stage["hardware"] = Json{{"based_on", "A100"}, {"tdp", "300 W"}};
  const auto made = pipeline_of({{"node", stage}});
  const Json all = Json::parse(printed(made, answer(made), options_of(OutputFormat::json)))["inputs"];
  EXPECT_EQ(all["hardware"], "A100*");
  EXPECT_EQ(all["hardware.tdp"]["value"], 300);
  EXPECT_TRUE(all.contains("hardware.memory_bandwidth"));
}

TEST(Answer, ShowsExpressionsAmongTheColumnsAndConstraintsThatDoNotHold) {
  const auto pipeline = pipeline_of({{"node", single_node()}}, Json::array(), {"latency", "latency * 2"});
  auto a = answer_with(pipeline, {{"node.latency", 0.25}});
  a.derived = {Cell{0.5}};
  a.violated = {"latency <= 50 ms"};
  const Json json = Json::parse(printed(pipeline, a, options_of(OutputFormat::json)));
  EXPECT_EQ(json["derived"]["latency * 2"], Json::parse(R"({"value": 0.5, "unit": "s"})"));
  EXPECT_EQ(json["violated"], Json::parse(R"(["latency <= 50 ms"])"));
  EXPECT_TRUE(contains(printed(pipeline, a, options_of(OutputFormat::text)), "\nderived\n  latency * 2  500 ms\n"));
  EXPECT_TRUE(contains(printed(pipeline, a, options_of(OutputFormat::markdown)), "| latency * 2 | 500 ms |\n"));
  EXPECT_EQ(lines_of(printed(pipeline, a, options_of(OutputFormat::csv))).at(1), "0.25,0.5,ok,");
}

TEST(MarkdownAnswer, HasATableOfOutputs) {
  const auto pipeline = pipeline_of({{"node", single_node()}});
  const auto a = answer_with(pipeline, {{"node.latency", 0.25}, {"node.memory_footprint", 2e9}, {"node.memory_capacity", 1e9}},
                             RowStatus::infeasible);
  const std::string text = printed(pipeline, a, options_of(OutputFormat::markdown));
  EXPECT_TRUE(text.starts_with("### node (single_node): workload ResNet50, hardware A100\n\n**infeasible**\n"));
  EXPECT_TRUE(contains(text, "| output | value |\n| --- | --- |\n| latency | 250 ms |\n"));
  EXPECT_TRUE(contains(text, "| memory | 2 GB of 1 GB (200 %) | yes |\n"));
}

TEST(AnswerRow, IsATableOfOneRow) {
  const auto pipeline =
      pipeline_of({{"node", single_node()}}, Json::array(), {"latency", "batch_size", "overhead_dominated", "energy"});
  const auto a = answer_with(pipeline, {{"node.latency", 0.25}, {"node.overhead_dominated", 1}});
  EXPECT_EQ(printed(pipeline, a, options_of(OutputFormat::csv)),
            "latency [s],batch_size,overhead_dominated,energy [J],status,reason\n0.25,1,true,,ok,\n");
  EXPECT_EQ(printed(pipeline, a, options_of(OutputFormat::jsonl)),
            "{\"latency\":0.25,\"batch_size\":1,\"overhead_dominated\":true,\"energy\":null,\"status\":\"ok\"}\n");
}

}  // namespace
}  // namespace ironlaw::host
