// What a row costs against the hand-written loop: the same pure functions, inputs from arrays and outputs to arrays, objects that
// live in another library. Read the ratios of one run, never the times of two.
#include "roofline/efficiency.hpp"
#include "roofline/iron_law.hpp"
#include "roofline/single_node.hpp"

#include <benchmark/benchmark.h>
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <algorithm>
#include <string>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;
using roofline::Efficiency;
using roofline::IronLaw;
using roofline::SingleNode;

constexpr std::size_t rows = 1024;

Session& session() {
  static Session s;
  return s;
}
const Hardware& hardware() { return *static_cast<const Hardware*>(session().zoo().find("hardware", "A100", "bench").object); }
const Workload& workload() { return *static_cast<const Workload*>(session().zoo().find("workload", "ResNet50", "bench").object); }

/// Two inputs that change with every row.
struct Arrays {
  std::vector<Cell> batch = std::vector<Cell>(rows);
  std::vector<Cell> efficiency = std::vector<Cell>(rows);
  Arrays() {
    for (std::size_t r = 0; r < rows; ++r) {
      batch[r].number = static_cast<double>(1 + r);
      efficiency[r].number = 0.3 + 1e-4 * static_cast<double>(r);
    }
  }
};

SingleNode::Inputs node_inputs(const Arrays& a, std::size_t r) {
  SingleNode::Inputs in;
  in.workload = &workload();
  in.hardware = &hardware();
  in.batch_size = static_cast<int>(a.batch[r].number);
  in.efficiency = a.efficiency[r].number;
  return in;
}

void count_rows(benchmark::State& state) {
  state.counters["ns/row"] = benchmark::Counter(static_cast<double>(state.iterations()) * rows,
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void one_stage_by_hand(benchmark::State& state) {
  const Arrays a;
  std::vector<SingleNode::Outputs> out(rows);
  auto in = node_inputs(a, 0);
  const auto facts = SingleNode::facts(in);
  for (auto _ : state) {
    for (std::size_t r = 0; r < rows; ++r) {
      in.batch_size = static_cast<int>(a.batch[r].number);
      in.efficiency = a.efficiency[r].number;
      out[r] = SingleNode::solve(in, facts);
    }
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

void three_stages_by_hand(benchmark::State& state) {
  const Arrays a;
  std::vector<SingleNode::Outputs> node(rows);
  std::vector<Efficiency::Outputs> efficiency(rows);
  std::vector<IronLaw::Outputs> law(rows);
  auto in = node_inputs(a, 0);
  const auto facts = SingleNode::facts(in);
  Efficiency::Inputs kernels;
  kernels.hardware = &hardware();
  const auto peak = Efficiency::facts(kernels);
  for (auto _ : state) {
    for (std::size_t r = 0; r < rows; ++r) {
      in.batch_size = static_cast<int>(a.batch[r].number);
      in.efficiency = a.efficiency[r].number;
      node[r] = SingleNode::solve(in, facts);
      kernels.efficiency = a.efficiency[r].number;
      efficiency[r] = Efficiency::solve(kernels, peak);
      IronLaw::Inputs times;
      times.memory_time = node[r].memory_time;
      times.compute_time = node[r].compute_time;
      times.overhead_time = node[r].overhead;
      law[r] = IronLaw::solve(times);
    }
    benchmark::DoNotOptimize(node.data());
    benchmark::DoNotOptimize(efficiency.data());
    benchmark::DoNotOptimize(law.data());
    benchmark::ClobberMemory();
  }
  count_rows(state);
}

/// Evaluates a solver in blocks with every output wanted.
void in_blocks(benchmark::State& state, const Solver& solver, const std::vector<Cell>& base,
               const std::vector<std::pair<std::size_t, const std::vector<Cell>*>>& vary, std::size_t block) {
  std::vector<Column> in;
  for (const Cell& c : base) in.push_back({&c, 0});
  for (const auto& [input, cells] : vary) in[input] = {cells->data(), 1};
  std::vector<std::vector<Cell>> columns(solver.outputs().size(), std::vector<Cell>(rows));
  std::vector<Cell*> out;
  std::vector<RowStatus> status(rows);
  for (auto _ : state) {
    for (std::size_t first = 0; first < rows; first += block) {
      out.clear();
      for (auto& c : columns) out.push_back(c.data() + first);
      std::vector<Column> part = in;
      for (auto& c : part) c.data += first * c.stride;
      std::fill_n(status.begin(), block, RowStatus::ok);
      solver.evaluate({part, out, std::span(status).first(block), nullptr});
    }
    benchmark::ClobberMemory();
  }
  if (std::any_of(status.begin(), status.end(), [](RowStatus s) { return !has_outputs(s); }))
    state.SkipWithError("a row is refused");
  count_rows(state);
}

/// A solver of a plugin, with its other inputs as a config of one stage, named "s", says them.
void plugin_blocks(benchmark::State& state, std::string_view name_of_solver, const char* config,
                   const std::vector<std::pair<std::string_view, const std::vector<Cell>*>>& varying) {
  const Pipeline pipeline = session().compile(Config::parse(config, "bench"));
  const Solver& solver = session().plugins().solver(name_of_solver);
  std::vector<Cell> base;
  std::vector<std::pair<std::size_t, const std::vector<Cell>*>> vary;
  for (std::size_t i = 0; i < solver.inputs().size(); ++i) {
    const std::string_view name = solver.inputs()[i].name;
    base.push_back(pipeline.base()[pipeline.input("s." + std::string(name))]);
    for (const auto& [port, cells] : varying)
      if (port == name) vary.emplace_back(i, cells);
  }
  in_blocks(state, solver, base, vary, static_cast<std::size_t>(state.range(0)));
}

void roofline_plugin(benchmark::State& state) {
  const Arrays a;
  plugin_blocks(state, "single_node",
                R"({"version": 1, "stages": {"s": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}})",
                {{"batch_size", &a.batch}, {"efficiency", &a.efficiency}});
}

void serving_plugin(benchmark::State& state) {
  const Arrays a;
  plugin_blocks(state, "serving",
                R"({"version": 1, "stages": {"s": {"solver": "serving", "workload": "Llama3_70B", "hardware": "H100",
    "tensor_parallel": 4, "sequence_length": 2048}}})",
                {{"batch_size", &a.batch}, {"efficiency", &a.efficiency}});
}

