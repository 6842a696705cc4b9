// What a run takes of memory: a few blocks a thread, whatever the number of rows; and what it remembers from block to block.
#include "sessions.hpp"

#include <sys/resource.h>

#include <cstring>

namespace ironlaw::host {
namespace {

struct NoRows final : RowSink {
  void rows(const ResultRows&) override {}
};

/// The most that the process ever held, in bytes.
double most_held() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

std::string batch_sweep(const std::string& batches) {
  return R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
    "axes": [{"node.batch_size": {"from": 1, "to": )" +
         batches + R"(, "steps": )" + batches + R"(}}, {"node.efficiency": {"from": 0.3, "to": 0.7, "steps": 500}}],
    "report": {"columns": ["node.batch_size", "node.latency"], "best": {"by": "max node.throughput", "keep": 10}}})";
}

TEST(RunMemory, DoesNotGrowWithTheRows) {
  NoRows nowhere;
  RunOptions options;
  for (const std::size_t threads : {1, 2}) {
    options.threads = threads;
    EXPECT_EQ(run(compiled(batch_sweep("100")), nowhere, options).rows, 50'000u);
    const double before = most_held();
    EXPECT_EQ(run(compiled(batch_sweep("2000")), nowhere, options).rows, 1'000'000u);
    EXPECT_LT(most_held() - before, 2e6) << threads << " threads: a double a row more would be 8 MB";
  }
}

/// The outputs of a plan's rows, asked in blocks of so many by a caller with a memory.
std::vector<std::vector<Cell>> asked_in_blocks(const Pipeline& pipeline, const std::vector<Cell>& batch, std::size_t block) {
  const Solver& plan = pipeline.solver();
  std::vector<Column> in;
  const std::vector<Cell> base = pipeline.base();
  std::size_t varying = base.size();
  for (std::size_t k = 0; k < base.size(); ++k) {
    in.push_back({&base[k], 0});
    if (plan.inputs()[k].name.ends_with("batch_size")) varying = k;
  }
  std::vector<std::vector<Cell>> cells(plan.outputs().size(), std::vector<Cell>(batch.size()));
  BlockMemory memory;
  for (std::size_t first = 0; first < batch.size(); first += block) {
    in[varying] = {&batch[first], 1};
    std::vector<Cell*> out;
    for (auto& column : cells) out.push_back(&column[first]);
    std::vector<RowStatus> status(std::min(block, batch.size() - first), RowStatus::ok);
    plan.evaluate({in, out, status, nullptr, &memory});
    for (const RowStatus s : status) EXPECT_TRUE(has_outputs(s));
  }
  return cells;
}

TEST(RunMemory, OfAPlanGivesTheSameCells) {
  const char* const configs[] = {
      R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "H100", "batch_size": 1},
          "law": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time",
                  "overhead_time": "$node.overhead"}}})",
      R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "Llama3_8B",
          "hardware": {"based_on": "H100", "memory_bandwidth": "2 TB/s"}, "batch_size": 1}}})"};
  std::vector<Cell> batch(1500);
  for (std::size_t r = 0; r < batch.size(); ++r) batch[r].number = static_cast<double>(1 + r % 97);
  for (const char* config : configs) {
    const Pipeline pipeline = compiled(config);
    const auto whole = asked_in_blocks(pipeline, batch, batch.size());
    for (const std::size_t block : {1, 7, 64}) {
      const auto parts = asked_in_blocks(pipeline, batch, block);
      for (std::size_t o = 0; o < whole.size(); ++o)
        ASSERT_EQ(std::memcmp(parts[o].data(), whole[o].data(), batch.size() * sizeof(Cell)), 0)
            << pipeline.solver().outputs()[o].name << " in blocks of " << block;
    }
  }
}

}  // namespace
}  // namespace ironlaw::host
