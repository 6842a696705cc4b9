// Solvers in lanes: the same bits, statuses and messages whatever is answered together, over all models and devices of the zoo.
#include <gtest/gtest.h>

#include "../host/sessions.hpp"
#include "economics/economics.hpp"
#include "economics/own_or_rent.hpp"
#include "estimates/serving/iteration.hpp"
#include "estimates/training/training_step.hpp"
#include "roofline/single_node.hpp"
#include "serving/serving.hpp"
#include "sustainability/placement.hpp"
#include "sustainability/sustainability.hpp"
#include "training/parallel_layout.hpp"

#include <ironlaw/sdk/solver_adapter.hpp>

#include <cmath>
#include <cstring>
#include <map>
#include <random>

namespace {
using namespace ironlaw;

constexpr std::size_t rows = 61;  // groups and a rest

/// Lanes that rows are answered in while it lives.
class Width {
 public:
  explicit Width(int width) : before_(detail::lane_width()) { detail::lane_width() = width; }
  ~Width() { detail::lane_width() = before_; }
  Width(const Width&) = delete;
  Width& operator=(const Width&) = delete;

 private:
  int before_;
};

struct Told final : ErrorSink {
  void row(std::size_t row, RowStatus, std::string_view port, std::string_view what) noexcept override {
    lines[first + row] = std::string(port) + ": " + std::string(what);
  }
  std::map<std::size_t, std::string> lines;
  std::size_t first = 0;
};

/// Values that a port takes, for ports whose range says little of what goes together.
using Values = std::map<std::string, std::vector<double>, std::less<>>;
using Objects = std::map<std::string, std::vector<const void*>>;

/// Columns of random values: most ports keep one value, some vary, some are left out in some rows.
class Columns {
 public:
  Columns(const Solver& solver, std::mt19937& random, const Objects& objects, const Values& values) {
    const auto chance = [&](double share) { return std::uniform_real_distribution<>(0, 1)(random) < share; };
    for (const PortInfo& port : solver.inputs()) {
      const bool number = port.type == PortType::number || port.type == PortType::integer;
      // Objects and choices change between stretches of rows, numbers from row to row.
      const bool varies = chance(number ? 0.4 : 0.1);
      auto& cells = cells_.emplace_back(varies ? rows : 1);
      for (std::size_t r = 0; r < cells.size(); ++r)
        cells[r] = !number && r % 20 != 0
                       ? cells[r - 1]
                       : value(port, random, objects, values, chance(port.need == PortNeed::question ? 0.5 : 0.85));
    }
    for (const auto& cells : cells_) columns.push_back({cells.data(), cells.size() > 1 ? 1u : 0u});
  }
  std::vector<Column> columns;

 private:
  static Cell value(const PortInfo& port, std::mt19937& random, const Objects& objects, const Values& values, bool usual) {
    const auto any_of = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
    Cell cell{};
    if (port.type == PortType::object) {
      const auto& all = objects.at(std::string(port.interface));
      cell.object = usual && port.optional ? nullptr : all[any_of(all.size())];
    } else if (usual && !port.required) {
      cell.number = port.fallback;
    } else if (const auto some = values.find(port.name); some != values.end()) {
      cell.number = some->second[any_of(some->second.size())];
    } else if (port.type == PortType::choice || port.type == PortType::boolean) {
      cell.number = static_cast<double>(any_of(static_cast<std::size_t>(port.range.high) + 1));
    } else {
      const double low = std::max(port.range.low, 1e-6), high = std::min(port.range.high, 1e5);
      cell.number = std::exp(std::uniform_real_distribution<>(std::log(low), std::log(std::max(low, high)))(random));
      if (port.type == PortType::integer) cell.number = std::max(port.range.low, std::floor(cell.number));
    }
    return cell;
  }
  std::vector<std::vector<Cell>> cells_;
};

struct Answer {
  std::vector<std::vector<Cell>> cells;
  std::vector<RowStatus> status;
  std::map<std::size_t, std::string> lines;
};
/// `cheap`: only what the author says is cheap is wanted.
Answer answer(const Solver& solver, const Columns& in, int width, bool cheap = false) {
  const Width lanes(width);
  Answer a{std::vector<std::vector<Cell>>(solver.outputs().size(), std::vector<Cell>(rows)), std::vector<RowStatus>(rows), {}};
  std::vector<Cell*> out;
  for (std::size_t k = 0; k < a.cells.size(); ++k)
    out.push_back(cheap && solver.outputs()[k].cheap_set == 0 ? nullptr : a.cells[k].data());
  Told told;
  solver.evaluate({in.columns, out, a.status, &told});
  a.lines = told.lines;
  return a;
}

/// The same in blocks of one caller, who has a memory: of one row, of a few, of the rest.
Answer answer_in_blocks(const Solver& solver, const Columns& in, int width) {
  const Width lanes(width);
  Answer a{std::vector<std::vector<Cell>>(solver.outputs().size(), std::vector<Cell>(rows)), std::vector<RowStatus>(rows), {}};
  BlockMemory memory;
  Told told;
  const std::size_t ends[] = {1, 2, 9, rows};
  for (const std::size_t end : ends) {
    std::vector<Column> columns;
    for (const Column& c : in.columns) columns.push_back({c.data + told.first * c.stride, c.stride});
    std::vector<Cell*> out;
    for (auto& cells : a.cells) out.push_back(cells.data() + told.first);
    solver.evaluate({columns, out, std::span(a.status).subspan(told.first, end - told.first), &told, &memory});
    told.first = end;
  }
  a.lines = told.lines;
  return a;
}

/// Bits; of what is absent only that it is.
bool same(const Cell& a, const Cell& b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a.number) && std::isnan(b.number));
}

