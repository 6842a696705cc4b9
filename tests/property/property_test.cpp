// Properties that hold for every input, on inputs generated from fixed seeds, through the real plugins.
#include <bit>
#include <limits>
#include <numeric>

#include "../host/sessions.hpp"
#include "generator.hpp"

namespace ironlaw::host {
namespace {

std::uint64_t bits(const Cell& cell) { return std::bit_cast<std::uint64_t>(cell); }

/// Rows in and out of a solver, column by column.
struct Batch {
  std::vector<std::vector<Cell>> in;
  std::vector<std::vector<Cell>> out;
  std::vector<RowStatus> status;

  Batch(const Solver& solver, std::vector<std::vector<Cell>> inputs)
      : in(std::move(inputs)),
        out(solver.outputs().size(), std::vector<Cell>(in.front().size())),
        status(in.front().size(), RowStatus::ok) {}

  void evaluate(const Solver& solver) {
    std::vector<Column> columns;
    for (const auto& column : in) columns.push_back({column.data(), 1});
    std::vector<Cell*> results;
    for (auto& column : out) results.push_back(column.data());
    solver.evaluate({columns, results, status, nullptr});
  }
  /// Whether row r here and row q there ended alike, to the bit.
  [[nodiscard]] bool same_row(std::size_t r, const Batch& other, std::size_t q) const {
    if (status[r] != other.status[q]) return false;
    for (std::size_t o = 0; o < out.size(); ++o)
      if (bits(out[o][r]) != bits(other.out[o][q])) return false;
    return true;
  }
};

// ------------------------------------------------------------------------------------------------------------- the roofline

/// single_node with a model and a device written out, so that each of their fields is an input.
std::string written_out(const std::string& workload) {
  return one_stage(R"("solver": "single_node", "workload": )" + workload + R"(,
    "activation_weight_fraction": 0.1,
    "hardware": {"kind": "accelerator", "peak_rate": {"fp16": "1 TFLOP/s"}, "memory_capacity": "1 GB", "memory_bandwidth": "1 GB/s",
                 "host_link": "1 GB/s", "on_chip_capacity": "1 MB", "on_chip_bandwidth": "1 GB/s", "tdp": "100 W"})");
}

/// A random device and pass for a pipeline of written_out().
std::vector<Cell> random_pass(const Pipeline& p, Generator& any) {
  auto inputs = p.base();
  const auto set = [&](const char* name, double value) { inputs[p.input(std::string("s.") + name)].number = value; };
  set("hardware.peak_rate.fp16", any.logarithmic(1e9, 1e16));
  set("hardware.memory_capacity", any.logarithmic(1e5, 1e13));
  set("hardware.memory_bandwidth", any.logarithmic(1e7, 1e14));
  set("hardware.host_link", any.logarithmic(1e6, 1e12));
  set("hardware.on_chip_capacity", any.logarithmic(1e4, 1e9));
  set("hardware.on_chip_bandwidth", any.logarithmic(1e8, 1e15));
  set("hardware.tdp", any.logarithmic(0.01, 1e5));
  set("workload.parameters", any.logarithmic(1e4, 1e13));
  set("batch_size", std::floor(any.logarithmic(1, 1e6)));
  set("efficiency", any.logarithmic(1e-3, 1));
  set("memory_efficiency", any.between(0.1, 1));
  set("overlap", any.between(0, 1));
  set("training", any.one_in(2) ? 1 : 0);
  set("activation_recomputation", any.one_in(2) ? 1 : 0);
  set("lora", any.one_in(3) ? 1 : 0);
  set("zero_stage", static_cast<double>(any.below(4)));
  set("data_parallel", static_cast<double>(1 + any.below(64)));
  set("sequence_length", std::floor(any.logarithmic(1, 1e5)));
  set("spill_transfer", static_cast<double>(any.below(3)));
  set("count_live_state", any.one_in(2) ? 1 : 0);
  return inputs;
}

const std::vector<std::string> workloads{
    R"({"kind": "network", "parameters": 1e6, "layers": 50})",
    R"({"kind": "transformer", "parameters": 1e9, "layers": 32, "hidden_size": 4096, "heads": 32, "kv_heads": 8})",
    R"({"kind": "sparse_transformer", "parameters": 1e9, "active_parameters": 1e4, "experts": 8, "active_experts": 2, "layers": 32,
        "hidden_size": 4096, "heads": 32, "expert_reads": "all"})",
    R"({"kind": "state_space", "parameters": 1e9, "layers": 64, "hidden_size": 2560, "state_size": 16})"};

