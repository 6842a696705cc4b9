// Series, texts and tables on ports: from files, lists and the zoo to rows, expressions and results.
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/host/study.hpp>
#include <ironlaw/present/report.hpp>
#include <ironlaw/series.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace ironlaw::host {
namespace {

using Json = nlohmann::ordered_json;

std::filesystem::path folder() {
  static const std::filesystem::path made = [] {
    const auto path = std::filesystem::temp_directory_path() / ("ironlaw_series_" + std::to_string(getpid()));
    std::filesystem::create_directories(path / "zoo");
    return path;
  }();
  return made;
}

void write(const std::string& name, const std::string& text) { std::ofstream(folder() / name, std::ios::binary) << text; }

constexpr const char* zoo_text = R"({"entries": {
  "day_ahead": {"kind": "table", "rows": [{"hour": 0, "price": "0.1 USD/kWh"}, {"hour": 1, "price": {"value": 0.3, "unit": "USD/kWh"}}]},
  "measured": {"kind": "table", "rows": [
    {"m": 1, "n": 1, "rate": "1 TFLOP/s"}, {"m": 1, "n": 3, "rate": "3 TFLOP/s"},
    {"m": 2, "n": 1, "rate": "2 TFLOP/s"}, {"m": 2, "n": 3, "rate": "8 TFLOP/s"}]}}})";

Session& session() {
  static Session& one = *[] {
    write("zoo/tables.json", zoo_text);
    SessionOptions options;
    options.plugins.files.emplace_back(IRONLAW_SERIES_PLUGIN);
    options.zoo.push_back(folder() / "zoo");
    return new Session(options);
  }();
  return one;
}

Pipeline compiled(const std::string& json) { return session().compile(Config::parse(json, (folder() / "my.json").string())); }

std::string stage(const std::string& inputs, const std::string& rest = {}) {
  return R"({"version": 1, "stages": {"s": {)" + inputs + "}}" + rest + "}";
}

/// The message, without the folder.
std::string refused(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& e) {
    std::string line = e.what();
    EXPECT_EQ(line.find('\n'), line.npos) << line;
    const std::string here = folder().string() + "/";
    for (auto at = line.find(here); at != line.npos; at = line.find(here)) line.erase(at, here.size());
    return line;
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}
std::string refused(const std::string& json) {
  return refused([&] { (void)compiled(json); });
}

double output(const std::string& json, const char* name) {
  const Pipeline pipeline = compiled(json);
  const Answer a = answer(pipeline);
  EXPECT_EQ(a.status, RowStatus::ok) << (a.errors.empty() ? "" : a.errors.front());
  return a.outputs[pipeline.output(name)].number;
}

std::string table_of(const Pipeline& pipeline, OutputFormat format, const RunOptions& run_options = {}) {
  std::ostringstream out;
  ReportOptions options;
  options.format = format;
  TableReport report(pipeline, options, out);
  report.finish(run(pipeline, report, run_options));
  return out.str();
}

// 1 kW and 3 kW for a quarter of an hour each, at 0.1 and 0.3 USD/kWh: 0.025 + 0.225.
constexpr const char* two = R"("solver": "two_series", "load": ["1 kW", "3 kW"], "price": ["0.1 USD/kWh", "0.3 USD/kWh"])";

TEST(Series, ComesFromAListWithUnits) {
  EXPECT_NEAR(output(stage(two), "s.cost"), 0.25, 1e-15);
  EXPECT_DOUBLE_EQ(output(stage(two), "s.peak"), 3000);
  const std::string one_unit =
      R"("solver": "two_series", "load": {"value": [1, 3], "unit": "kW"}, "price": {"value": [10, 30], "unit": "USD/MWh"})";
  EXPECT_NEAR(output(stage(one_unit), "s.cost"), 0.025, 1e-15);
}

