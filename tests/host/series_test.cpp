// Series on ports: from lists to rows, expressions and results.
#include "series_fixture.hpp"

namespace ironlaw::host {
namespace {
using namespace series_fixture;

TEST(Series, ComesFromAListWithUnits) {
  EXPECT_NEAR(output(stage(two), "s.cost"), 0.25, 1e-15);
  EXPECT_DOUBLE_EQ(output(stage(two), "s.peak"), 3000);
  const std::string one_unit =
      R"("solver": "two_series", "load": {"value": [1, 3], "unit": "kW"}, "price": {"value": [10, 30], "unit": "USD/MWh"})";
  EXPECT_NEAR(output(stage(one_unit), "s.cost"), 0.025, 1e-15);
}

TEST(Series, OfTheWrongLengthOrDimensionIsRefusedInOneLine) {
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": ["1 kW", "3 kW"], "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s/price: price has 1 values over quarter, and load has 2");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": [], "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s/load: load has 0 values; allowed: a list of 1 to 96 values of at least 0 W (unit W)");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": ["1 kW", "-1 kW"], "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s/load/1: load = -1 kW is not allowed; allowed: a value of at least 0 W (unit W)");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": ["1 kJ"], "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s/load/0: load takes the unit W, but '1 kJ' has the unit J");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": "2 kW", "price": ["0.1 USD/kWh"])")).substr(0, 29),
            "my.json#/stages/s/load: unkno");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s: two_series needs load (power): give a list of 1 to 96 values of at least 0 W (unit W)");
}

TEST(Series, IsWrittenReadByALaterStageAndReduced) {
  const std::string chain = R"J({"version": 1, "inputs": {"x": [1, 2, 3, 4]}, "stages": {
    "a": {"solver": "running_sum", "values": "$x"},
    "b": {"solver": "running_sum", "values": "$a.sums", "scale": "sum($x) / 10"}},
    "assert": ["min(b.sums) >= 1", "count($x) == 4"],
    "report": {"columns": ["sum(a.sums)", "mean(a.sums)", "min(a.sums)", "max(b.sums)", "at(a.sums, 1.5)", "percentile(a.sums, 50)", "count(b.sums)",
                           "max(at(a.sums, 0), 2)", "b.sums"]}})J";
  // a: 1 3 6 10; b: 1 4 10 20
  const Pipeline pipeline = compiled(chain);
  const Answer a = answer(pipeline);
  ASSERT_EQ(a.status, RowStatus::ok) << a.errors.front();
  EXPECT_TRUE(a.violated.empty());
  const std::vector<double> wanted{20, 5, 1, 20, 4.5, 4.5, 4, 2};
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(a.derived[i].number, wanted[i]) << pipeline.columns()[i].name;
  const SeriesCell* sums = series_of(a.outputs[pipeline.output("b.sums")]);
  ASSERT_NE(sums, nullptr);
  EXPECT_EQ(std::vector<double>(sums->data, sums->data + sums->size), (std::vector<double>{1, 4, 10, 20}));
}

TEST(Series, ExpressionsSayWhatTheyTake) {
  const auto column = [](const std::string& text) {
    return refused(stage(R"("solver": "running_sum", "values": [1])", R"(, "report": {"columns": [")" + text + "\"]}"));
  };
  EXPECT_EQ(column("s.sums + 1"),
            "my.json#/report/columns/0: column 1: '+' takes numbers, but s.sums is a series; make one number of it: sum, mean, "
            "min, max, at, "
            "percentile or count");
  EXPECT_EQ(column("sum(s.last)"), "my.json#/report/columns/0: column 5: sum takes a series, but s.last is a number");
  EXPECT_EQ(column("max(s.last)"),
            "my.json#/report/columns/0: column 5: max takes two values or more, or a series, but s.last is a number");
  EXPECT_EQ(column("at(s.sums)"),
            "my.json#/report/columns/0: column 10: at takes a series and a number; expected ',' before ')'");
  EXPECT_EQ(column("percentile(s.sums, '1')"),
            "my.json#/report/columns/0: column 20: 'percentile' takes numbers, but '1' is a quoted text");
}

/// Rows by two axes, with a stage that repeats and one that does not: what is evaluated once is spread, looked up and kept
/// rightly.
std::string swept(const std::string& rest) {
  return R"({"version": 1, "stages": {
    "a": {"solver": "running_sum", "values": [1, 2, 3]},
    "b": {"solver": "running_sum", "values": "$a.sums"}},
    "axes": [{"b.scale": {"from": 1, "to": 700, "steps": 700}}, {"a.scale": [1, 2, 3, 4]}])" +
         rest + "}";
}

