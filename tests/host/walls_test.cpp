// Walls through a session: which binds, in an answer and over a table, and those of a config that is a stage.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "report_fixture.hpp"

namespace ironlaw::host {
namespace {

/// A queue whose walls are told apart by the arrival rate: 10 requests/s of 0.1 s fill one server.
Json queue(const char* rate, const char* target = "1 s") {
  return Json{
      {"solver", "tail_latency"}, {"arrival_rate", rate}, {"service_time", "0.1 s"}, {"replicas", 2}, {"latency_target", target}};
}

Config walls_config(const Json& stages, const Json& axes = Json::array(), Json report = Json::object()) {
  report["walls"] = true;
  return Config::parse(Json{{"version", 1}, {"stages", stages}, {"axes", axes}, {"report", report}}.dump(), "test.json");
}

std::string printed(const Pipeline& pipeline, OutputFormat format) {
  std::ostringstream out;
  report_answer(pipeline, answer(pipeline), false, options_of(format), out);
  return out.str();
}

Json walls_of(const Pipeline& pipeline) { return Json::parse(printed(pipeline, OutputFormat::json)).at("walls"); }

/// Names of the walls, each with its stage and how it binds.
std::vector<std::string> order_of(const Json& walls) {
  std::vector<std::string> order;
  for (const Json& wall : walls)
    order.push_back(wall["stage"].get<std::string>() + "/" + wall["wall"].get<std::string>() + "/" +
                    wall["binds"].get<std::string>());
  return order;
}

std::string table_of(const Pipeline& pipeline, OutputFormat format) {
  std::ostringstream out;
  TableReport table(pipeline, options_of(format), out);
  table.finish(run(pipeline, table, {1}));
  return out.str();
}

TEST(WallsOfAnAnswer, StandInTheOrderInWhichTheyBind) {
  const auto fine = session().compile(walls_config({{"q", queue("4 request/s", "10 s")}}));
  EXPECT_EQ(order_of(walls_of(fine)), (std::vector<std::string>{"q/tail latency: saturation/tightest", "q/tail latency/"}));
  const auto slow = session().compile(walls_config({{"q", queue("4 request/s", "0.2 s")}}));
  EXPECT_EQ(order_of(walls_of(slow)),
            (std::vector<std::string>{"q/tail latency/exceeded (soft)", "q/tail latency: saturation/tightest"}));
  const auto full = session().compile(walls_config({{"q", queue("30 request/s")}}));
  EXPECT_EQ(order_of(walls_of(full)), (std::vector<std::string>{"q/tail latency: saturation/exceeded"}));
}

TEST(WallsOfAnAnswer, MarginIsTheShareOfTheBoundThatIsLeft) {
  const Json wall = walls_of(session().compile(walls_config({{"q", queue("4 request/s", "10 s")}}))).at(0);
  EXPECT_EQ(wall["unit"], "request/s");
  EXPECT_EQ(wall["used"], 4.0);
  EXPECT_NEAR(wall["bound"], 20, 1e-9);
  EXPECT_NEAR(wall["margin"], 0.8, 1e-12);
  EXPECT_EQ(wall["hard"], true);
  EXPECT_EQ(wall["equation"], "lambda < c / s");
}

/// A budget of nothing: exceeded beyond any share, met where nothing is spent.
TEST(WallsOfAnAnswer, BoundOfZero) {
  const auto run_of = [](const char* duration) {
    return Json{{"solver", "economics"},
                {"fleet", {{"accelerator", "H100"}, {"count", 1}}},
                {"grid", "US_Avg"},
                {"duration", duration},
                {"electricity_price", "0.1 USD/kWh"},
                {"budget", "0 USD"}};
  };
  const Json spent = walls_of(session().compile(walls_config({{"c", run_of("1 day")}}))).at(0);
  EXPECT_TRUE(spent["margin"].is_null());
  EXPECT_EQ(spent["binds"], "exceeded (soft)");
  const Json nothing = walls_of(session().compile(walls_config({{"c", run_of("0 day")}}))).at(0);
  EXPECT_EQ(nothing["margin"], 0.0);
  EXPECT_EQ(nothing["binds"], "tightest");
}

TEST(WallsOfAnAnswer, EveryFormatHasThem) {
  const auto pipeline = session().compile(walls_config({{"q", queue("4 request/s")}}));
  EXPECT_TRUE(contains(printed(pipeline, OutputFormat::text), "\nwalls\n  wall "));
  EXPECT_TRUE(contains(printed(pipeline, OutputFormat::markdown), "### walls\n\n| wall | stage | used | bound | margin |"));
  const auto csv = lines_of(printed(pipeline, OutputFormat::csv));
  ASSERT_EQ(csv.size(), 3u);
  EXPECT_EQ(csv[0], "wall,stage,used,bound,unit,margin,hard,binds,equation");
  const auto lines = lines_of(printed(pipeline, OutputFormat::jsonl));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(Json::parse(lines[0])["wall"], "tail latency");
}

TEST(WallsOfAnAnswer, AreNotThereUnlessAsked) {
  const auto pipeline = pipeline_of({{"q", queue("4 request/s")}});
  EXPECT_FALSE(contains(printed(pipeline, OutputFormat::text), "walls"));
  EXPECT_FALSE(Json::parse(printed(pipeline, OutputFormat::json)).contains("walls"));
}

TEST(WallsOfAnAnswer, ReachThroughAConfigThatIsAStage) {
  const auto folder = std::filesystem::temp_directory_path() / "ironlaw_walls_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "inner.json") << Json{
      {"version", 1}, {"inputs", {{"rate", "30 request/s"}}}, {"stages", {{"queue", queue("$rate")}}}};
  std::ofstream(folder / "outer.json") << Json{
      {"version", 1}, {"stages", {{"node", {{"config", "inner.json"}}}}}, {"report", {{"walls", true}}}};
  const auto pipeline = session().compile(Config::read(folder / "outer.json"));
  EXPECT_EQ(order_of(walls_of(pipeline)), (std::vector<std::string>{"node.queue/tail latency: saturation/exceeded"}));
  const Json json = Json::parse(printed(pipeline, OutputFormat::json));
  EXPECT_EQ(json["infeasible"][0]["limit"], "queue.tail latency: saturation");
  std::filesystem::remove_all(folder);
}

/// What the inner config names, the outer one need not.
TEST(WallsOfAnAnswer, OfObjectsThatTheInnerConfigNames) {
  const auto folder = std::filesystem::temp_directory_path() / "ironlaw_inner_objects_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "inner.json") << Json{{"version", 1}, {"stages", {{"pass", single_node()}}}};
  const Json outer{{"version", 1}, {"stages", {{"node", {{"config", "inner.json"}}}}}, {"report", {{"walls", true}}}};
  std::ofstream(folder / "outer.json") << outer;
  const auto walls = order_of(walls_of(session().compile(Config::read(folder / "outer.json"))));
  ASSERT_EQ(walls.size(), 4u);
  EXPECT_EQ(walls.front(), "node.pass/software/tightest");
  EXPECT_EQ(walls.back(), "node.pass/memory/");
  std::filesystem::remove_all(folder);
}

TEST(WallsOfATable, EachRowHasItsFirstWall) {
  const Json rates{"4 request/s", "15 request/s", "30 request/s"};
  const auto csv =
      lines_of(table_of(session().compile(walls_config({{"q", queue("1 request/s", "0.6 s")}}, {{{"q.arrival_rate", rates}}},
                                                       {{"columns", {"arrival_rate", "p99_latency"}}})),
                        OutputFormat::csv));
  ASSERT_EQ(csv.size(), 4u);
  EXPECT_EQ(csv[0], "arrival_rate [request/s],binding_wall,wall_margin,p99_latency [s],status,reason");
  EXPECT_TRUE(csv[1].starts_with("4,tail latency,0.2")) << csv[1];
  EXPECT_TRUE(csv[2].starts_with("15,tail latency,-0.6")) << csv[2];
  EXPECT_TRUE(csv[3].starts_with("30,tail latency: saturation,-0.5")) << csv[3];
}

TEST(WallsOfATable, EndWithASummary) {
  const Json rates{"4 request/s", "15 request/s", "30 request/s", "40 request/s"};
  const auto pipeline = session().compile(walls_config({{"q", queue("1 request/s", "0.6 s")}}, {{{"q.arrival_rate", rates}}}));
  const Json walls = Json::parse(table_of(pipeline, OutputFormat::json)).at("walls");
  ASSERT_EQ(walls.size(), 2u);
  EXPECT_EQ(walls[0]["wall"], "tail latency: saturation");
  EXPECT_EQ(walls[0]["rows"], 4);
  EXPECT_EQ(walls[0]["exceeded"], 2);
  EXPECT_EQ(walls[0]["binds"], 2);
  EXPECT_NEAR(walls[0]["least_margin"], -1, 1e-12);
  EXPECT_EQ(walls[1]["rows"], 2);  // an endless queue has no latency
  EXPECT_EQ(walls[1]["exceeded"], 1);
  EXPECT_TRUE(contains(table_of(pipeline, OutputFormat::text), "\nwalls\n  wall "));
  EXPECT_TRUE(contains(table_of(pipeline, OutputFormat::markdown), "\n### walls\n\n| wall | rows | exceeded |"));
}

/// What several threads count is what one does, in order.
TEST(WallsOfATable, DoNotDependOnThreads) {
  const Json rates{{"from", "1 request/s"}, {"to", "30 request/s"}, {"steps", 9000}};
  const auto pipeline = session().compile(walls_config({{"q", queue("1 request/s")}}, {{{"q.arrival_rate", rates}}}));
  const auto with = [&](std::size_t threads) {
    std::ostringstream out;
    TableReport table(pipeline, options_of(OutputFormat::json), out);
    table.finish(run(pipeline, table, {threads}));
    return out.str();
  };
  EXPECT_EQ(with(1), with(2));
}

TEST(WallsOfATable, RowsThatAConstraintTakesOutAreNotCounted) {
  Json report{{"walls", true}};
  const Json config{{"version", 1},
                    {"stages", {{"q", queue("1 request/s")}}},
                    {"axes", {{{"q.arrival_rate", {"4 request/s", "15 request/s", "30 request/s"}}}}},
                    {"where", {"q.arrival_rate <= 20 request/s"}},
                    {"report", report}};
  const auto pipeline = session().compile(Config::parse(config.dump(), "test.json"));
  const Json walls = Json::parse(table_of(pipeline, OutputFormat::json)).at("walls");
  for (const Json& wall : walls) EXPECT_EQ(wall["rows"], 2) << wall;
}

TEST(WallsInAConfig, TakeTrueOrFalse) {
  const Json config{{"version", 1}, {"stages", {{"q", queue("1 request/s")}}}, {"report", {{"walls", "yes"}}}};
  try {
    (void)session().compile(Config::parse(config.dump(), "test.json"));
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "test.json#/report/walls: takes true or false, not \"yes\"");
  }
}

}  // namespace
}  // namespace ironlaw::host