/// Every form of parallelism at once; the batch stays, as it must come out even.
void distributed_plugin(benchmark::State& state) {
  const Arrays a;
  std::vector<Cell> straggler(rows);
  for (std::size_t r = 0; r < rows; ++r) straggler[r].number = 1 + 1e-4 * static_cast<double>(r);
  plugin_blocks(state, "distributed", R"({"version": 1, "stages": {"s": {"solver": "distributed", "workload": "Llama3_70B",
    "fleet": "DgxH100SuperPodSU", "batch_size": 512, "tensor_parallel": 8, "pipeline_parallel": 4, "microbatches": 8,
    "zero_stage": 1, "activation_recomputation": true, "overlap": true}}})",
                {{"straggler", &straggler}, {"efficiency", &a.efficiency}});
}

void plan_blocks(benchmark::State& state, const char* config) {
  const Arrays a;
  const Pipeline pipeline = session().compile(Config::parse(config, "bench"));
  in_blocks(state, pipeline.solver(), pipeline.base(),
            {{pipeline.input("batch"), &a.batch}, {pipeline.input("efficiency"), &a.efficiency}}, rows);
}

void one_stage_plan(benchmark::State& state) {
  plan_blocks(state, R"({"version": 1, "inputs": {"batch": 1, "efficiency": 0.5}, "stages": {
    "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "batch_size": "$batch", "efficiency": "$efficiency"}}})");
}

void three_stage_plan(benchmark::State& state) {
  plan_blocks(state, R"({"version": 1, "inputs": {"batch": 1, "efficiency": 0.5}, "stages": {
    "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100", "batch_size": "$batch", "efficiency": "$efficiency"},
    "kernels": {"solver": "efficiency", "hardware": "A100", "efficiency": "$efficiency"},
    "law": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time", "overhead_time": "$node.overhead"}}})");
}

void device_made_every_row(benchmark::State& state) {
  const Arrays a;
  const Pipeline pipeline = session().compile(Config::parse(R"({"version": 1, "inputs": {"batch": 1, "device": "A100"},
    "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "$device", "batch_size": "$batch"}},
    "axes": [{"device.memory_bandwidth": ["1 TB/s"]}]})",
                                                            "bench"));
  std::vector<Cell> bandwidth(rows);
  for (std::size_t r = 0; r < rows; ++r) bandwidth[r].number = 1e12 + 1e9 * static_cast<double>(r);
  in_blocks(state, pipeline.solver(), pipeline.base(),
            {{pipeline.input("batch"), &a.batch}, {pipeline.input("device.memory_bandwidth"), &bandwidth}}, rows);
}

BENCHMARK(one_stage_by_hand);
BENCHMARK(roofline_plugin)->Arg(1024)->Arg(1);
BENCHMARK(serving_plugin)->Arg(1024);
BENCHMARK(distributed_plugin)->Arg(1024);
BENCHMARK(one_stage_plan);
BENCHMARK(three_stages_by_hand);
BENCHMARK(three_stage_plan);
BENCHMARK(device_made_every_row);

}  // namespace

BENCHMARK_MAIN();