TEST(Series, OfManyRowsAreTheirOwnHoweverTheyAreEvaluated) {
  const Pipeline pipeline =
      compiled(swept(R"J(, "report": {"columns": ["b.scale", "a.scale", "a.sums", "b.sums", "max(b.sums)"]})J"));
  RunOptions one;
  one.threads = 1;
  const std::string csv = table_of(pipeline, OutputFormat::csv, one);
  RunOptions two_threads;
  two_threads.threads = 2;
  EXPECT_EQ(csv, table_of(pipeline, OutputFormat::csv, two_threads));
  std::istringstream lines(csv);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "b.scale,a.scale,a.sums,b.sums,max(b.sums),status,reason");
  for (int b = 1; b <= 700; ++b)
    for (int a = 1; a <= 4; ++a) {
      std::getline(lines, line);
      std::ostringstream wanted;
      wanted << b << ',' << a << ",\"[" << a << ',' << 3 * a << ',' << 6 * a << "]\",\"[" << a * b << ',' << 4 * a * b << ','
             << 10 * a * b << "]\"," << 10 * a * b << ",ok,";
      ASSERT_EQ(line, wanted.str());
    }
}

TEST(Series, OfKeptRowsOutliveTheirBlocks) {
  const Pipeline best =
      compiled(swept(R"J(, "report": {"columns": ["a.sums", "b.sums"], "best": {"by": "max max(b.sums)", "keep": 2}})J"));
  const Json json = Json::parse(table_of(best, OutputFormat::json));
  EXPECT_EQ(json["rows"][0][1], Json({2800, 11200, 28000}));
  EXPECT_EQ(json["rows"][0][0], Json({4, 12, 24}));
  EXPECT_EQ(json["rows"][1][1], Json({2796, 11184, 27960}));
  const Pipeline sorted = compiled(swept(R"J(, "report": {"columns": ["b.sums"], "sort": ["min at(b.sums, 0)"]})J"));
  const Json all = Json::parse(table_of(sorted, OutputFormat::json));
  EXPECT_EQ(all["rows"][0][0], Json({1, 4, 10}));
  EXPECT_EQ(all["rows"][2799][0], Json({2800, 11200, 28000}));
}

TEST(Series, AreAbsentInRowsThatAreRefused) {
  const Pipeline pipeline =
      compiled(stage(R"("solver": "running_sum", "values": [1, 2])", R"(, "axes": [{"s.label": ["plain", "refuse"]}])"));
  EXPECT_EQ(table_of(pipeline, OutputFormat::csv),
            "label,last,letters,sums,status,reason\nplain,3,5,\"[1,3]\",ok,\nrefuse,,,,refused,s: label: asks to be refused\n");
}

TEST(Series, AnAxisTakesSeveral) {
  const Pipeline pipeline = compiled(
      stage(R"("solver": "running_sum")", R"(, "axes": [{"s.values": [[1], [1, 2], {"value": [500, 600, 700], "unit": "%"}]}])"));
  EXPECT_EQ(table_of(pipeline, OutputFormat::jsonl),
            "{\"values\":[1],\"last\":1,\"letters\":0,\"sums\":[1],\"status\":\"ok\"}\n"
            "{\"values\":[1,2],\"last\":3,\"letters\":0,\"sums\":[1,3],\"status\":\"ok\"}\n"
            "{\"values\":[5,6,7],\"last\":18,\"letters\":0,\"sums\":[5,11,18],\"status\":\"ok\"}\n");
}

TEST(Series, AListOfNumbersIsOneValueAndAListOfListsAnAxis) {
  const std::string plain = stage(R"("solver": "running_sum", "values": [1])");
  const auto with = [&](const std::string& text) {
    Config config = Config::parse(plain, (folder() / "my.json").string());
    config.add_axis("s.values", {text}, "--set s.values");
    return session().compile(config);
  };
  const Pipeline one = with("[1, 2.5]");
  EXPECT_TRUE(one.axes().empty());
  EXPECT_EQ(answer(one).outputs[0].number, 3.5);
  EXPECT_TRUE(with(R"(["100 %", "250 %"])").axes().empty());
  EXPECT_EQ(with("[[1, 2.5]]").axes().at(0).size(), 1u);
  const Pipeline several = with("[[1, 2.5], [4]]");
  EXPECT_EQ(several.axes().at(0).size(), 2u);
  EXPECT_EQ(table_of(several, OutputFormat::jsonl),
            "{\"values\":[1,2.5],\"last\":3.5,\"letters\":0,\"sums\":[1,3.5],\"status\":\"ok\"}\n"
            "{\"values\":[4],\"last\":4,\"letters\":0,\"sums\":[4],\"status\":\"ok\"}\n");
  EXPECT_TRUE(compiled(stage(R"("solver": "running_sum")", R"(, "axes": [{"s.values": [7, 8]}])")).axes().empty());
  write("short.csv", "values\n3\n");
  write("long.csv", "values\n3\n4\n");
  EXPECT_EQ(with(R"(["short.csv", "long.csv"])").axes().at(0).size(), 2u);
  EXPECT_EQ(refused([&] { (void)with(R"([[1], "x"])"); }).find("--set s.values: "), 0u);
}