class Roofline : public testing::TestWithParam<std::size_t> {};

TEST_P(Roofline, LatencyIsNeverBelowAndSharesAreShares) {
  const Pipeline p = compiled(written_out(workloads[GetParam()]));
  Generator any(1 + GetParam());
  for (int i = 0; i < 500; ++i) {
    const Answer a = answer(p, random_pass(p, any));
    ASSERT_TRUE(has_outputs(a.status)) << a.errors.front();
    const auto out = [&](const char* name) { return output_of(p, a, std::string("s.") + name); };
    const double bound = std::max(out("compute_time"), out("memory_time"));
    ASSERT_GE(out("latency"), bound * (1 - 1e-15));
    ASSERT_LE(out("latency"), (out("compute_time") + out("memory_time") + out("overhead")) * (1 + 1e-12));
    for (const char* share : {"mfu", "hfu"}) {
      ASSERT_GE(out(share), 0);
      ASSERT_LE(out(share), 1);
    }
    ASSERT_LE(out("mfu"), out("hfu"));
    ASSERT_EQ(out("bottleneck"), out("memory_time") > out("compute_time") ? 1 : 0);
    ASSERT_EQ(out("overhead_dominated"), out("overhead") > bound ? 1 : 0);
    const double tdp = a.inputs[p.input("s.hardware.tdp")].number;
    ASSERT_LE(out("energy"), tdp * out("latency") * (1 + 1e-12));
    ASSERT_GE(out("energy"), 0.3 * tdp * out("latency") * (1 - 1e-12));
    const double batch = a.inputs[p.input("s.batch_size")].number;
    ASSERT_NEAR(out("throughput") * out("latency"), batch, 1e-12 * batch);
    const bool fits = out("memory_footprint") <= out("memory_capacity");
    ASSERT_EQ(a.status, fits ? RowStatus::ok : RowStatus::infeasible);
    ASSERT_EQ(out("feasible"), fits ? 1 : 0);
    ASSERT_EQ(std::isnan(out("spill")), fits);
  }
}