/// Those named, or all of the zoo.
std::vector<const void*> objects_of(std::string_view interface, const std::vector<std::string>& names) {
  std::vector<const void*> objects;
  for (const auto& name : names) objects.push_back(host::session().zoo().find(interface, name, "lanes").object);
  if (!names.empty()) return objects;
  for (const auto& entry : host::session().zoo().list(interface))
    objects.push_back(host::session().zoo().find(interface, entry.kind + ":" + entry.key, "lanes").object);
  return objects;
}

void expect_same(const Solver& solver, int blocks, double least_answered,
                 std::map<std::string, std::vector<std::string>> names = {}, const Values& values = {}) {
  std::mt19937 random(20261130);
  Objects objects;
  for (const PortInfo& port : solver.inputs())
    if (port.type == PortType::object)
      objects[std::string(port.interface)] = objects_of(port.interface, names[std::string(port.interface)]);
  std::size_t answered = 0, infeasible = 0, refused = 0;
  for (int block = 0; block < blocks; ++block) {
    const Columns in(solver, random, objects, values);
    const Answer one = answer(solver, in, 1);
    for (const RowStatus s : one.status) {
      answered += has_outputs(s);
      infeasible += s == RowStatus::infeasible;
      refused += s == RowStatus::refused;
    }
    for (const int width : {2, 4}) {
      if (width > detail::widest_lanes()) continue;
      const Answer many = answer(solver, in, width);
      ASSERT_EQ(many.status, one.status) << "block " << block << " in " << width << " lanes";
      ASSERT_EQ(many.lines, one.lines) << "block " << block << " in " << width << " lanes";
      const Answer parts = answer_in_blocks(solver, in, width);
      ASSERT_EQ(parts.status, one.status) << "block " << block << " in blocks of one caller";
      ASSERT_EQ(parts.lines, one.lines) << "block " << block << " in blocks of one caller";
      const Answer few = answer(solver, in, width, true);
      for (std::size_t r = 0; r < rows; ++r)
        ASSERT_TRUE(few.status[r] == one.status[r] || (has_outputs(few.status[r]) && one.status[r] == RowStatus::failed))
            << "block " << block << " row " << r << ": what nobody reads fails no row, and changes nothing else";
      for (std::size_t k = 0; k < one.cells.size(); ++k)
        for (std::size_t r = 0; solver.outputs()[k].cheap_set != 0 && r < rows; ++r)
          ASSERT_TRUE(!has_outputs(one.status[r]) || same(few.cells[k][r], one.cells[k][r]))
              << "block " << block << " row " << r << " of few outputs";
      for (std::size_t k = 0; k < one.cells.size(); ++k)
        for (std::size_t r = 0; r < rows; ++r)
          ASSERT_TRUE(same(parts.cells[k][r], one.cells[k][r]))
              << "block " << block << " row " << r << " in blocks of one caller";
      for (std::size_t k = 0; k < one.cells.size(); ++k)
        for (std::size_t r = 0; r < rows; ++r)
          ASSERT_TRUE(same(many.cells[k][r], one.cells[k][r]))
              << "block " << block << " row " << r << " in " << width << " lanes: " << solver.outputs()[k].name << " is "
              << many.cells[k][r].number << ", alone " << one.cells[k][r].number;
    }
  }
  const auto all = rows * static_cast<std::size_t>(blocks);
  EXPECT_GT(static_cast<double>(answered), least_answered * static_cast<double>(all)) << "too few rows say anything";
  ::testing::Test::RecordProperty("answered", static_cast<int>(answered));
  ::testing::Test::RecordProperty("infeasible", static_cast<int>(infeasible));
  ::testing::Test::RecordProperty("refused", static_cast<int>(refused));
}

