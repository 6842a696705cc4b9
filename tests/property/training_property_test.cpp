// Properties of training steps, their memory and their messages, over generated layouts.
#include "generator.hpp"
#include "question.hpp"

namespace ironlaw::host {
namespace {

const std::string dense = R"("kind": "transformer", "ffn_size": 11008)";
const std::string mixture =
    R"("kind": "sparse_transformer", "ffn_size": 11008, "active_parameters": 9e8, "experts": 8, "active_experts": 2)";

std::string step_of(const std::string& workload) {
  return R"("solver": "distributed", "batch_size": 64,
    "workload": {"parameters": 7e9, "layers": 32, "hidden_size": 4096, "heads": 32, "vocabulary_size": 32000,)" +
         workload + R"(},
    "fleet": {"kind": "cluster", "nodes": 8, "fabric": {"kind": "fabric", "link_bandwidth": "50 GB/s", "latency": "5 us"},
              "node": {"kind": "node", "accelerators": 8, "link_bandwidth": "450 GB/s",
                       "accelerator": {"kind": "accelerator", "peak_rate": {"fp16": "1 PFLOP/s"}, "memory_capacity": "80 GB",
                                       "memory_bandwidth": "3 TB/s", "host_link": "64 GB/s", "tdp": "700 W",
                                       "device_link": "450 GB/s", "device_link_latency": "1 us"}}})";
}

const std::string device = "fleet.node.accelerator.";

double power_of_two(Generator& any, std::size_t below) { return std::pow(2.0, static_cast<double>(any.below(below))); }

class TrainingStep : public testing::TestWithParam<std::string> {
 protected:
  /// A cluster, a model and a layout that comes out even.
  void randomize(Generator& any);
  Question q{step_of(GetParam())};
};
INSTANTIATE_TEST_SUITE_P(Models, TrainingStep, testing::Values(dense, mixture));

void TrainingStep::randomize(Generator& any) {
  q.set(device + "peak_rate.fp16", any.logarithmic(1e12, 1e16));
  q.set(device + "memory_capacity", any.logarithmic(1e9, 1e12));
  q.set(device + "memory_bandwidth", any.logarithmic(1e11, 1e14));
  q.set("fleet.node.link_bandwidth", any.logarithmic(1e10, 1e13));
  q.set("fleet.fabric.link_bandwidth", any.logarithmic(1e8, 1e12));
  q.set("fleet.nodes", power_of_two(any, 6));
  q.set("workload.parameters", any.logarithmic(1e9, 1e12));
  if (GetParam() == mixture) q.set("workload.active_parameters", any.between(0.3, 0.9) * q.get("workload.parameters"));
  q.set("efficiency", any.between(0.1, 1));
  q.set("tensor_parallel", power_of_two(any, 4));
  q.set("pipeline_parallel", std::min(power_of_two(any, 6), 8 * q.get("fleet.nodes") / q.get("tensor_parallel")));
  q.set("microbatches", power_of_two(any, 6));
  q.set("gradient_accumulation", static_cast<double>(1 + any.below(3)));
  const double replicas = 8 * q.get("fleet.nodes") / (q.get("tensor_parallel") * q.get("pipeline_parallel"));
  if (GetParam() == mixture) q.set("expert_parallel", std::min(power_of_two(any, 4), replicas));
  q.set("batch_size", replicas * q.get("microbatches") * q.get("gradient_accumulation") * static_cast<double>(1 + any.below(3)));
  q.set("sequence_length", static_cast<double>(1 + any.below(8192)));
  q.set("zero_stage", static_cast<double>(any.below(4)));
  q.set("activation_recomputation", any.one_in(2) ? 1 : 0);
  q.set("overlap", any.one_in(2) ? 1 : 0);
  q.set("sequence_parallel", any.one_in(2) ? 1 : 0);
}

TEST_P(TrainingStep, IsNeverBelowTheRooflineAndItsSharesAreShares) {
  Generator any(11);
  for (int i = 0; i < 500; ++i) {
    randomize(any);
    const auto step = q.ask();
    const double bound = std::max(step["node.compute_time"], step["node.memory_time"]);
    ASSERT_GE(step["node.latency"], bound);
    ASSERT_GE(step["step_time"], step["node.latency"]);
    for (const char* share : {"mfu", "node.mfu", "node.hfu", "bubble_fraction", "scaling_efficiency"}) expect_share(step, share);
    ASSERT_LE(step["mfu"], q.get("efficiency") * (1 + rounding));
    ASSERT_LE(step["mfu"], step["node.mfu"] * (1 + rounding));
    ASSERT_NEAR(step["throughput"] * step["step_time"], q.get("batch_size"), rounding * q.get("batch_size"));
  }
}

TEST_P(TrainingStep, IsTheSumOfItsParts) {
  Generator any(12);
  for (int i = 0; i < 300; ++i) {
    randomize(any);
    const auto step = q.ask();
    const double messages = step["tensor_parallel_time"] + step["expert_parallel_time"] + step["pipeline_transfer_time"];
    ASSERT_NEAR(step["communication_time"], step["data_parallel_time"] + messages, rounding * step["communication_time"]);
    ASSERT_NEAR(
        step["step_time"],
        step["node.latency"] + step["exposed_data_parallel_time"] + messages + step["bubble_time"] + step["optimizer_time"],
        rounding * step["step_time"]);
    ASSERT_LE(step["exposed_data_parallel_time"], step["data_parallel_time"] * (1 + rounding));
    if (q.get("overlap") == 0) {
      ASSERT_EQ(step["exposed_data_parallel_time"], step["data_parallel_time"]);
    }
  }
}

TEST_P(TrainingStep, IsNeverSlowerWithMoreBandwidthOrArithmetic) {
  Generator any(13);
  for (int i = 0; i < 200; ++i) {
    randomize(any);
    const double before = q.ask()["step_time"];
    for (const std::string& rate : {device + "memory_bandwidth", device + "peak_rate.fp16", device + "host_link",
                                    std::string("fleet.node.link_bandwidth"), std::string("fleet.fabric.link_bandwidth")}) {
      const double own = q.get(rate);
      q.set(rate, own * any.between(1, 10));
      ASSERT_LE(q.ask()["step_time"], before * (1 + rounding)) << rate;
      q.set(rate, own);
    }
  }
}

TEST_P(TrainingStep, TakesLessMemoryWithEachStageOfZero) {
  Generator any(14);
  for (int i = 0; i < 200; ++i) {
    randomize(any);
    q.set("zero_stage", 0);
    double before = q.ask()["node.memory_footprint"];
    for (const double stage : {1, 2, 3}) {
      q.set("zero_stage", stage);
      const auto step = q.ask();
      if (step["data_parallel"] * q.get("expert_parallel") > 1) {
        ASSERT_LT(step["node.memory_footprint"], before) << stage;
      } else {
        ASSERT_EQ(step["node.memory_footprint"], before) << stage;
      }
      before = step["node.memory_footprint"];
    }
  }
}

TEST_P(TrainingStep, IdlesLessWithMoreMicrobatches) {
  Generator any(15);
  for (int i = 0; i < 200; ++i) {
    randomize(any);
    const double before = q.ask()["bubble_fraction"];
    q.set("microbatches", 2 * q.get("microbatches"));
    q.set("batch_size", 2 * q.get("batch_size"));
    const double after = q.ask()["bubble_fraction"];
    if (q.get("pipeline_parallel") > 1) {
      ASSERT_LT(after, before);
    } else {
      ASSERT_EQ(after, 0);
    }
  }
}

TEST_P(TrainingStep, OnOneDeviceIsItsOwnWork) {
  Generator any(16);
  for (int i = 0; i < 200; ++i) {
    randomize(any);
    for (const char* one : {"fleet.nodes", "fleet.node.accelerators", "tensor_parallel", "pipeline_parallel", "expert_parallel"})
      q.set(one, 1);
    const auto step = q.ask();
    ASSERT_EQ(step["scaling_efficiency"], 1);
    ASSERT_EQ(step["communication_time"], 0);
    ASSERT_EQ(step["bubble_time"], 0);
  }
}

TEST_P(TrainingStep, WaitsForNothingOverEndlessLinks) {
  Generator any(17);
  for (int i = 0; i < 200; ++i) {
    randomize(any);
    for (const char* rate : {"fleet.node.link_bandwidth", "fleet.fabric.link_bandwidth"}) q.set(rate, 1e30);
    for (const std::string& latency : {device + "device_link_latency", std::string("fleet.fabric.latency")}) q.set(latency, 0);
    const auto step = q.ask();
    ASSERT_LE(step["communication_time"], 1e-9 * step["node.latency"]);
    q.set("pipeline_parallel", 1);
    q.set("batch_size", q.get("batch_size") * 32);
    ASSERT_NEAR(q.ask()["scaling_efficiency"], 1, 1e-9);
  }
}

TEST(TrainingMemory, IsTheSumOfItsPartsAndFallsWithEachStageOfZero) {
  Question q(R"("solver": "training_memory", "batch_size": 64, "hardware": "H100",
    "workload": {"kind": "transformer", "parameters": 7e9, "layers": 32, "hidden_size": 4096, "heads": 32, "vocabulary_size": 32000})");
  Generator any(18);
  for (int i = 0; i < 300; ++i) {
    q.set("workload.parameters", any.logarithmic(1e9, 1e12));
    q.set("tensor_parallel", power_of_two(any, 4));
    q.set("pipeline_parallel", power_of_two(any, 4));
    q.set("data_parallel", 1 + static_cast<double>(any.below(64)));
    q.set("batch_size", q.get("data_parallel") * static_cast<double>(1 + any.below(8)));
    q.set("optimizer", static_cast<double>(any.below(3)));
    double before = std::numeric_limits<double>::infinity();
    for (const double stage : {0, 1, 2, 3}) {
      q.set("zero_stage", stage);
      const auto m = q.ask();
      const double sum = m["weights"] + m["gradients"] + m["optimizer_state"] + m["activations"] + m["communication_buffers"];
      ASSERT_NEAR(m["memory_footprint"], sum, rounding * sum);
      ASSERT_LE(m["memory_footprint"], before);
      ASSERT_NEAR(m["memory_utilization"] * m["memory_capacity"], sum, rounding * sum);
      before = m["memory_footprint"];
    }
  }
}

TEST(Collectives, OfOneRankTakeNoTimeAndMoreBandwidthIsNeverSlower) {
  Question q(R"("solver": "collective", "message_size": "1 GB", "ranks": 8, "bandwidth": "50 GB/s")");
  Generator any(19);
  for (int i = 0; i < 500; ++i) {
    q.set("message_size", any.logarithmic(1, 1e12));
    q.set("bandwidth", any.logarithmic(1e6, 1e13));
    q.set("latency", any.logarithmic(1e-9, 1e-3));
    q.set("ranks", 1);
    ASSERT_EQ(q.ask()["time"], 0);
    q.set("ranks", static_cast<double>(2 + any.below(4096)));
    const auto all = q.ask();
    ASSERT_GE(all["time"], q.get("message_size") / q.get("bandwidth") * (1 - rounding));
    q.set("bandwidth", q.get("bandwidth") * any.between(1, 10));
    ASSERT_LE(q.ask()["time"], all["time"]);
  }
}

TEST(Scaling, OfOneWorkerIsPerfect) {
  Generator any(20);
  Question strong(R"("solver": "strong_scaling", "workers": 1, "serial_fraction": 0.1)");
  Question universal(R"("solver": "universal_scalability", "workers": 1, "contention": 0.1, "coherency": 0.1)");
  for (int i = 0; i < 100; ++i) {
    strong.set("serial_fraction", any.between(0, 1));
    universal.set("contention", any.between(0, 1));
    universal.set("coherency", any.between(0, 1));
    for (const auto& one : {strong.ask(), universal.ask()}) ASSERT_NEAR(one["parallel_efficiency"], 1, rounding);
  }
}

}  // namespace
}  // namespace ironlaw::host