/// Counts what a study shows.
class CountedStudy final : public StudySink, public RowSink {
 public:
  std::size_t shown = 0;

 private:
  RowSink& table(const std::vector<ResultColumn>&) override { return *this; }
  void rows(const ResultRows& rows) override { shown += rows.status.size(); }
  void finish(const RunSummary&) override {}
};

TEST(Series, StaysAsItIsWhereAStudyVariesTheRest) {
  const std::string day =
      R"("solver": "tariff", "load": ["1 kW", "2 kW", "3 kW"], "price": ["0.1 USD/kWh", "0.2 USD/kWh", "0.3 USD/kWh"])";
  const auto studied = [&](const std::string& rest) {
    CountedStudy sink;
    const RunSummary summary = run_study(compiled(stage(day, rest)), sink);
    EXPECT_EQ(summary.ok, summary.rows);
    return sink.shown;
  };
  EXPECT_GE(studied(R"J(, "study": {"use": "sensitivity", "inputs": ["step"], "outputs": ["cost", "max(s.drawn)"]})J"), 2u);
  EXPECT_GE(studied(R"(, "axes": [{"s.step": {"uniform": ["0.5 hour", "1 hour"]}}], "study": {"use": "uncertainty"})"), 5u);
  const std::string loads = R"(, "axes": [{"s.load": [["1 kW", "1 kW", "2 kW"], ["1 kW", "2 kW", "3 kW"]]}])";
  EXPECT_EQ(studied(loads + R"(, "study": {"use": "optimize", "goal": ["min s.cost"]})"), 2u);
  EXPECT_EQ(studied(R"(, "study": {"use": "compare", "with": {"s.battery": "0 kWh"}})"), 0u) << "nothing differs";
  const auto no_number = refused([&] { studied(R"(, "study": {"use": "sensitivity", "inputs": ["load"]})"); });
  EXPECT_NE(no_number.find("load: is no number"), std::string::npos) << no_number;
}

TEST(Series, OfTwoLengthsOnAnAxisRefuseTheirRow) {
  const Pipeline pipeline =
      compiled(stage(R"("solver": "two_series", "price": ["0.1 USD/kWh", "0.3 USD/kWh"])",
                     R"(, "axes": [{"s.load": [["1 kW", "3 kW"], ["1 kW"]]}], "report": {"columns": ["s.peak"]})"));
  EXPECT_EQ(table_of(pipeline, OutputFormat::csv),
            "s.peak [W],status,reason\n3000,ok,\n,refused,\"s.price: has 2 values over quarter, and load has 1\"\n");
}

TEST(Tariff, BatteryServesWhatTheConnectionDoesNot) {
  const std::string day =
      R"("solver": "tariff", "load": ["3 kW", "1 kW", "2 kW"], "price": ["1 USD/kWh", "2 USD/kWh", "4 USD/kWh"], "limit": "2 kW")";
  const Answer without = answer(compiled(stage(day)));
  EXPECT_EQ(without.status, RowStatus::infeasible);
  const Pipeline pipeline =
      compiled(stage(day + R"(, "battery": "1 kWh", "carbon_intensity": ["100 g/kWh", "200 g/kWh", "300 g/kWh"])"));
  const Answer a = answer(pipeline);
  ASSERT_EQ(a.status, RowStatus::ok);
  // Drawn: 2, 2 (the battery fills), 2 kWh.
  EXPECT_DOUBLE_EQ(a.outputs[pipeline.output("s.energy")].number, 6 * 3.6e6);
  EXPECT_DOUBLE_EQ(a.outputs[pipeline.output("s.cost")].number, 2 + 4 + 8);
  EXPECT_DOUBLE_EQ(a.outputs[pipeline.output("s.carbon")].number, 1.2);
  EXPECT_DOUBLE_EQ(a.outputs[pipeline.output("s.least_charge")].number, 0);
  const SeriesCell* charge = series_of(a.outputs[pipeline.output("s.charge")]);
  EXPECT_EQ(std::vector<double>(charge->data, charge->data + charge->size), (std::vector<double>{0, 3.6e6, 3.6e6}));
}

}  // namespace
}  // namespace ironlaw::host
