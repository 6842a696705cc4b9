// Stages that only inner axes reach are evaluated before the rows: no row may tell.
#include "sessions.hpp"

#include <algorithm>
#include <cmath>

namespace ironlaw::host {
namespace {

/// The inputs of one row.
std::vector<Cell> inputs_of(const Pipeline& pipeline, std::uint64_t row) {
  auto inputs = pipeline.base();
  for (std::size_t a = pipeline.axes().size(); a-- > 0;) {
    const Axis& axis = pipeline.axes()[a];
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) inputs[axis.inputs[k]] = axis.values[k][row % axis.size()];
    row /= axis.size();
  }
  return inputs;
}

/// Every row of the run is what the pipeline answers for that row alone, with one thread and with several.
Rows expect_rows_alone(const std::string& text) {
  const Pipeline pipeline = compiled(text);
  EXPECT_GT(pipeline.rows(), 1024u) << "too few for tables";
  Rows first;
  for (const std::size_t threads : {1u, 2u, 7u}) {
    Rows rows;
    run(pipeline, rows, {threads});
    EXPECT_EQ(rows.cells.size(), pipeline.rows());
    for (std::size_t r = 0; r < rows.cells.size() && !testing::Test::HasFailure(); r += threads) {
      const Answer alone = answer(pipeline, inputs_of(pipeline, r));
      EXPECT_EQ(rows.status[r], alone.status) << "row " << r;
      if (!alone.errors.empty()) {
        EXPECT_EQ(rows.errors[r], alone.errors.front()) << "row " << r;
      }
      for (std::size_t c = 0; c < pipeline.columns().size(); ++c) {
        const Cell expected = alone.cell(pipeline.columns()[c]);
        EXPECT_TRUE(rows.cells[r][c].object == expected.object ||
                    (std::isnan(rows.cells[r][c].number) && std::isnan(expected.number)))
            << "row " << r << ", " << pipeline.columns()[c].name << ": " << rows.cells[r][c].number << ", alone "
            << expected.number;
      }
    }
    if (threads == 1) first = std::move(rows);
  }
  return first;
}

std::size_t count(const Rows& rows, RowStatus status) {
  return static_cast<std::size_t>(std::count(rows.status.begin(), rows.status.end(), status));
}

const std::string step =
    R"("step": {"solver": "distributed", "workload": "Llama3_8B", "batch_size": 32, "zero_stage": 3, "activation_recomputation": true,
    "fleet": {"node": "DGX_H100", "nodes": 2, "fabric": "InfiniBand_NDR"}})";
const std::string law =
    R"("law": {"solver": "iron_law", "memory_time": "$step.communication_time", "compute_time": "$step.step_time"})";

TEST(StageTables, InfeasibleRefusedAndSkippedRowsStayWhatTheyAre) {
  const Rows rows = expect_rows_alone(R"({"version": 1, "stages": {)" + step + ", " + law + R"(},
      "axes": [{"law.compute_speedup": {"from": 1, "to": 4, "steps": 60}}, {"step.tensor_parallel": [1, 2, 3, 8, 16]},
               {"step.zero_stage": [0, 1, 2, 3]}]})");
  EXPECT_GT(count(rows, RowStatus::ok), 0u);
  EXPECT_GT(count(rows, RowStatus::infeasible), 0u);
  EXPECT_GT(count(rows, RowStatus::refused), 0u);
}

TEST(StageTables, ObjectsThatAreMadeOutliveTheirBlock) {
  expect_rows_alone(R"({"version": 1, "inputs": {"device": "H100"}, "stages": {
      "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device"},
      "total": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time"},
      "again": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device"}},
      "axes": [{"total.compute_speedup": {"from": 1, "to": 4, "steps": 3}}, {"again.batch_size": {"from": 1, "to": 40, "steps": 40}},
               {"device.memory_bandwidth": {"from": "1 TB/s", "to": "4 TB/s", "steps": 30}}]})");
}

TEST(StageTables, AnObjectThatCannotBeMadeCostsItsRowsOnly) {
  const Rows rows = expect_rows_alone(R"({"version": 1, "inputs": {"d": "H100"}, "stages": {
      "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "$d"},
      "total": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time"}},
      "axes": [{"total.compute_speedup": {"from": 1, "to": 4, "steps": 400}}, {"d": ["H100", "Cerebras_CS3", "A100"]},
               {"d.host_link": ["10 GB/s", "20 GB/s"]}]})");
  EXPECT_EQ(count(rows, RowStatus::refused), 800u);
  EXPECT_EQ(rows.errors.at(2), "d: Cerebras_CS3 is of kind wafer_scale, which has no field host_link");
}

TEST(StageTables, AxesThatVaryTogetherAndMiddleAxes) {
  expect_rows_alone(R"({"version": 1, "stages": {)" + step + ", " + law + R"(,
      "side": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}},
      "axes": [{"law.compute_speedup": {"from": 1, "to": 4, "steps": 20}},
               {"step.batch_size": [16, 32, 64], "side.batch_size": [1, 2, 3]},
               {"law.memory_speedup": {"from": 1, "to": 4, "steps": 20}}, {"side.efficiency": [0.1, 0.2, 0.3]}]})");
}

TEST(StageTables, RowsThatAreLeftOutBeforehandStayOut) {
  const std::string config = R"({"version": 1, "stages": {)" + step + ", " + law + R"(},
      "axes": [{"law.compute_speedup": {"from": 1, "to": 4, "steps": 600}}, {"step.tensor_parallel": [1, 3, 8]}],
      "where": ["law.compute_speedup <= 2 or step.tensor_parallel > 1"],
      "report": {"rejected": true, "columns": ["law.compute_speedup", "step.tensor_parallel", "step.step_time", "law.sequential"]}})";
  const Pipeline pipeline = compiled(config);
  const Rows rows = rows_of(pipeline);
  ASSERT_EQ(rows.cells.size(), 1800u);
  for (std::size_t r = 0; r < rows.cells.size(); ++r) {
    const bool out = rows.cells[r][0].number > 2 && rows.cells[r][1].number == 1;
    const bool refused = rows.cells[r][1].number == 3;
    EXPECT_EQ(rows.status[r] == RowStatus::skipped, out) << r;
    EXPECT_EQ(std::isnan(rows.cells[r][2].number), out || refused) << r;
    EXPECT_EQ(std::isnan(rows.cells[r][3].number), out || refused) << r;
  }
}

}  // namespace
}  // namespace ironlaw::host
