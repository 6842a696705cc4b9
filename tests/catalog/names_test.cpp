// Names of devices and models as people type them.
#include <ironlaw/catalog/zoo.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

using nlohmann::json;

json typed_names() {
  std::ifstream file(IRONLAW_TESTS "/catalog/names.json");
  return json::parse(file);
}

TEST(Names, AreFoundAsPeopleTypeThem) {
  const json names = typed_names();
  EXPECT_GE(names["hardware"].size() + names["workload"].size(), 400u);
  for (const char* interface : {"hardware", "workload"})
    for (const auto& [typed, key] : names[interface].items())
      EXPECT_EQ(session().zoo().find(interface, typed, "here").name, key.get<std::string>()) << typed;
}

TEST(Names, ThatMeanNothingOrSeveralAreRefusedWithWhatIsNear) {
  for (const json& row : typed_names()["refused"]) {
    const auto name = row["name"].get<std::string>();
    const std::string message = refused([&] { (void)session().zoo().find(row["interface"].get<std::string>(), name, "here"); });
    EXPECT_NE(message.find(row["says"].get<std::string>()), std::string::npos) << name << ": " << message;
  }
}

TEST(Names, SayAFormat) {
  const auto weights = [](const std::string& model) {
    const auto pipeline =
        compiled(one_stage(R"("solver": "serving", "hardware": "H200", "sequence_length": 16, "workload": ")" + model + "\""));
    return output_of(pipeline, answer(pipeline), "s.model_weights_size");
  };
  // 67.72 GiB as vLLM logs them (llm-d-benchmark issue 345).
  EXPECT_NEAR(weights("neuralmagic/Meta-Llama-3.1-70B-Instruct-FP8") / 72'655'052'800, 1, 1e-4);
  // 4.58 GiB, as llama.cpp prints of the file.
  EXPECT_NEAR(weights("Meta-Llama-3.1-8B-Instruct-Q4_K_M") / (4.58 * 1024 * 1024 * 1024), 1, 2e-3);
  // 8,190,735,360 weights, of which 2 * 151936 * 4096 stay in 16 bits: 1.2447e9; a scale and a zero point take 20 bits of 128.
  EXPECT_NEAR(weights("Qwen/Qwen3-8B-AWQ") / (6.946e9 * 4.15625 / 8 + 1.2447e9 * 2), 1, 1e-3);
  EXPECT_EQ(weights("Llama-3.1-8B-Instruct"), 2 * 8'030'261'248.0);
  // The part that speaks of a model of several networks.
  EXPECT_LT(weights("Qwen/Qwen3-VL-8B-Instruct-FP8"), 0.65 * weights("Qwen/Qwen3-VL-8B-Instruct"));
}

TEST(Names, SayASizeThatADeviceIsSoldWith) {
  const auto name_of = [](const std::string& device) { return session().zoo().find("hardware", device, "here").name; };
  EXPECT_EQ(name_of("Apple M2 Max 64 GB"), "Apple_M2_Max-64GB");
  EXPECT_EQ(name_of("M2 Max"), "Apple_M2_Max");
  const auto info = session().zoo().entries("M2 Max 64GB");
  ASSERT_EQ(info.size(), 1u);
  EXPECT_EQ(info[0].note, "Apple_M2_Max with 64 GB of memory");
  EXPECT_EQ(info[0].vendor, "Apple");
  EXPECT_FALSE(info[0].sources.at("").title.empty());
}

TEST(Names, ANoteSaysWhatANameWasTakenFor) {
  const auto pipeline = compiled(one_stage(R"("solver": "memory_fit", "workload": "Qwen/Qwen3-8B-FP8", "hardware": "RTX4090")"));
  const auto& notes = pipeline.notes();
  const std::string told = "'Qwen/Qwen3-8B-FP8' is Qwen3_8B with 8-bit floating point in the layers";
  EXPECT_TRUE(std::any_of(notes.begin(), notes.end(), [&](const std::string& n) { return n.find(told) != n.npos; }));
}

}  // namespace
}  // namespace ironlaw::host
