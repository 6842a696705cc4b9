#include "report_fixture.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ironlaw/maybe.hpp>
#include <map>

namespace ironlaw::host {
namespace {

/// Rows made by the test, cell by cell, for the columns of a pipeline.
class TableTest : public ::testing::Test {
 protected:
  static Pipeline two_columns() { return pipeline_of({{"node", single_node()}}, Json::array(), {"hardware", "latency"}); }

  void add(const Pipeline& pipeline, const std::vector<double>& values, RowStatus status = RowStatus::ok,
           const std::string& error = {}) {
    if (columns_.empty()) columns_.resize(pipeline.columns().size());
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      Cell cell{c < values.size() ? values[c] : absent_value};
      if (pipeline.columns()[c].port.type == PortType::object) cell = pipeline.base()[pipeline.columns()[c].index];
      columns_[c].push_back(cell);
    }
    if (!error.empty()) errors_[status_.size()] = error;
    status_.push_back(status);
  }

  /// Prints all rows in blocks of one row each.
  std::string table(const Pipeline& pipeline, const ReportOptions& options) {
    std::ostringstream out;
    TableReport report(pipeline, options, out);
    RunSummary summary;
    for (std::size_t r = 0; r < status_.size(); ++r, ++summary.rows) {
      std::vector<Column> block;
      for (const auto& column : columns_) block.push_back({&column[r], 1});
      report.rows({r, block, {&status_[r], 1}, &errors_, {}});
    }
    report.finish(summary);
    return out.str();
  }

  std::vector<std::vector<Cell>> columns_;
  std::vector<RowStatus> status_;
  std::map<std::uint64_t, std::string> errors_;
};

TEST_F(TableTest, TextSharesOneUnitAColumnAndAlignsNumbersToTheRight) {
  const auto pipeline = two_columns();
  for (const double latency : {1.23456e-3, 0.5, 2.5e-3}) add(pipeline, {0, latency});
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::text)),
            "hardware  latency [ms]\n"
            "A100             1.235\n"
            "A100               500\n"
            "A100               2.5\n");
}

TEST_F(TableTest, TextShowsStatusAndReasonsOnlyWhereSomeRowIsNotOk) {
  const auto pipeline = two_columns();
  add(pipeline, {0, 0.002});
  add(pipeline, {0}, RowStatus::refused, "node: no");
  add(pipeline, {0}, RowStatus::refused, "node: no");
  add(pipeline, {0, 0.001}, RowStatus::infeasible);
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::text)),
            "hardware  latency [ms]  status\n"
            "A100                 2  ok\n"
            "A100                    refused\n"
            "A100                    refused\n"
            "A100                 1  infeasible\n"
            "refused: node: no (2 rows)\n"
            "infeasible: memory (1 row)\n");
}

TEST_F(TableTest, AFewRowsThatAreTooWideStandBesideOneAnother) {
  const auto pipeline =
      pipeline_of({{"node", single_node()}}, Json::array(), {"latency", "memory_time", "batch_size", "throughput"});
  add(pipeline, {0.001, 0.002, 123456789, 5});
  add(pipeline, {0.003, 0.004, 7, 6});
  auto options = options_of(OutputFormat::text);
  options.width = 40;
  EXPECT_EQ(table(pipeline, options),
            "latency [ms]              1  3\n"
            "memory_time [ms]          2  4\n"
            "batch_size        123456789  7\n"
            "throughput [1/s]          5  6\n");
  options.width = 0;
  EXPECT_EQ(lines_of(table(pipeline, options)).size(), 3u) << "a file is as wide as it likes";
}

TEST_F(TableTest, MoreRowsThanThatStandInBlocksThatHoldEveryColumn) {
  const auto pipeline = pipeline_of({{"node", single_node()}}, Json::array(),
                                    {"hardware", "batch_size", "latency", "memory_time", "throughput", "energy"});
  for (int i = 0; i < 9; ++i) add(pipeline, {0, 1.0 + i, 0.001 * i, 0.002, 5, 6});
  auto options = options_of(OutputFormat::text);
  options.width = 54;
  const auto lines = lines_of(table(pipeline, options));
  ASSERT_EQ(lines.size(), 21u);
  EXPECT_EQ(lines[0], "hardware  batch_size  latency [ms]  memory_time [ms]");
  EXPECT_EQ(lines[9], "A100               9             8                 2");
  EXPECT_EQ(lines[10], "");
  EXPECT_EQ(lines[11], "hardware  batch_size  throughput [1/s]  energy [J]");
  EXPECT_EQ(lines[20], "A100               9                 5           6");
}