TEST(Lanes, SingleNodeGivesTheBitsOfOneRow) { expect_same(solver_adapter<roofline::SingleNode>, 3000, 0.5); }

/// Over all models of the zoo, many of which decode nothing.
TEST(Lanes, ServingGivesTheBitsOfOneRow) {
  expect_same(solver_adapter<serving::Serving>, 3000, 0.15,
              {{"workload",
                {"Llama3_8B", "Llama3_70B", "DeepSeek_V3", "DeepSeek_V4_Pro", "Mixtral_8x22B", "Jamba_v0_1", "Gemma3_27B",
                 "gpt_oss_120b", "Qwen3_32B", "GPT3", "ResNet50", "DLRM"}}});
}

TEST(Lanes, IterationGivesTheBitsOfOneRow) {
  expect_same(solver_adapter<estimates::Iteration>, 3000, 0.3,
              {{"workload", {"Llama3_8B", "Llama3_70B", "DeepSeek_V3", "Mixtral_8x22B", "Jamba_v0_1", "Gemma3_27B"}},
               {"hardware", {"A100", "H100", "H200", "B200"}}});
}

/// Layouts that come out even often enough.
const Values layouts{{"batch_size", {256, 512, 1024, 1536, 4096, 8192}},
                     {"tensor_parallel", {1, 2, 4, 8, 8, 16}},
                     {"pipeline_parallel", {1, 2, 4, 8, 16}},
                     {"expert_parallel", {1, 1, 2, 4, 8}},
                     {"virtual_stages", {1, 1, 2, 4}},
                     {"microbatches", {1, 2, 4, 8, 16}},
                     {"gradient_accumulation", {1, 1, 2}},
                     {"default_hidden_size", {4096}}};
const std::vector<std::string> trained{"Llama3_8B", "Llama3_70B", "Mixtral_8x7B", "DeepSeek_V3", "GPT3", "ResNet50", "DLRM"};

TEST(Lanes, DistributedGivesTheBitsOfOneRow) {
  expect_same(solver_adapter<training::Distributed>, 2000, 0.2, {{"workload", trained}}, layouts);
}

TEST(Lanes, ParallelLayoutGivesTheBitsOfOneRow) {
  expect_same(solver_adapter<training::ParallelLayout>, 2000, 0.2, {{"workload", trained}}, layouts);
}

TEST(Lanes, TrainingStepGivesTheBitsOfOneRow) {
  Values steps = layouts;
  steps["micro_batch"] = {1, 1, 2, 4};
  steps["context_parallel"] = {1, 1, 2, 4};
  steps["sequence_length"] = {512, 2048, 4096, 8192};
  steps["expert_parallel"] = {1, 1, 1, 2, 8};
  steps["shard_ranks"] = {8, 64, 512};
  steps["power_limit"] = {300, 500, 700, 1e4};
  steps["torus_dimensions"] = {1, 1, 2, 3};
  steps["expert_imbalance"] = {1, 1.3};
  expect_same(
      solver_adapter<estimates::TrainingStep>, 2000, 0.15,
      {{"workload", {"Llama3_8B", "Llama3_70B", "Mixtral_8x7B", "DeepSeek_V3", "GPT3", "Jamba_v0_1", "Gemma3_27B", "ResNet50"}},
       {"fleet", {"Training_1K", "Training_1K_A100", "DgxH100SuperPodSU"}}},
      steps);
}

TEST(Lanes, EconomicsGivesTheBitsOfOneRow) {
  expect_same(solver_adapter<economics::Economics>, 2000, 0.3);
  expect_same(solver_adapter<economics::OwnOrRent>, 500, 0.9);
}

TEST(Lanes, SustainabilityGivesTheBitsOfOneRow) {
  expect_same(solver_adapter<sustainability::Sustainability>, 2000, 0.3);
  expect_same(solver_adapter<sustainability::Placement>, 2000, 0.3);
}

}  // namespace
