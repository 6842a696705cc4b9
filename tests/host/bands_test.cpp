// Bands through a session: the ends of what follows from an estimate, in an answer and over a table; what is not monotone in
// them, and what has none.
#include <ironlaw/error.hpp>
#include <ironlaw/present/report.hpp>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using Json = nlohmann::ordered_json;

/// A kernel whose record has a band, and work that it is part of: sums and differences of its time.
const std::string kernel =
    R"("k": {"solver": "kernel", "operation": "product", "hardware": "H100", "rows": 128, "n": 8192, "k": 8192})";
std::string after(const std::string& stage) { return R"({"version": 1, "stages": {)" + kernel + ", " + stage + "}"; }
const std::string chain = after(R"("w": {"solver": "iron_law", "memory_time": "$k.kernel_time", "compute_time": "60 us"})");

Pipeline banded(const std::string& config, const std::string& rest = {}, const char* name = nullptr,
                const std::string& value = {}) {
  auto parsed = Config::parse(config + rest + "}", "my.json");
  if (name != nullptr) parsed.set(name, value, "--set");
  parsed.report_bands("--bands");
  return session().compile(parsed);
}
const Cell& end_of(const Pipeline& p, const Answer& a, std::size_t end, const char* output) {
  return a.ends[end].outputs[p.output(output)];
}

TEST(Bands, AnEstimatesEndsAreItsOwnLowAndHighOutputs) {
  const auto p = banded(chain);
  const auto a = answer(p);
  ASSERT_EQ(a.ends.size(), 2u);
  EXPECT_NEAR(end_of(p, a, 0, "k.kernel_time").number / output_of(p, a, "k.kernel_time_low"), 1, 1e-12);
  EXPECT_NEAR(end_of(p, a, 1, "k.kernel_time").number / output_of(p, a, "k.kernel_time_high"), 1, 1e-12);
  EXPECT_LT(end_of(p, a, 0, "k.kernel_time").number, output_of(p, a, "k.kernel_time"));
}

TEST(Bands, EndsReachWhatFollowsAndNothingElse) {
  const auto p = banded(chain, R"(, "report": {"columns": ["w.sequential", "w.sequential * 3"]})");
  const auto a = answer(p);
  // One after another: the sum moves by as much as its part.
  EXPECT_NEAR(end_of(p, a, 1, "w.sequential").number - output_of(p, a, "w.sequential"),
              output_of(p, a, "k.kernel_time_high") - output_of(p, a, "k.kernel_time"), 1e-15);
  EXPECT_TRUE(std::isnan(end_of(p, a, 0, "k.compute_time").number)) << "it does not follow from the estimate";
  EXPECT_NEAR(a.ends[0].derived[0].number, 3 * end_of(p, a, 0, "w.sequential").number, 1e-15);
  EXPECT_TRUE(a.band_faults.empty());
}

TEST(Bands, ATableHasEndsBehindEachColumnAndSaysWhetherTheyHold) {
  const auto p = banded(chain, R"(, "axes": [{"k.rows": [16, 128, 1024]}], "report": {"columns": ["k.rows", "w.sequential"]})");
  std::vector<std::string> names;
  for (const auto& column : p.columns()) names.push_back(column.name);
  EXPECT_EQ(names, (std::vector<std::string>{"k.rows", "monotone", "w.sequential", "w.sequential_low", "w.sequential_high"}));
  const Rows rows = rows_of(p);
  for (std::size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(rows.column(1)[r], 1);
    EXPECT_LT(rows.column(3)[r], rows.column(2)[r]);
    EXPECT_GT(rows.column(4)[r], rows.column(2)[r]);
  }
  // The row of an answer is that of the table.
  const auto one = banded(chain, R"(, "report": {"columns": ["w.sequential"]})");
  const auto a = answer(one);
  EXPECT_EQ(a.cell(one.columns()[1]).number, rows.column(3)[1]);
}

TEST(Bands, TheSameOnAnyNumberOfThreadsAndBlocks) {
  const auto p = banded(
      chain,
      R"(, "axes": [{"k.rows": {"from": 1, "to": 6000, "steps": 6000}}], "report": {"columns": ["k.rows", "w.sequential"]})");
  Rows one;
  Rows four;
  RunOptions options;
  options.threads = 1;
  run(p, one, options);
  options.threads = 4;
  run(p, four, options);
  EXPECT_EQ(one.column(3), four.column(3));
  EXPECT_EQ(one.cells.size(), 6000u);
}