TEST(Series, ComesFromAFileAndFromTheZoo) {
  write("loads.csv", "hour,load [kW],\"price [USD/kWh]\",other\r\n0,1,0.1,x\r\n\r\n1,3,0.3,\"y, z\"\r\n");
  EXPECT_NEAR(output(stage(R"("solver": "two_series", "load": "loads.csv", "price": "loads.csv")"), "s.cost"), 0.25, 1e-15);
  write("points.csv", "load [MW],price [USD/kWh]\n.001,1e-1\n3e-3,0.3\n");
  EXPECT_NEAR(output(stage(R"("solver": "two_series", "load": "points.csv", "price": "points.csv")"), "s.cost"), 0.25, 1e-15);
  write("loads.json", R"([{"power": "1 kW"}, {"power": "3 kW"}])");
  EXPECT_NEAR(
      output(
          stage(R"("solver": "two_series", "load": {"table": "loads.json", "column": "power"}, "price": {"table": "day_ahead"})"),
          "s.cost"),
      0.25, 1e-15);
}

TEST(Series, ComesFromAnArrowFileThatARunWrote) {
  const Pipeline pipeline =
      compiled(stage(R"("solver": "tariff", "load": ["1 MW"])",
                     R"(, "axes": [{"s.battery": ["0 kWh", "1 kWh"]}, {"s.step": {"from": "1 s", "to": "5 s", "steps": 3}}])"));
  write("made.arrow", table_of(pipeline, OutputFormat::arrow));
  write("made.arrows", table_of(pipeline, OutputFormat::arrows));
  // Its lists are of a type that is not read; the columns of numbers alone are.
  EXPECT_EQ(
      refused(stage(R"("solver": "running_sum", "values": {"table": "made.arrow", "column": "energy"})")),
      "made.arrow: column 'drawn' is of a type that is not read here; allowed: numbers, booleans, texts, dictionaries of texts");
  const Pipeline plain = compiled(stage(
      R"("solver": "tariff", "load": ["1 MW"])",
      R"(, "axes": [{"s.step": {"from": "1 s", "to": "5 s", "steps": 3}}], "report": {"columns": ["s.step", "s.energy", "s.mean_price"]})"));
  for (const char* name : {"plain.arrow", "plain.arrows"}) {
    write(name, table_of(plain, std::string_view(name).ends_with("s") ? OutputFormat::arrows : OutputFormat::arrow));
    const std::string axis = std::string(R"(, "axes": [{"s.step": {"table": ")") + name + R"(", "column": "s.step"}}])";
    const Pipeline read = compiled(stage(R"("solver": "tariff", "load": ["1 MW"])", axis));
    ASSERT_EQ(read.axes()[0].values[0].size(), 3u);
    EXPECT_EQ(read.axes()[0].values[0][1].number, 3);
  }
}

TEST(Series, ManyDamagedArrowFilesAreRefusedInOneLine) {
  const Pipeline plain = compiled(stage(
      R"("solver": "tariff", "load": ["1 MW"])",
      R"(, "axes": [{"s.step": {"from": "1 s", "to": "5 s", "steps": 3}}], "report": {"columns": ["s.step", "s.energy"]})"));
  const std::string whole = table_of(plain, OutputFormat::arrow);
  const std::string config = stage(R"("solver": "tariff", "load": ["1 MW"])",
                                   R"(, "axes": [{"s.step": {"table": "damaged.arrow", "column": "s.step"}}])");
  std::size_t refusals = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    write("damaged.arrow", i % 3 == 0 ? whole.substr(0, i) : damaged);
    try {
      (void)compiled(config);
    } catch (const InputError& e) {
      ++refusals;
      EXPECT_EQ(std::string_view(e.what()).find('\n'), std::string_view::npos) << e.what();
    }
  }
  EXPECT_GT(refusals, whole.size() / 3);
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

TEST(Series, BadFilesAreRefusedInOneLine) {
  const auto load = [](const std::string& text) {
    write("bad.csv", text);
    return refused(stage(R"("solver": "two_series", "load": "bad.csv", "price": ["0.1 USD/kWh"])"));
  };
  EXPECT_EQ(load("loads [kW]\n1\n"), "my.json#/stages/s/load: bad.csv has no column 'load'; did you mean 'loads'?");
  EXPECT_EQ(load("load [kJ]\n1\n"), "bad.csv:2 [load]: load takes the unit W, but '1 kJ' has the unit J");
  EXPECT_EQ(load("load [kW]\n1\nmuch\n"),
            "bad.csv:3 [load]: 'much' does not begin with a number; expected one such as '3.35 TB/s'");
  EXPECT_EQ(load("load [kW],x\n1,2\n,3\n"), "bad.csv:3: the row lacks load");
  EXPECT_EQ(load("load [kW]\n1,2\n"), "bad.csv:2: 2 values; the first line names 1");
  EXPECT_EQ(load("load [kW]\n"), "my.json#/stages/s/load: bad.csv has no rows");
  EXPECT_EQ(load(""), "bad.csv: has no line of names");
  EXPECT_EQ(load("load [kW],load [W]\n1,2\n"), "bad.csv:1: two columns are named 'load'");
  EXPECT_EQ(load("load [kW]\n\"1\n"), "bad.csv:2: a quote is not closed");
  EXPECT_EQ(load("load [kW]\n\xff\n"), "bad.csv: is no UTF-8");
  EXPECT_EQ(load("load\n1\n"), "bad.csv:2 [load]: load needs a unit: write \"1 W\"");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": "none.csv", "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s/load: no file none.csv");
  EXPECT_EQ(refused(stage(R"("solver": "two_series", "load": {"table": "bad.csv", "colum": "x"}, "price": ["0.1 USD/kWh"])")),
            "my.json#/stages/s/load: unknown key 'colum'; did you mean 'column'?");
}

TEST(Series, AFileThatChangesAfterItWasReadChangesNoRow) {
  write("changing.csv", "values\n1\n2\n");
  const Pipeline pipeline = compiled(stage(R"("solver": "running_sum", "values": "changing.csv")"));
  write("changing.csv", "values\n10\n20\n");
  EXPECT_EQ(answer(pipeline).outputs[pipeline.output("s.last")].number, 3);
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

TEST(Axes, GoOverTheRowsOfATable) {
  write("cases.csv", "batch,device,model\n1,A100,ResNet50\n8,H100,Llama3_8B\n");
  const Pipeline pipeline =
      compiled(stage(R"("solver": "single_node")", R"(, "axes": [{"s.batch_size": {"table": "cases.csv", "column": "batch"},
    "s.hardware": {"table": "cases.csv", "column": "device"}, "s.workload": {"table": "cases.csv", "column": "model"}}],
    "report": {"columns": ["s.batch_size", "s.hardware", "s.workload"]})"));
  EXPECT_EQ(table_of(pipeline, OutputFormat::csv),
            "s.batch_size,s.hardware,s.workload,status,reason\n1,A100,ResNet50,ok,\n8,H100,Llama3_8B,ok,\n");
  write("cases.csv.csv", "batch_size\n1\n1.5\n");
  EXPECT_EQ(refused(stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": "A100")",
                          R"(, "axes": [{"s.batch_size": {"table": "cases.csv.csv"}}])"))
                .substr(0, 52),
            "cases.csv.csv:3 [batch_size]: s.batch_size = 1.5 is ");
}

