// A million rows of a chain against nested loops by hand, a dear stage under a cheap outer axis, and requests line by line
// against the same rows in one sweep. Read the ratios of one run, never the times of two.
#include "roofline/amdahl.hpp"
#include "roofline/iron_law.hpp"
#include "roofline/single_node.hpp"

#include <benchmark/benchmark.h>
#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>
#include <ironlaw/present/batch.hpp>
#include <ironlaw/present/report.hpp>

#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;
using roofline::Amdahl;
using roofline::IronLaw;
using roofline::SingleNode;

constexpr std::size_t side = 1000;

Session& session() {
  static Session s;
  return s;
}

void count_rows(benchmark::State& state, std::size_t rows) {
  state.counters["ns/row"] = benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(rows),
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Takes rows and keeps nothing.
struct NoRows final : RowSink {
  void rows(const ResultRows& rows) override { benchmark::DoNotOptimize(rows.columns.data()); }
};

void run_config(benchmark::State& state, const std::string& config, std::size_t threads) {
  const Pipeline pipeline = session().compile(Config::parse(config, "bench"));
  NoRows rows;
  for (auto _ : state) {
    if (run(pipeline, rows, {threads, {}}).rows != pipeline.rows()) state.SkipWithError("stopped");
  }
  count_rows(state, pipeline.rows());
}

/// Three stages that both axes reach, so that nothing is hoisted: a node, a law of its times, a law of its share of the peak.
/// `keep` stores a row's outputs.
template <class Row, class Keep>
void by_hand(benchmark::State& state, Keep keep) {
  std::vector<double> batch(side);
  std::vector<double> efficiency(side);
  for (std::size_t i = 0; i < side; ++i) {
    batch[i] = static_cast<double>(1 + i);
    efficiency[i] = 0.1 + 0.8 * static_cast<double>(i) / static_cast<double>(side - 1);
  }
  SingleNode::Inputs in;
  in.workload = static_cast<const Workload*>(session().zoo().find("workload", "ResNet50", "bench").object);
  in.hardware = static_cast<const Hardware*>(session().zoo().find("hardware", "A100", "bench").object);
  std::vector<Row> out(side);
  const auto facts = SingleNode::facts(in);
  for (auto _ : state) {
    for (std::size_t b = 0; b < side; ++b) {
      for (std::size_t e = 0; e < side; ++e) {
        in.batch_size = static_cast<int>(batch[b]);
        in.efficiency = efficiency[e];
        const auto node = SingleNode::solve(in, facts);
        IronLaw::Inputs times;
        times.memory_time = node.memory_time;
        times.compute_time = node.compute_time;
        times.compute_speedup = 2;
        const auto law = IronLaw::solve(times);
        Amdahl::Inputs share;
        share.improved_fraction = node.mfu;
        share.stage_speedup = 2;
        out[e] = keep(node, law, Amdahl::solve(share));
      }
      benchmark::DoNotOptimize(out.data());
      benchmark::ClobberMemory();
    }
  }
  count_rows(state, side * side);
}

struct AllOutputs {
  SingleNode::Outputs node;
  IronLaw::Outputs law;
  Amdahl::Outputs share;
};
struct ThreeOutputs {
  Time latency;
  Time upgraded;
  double speedup;
};
void chain_by_hand(benchmark::State& state) {
  by_hand<AllOutputs>(state, [](const auto& node, const auto& law, const auto& share) { return AllOutputs{node, law, share}; });
}
/// The compiler leaves out what these three do not need.
void chain_by_hand_of_three(benchmark::State& state) {
  by_hand<ThreeOutputs>(state, [](const auto& node, const auto& law, const auto& share) {
    return ThreeOutputs{node.latency, law.upgraded_overlapped, share.speedup};
  });
}

void run_chain(benchmark::State& state, const std::string& rest) {
  run_config(state,
             R"({"version": 1, "stages": {
      "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"},
      "law": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time", "compute_speedup": 2},
      "share": {"solver": "amdahl", "improved_fraction": "$node.mfu", "stage_speedup": 2}},
    "axes": [{"node.batch_size": {"from": 1, "to": 1000, "steps": 1000}},
             {"node.efficiency": {"from": 0.1, "to": 0.9, "steps": 1000}}])" +
                 rest + "}",
             static_cast<std::size_t>(state.range(0)));
}
void chain_run(benchmark::State& state) { run_chain(state, ""); }
void chain_run_of_three(benchmark::State& state) {
  run_chain(state, R"(, "report": {"columns": ["node.latency", "law.upgraded_overlapped", "share.speedup"]})");
}

