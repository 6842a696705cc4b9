// Ten million rows of three pipelines against the hand-written nested loop: the same pure functions, inputs from arrays and
// outputs to arrays, objects that live in another library. Every stage depends on the inner axis, so that nothing is hoisted.
// Prints seconds and ratios of one run; `load_bench INNER OUTER` takes other numbers of rows.
#include <ironlaw/sdk/plugin.hpp>

#include "economics/economics.hpp"
#include "reliability/reliability.hpp"
#include "roofline/single_node.hpp"
#include "serving/serving.hpp"
#include "training/distributed.hpp"

#include <ironlaw/host/run.hpp>
#include <ironlaw/host/session.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

namespace {

using namespace ironlaw;
using namespace ironlaw::host;
using economics::Economics;
using reliability::Reliability;
using roofline::SingleNode;
using serving::Serving;
using training::Distributed;

std::size_t inner = 10000;
std::size_t outer = 1000;

Session& session() {
  static Session opened;
  return opened;
}
template <class T>
const T& object(const char* interface, const char* name) {
  return *static_cast<const T*>(session().zoo().find(interface, name, "bench").object);
}

/// Evenly spaced, both ends included.
std::vector<double> spaced(double from, double to, std::size_t steps) {
  std::vector<double> values(steps);
  for (std::size_t i = 0; i < steps; ++i)
    values[i] = from + (to - from) * static_cast<double>(i) / static_cast<double>(steps - 1);
  return values;
}
std::string axis(const std::string& name, const std::string& from, const std::string& to, std::size_t steps) {
  return "\"" + name + "\": {\"from\": " + from + ", \"to\": " + to + ", \"steps\": " + std::to_string(steps) + "}";
}

template <class T>
void keep(const std::vector<T>& out) {
  asm volatile("" : : "r"(out.data()) : "memory");
}

void nodes_by_hand() {
  const auto batch = spaced(1, static_cast<double>(outer), outer);
  const auto efficiency = spaced(0.1, 0.9, inner);
  std::vector<SingleNode::Outputs> out(inner);
  SingleNode::Inputs in;
  in.workload = &object<Workload>("workload", "ResNet50");
  in.hardware = &object<Hardware>("hardware", "A100");
  const auto facts = SingleNode::facts(in);
  for (const double b : batch) {
    in.batch_size = static_cast<int>(b);
    for (std::size_t e = 0; e < inner; ++e) {
      in.efficiency = efficiency[e];
      out[e] = SingleNode::solve(in, facts);
    }
    keep(out);
  }
}
std::string nodes_config() {
  return R"("stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}, "axes": [{)" +
         axis("node.batch_size", "1", std::to_string(outer), outer) + "}, {" + axis("node.efficiency", "0.1", "0.9", inner) +
         "}]";
}

void serving_by_hand() {
  const auto batch = spaced(1, static_cast<double>(outer), outer);
  const auto efficiency = spaced(0.1, 0.9, inner);
  std::vector<Serving::Outputs> served(inner);
  std::vector<Economics::Outputs> costs(inner);
  Serving::Inputs in;
  in.workload = &object<Workload>("workload", "Llama3_8B");
  in.hardware = &object<Hardware>("hardware", "H100");
  in.sequence_length = 256;
  Economics::Inputs cost;
  cost.fleet = &object<Fleet>("fleet", "DgxH100SuperPodSU");
  cost.duration = 365 * 24.0 * units::hour;
  const auto facts = Serving::facts(in);
  for (const double b : batch) {
    in.batch_size = b;
    for (std::size_t e = 0; e < inner; ++e) {
      in.efficiency = efficiency[e];
      served[e] = Serving::solve(in, facts);
      cost.throughput = served[e].throughput;
      cost.utilization = efficiency[e];
      costs[e] = Economics::solve(cost);
    }
    keep(served);
    keep(costs);
  }
}
std::string serving_config() {
  return R"("stages": {"serve": {"solver": "serving", "workload": "Llama3_8B", "hardware": "H100", "sequence_length": 256},
      "cost": {"solver": "economics", "fleet": "DgxH100SuperPodSU", "duration": "8760 hour", "throughput": "$serve.throughput"}},
    "axes": [{)" +
         axis("serve.batch_size", "1", std::to_string(outer), outer) + "}, {" + axis("serve.efficiency", "0.1", "0.9", inner) +
         ", " + axis("cost.utilization", "0.1", "0.9", inner) + "}]";
}

void training_by_hand() {
  const auto congestion = spaced(1, 4, outer);
  const auto efficiency = spaced(0.1, 0.9, inner);
  const auto checkpoint = spaced(10, 600, inner);
  std::vector<Distributed::Outputs> steps(inner);
  std::vector<Reliability::Outputs> failures(inner);
  std::vector<Economics::Outputs> costs(inner);
  Distributed::Inputs in;
  in.workload = &object<Workload>("workload", "Llama3_8B");
  in.fleet = &object<Fleet>("fleet", "DgxH100SuperPodSU");
  in.batch_size = 1024;
  in.tensor_parallel = 8;
  in.zero_stage = 3;
  Reliability::Inputs failing;
  failing.fleet = in.fleet;
  failing.job_duration = 30 * 24.0 * units::hour;
  Economics::Inputs cost;
  cost.fleet = in.fleet;
  cost.duration = failing.job_duration;
  const auto facts = Distributed::facts(in);
  for (const double c : congestion) {
    in.congestion = c;
    for (std::size_t e = 0; e < inner; ++e) {
      in.efficiency = efficiency[e];
      steps[e] = Distributed::solve(in, facts);
      failing.restart.checkpoint_time = checkpoint[e] * units::second;
      failures[e] = Reliability::solve(failing);
      cost.utilization = steps[e].mfu;
      cost.useful_share = failures[e].goodput;
      costs[e] = Economics::solve(cost);
    }
    keep(steps);
    keep(failures);
    keep(costs);
  }
}
std::string training_config() {
  return R"("stages": {
      "step": {"solver": "distributed", "workload": "Llama3_8B", "fleet": "DgxH100SuperPodSU", "batch_size": 1024,
               "tensor_parallel": 8, "zero_stage": 3},
      "failures": {"solver": "reliability", "fleet": "DgxH100SuperPodSU", "job_duration": "720 hour"},
      "cost": {"solver": "economics", "fleet": "DgxH100SuperPodSU", "duration": "720 hour", "utilization": "$step.mfu",
               "useful_share": "$failures.goodput"}},
    "axes": [{)" +
         axis("step.congestion", "1", "4", outer) + "}, {" + axis("step.efficiency", "0.1", "0.9", inner) + ", " +
         axis("failures.checkpoint_time", "\"10 s\"", "\"600 s\"", inner) + "}]";
}

/// Seconds of a clock, and of the process on its cores: the second says more on a machine that others use.
struct Seconds {
  double wall = 1e9;
  double cpu = 1e9;
};
Seconds best(const Seconds& a, const Seconds& b) { return {std::min(a.wall, b.wall), std::min(a.cpu, b.cpu)}; }

Seconds seconds(const std::function<void()>& call) {
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  call();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

/// Takes rows and keeps nothing.
struct NoRows final : RowSink {
  void rows(const ResultRows&) override {}
};

void measure(const char* name, const std::function<void()>& by_hand, const std::string& config) {
  const Pipeline pipeline = session().compile(Config::parse("{\"version\": 1, " + config + "}", "bench"));
  NoRows nowhere;
  RunSummary summary;
  RunOptions options;
  const auto run_on = [&](std::size_t threads) {
    options.threads = threads;
    return seconds([&] { summary = run(pipeline, nowhere, options); });
  };
  Seconds hand;
  Seconds one;
  Seconds two;
  for (int i = 0; i < 3; ++i) {  // the best of three
    hand = best(hand, seconds(by_hand));
    one = best(one, run_on(1));
    two = best(two, run_on(2));
  }
  if (summary.ok + summary.infeasible != summary.rows) std::printf("%s: %s\n", name, summary.first_error.c_str());
  std::printf(
      "%-36s by hand %6.1f ns of CPU a row; one thread %4.2f times that, two %4.2f; two threads %4.2f times as fast as one\n",
      name, 1e9 * hand.cpu / static_cast<double>(summary.rows), one.cpu / hand.cpu, two.cpu / hand.cpu, one.wall / two.wall);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3) {
    inner = std::strtoul(argv[1], nullptr, 10);
    outer = std::strtoul(argv[2], nullptr, 10);
  }
  measure("single_node", nodes_by_hand, nodes_config());
  measure("serving, economics", serving_by_hand, serving_config());
  measure("distributed, reliability, economics", training_by_hand, training_config());
}