TEST(Bands, WhatIsNotBetweenItsEndsIsNamed) {
  const std::string distance = R"x("report": {"columns": ["abs(k.kernel_time - 56.6 us)"]})x";
  const auto a = answer(banded(chain, ", " + distance));
  ASSERT_EQ(a.band_faults.size(), 1u);
  EXPECT_NE(a.band_faults[0].find("abs(k.kernel_time - 56.6 us) is not monotone in the bands"), std::string::npos);
  const auto p = banded(chain, R"(, "axes": [{"k.rows": [128]}], )" + distance);
  EXPECT_EQ(rows_of(p).column(0)[0], 0);
}

TEST(Bands, AnEstimateWithoutOneIsSaidToCountAsExact) {
  const std::string rates = R"({"kind": "kernel_rates", "source": "test", "rates": [{"operation": "product", "law": "kernel",
    "how": "guess", "source": "test", "compute_share": 0.5, "memory_share": 0.5}]})";
  const auto p = banded(chain, "", "k.kernel_rates", rates);
  const auto a = answer(p);
  ASSERT_EQ(a.band_faults.size(), 1u);
  EXPECT_EQ(a.band_faults[0], "k.kernel_time has no band; what follows from it counts as exact");
  EXPECT_TRUE(std::isnan(end_of(p, a, 0, "w.sequential").number));
}

TEST(Bands, AStackOfOnesOwnRowsHasItsOwn) {
  const std::string own = R"({"version": 1, "stages": {"i": {"solver": "iteration", "workload": "Llama3_8B", "hardware": "H100",
    "software_stack": {"based_on": "vllm", "band_low": -0.1, "band_high": 0.2, "time_factor": 1.5}}})";
  const auto p = banded(own);
  const auto a = answer(p);
  EXPECT_NEAR(std::log(output_of(p, a, "i.iteration_time_high") / output_of(p, a, "i.iteration_time")), 0.2, 1e-12);
  const auto plain = compiled(own.substr(0, own.find(", \"band_low\"")) + "}}}}");
  EXPECT_NEAR(output_of(p, a, "i.iteration_time") / output_of(plain, answer(plain), "i.iteration_time"), 1.5, 1e-12);
}

TEST(Bands, AnyPlaceInTheBandMayBeAskedFor) {
  const auto at = [](const char* quantile) {
    auto config = Config::parse(chain + "}", "my.json");
    config.set("k.band_quantile", quantile, "--set");
    const auto p = session().compile(config);
    return output_of(p, answer(p), "k.kernel_time");
  };
  EXPECT_NEAR(at("0.5"), std::sqrt(at("0.1") * at("0.9")), 1e-15);
  EXPECT_LT(at("0"), at("0.1"));
  EXPECT_TRUE(std::isfinite(at("1")));
  EXPECT_GT(at("1"), at("0.99"));
}

TEST(Bands, RefusedWhereThereIsNoneToMove) {
  EXPECT_NE(refused([] {
              (void)banded(one_stage(resnet_on_a100).substr(0, one_stage(resnet_on_a100).size() - 1));
            }).find("--bands: no stage gives an estimate with a band"),
            std::string::npos);
  EXPECT_NE(refused([] { (void)banded(chain, "", "k.band_quantile", "0.9"); }).find("--bands: band_quantile says already where"),
            std::string::npos);
}

std::string printed(const Pipeline& pipeline, OutputFormat format) {
  std::ostringstream out;
  ReportOptions options;
  options.format = format;
  report_answer(pipeline, answer(pipeline), false, options, out);
  return out.str();
}

TEST(Bands, EveryFormatShowsThem) {
  const auto p = banded(chain);
  EXPECT_NE(printed(p, OutputFormat::text).find("sequential"), std::string::npos);
  EXPECT_NE(printed(p, OutputFormat::text).find(" us to "), std::string::npos);
  EXPECT_NE(printed(p, OutputFormat::markdown).find("10 to 90 %"), std::string::npos);
  const Json json = Json::parse(printed(p, OutputFormat::json));
  EXPECT_GT(json["stages"]["w"]["bands"]["sequential"]["high"]["value"], json["stages"]["w"]["outputs"]["sequential"]["value"]);
  EXPECT_NE(printed(p, OutputFormat::csv).find("w.sequential_low [s]"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