/// A training step that one axis reaches, and a law over it that the other reaches.
void dear_stage(benchmark::State& state, bool inside) {
  const std::string dear = R"({"step.efficiency": {"from": 0.1, "to": 1, "steps": 1000}})";
  const std::string cheap = R"({"law.compute_speedup": {"from": 1, "to": 10, "steps": 1000}})";
  run_config(state,
             R"({"version": 1, "stages": {
      "step": {"solver": "distributed", "workload": "Llama3_8B", "batch_size": 1024, "tensor_parallel": 8, "pipeline_parallel": 2,
               "zero_stage": 3, "fleet": {"node": "DGX_H100", "nodes": 16, "fabric": "InfiniBand_NDR"}},
      "law": {"solver": "iron_law", "memory_time": "$step.communication_time", "compute_time": "$step.node.compute_time"}},
    "report": {"columns": ["law.compute_speedup", "step.efficiency", "step.throughput", "law.upgraded_sequential"]},
    "axes": [)" + (inside ? cheap + ", " + dear : dear + ", " + cheap) +
                 "]}",
             1);
}
void dear_stage_inside(benchmark::State& state) { dear_stage(state, true); }
void dear_stage_outside(benchmark::State& state) { dear_stage(state, false); }

constexpr std::size_t requests = 1000;

/// Requests of three solvers in turn, each with numbers of its own.
std::vector<std::string> mixed_requests() {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < requests; ++i) {
    const std::string head = "{\"id\": " + std::to_string(i) + ", \"solver\": ";
    const std::string batch = std::to_string(1 + i);
    if (i % 3 == 0) {
      lines.push_back(head + R"("single_node", "inputs": {"workload": "ResNet50", "hardware": "A100", "batch_size": )" + batch +
                      "}}");
    } else if (i % 3 == 1) {
      lines.push_back(
          head + R"("serving", "inputs": {"workload": "Llama3_8B", "hardware": "H100", "sequence_length": 2048, "batch_size": )" +
          batch + "}}");
    } else {
      lines.push_back(head + R"("amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": )" + batch + "}}");
    }
  }
  return lines;
}

void batch_mixed(benchmark::State& state) {
  const auto lines = mixed_requests();
  Batch batch(session(), "");
  for (const auto& line : lines)
    if (batch.answer(line).text.find("\"error\":") != std::string::npos) return state.SkipWithError("a request was refused");
  for (auto _ : state)
    for (const auto& line : lines) benchmark::DoNotOptimize(batch.answer(line));
  count_rows(state, requests);
}

/// As many rows of the same solvers, a sweep each, every output written as JSON Lines.
void batch_as_sweeps(benchmark::State& state) {
  std::vector<Pipeline> sweeps;
  const auto add = [&](const std::string& stage, const std::string& values) {
    sweeps.push_back(session().compile(
        Config::parse(R"({"version": 1, "stages": {"s": {)" + stage + R"(}}, "axes": [{"s.)" + values + "]}", "bench")));
  };
  const std::string count = R"(": {"from": 1, "to": 333, "steps": 333}})";
  add(R"("solver": "single_node", "workload": "ResNet50", "hardware": "A100")", "batch_size" + count);
  add(R"("solver": "serving", "workload": "Llama3_8B", "hardware": "H100", "sequence_length": 2048)", "batch_size" + count);
  add(R"("solver": "amdahl", "improved_fraction": 0.5)", "stage_speedup" + count);
  ReportOptions options;
  options.format = OutputFormat::jsonl;
  for (auto _ : state) {
    for (const auto& sweep : sweeps) {
      std::ostringstream text;
      TableReport table(sweep, options, text);
      table.finish(run(sweep, table, {1, {}}));
      benchmark::DoNotOptimize(text);
    }
  }
  count_rows(state, 3 * 333);
}

BENCHMARK(chain_by_hand)->Unit(benchmark::kMillisecond);
BENCHMARK(chain_by_hand_of_three)->Unit(benchmark::kMillisecond);
BENCHMARK(chain_run_of_three)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(chain_run)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
BENCHMARK(dear_stage_outside)->Unit(benchmark::kMillisecond);
BENCHMARK(dear_stage_inside)->Unit(benchmark::kMillisecond);
BENCHMARK(batch_mixed)->Unit(benchmark::kMillisecond);
BENCHMARK(batch_as_sweeps)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