TEST_P(Roofline, MoreBandwidthOrArithmeticIsNeverSlower) {
  const Pipeline p = compiled(written_out(workloads[GetParam()]));
  Generator any(100 + GetParam());
  for (int i = 0; i < 300; ++i) {
    auto inputs = random_pass(p, any);
    const double before = output_of(p, answer(p, inputs), "s.latency");
    for (const char* rate :
         {"s.hardware.memory_bandwidth", "s.hardware.on_chip_bandwidth", "s.hardware.host_link", "s.hardware.peak_rate.fp16"}) {
      auto faster = inputs;
      faster[p.input(rate)].number *= any.between(1, 10);
      ASSERT_LE(output_of(p, answer(p, faster), "s.latency"), before * (1 + 1e-15)) << rate;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Workloads, Roofline, testing::Range<std::size_t>(0, 4));

// -------------------------------------------------------------------------------------------------------------- the plan

/// Three stages: what the first finds goes into the others.
std::string three_stages(const std::string& axes) {
  return R"({"version": 1, "inputs": {"device": "H100", "batch": 4}, "stages": {
    "pass": {"solver": "single_node", "workload": "Llama3_8B", "hardware": "$device", "batch_size": "$batch", "activation_weight_fraction": 0.1},
    "total": {"solver": "iron_law", "memory_time": "$pass.memory_time", "compute_time": "$pass.compute_time", "overhead_time": "$pass.overhead"},
    "gain": {"solver": "amdahl", "improved_fraction": "$pass.mfu", "stage_speedup": 2}}, "axes": [)" +
         axes + "]}";
}

/// A few axes in any order; some rows of theirs ask for a rate that a device lacks, or for a field that its kind lacks.
std::string random_axes(Generator& any) {
  const auto numbers = [&](double low, double high, const std::string& unit) {
    std::string list;
    for (std::size_t i = 1 + any.below(5); i-- > 0;) {
      const std::string number = std::to_string(any.between(low, high));
      list += (list.empty() ? "" : ", ") + (unit.empty() ? number : "\"" + number + " " + unit + "\"");
    }
    return "[" + list + "]";
  };
  const auto names = [&](std::vector<std::string> all) {
    any.shuffle(all);
    std::string list;
    for (std::size_t i = 1 + any.below(all.size()); i-- > 0;) list += (list.empty() ? "\"" : ", \"") + all[i] + "\"";
    return "[" + list + "]";
  };
  std::vector<std::string> axes{"{\"device\": " + names({"H100", "A100", "TPUv5e", "Cerebras_CS3", "MI300X"}) + "}",
                                "{\"device.host_link\": " + numbers(10, 100, "GB/s") + "}",
                                "{\"device.memory_bandwidth\": " + numbers(100, 4000, "GB/s") + "}",
                                "{\"batch\": [1, 2, 4, 4, 64]}",
                                "{\"pass.precision\": " + names({"fp16", "fp8", "int8", "fp64"}) + "}",
                                "{\"pass.efficiency\": " + numbers(0.1, 1, "") + "}",
                                "{\"total.memory_speedup\": " + numbers(1, 9, "") + "}",
                                "{\"gain.stage_speedup\": " + numbers(1, 9, "") + "}",
                                R"({"pass.overlap": [0, 0.5, 0.5], "total.compute_speedup": [1, 2, 2]})"};
  any.shuffle(axes);
  std::string text;
  for (std::size_t i = 1 + any.below(4); i-- > 0;) text += (text.empty() ? "" : ", ") + axes[i];
  return text;
}

/// The inputs of a row, worked out from its number alone: the last axis is innermost.
std::vector<Cell> inputs_of_row(const Pipeline& p, std::uint64_t row) {
  auto inputs = p.base();
  for (std::size_t a = p.axes().size(); a-- > 0;) {
    const Axis& axis = p.axes()[a];
    for (std::size_t k = 0; k < axis.inputs.size(); ++k) inputs[axis.inputs[k]] = axis.values[k][row % axis.size()];
    row /= axis.size();
  }
  return inputs;
}

TEST(Hoisting, GivesTheAnswersOfOneRowAlone) {
  Generator any(2);
  std::uint64_t all = 0;
  std::uint64_t without_outputs = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string axes = random_axes(any);
    SCOPED_TRACE(axes);
    const Pipeline p = compiled(three_stages(axes));
    const Rows rows = rows_of(p);
    ASSERT_EQ(rows.status.size(), p.rows());
    for (std::uint64_t r = 0; r < p.rows(); ++r) {
      const Answer alone = answer(p, inputs_of_row(p, r));
      ASSERT_EQ(rows.status[r], alone.status) << r;
      for (std::size_t c = 0; c < p.columns().size(); ++c)
        ASSERT_EQ(bits(rows.cells[r][c]), bits(alone.cell(p.columns()[c]))) << r << ", " << p.columns()[c].name;
      ++all;
      if (has_outputs(alone.status)) continue;
      ++without_outputs;
      ASSERT_FALSE(alone.errors.empty());
      ASSERT_EQ(rows.errors.at(r), alone.errors.front());
    }
  }
  EXPECT_GT(all, 2000u);
  EXPECT_GT(without_outputs, all / 20);
  EXPECT_LT(without_outputs, all);
}

TEST(Hoisting, TheNumberOfThreadsChangesNothing) {
  Generator any(3);
  for (int i = 0; i < 10; ++i) {
    const Pipeline p = compiled(three_stages(random_axes(any)));
    Rows one;
    Rows four;
    run(p, one, {.threads = 1});
    run(p, four, {.threads = 4});
    ASSERT_EQ(one.status, four.status);
    ASSERT_EQ(one.errors, four.errors);
    for (std::size_t r = 0; r < one.cells.size(); ++r)
      for (std::size_t c = 0; c < one.cells[r].size(); ++c) ASSERT_EQ(bits(one.cells[r][c]), bits(four.cells[r][c]));
  }
}

/// Rows of single_node on devices and models of the zoo; one in `one_bad_in` holds a number that it refuses.
std::vector<std::vector<Cell>> random_rows(const Pipeline& p, Generator& any, std::size_t rows, std::size_t one_bad_in) {
  const auto objects = [&](const char* interface, const std::vector<std::string>& keys) {
    std::vector<const void*> all;
    for (const auto& key : keys) all.push_back(session().zoo().find(interface, key, "here").object);
    return all;
  };
  const auto devices = objects("hardware", {"A100", "H100", "V100", "MI300X"});
  const auto models = objects("workload", {"ResNet50", "Llama3_8B", "Mixtral_8x7B"});
  const auto base = p.base();
  std::vector<std::vector<Cell>> in;
  for (const Cell& cell : base) in.emplace_back(rows, cell);
  for (std::size_t r = 0; r < rows; ++r) {
    in[p.input("s.hardware")][r].object = any.any_of(devices);
    in[p.input("s.workload")][r].object = any.any_of(models);
    in[p.input("s.batch_size")][r].number = static_cast<double>(1 + any.below(64));
    in[p.input("s.efficiency")][r].number = any.between(0.1, 1);
    in[p.input("s.precision")][r].number = static_cast<double>(any.below(11));
    if (!any.one_in(one_bad_in)) continue;
    const std::vector<std::pair<const char*, double>> bad{{"s.batch_size", 0},
                                                          {"s.batch_size", 1.5},
                                                          {"s.efficiency", absent_value},
                                                          {"s.efficiency", std::numeric_limits<double>::infinity()},
                                                          {"s.overlap", -1},
                                                          {"s.precision", 11}};
    const auto& [name, value] = any.any_of(bad);
    in[p.input(name)][r].number = value;
  }
  return in;
}