TEST_F(TableTest, ATableInBlocksIsStreamedInBlocksOfRows) {
  const auto pipeline = pipeline_of({{"node", single_node()}}, Json::array(), {"batch_size", "latency", "memory_time"});
  for (int i = 0; i < 2050; ++i) add(pipeline, {1.0 + i, 0.001, 0.002});
  auto options = options_of(OutputFormat::text);
  options.width = 30;
  const auto lines = lines_of(table(pipeline, options));
  // Twice 1,024 rows and then two: each in three blocks with a header, and a blank line between blocks.
  ASSERT_EQ(lines.size(), 3u * 2050 + 9 + 8);
  EXPECT_EQ(lines[0], "batch_size  latency [ms]");
  EXPECT_EQ(lines[1025], "");
  EXPECT_TRUE(lines[1026].starts_with("batch_size  memory_time [ms]")) << lines[1026];
  EXPECT_EQ(lines.back(), "      2050  ok");
}

TEST_F(TableTest, ABlockHasTheStatusAndRaisesTheAlarm) {
  const auto pipeline = pipeline_of({{"node", single_node()}}, Json::array(), {"latency", "memory_time", "throughput"});
  for (int i = 0; i < 9; ++i) add(pipeline, {}, RowStatus::failed, "node: threw");
  auto options = options_of(OutputFormat::text);
  options.width = 34;
  const auto lines = lines_of(table(pipeline, options));
  EXPECT_EQ(lines[0], "latency [s]  memory_time [s]");
  EXPECT_EQ(lines[11], "latency [s]  throughput [1/s]");
  EXPECT_EQ(lines[22], "latency [s]  status");
  EXPECT_EQ(lines.back(), "failed: node: threw (9 rows)");
  options.colour = true;
  EXPECT_TRUE(contains(table(pipeline, options), "             \033[31mfailed\033[0m\n"));
}

TEST_F(TableTest, TextShowsFiveReasonsAndCountsTheRest) {
  const auto pipeline = two_columns();
  for (int i = 0; i < 7; ++i) add(pipeline, {}, RowStatus::refused, "node: no " + std::to_string(i));
  const std::string text = table(pipeline, options_of(OutputFormat::text));
  EXPECT_TRUE(contains(text, "refused: node: no 4 (1 row)\n2 more reasons: --output csv\n"));
  EXPECT_FALSE(contains(text, "no 5"));
}

TEST_F(TableTest, AnEmptyTableIsItsHeader) {
  const auto pipeline = two_columns();
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::text)), "hardware  latency [s]\n");
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::csv)), "hardware,latency [s],status,reason\n");
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::jsonl)), "");
  EXPECT_EQ(Json::parse(table(pipeline, options_of(OutputFormat::json)))["rows"], Json::array());
}

TEST_F(TableTest, CsvHasShortestNumbersInSiAndQuotesWhatNeedsIt) {
  const auto pipeline = two_columns();
  add(pipeline, {0, 0.1});
  add(pipeline, {}, RowStatus::refused, "node: \"no\", never");
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::csv)),
            "hardware,latency [s],status,reason\n"
            "A100,0.1,ok,\n"
            "A100,,refused,\"node: \"\"no\"\", never\"\n");
}

TEST_F(TableTest, CsvNumbersReadBackExactly) {
  const auto pipeline = pipeline_of({{"node", single_node()}}, Json::array(), {"latency"});
  const std::vector<double> values{1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789012345680.0};
  for (const double v : values) add(pipeline, {v});
  const auto lines = lines_of(table(pipeline, options_of(OutputFormat::csv)));
  ASSERT_EQ(lines.size(), values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(std::strtod(lines[i + 1].c_str(), nullptr), values[i]) << lines[i + 1];
}

TEST_F(TableTest, JsonLinesHaveOneObjectARow) {
  const auto pipeline = two_columns();
  add(pipeline, {0, 0.1});
  add(pipeline, {}, RowStatus::refused, "node: no\xff");
  const auto lines = lines_of(table(pipeline, options_of(OutputFormat::jsonl)));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "{\"hardware\":\"A100\",\"latency\":0.1,\"status\":\"ok\"}");
  const Json refused = Json::parse(lines[1]);
  EXPECT_TRUE(refused["latency"].is_null());
  EXPECT_EQ(refused["status"], "refused");
  EXPECT_EQ(refused["reason"], "node: no\xEF\xBF\xBD") << "what is no UTF-8 is replaced";
}

