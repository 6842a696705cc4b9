#include "report_fixture.hpp"

#include <ironlaw/maybe.hpp>
#include <ironlaw/present/result_table.hpp>

#include <gtest/gtest.h>

#include <cstring>

namespace ironlaw::host {
namespace {

const Json devices_and_batches = {{{"node.hardware", {"A100", "H100"}}}, {{"node.batch_size", {1, 8, 64}}}};

std::shared_ptr<const ResultTable> table_of(const Json& axes, const Json& columns) {
  auto pipeline = std::make_shared<const Pipeline>(pipeline_of({{"node", single_node()}}, axes, columns));
  auto table = std::make_shared<ResultTable>(pipeline);
  run(*pipeline, *table);
  return table;
}

std::string printed(const ResultTable& table, std::size_t most = ~std::size_t{0}) {
  std::ostringstream out;
  TableReport report(table.pipeline(), table.columns(), options_of(OutputFormat::csv), out);
  table.replay(report, most);
  report.finish({});
  return out.str();
}

/// The texts of an array of them.
std::vector<std::string> texts(const ArrowArray& array) {
  std::vector<std::string> list;
  const auto* ends = static_cast<const std::int32_t*>(array.buffers[1]);
  for (std::int64_t i = 0; i < array.length; ++i)
    list.emplace_back(static_cast<const char*>(array.buffers[2]) + ends[i], static_cast<std::size_t>(ends[i + 1] - ends[i]));
  return list;
}

TEST(ResultTable, KeepsTheRowsOfARun) {
  const auto table = table_of(devices_and_batches, {"node.hardware", "node.batch_size", "node.latency"});
  ASSERT_EQ(table->size(), 6u);
  EXPECT_EQ(table->cells(1)[4].number, 8);
  std::ostringstream out;
  TableReport report(table->pipeline(), options_of(OutputFormat::csv), out);
  report.finish(run(table->pipeline(), report));
  EXPECT_EQ(printed(*table), out.str());
  EXPECT_EQ(lines_of(printed(*table, 2)).size(), 3u);
}

TEST(ResultTable, KeepsWhyARowHasNoOutputs) {
  const auto table = table_of({{{"node.hardware", {"A100", "T4"}}}, {{"node.precision", {"fp16", "fp64"}}}}, {"node.latency"});
  EXPECT_EQ(table->status()[3], RowStatus::refused);
  EXPECT_TRUE(contains(lines_of(printed(*table))[4], "fp64")) << printed(*table);
}

TEST(ResultTable, ArrowSeesTheNumbersWhereTheyAre) {
  auto table = table_of(devices_and_batches, {"node.hardware", "node.batch_size", "node.latency", "node.feasible", "node.spill"});
  const Cell* const latencies = table->cells(2).data();
  ArrowSchema schema;
  ArrowArray batch;
  export_arrow(table, schema, batch);
  ASSERT_STREQ(schema.format, "+s");
  ASSERT_EQ(schema.n_children, 7);
  EXPECT_STREQ(schema.children[2]->name, "node.latency");
  EXPECT_STREQ(schema.children[2]->format, "g");
  EXPECT_EQ(batch.children[2]->buffers[1], latencies);
  EXPECT_EQ(batch.children[2]->buffers[0], nullptr);
  EXPECT_EQ(batch.length, 6);
  EXPECT_EQ(texts(*batch.children[0]->dictionary), (std::vector<std::string>{"A100", "H100"}));
  EXPECT_STREQ(schema.children[3]->format, "b");
  EXPECT_EQ(batch.children[4]->null_count, 6);
  EXPECT_STREQ(schema.children[5]->name, "status");
  EXPECT_STREQ(schema.children[6]->name, "reason");
  EXPECT_EQ(batch.children[6]->null_count, 6);

  // Metadata: a count, then pairs of lengths and texts.
  std::int32_t pairs = 0;
  std::memcpy(&pairs, schema.children[2]->metadata, sizeof pairs);
  EXPECT_EQ(pairs, 2);
  EXPECT_EQ(std::string_view(schema.children[2]->metadata + 8, 4), "unit");
  EXPECT_EQ(std::string_view(schema.children[2]->metadata + 16, 1), "s");
  schema.release(&schema);
  EXPECT_EQ(schema.release, nullptr);

  // A child that somebody took holds the numbers, whatever becomes of the rest.
  ArrowArray taken = *batch.children[2];
  batch.children[2]->release = nullptr;
  batch.release(&batch);
  const std::weak_ptr<const ResultTable> watched = table;
  const double first = latencies[0].number;
  table.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(static_cast<const double*>(taken.buffers[1])[0], first);
  taken.release(&taken);
  EXPECT_TRUE(watched.expired());
}

TEST(ResultTable, AStreamGivesOneBatchThenItsEnd) {
  const auto table = table_of(devices_and_batches, {"node.latency"});
  ArrowArrayStream stream;
  export_arrow(table, stream);
  ArrowSchema schema;
  ASSERT_EQ(stream.get_schema(&stream, &schema), 0);
  EXPECT_EQ(schema.n_children, 3);
  schema.release(&schema);
  ArrowArray batch;
  ASSERT_EQ(stream.get_next(&stream, &batch), 0);
  EXPECT_EQ(batch.length, 6);
  batch.release(&batch);
  ASSERT_EQ(stream.get_next(&stream, &batch), 0);
  EXPECT_EQ(batch.release, nullptr);
  stream.release(&stream);
  EXPECT_EQ(stream.release, nullptr);
}

TEST(ResultTable, HoldsAnAnswerAsARow) {
  auto pipeline = std::make_shared<const Pipeline>(pipeline_of({{"node", single_node()}}));
  ResultTable table(pipeline);
  const auto one = answer(*pipeline);
  table.add(one);
  ASSERT_EQ(table.size(), 1u);
  EXPECT_EQ(table.cells(0)[0].number, one.cell(pipeline->columns()[0]).number);
}

}  // namespace
}  // namespace ironlaw::host
