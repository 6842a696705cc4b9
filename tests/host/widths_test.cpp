// Stored widths apart from the format of the arithmetic, in the solvers that hold a model against a device.
#include "sessions.hpp"

namespace ironlaw::host {
namespace {

double output(const std::string& stage, const std::string& name) {
  const Pipeline pipeline = compiled(one_stage(stage));
  const Answer a = answer(pipeline);
  EXPECT_EQ(a.status, RowStatus::ok) << (a.errors.empty() ? "" : a.errors.front());
  return a.outputs[pipeline.output("s." + name)].number;
}

const std::string llama_on_h100 = R"("workload": "Llama3_8B", "hardware": "H100", )";

TEST(StoredWidths, OfDecodeBoundMoveItsTrafficAlone) {
  const std::string at_fp16 = R"("solver": "decode_bound", )" + llama_on_h100 + R"("precision": "fp16")";
  const std::string narrow = at_fp16 + R"(, "weight_bits": 4.25)";
  EXPECT_DOUBLE_EQ(output(narrow, "traffic"), output(at_fp16, "traffic") * 4.25 / 16);
  EXPECT_EQ(output(narrow, "compute_time"), output(at_fp16, "compute_time"));
}

TEST(StoredWidths, OfGradientsMoveTheExchangeAlone) {
  const std::string at_bf16 =
      R"("solver": "network_roofline", "workload": "Llama3_8B", "fleet": "Research_256", "precision": "bf16")";
  const std::string narrow = at_bf16 + R"(, "gradient_bits": 8)";
  EXPECT_DOUBLE_EQ(output(narrow, "gradient_traffic"), output(at_bf16, "gradient_traffic") / 2);
  EXPECT_EQ(output(narrow, "compute_time"), output(at_bf16, "compute_time"));
}

TEST(StoredWidths, OfTheInverseRooflineAreThoseOfTheNarrowFormat) {
  const std::string question =
      R"("solver": "inverse_roofline", "workload": "Llama3_8B", "target_latency": "50 ms", "precision": )";
  // Every weight of it is of one of these classes.
  const std::string narrow = question + R"("fp16", "weight_bits": 8, "embedding_bits": 8, "head_bits": 8)";
  EXPECT_NEAR(output(narrow, "model_size") / output(question + R"("fp8")", "model_size"), 1, 1e-3);  // norms stay at 16 bits
  EXPECT_EQ(output(narrow, "operations"), output(question + R"("fp16")", "operations"));
}

TEST(StoredWidths, OfTheSensitivityMakeMemoryBindLess) {
  const std::string question = R"("solver": "roofline_sensitivity", )" + llama_on_h100 + R"("precision": "fp16")";
  const double wide = output(question, "memory_bandwidth_sensitivity");
  const double narrow = output(question + R"(, "weight_bits": 4.25)", "memory_bandwidth_sensitivity");
  EXPECT_LT(wide, narrow);  // an elasticity below 0
  EXPECT_LT(output(question + R"(, "weight_bits": 4.25)", "memory_time"), 0.45 * output(question, "memory_time"));
}

TEST(StoredWidths, BeforeCompressionAreWhatTheRatioStartsFrom) {
  const std::string question = R"("solver": "compression", )" + llama_on_h100 + R"("target_bits": 4, "group_size": 128)";
  EXPECT_DOUBLE_EQ(output(question, "compression_ratio"), 16 / 4.125);
  EXPECT_DOUBLE_EQ(output(question + R"(, "weight_bits": 8.25)", "compression_ratio"), 8.25 / 4.125);
}

}  // namespace
}  // namespace ironlaw::host