TEST(Tables, AreLookedUp) {
  const auto rate = [](const std::string& grid, const std::string& at) {
    return output(stage(R"("solver": "look_up", "grid": )" + grid + ", " + at), "s.rate");
  };
  EXPECT_DOUBLE_EQ(rate("\"measured\"", R"("m": 1.5, "n": 2)"), 3.5e12);  // (1 + 3 + 2 + 8) / 4
  EXPECT_DOUBLE_EQ(rate("\"measured\"", R"("m": 9, "n": 9)"), 8e12);      // the ends hold
  write("grid.csv", "m,n,rate [TFLOP/s]\n1,1,1\n1,3,3\n2,1,2\n2,3,8\n");
  EXPECT_DOUBLE_EQ(rate("\"grid.csv\"", R"("m": 1, "n": 2)"), 2e12);
  EXPECT_DOUBLE_EQ(rate(R"([{"m": 1, "n": 1, "rate": "5 TFLOP/s"}])", R"("m": 1, "n": 2)"), 5e12);
  const Pipeline several = compiled(
      stage(R"("solver": "look_up", "n": 2)",
            R"(, "axes": [{"s.grid": ["measured", "grid.csv"]}, {"s.m": [1, 2]}], "report": {"columns": ["s.grid", "s.rate"]})"));
  EXPECT_EQ(table_of(several, OutputFormat::csv),
            "s.grid,s.rate [FLOP/s],status,reason\nmeasured,2e+12,ok,\nmeasured,5e+12,ok,\ngrid.csv,2e+12,ok,\n"
            "grid.csv,5e+12,ok,\n");
}

