// Properties of serving over generated devices, models and batches.
#include "generator.hpp"
#include "question.hpp"

namespace ironlaw::host {
namespace {

const std::string model_and_device = R"(
  "workload": {"kind": "transformer", "parameters": 7e9, "layers": 32, "hidden_size": 4096, "heads": 32, "kv_heads": 8},
  "hardware": {"kind": "accelerator", "peak_rate": {"fp16": "1 PFLOP/s"}, "memory_capacity": "80 GB", "memory_bandwidth": "3 TB/s",
               "tdp": "700 W", "device_link": "450 GB/s", "device_link_latency": "1 us"})";
const std::string requests = R"("solver": "serving", "sequence_length": 1024,)" + model_and_device;

void randomize(Question& q, Generator& any) {
  q.set("workload.parameters", any.logarithmic(1e8, 1e12));
  q.set("hardware.peak_rate.fp16", any.logarithmic(1e12, 1e16));
  q.set("hardware.memory_capacity", any.logarithmic(1e9, 1e13));
  q.set("hardware.memory_bandwidth", any.logarithmic(1e10, 1e14));
  q.set("hardware.device_link", any.logarithmic(1e9, 1e13));
  q.set("efficiency", any.between(0.1, 1));
  q.set("memory_efficiency", any.between(0.1, 1));
  q.set("tensor_parallel", std::pow(2.0, static_cast<double>(any.below(4))));
  q.set("sequence_length", static_cast<double>(1 + any.below(16384)));
  q.set("batch_size", std::floor(any.logarithmic(1, 1024)));
  q.set("output_tokens", static_cast<double>(1 + any.below(2048)));
}

TEST(Serving, IsNeverBelowTheRoofline) {
  Question q(requests);
  Question bound(R"("solver": "decode_bound",)" + model_and_device);
  Generator any(31);
  for (int i = 0; i < 500; ++i) {
    randomize(q, any);
    for (const char* shared :
         {"workload.parameters", "hardware.peak_rate.fp16", "hardware.memory_bandwidth", "batch_size", "tensor_parallel"})
      bound.set(shared, q.get(shared));
    const auto served = q.ask();
    ASSERT_GE(served["tpot"], bound.ask()["latency"] * (1 - rounding));
    const double devices = q.get("tensor_parallel");
    const double prompts = 2 * q.get("workload.parameters") * q.get("batch_size") * q.get("sequence_length");
    ASSERT_NEAR(served["throughput"] * served["tpot"], q.get("batch_size"), rounding * q.get("batch_size"));
    ASSERT_GE(served["ttft"], served["model_weights_size"] / (devices * q.get("hardware.memory_bandwidth")) * (1 - rounding));
    ASSERT_LE(prompts / (devices * served["ttft"]), q.get("efficiency") * q.get("hardware.peak_rate.fp16") * (1 + rounding));
  }
}

TEST(Serving, HoldsWeightsAndCache) {
  Question q(requests);
  Generator any(32);
  for (int i = 0; i < 300; ++i) {
    randomize(q, any);
    q.set("tensor_parallel", 1);
    const auto served = q.ask();
    const double sum = served["model_weights_size"] + served["kv_cache_size"];
    ASSERT_NEAR(served["total_memory_required"], sum, rounding * sum);
    ASSERT_EQ(served.ok(), served["memory_utilization"] <= 1);
    ASSERT_EQ(served["memory_utilization"], served["total_memory_required"] / served["memory_capacity"]);
    ASSERT_NEAR(served["request_latency"], served["ttft"] + q.get("output_tokens") * served["tpot"],
                1e-9 * served["request_latency"]);
  }
}

TEST(Serving, IsNeverSlowerWithMoreBandwidthOrArithmetic) {
  Question q(requests);
  Generator any(33);
  for (int i = 0; i < 300; ++i) {
    randomize(q, any);
    const auto before = q.ask();
    for (const char* rate : {"hardware.memory_bandwidth", "hardware.peak_rate.fp16", "hardware.device_link"}) {
      const double own = q.get(rate);
      q.set(rate, own * any.between(1, 10));
      const auto after = q.ask();
      ASSERT_LE(after["tpot"], before["tpot"] * (1 + rounding)) << rate;
      ASSERT_LE(after["ttft"], before["ttft"] * (1 + rounding)) << rate;
      q.set(rate, own);
    }
  }
}

TEST(Serving, IsBoundByWhatIsLeftWhereOneResourceIsEndless) {
  Question q(requests);
  Generator any(34);
  for (int i = 0; i < 300; ++i) {
    randomize(q, any);
    q.set("tensor_parallel", 1);
    q.set("framework_overhead", 0);
    q.set("hardware.dispatch_overhead", 0);
    q.set("output_tokens", 1);
    q.set("hardware.peak_rate.fp16", 1e40);
    const auto memory_bound = q.ask();
    const double bandwidth = q.get("hardware.memory_bandwidth") * q.get("memory_efficiency");
    ASSERT_GE(memory_bound["tpot"], memory_bound["model_weights_size"] / bandwidth * (1 - rounding));
    q.set("hardware.memory_bandwidth", 1e40);
    ASSERT_LT(q.ask()["tpot"], 1e-12);
  }
}

TEST(ServingCapacity, SharesAreShares) {
  Question q(R"("solver": "serving_capacity", "arrival_rate": "1 request/s", "latency_target": "60 s",)" + model_and_device);
  Generator any(35);
  int carried = 0;
  for (int i = 0; i < 200; ++i) {
    q.set("arrival_rate", any.logarithmic(0.01, 100));
    const auto capacity = q.ask();
    if (!capacity.ok()) continue;
    ++carried;
    expect_share(capacity, "utilization");
    ASSERT_NEAR(capacity["qps_capacity"], capacity["required_replicas"] * capacity["per_replica_qps_capacity"],
                rounding * capacity["qps_capacity"]);
    ASSERT_LE(capacity["estimated_p99_latency"], 60);
  }
  EXPECT_GT(carried, 100);
}

TEST(Queues, SharesAreSharesAndQuantilesAreInOrder) {
  Question q(R"("solver": "tail_latency", "arrival_rate": "1 request/s", "service_time": "1 s")");
  Generator any(36);
  for (int i = 0; i < 500; ++i) {
    q.set("service_time", any.logarithmic(1e-6, 1e3));
    q.set("replicas", static_cast<double>(1 + any.below(500)));
    q.set("arrival_rate", any.between(0, 0.999) * q.get("replicas") / q.get("service_time"));
    const auto tail = q.ask();
    expect_share(tail, "queue_utilization");
    expect_share(tail, "waiting_probability");
    ASSERT_LE(tail["p50_latency"], tail["p99_latency"]);
    ASSERT_LE(tail["p99_wait"], tail["p99_latency"] * (1 + 1e-9));
  }
}

}  // namespace
}  // namespace ironlaw::host
