// Tables and texts on ports, and axes over the rows of a table.
#include "series_fixture.hpp"

namespace ironlaw::host {
namespace {
using namespace series_fixture;

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

}  // namespace
}  // namespace ironlaw::host
