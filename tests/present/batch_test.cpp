// Requests of one batch share a session, and nothing else.
#include "report_fixture.hpp"

#include <gtest/gtest.h>
#include <ironlaw/present/batch.hpp>

namespace ironlaw::host {
namespace {

/// Requests that write out an object in the same place mean their own.
TEST(BatchRequest, HasItsOwnObjects) {
  Batch batch(session(), {});
  const auto latency = [&batch](const std::string& bandwidth) {
    const Json device{{"based_on", "H100"}, {"memory_bandwidth", bandwidth}};
    const Json config{{"version", 1},
                      {"stages", {{"n", {{"solver", "single_node"}, {"workload", "ResNet50"}, {"batch_size", 8}}}}},
                      {"axes", Json::array({Json{{"n.hardware", Json::array({device})}}})},
                      {"report", {{"columns", Json::array({"n.latency"})}}}};
    return Json::parse(batch.answer(Json{{"config", config}}.dump()).text)["result"]["rows"][0][0].get<double>();
  };
  const double slow = latency("1 TB/s");
  EXPECT_LT(latency("9 TB/s"), slow);
  EXPECT_EQ(latency("1 TB/s"), slow);
}

/// A config's study is run, as `run` would.
TEST(BatchRequest, RunsAStudy) {
  Batch batch(session(), {});
  const Json config{{"version", 1},
                    {"stages", {{"n", {{"solver", "single_node"}, {"workload", "ResNet50"}, {"hardware", "H100"}}}}},
                    {"axes", Json::array({Json{{"n.batch_size", {1, 2, 4}}}})},
                    {"study", {{"use", "optimize"}, {"goal", "max n.throughput"}, {"keep", 1}}}};
  const Json result = Json::parse(batch.answer(Json{{"config", config}}.dump()).text)["result"];
  ASSERT_EQ(result["rows"].size(), 1u) << result.dump();
  EXPECT_EQ(result["rows"][0][0], 4) << result.dump();
}

}  // namespace
}  // namespace ironlaw::host
