// The JSON Schemas that editors get take what the program takes.
#include <ironlaw/present/report.hpp>
#include <ironlaw/present/schema.hpp>

#include <nlohmann/json.hpp>
#include <sstream>

#include "sessions.hpp"

#include <algorithm>
#include <set>

namespace ironlaw::host {
namespace {

class Schema : public testing::Test {
 protected:
  void SetUp() override {
    if (!validates_schemas()) GTEST_SKIP() << "this build has no Valijson";
  }
  static std::string all(const std::vector<std::string>& faults) {
    std::string text;
    for (const auto& f : faults) text += f + "\n";
    return text;
  }
};

TEST_F(Schema, TakesEveryFileOfTheZoo) {
  std::set<std::filesystem::path> files;
  for (const auto& profile : session().profiles())
    for (const auto& entry : session().zoo(profile).list({})) files.insert(entry.file);
  EXPECT_GT(files.size(), 30u);
  EXPECT_EQ(all(zoo_schema_faults(session().plugins(), files)), "");
}

/// Lists of cases are no configs, and projects of their own bring solvers that are not loaded here.
bool is_config_of_loaded_solvers(const std::filesystem::path& file) {
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto says = [&](const char* word) { return text.find(word) != text.npos; };
  const bool own_project = std::filesystem::exists(file.parent_path() / "CMakeLists.txt");
  return says("stages") && says("version") && !says("power_efficiency") && !own_project;
}

TEST_F(Schema, TakesEveryExample) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(IRONLAW_EXAMPLES)) {
    const auto extension = entry.path().extension();
    if (extension != ".yaml" && extension != ".json") continue;
    if (!is_config_of_loaded_solvers(entry.path())) continue;
    EXPECT_EQ(all(config_schema_faults(session().plugins(), entry.path())), "");
    ++count;
  }
  EXPECT_GT(count, 5);
}

TEST_F(Schema, TakesWhatTheProgramTakes) {
  const OwnFolder folder;
  for (
      const std::string rest : {
          R"("stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "hardware.tdp": "300 W"}})",
          R"("stages": {"s": {"solver": "single_node", "workload": "ResNet50", "efficiency": "50 %", "hardware": {"based_on": "A100"}}})",
          R"("stages": {"s": {"solver": "single_node", "workload": "ResNet50"}}, "axes": [{"s.hardware": ["A100"]}, {"s.batch_size": {"powers_of": 2, "from": 1, "to": 8}}])",
          R"("stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "framework_overhead": {"value": 1, "unit": "us"}}})",
          R"("stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}, "study": {"use": "sweep"})",
      }) {
    const auto file = folder.write("c.json", "{\"version\": 1, " + rest + "}");
    EXPECT_NO_THROW((void)session().compile(Config::read(file))) << rest;
    EXPECT_EQ(all(config_schema_faults(session().plugins(), file)), "") << rest;
  }
}

TEST_F(Schema, RefusesWhatIsWrong) {
  const OwnFolder folder;
  const auto entry = folder.write("zoo.json", R"({"entries": {"d": {"kind": "fabric", "link_bandwith": "1 GB/s"}}})");
  const auto faults = zoo_schema_faults(session().plugins(), {entry});
  ASSERT_FALSE(faults.empty());
  EXPECT_NE(faults.front().find("zoo.json#/entries/d: "), std::string::npos);
  EXPECT_NE(faults.front().find("'link_bandwith'"), std::string::npos);
  EXPECT_FALSE(zoo_schema_faults(session().plugins(),
                                 {folder.write("zoo.json", R"({"entries": {"d": {"kind": "fabric", "link_bandwidth": 3}}})")})
                   .empty());
  const auto config = folder.write("c.json", R"({"version": 1, "stages": {"s": {"solver": "single_node", "batch_size": 1.5}}})");
  EXPECT_FALSE(config_schema_faults(session().plugins(), config).empty());
  const auto typo =
      config_schema_faults(session().plugins(), folder.write("c.json", one_stage(R"("solver": "single_node", "batchsize": 1)")));
  ASSERT_EQ(typo.size(), 1u) << all(typo);
  EXPECT_NE(typo.front().find("c.json#/stages/s: "), std::string::npos);
  EXPECT_NE(typo.front().find("'batchsize'"), std::string::npos);
}

TEST(ConfigSchema, OffersSettingsOfParityWhereAllIsAskedFor) {
  const auto stage = [](bool all) {
    std::ostringstream out;
    report_config_schema(session().plugins(), all, out);
    const auto schema = nlohmann::json::parse(out.str());
    for (const auto& branch : schema["properties"]["stages"]["additionalProperties"]["allOf"])
      if (branch["if"]["properties"]["solver"]["const"] == "single_node") return branch["then"];
    return nlohmann::json();
  };
  EXPECT_TRUE(stage(true)["properties"].contains("count_live_state"));
  EXPECT_FALSE(stage(false)["properties"].contains("count_live_state"));
  EXPECT_TRUE(stage(false)["properties"].contains("efficiency"));
  bool allowed = false;
  for (const auto& [pattern, any] : stage(false)["patternProperties"].items())
    allowed |= pattern.find("count_live_state") != std::string::npos && any == nlohmann::json::object();
  EXPECT_TRUE(allowed) << "what a file may say is no error in an editor";
}

}  // namespace
}  // namespace ironlaw::host