TEST(Tables, BadOnesAreRefusedInOneLine) {
  const auto grid = [](const std::string& text) {
    write("bad.csv", text);
    return refused(stage(R"("solver": "look_up", "grid": "bad.csv")"));
  };
  EXPECT_EQ(grid("m,n,rate [TFLOP/s]\n"), "bad.csv: grid takes a table with rows, and this one has none");
  EXPECT_EQ(grid("m,n,rat [TFLOP/s]\n1,1,1\n"), "bad.csv:2 [rat]: the table has no column 'rat'; did you mean 'rate'?");
  EXPECT_EQ(grid("m,n\n1,1\n"), "bad.csv:2: the row lacks rate, which is required (what was reached)");
  EXPECT_EQ(grid("m,n,rate [TB/s]\n1,1,1\n"), "bad.csv:2 [rate]: rate takes the unit FLOP/s, but '1 TB/s' has the unit B/s");
  EXPECT_EQ(grid("m,n,rate [TFLOP/s]\n1,1,fast\n"),
            "bad.csv:2 [rate]: 'fast' does not begin with a number; expected one such as '3.35 TB/s'");
  EXPECT_EQ(grid("m,n,rate [TFLOP/s]\n2,1,1\n1,1,1\n"),
            "bad.csv:3: m = 1 stands behind m = 2: rows rise by their keys, the last key fastest, and none comes twice");
  EXPECT_EQ(grid("m,n,rate [TFLOP/s]\n1,1,1\n1,1,2\n"),
            "bad.csv:3: n = 1 stands behind n = 1: rows rise by their keys, the last key fastest, and none comes twice");
  EXPECT_EQ(grid("m,n,rate [TFLOP/s]\n1,1,1\n1,2,2\n2,1,2\n"),
            "bad.csv: has 3 rows, and m and n make 4 combinations: the table takes each of them");
  EXPECT_EQ(refused(stage(R"("solver": "look_up", "grid": "measurd")")),
            "my.json#/stages/s/grid: unknown table 'measurd'; did you mean 'measured'? (ironlaw zoo list table)");
  EXPECT_EQ(refused(stage(R"("solver": "look_up", "grid": 3)")),
            "my.json#/stages/s/grid: grid takes a list of rows [{...}, ...], not 3");
}

TEST(Texts, AreComparedAndShown) {
  const Pipeline pipeline = compiled(stage(R"("solver": "running_sum", "values": [1])",
                                           R"(, "axes": [{"s.label": ["vllm", "sglang"]}], "where": ["s.label != 'other'"],
    "report": {"columns": ["s.label", "s.letters", "s.label == 'vllm'"]})"));
  EXPECT_EQ(table_of(pipeline, OutputFormat::csv),
            "s.label,s.letters,s.label == 'vllm',status,reason\nvllm,4,true,ok,\nsglang,6,false,ok,\n");
  EXPECT_EQ(refused(stage(R"("solver": "running_sum", "values": [1], "label": 5)")),
            "my.json#/stages/s/label: label takes a text, not 5");
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