Pipeline one_pass() { return compiled(one_stage(resnet_on_a100 + R"(, "activation_weight_fraction": 0.1)")); }

TEST(Plan, EqualsTheSolverItselfToTheBit) {
  const Pipeline p = one_pass();
  const Solver& solver = session().plugins().solver("single_node");
  Generator any(4);
  for (const std::size_t rows : {1, 2, 63, 64, 65, 1023, 1024, 1025, 3000}) {
    Batch through_plan(p.solver(), random_rows(p, any, rows, 10));
    Batch direct(solver, through_plan.in);
    through_plan.evaluate(p.solver());
    direct.evaluate(solver);
    for (std::size_t r = 0; r < rows; ++r) ASSERT_TRUE(through_plan.same_row(r, direct, r)) << r << " of " << rows;
  }
}

TEST(Plan, ABadRowStaysPutAndDisturbsNobody) {
  const Pipeline p = one_pass();
  Generator any(5);
  constexpr std::size_t count = 2500;
  Batch all(p.solver(), random_rows(p, any, count, 4));
  all.evaluate(p.solver());
  std::vector<std::size_t> good;
  for (std::size_t r = 0; r < count; ++r) {
    if (has_outputs(all.status[r])) {
      good.push_back(r);
      continue;
    }
    ASSERT_EQ(all.status[r], RowStatus::refused);
    for (const auto& column : all.out) ASSERT_TRUE(std::isnan(column[r].number));
  }
  ASSERT_GT(good.size(), count / 4);
  ASSERT_LT(good.size(), count);
  any.shuffle(good);
  std::vector<std::vector<Cell>> in;
  for (const auto& column : all.in) {
    auto& kept = in.emplace_back();
    for (const std::size_t r : good) kept.push_back(column[r]);
  }
  Batch alone(p.solver(), std::move(in));
  alone.evaluate(p.solver());
  for (std::size_t i = 0; i < good.size(); ++i) ASSERT_TRUE(alone.same_row(i, all, good[i])) << good[i];
}

TEST(Plan, LeavesRowsAloneThatComeWithoutAValue) {
  const Pipeline p = one_pass();
  Generator any(6);
  Batch given(p.solver(), random_rows(p, any, 1500, 1000));
  Batch whole = given;
  whole.evaluate(p.solver());
  const std::vector<RowStatus> marks{RowStatus::refused, RowStatus::failed, RowStatus::skipped};
  std::vector<RowStatus> marked(given.status.size(), RowStatus::ok);
  for (auto& mark : marked)
    if (any.one_in(3)) mark = any.any_of(marks);
  given.status = marked;
  given.evaluate(p.solver());
  for (std::size_t r = 0; r < marked.size(); ++r) {
    if (marked[r] == RowStatus::ok) {
      ASSERT_TRUE(given.same_row(r, whole, r)) << r;
    } else {
      ASSERT_EQ(given.status[r], marked[r]) << r;
    }
  }
}

TEST(Plan, AStageBehindARefusedOneIsSkipped) {
  const Pipeline p = compiled(three_stages(R"({"device": ["H100", "TPUv5e", "H100"]}, {"pass.precision": ["fp64"]})"));
  const Rows rows = rows_of(p);
  EXPECT_EQ(rows.status[1], RowStatus::refused);
  EXPECT_EQ(rows.errors.size(), 1u);
  EXPECT_EQ(rows.errors.at(1).substr(0, 13), "pass: TPUv5e ");
  for (std::size_t c = 2; c < rows.cells[1].size(); ++c) EXPECT_TRUE(std::isnan(rows.cells[1][c].number));
  for (std::size_t c = 0; c < rows.cells[0].size(); ++c) EXPECT_EQ(bits(rows.cells[0][c]), bits(rows.cells[2][c]));
}

}  // namespace
}  // namespace ironlaw::host