TEST_F(TableTest, JsonHasColumnsRowsAndSummary) {
  const auto pipeline = two_columns();
  add(pipeline, {0, 0.1});
  add(pipeline, {0, 0.2}, RowStatus::infeasible);
  const Json json = Json::parse(table(pipeline, options_of(OutputFormat::json)));
  EXPECT_EQ(json["columns"], Json::parse(R"([{"name": "hardware", "unit": ""}, {"name": "latency", "unit": "s"},
                                             {"name": "status", "unit": ""}, {"name": "reason", "unit": ""}])"));
  EXPECT_EQ(json["rows"], Json::parse(R"([["A100", 0.1, "ok", ""], ["A100", 0.2, "infeasible", "memory"]])"));
  EXPECT_EQ(json["summary"]["rows"], 2);
  EXPECT_EQ(json["provenance"]["profile"], "native");
}

TEST_F(TableTest, JsonSummaryTellsWhatWasRejectedAndWhyItStopped) {
  const auto pipeline = two_columns();
  std::ostringstream out;
  TableReport report(pipeline, options_of(OutputFormat::json), out);
  RunSummary summary;
  summary.rejected = {{"latency < 1 s", 3}};
  summary.stopped = "over budget";
  summary.seconds = 1.5;
  report.finish(summary);
  const Json json = Json::parse(out.str())["summary"];
  EXPECT_EQ(json["rejected"], Json::parse(R"([{"constraint": "latency < 1 s", "rows": 3}])"));
  EXPECT_EQ(json["stopped"], "over budget");
  EXPECT_FALSE(json.contains("seconds")) << "the same run prints the same bytes";
}

TEST_F(TableTest, MarkdownHasTheUnitInTheHeaderAndEscapesBars) {
  const auto pipeline = two_columns();
  add(pipeline, {0, 0.123456});
  EXPECT_EQ(table(pipeline, options_of(OutputFormat::markdown)),
            "| hardware | latency [ms] |\n| --- | ---: |\n| A100 | 123.5 |\n");
  add(pipeline, {}, RowStatus::refused, "a|b");
  EXPECT_TRUE(contains(table(pipeline, options_of(OutputFormat::markdown)), "| A100 |  | refused | a\\|b |\n"));
}

TEST_F(TableTest, ReasonsCompareTheColumnsOfALimit) {
  const auto pipeline = pipeline_of({{"a", single_node()}, {"b", single_node()}}, Json::array(),
                                    {"a.memory_footprint", "a.memory_capacity", "b.memory_footprint", "b.memory_capacity"});
  add(pipeline, {1, 2, 3, 2}, RowStatus::infeasible);
  add(pipeline, {3, 2, 3, 2}, RowStatus::infeasible);
  const Json rows = Json::parse(table(pipeline, options_of(OutputFormat::json)))["rows"];
  EXPECT_EQ(rows[0].back(), "b.memory");
  EXPECT_EQ(rows[1].back(), "a.memory; b.memory");
}

TEST_F(TableTest, ReasonsStaySilentWhereTheTableDoesNotTell) {
  const auto pipeline = pipeline_of({{"a", single_node()}, {"b", single_node()}}, Json::array(), {"a.latency"});
  add(pipeline, {1}, RowStatus::infeasible);
  EXPECT_EQ(Json::parse(table(pipeline, options_of(OutputFormat::json)))["rows"][0].back(), "");
}

TEST(Table, OfARunIsTheSameInBlocksAsInOne) {
  const auto pipeline =
      pipeline_of({{"node", single_node()}}, {{{"node.batch_size", {{"from", 1}, {"to", 3000}, {"steps", 3000}}}}},
                  {"batch_size", "latency"});
  std::ostringstream out;
  TableReport report(pipeline, options_of(OutputFormat::csv), out);
  report.finish(run(pipeline, report));
  const auto lines = lines_of(out.str());
  ASSERT_EQ(lines.size(), 3001u);
  EXPECT_TRUE(lines[1].starts_with("1,"));
  EXPECT_TRUE(lines[3000].starts_with("3000,"));
}

}  // namespace
}  // namespace ironlaw::host
