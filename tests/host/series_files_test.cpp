// Series from files of CSV and Arrow, and from the zoo.
#include "series_fixture.hpp"

namespace ironlaw::host {
namespace {
using namespace series_fixture;

TEST(SeriesFiles, ComesFromAFileAndFromTheZoo) {
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

TEST(SeriesFiles, ComesFromAnArrowFileThatARunWrote) {
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

TEST(SeriesFiles, ManyDamagedArrowFilesAreRefusedInOneLine) {
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
  EXPECT_GT(refusals, whole.size() / 4);  // many bits are of texts that nothing is read from
}

TEST(SeriesFiles, BadFilesAreRefusedInOneLine) {
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

TEST(SeriesFiles, AFileThatChangesAfterItWasReadChangesNoRow) {
  write("changing.csv", "values\n1\n2\n");
  const Pipeline pipeline = compiled(stage(R"("solver": "running_sum", "values": "changing.csv")"));
  write("changing.csv", "values\n10\n20\n");
  EXPECT_EQ(answer(pipeline).outputs[pipeline.output("s.last")].number, 3);
}

}  // namespace
}  // namespace ironlaw::host
