// Memory of training runs as measured (SimuMax on Megatron; torchtitan), against the solver with what each stack does: Megatron
// sums gradients in fp32 and shards the optimizer, fully sharded data parallelism shards everything.
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

TEST(TrainingMemoryRows, AreWithinATenthOnTheMeanAndAllFit) {
  std::ifstream file(IRONLAW_TESTS "/host/training_memory_rows.json");
  const auto rows = nlohmann::json::parse(file);
  ASSERT_EQ(rows.size(), 23u);
  double errors = 0;
  for (const auto& row : rows) {
    const std::string stage = row["stage"].dump();
    const auto pipeline = compiled(one_stage(stage.substr(1, stage.size() - 2)));
    const Answer a = answer(pipeline);
    EXPECT_EQ(a.status, RowStatus::ok) << row["id"];
    const double gib = output_of(pipeline, a, "s.memory_footprint") / (1 << 30);
    const double error = gib / row["measured_GiB"].get<double>() - 1;
    EXPECT_LT(std::abs(error), 0.5) << row["id"];
    errors += std::abs(error);
  }
  EXPECT_LE(errors / static_cast<double>(rows.size()), 0.10);
}

}  // namespace
}  // namespace ironlaw::host
