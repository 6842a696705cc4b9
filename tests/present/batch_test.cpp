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

/// What a solver's request writes out is made once for those that say the same, and nobody else gets it.
TEST(BatchRequest, SharesADeviceThatIsWrittenOutAlike) {
  Batch batch(session(), {});
  const auto answered = [](Batch& by, const Json& device, const Json& batch_size) {
    const Json inputs{{"workload", "ResNet50"}, {"hardware", device}, {"batch_size", batch_size}};
    return by.answer(Json{{"solver", "single_node"}, {"inputs", inputs}}.dump()).text;
  };
  const Json slow{{"based_on", "H100"}, {"memory_bandwidth", "1 TB/s"}};
  const Json fast{{"based_on", "H100"}, {"memory_bandwidth", "9 TB/s"}};
  const Json quantity{{"based_on", "H100"}, {"memory_bandwidth", Json{{"value", 1e12}, {"unit", "B/s"}}}};
  for (int again = 0; again < 2; ++again)
    for (const Json& device : {slow, fast, quantity, Json("H100")})
      for (const Json& batch_size : {Json(1), Json(64), Json("2k")}) {
        Batch alone(session(), {});
        EXPECT_EQ(answered(batch, device, batch_size), answered(alone, device, batch_size)) << device << batch_size;
      }
  EXPECT_NE(answered(batch, slow, 1), answered(batch, fast, 1));
  EXPECT_EQ(answered(batch, slow, 1), answered(batch, quantity, 1));
  EXPECT_NE(answered(batch, slow, -1).find("batch_size = -1 is not allowed"), std::string::npos);
  for (const Json& wrong :
       {Json{{"based_on", "H10"}}, Json{{"memory_bandwidth", "-1 TB/s"}, {"based_on", "H100"}}, Json::object()})
    for (int again = 0; again < 2; ++again) EXPECT_NE(answered(batch, wrong, 1).find("\"error\""), std::string::npos) << wrong;
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

/// A line that needs no tree, and the same with an escape in its id, which does: the same answer, byte for byte.
TEST(BatchRequest, IsAnsweredAlikeWithAndWithoutATree) {
  const auto after_id = [](const std::string& answer) { return answer.substr(answer.find("\",") + 2); };
  const std::vector<std::string> requests{
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": 8})",
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": 8.0, "efficiency": 5e-1})",
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "precision": "fp16"}, "profile": "native")",
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "training": true})",
      R"("solver": "single_node", "inputs": {"workload": "GPT3", "hardware": "T4", "batch_size": 1})",
      R"("solver": "roofline/amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 16})",
      R"("solver": "amdahl", "inputs": {"improved_fraction": "50 %", "stage_speedup": 16})",
      R"("solver": "amdahl", "inputs": {"improved_fraction": 1.5, "stage_speedup": 16})",
      R"("solver": "amdahl", "inputs": {"improved_fraction": null, "stage_speedup": 16})",
      R"("solver": "amdahl", "inputs": {"improved_fraction": true, "stage_speedup": 16})",
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100", "batch_size": 1.5})",
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "Nothing", "batch_size": 8})",
      R"("solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "h100", "batch_size": -0})",
      R"("solver": "memory_fit", "inputs": {"workload": "Llama3_8B", "hardware": "H100", "tokens": "8k"})"};
  Batch batch(session(), {});
  for (const auto& request : requests) {
    const std::string tree = batch.answer("{\"id\": \"\\u0061\", " + request + "}").text;
    for (int again = 0; again < 2; ++again) {
      const std::string plain = batch.answer("{\"id\": \"a\", " + request + "}").text;
      EXPECT_EQ(after_id(plain), after_id(tree)) << request;
      EXPECT_TRUE(plain.starts_with("{\"id\":\"a\",")) << plain;
    }
  }
}

/// Ids come back as JSON has them, and what is no plain line is read as before.
TEST(BatchRequest, KeepsIdsAndRefusesWhatIsNoRequest) {
  Batch batch(session(), {});
  const std::string rest = R"("solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 16}})";
  (void)batch.answer("{" + rest);
  for (const auto& [id, said] : std::vector<std::pair<std::string, std::string>>{{"7", "7"},
                                                                                 {"1.0", "1.0"},
                                                                                 {"12345678901234567", "12345678901234567"},
                                                                                 {"-3", "-3"},
                                                                                 {R"("x y")", R"("x y")"},
                                                                                 {"[1, 2]", "[1,2]"},
                                                                                 {"null", "null"},
                                                                                 {"01", ""},
                                                                                 {"7 7", ""}})
    if (const std::string text = batch.answer("{\"id\": " + id + ", " + rest).text; said.empty()) {
      EXPECT_NE(text.find("\"error\""), text.npos) << text;
    } else {
      EXPECT_TRUE(text.starts_with("{\"id\":" + said + ",\"status\":\"ok\"")) << text;
    }
  for (const std::string line :
       {R"({"solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 16},})",
        R"({"solver": "amdahl", "solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 16}})",
        R"({"solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 16, "stage_speedup": 2}})",
        R"({"solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 016}})",
        R"({"solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 16}} x)",
        R"({"solver": "amdahl", "else": 1, "inputs": {"improved_fraction": 0.5, "stage_speedup": 16}})"})
    EXPECT_NE(batch.answer(line).text.find("\"error\""), std::string::npos) << line;
}

}  // namespace
}  // namespace ironlaw::host
