// serving_engine over generated loads: what more load, and more bandwidth, must not do.
#include "generator.hpp"
#include "question.hpp"

namespace ironlaw::host {
namespace {

/// Layouts that differ in model, device and scheduler.
const std::vector<std::string> engines{
    R"("workload": "Llama3_8B", "hardware": "H100")",
    R"("workload": "Llama3_70B", "hardware": "H100", "tensor_parallel": 4, "format": "fp8", "software_stack": "vllm")",
    R"("workload": "Llama3_70B", "hardware": "H200", "tensor_parallel": 2, "software_stack": "trtllm")",
    R"("workload": "Llama3_8B", "hardware": "A100", "software_stack": "sglang", "prompt_order": "first")",
    R"("workload": "Llama3_8B", "hardware": "H200", "prompt_order": "whole_first")",
    R"("workload": "Qwen3_30B_A3B", "hardware": "H100", "tensor_parallel": 2)"};

Question asked(const std::string& engine, const std::string& load) {
  return Question(
      R"("solver": "serving_engine", "hardware.memory_bandwidth": "3 TB/s", "prompt_tokens": 1000, "output_tokens": 200, )" +
      engine + load);
}
void randomize(Question& q, Generator& any) {
  q.set("prompt_tokens", std::round(any.logarithmic(128, 8192)));
  q.set("output_tokens", std::round(any.logarithmic(16, 2048)));
  const bool alike = any.one_in(3);
  q.set("prompt_variation", alike ? 0 : any.between(0.2, 1.2));
  q.set("output_variation", alike ? 0 : any.between(0.2, 1.2));
}

/// The mean latency falls by more than 1 % in at most 1 % of the steps, and a load above one that is not carried never is.
TEST(ServingLoad, MoreRequestsAreNotServedSooner) {
  constexpr int loads = 40;
  int steps = 0, falls = 0;
  Generator any(41);
  for (const std::string& engine : engines) {
    Question q = asked(engine, R"(, "request_rate": "0.001 request/s")");
    for (int setting = 0; setting < 6; ++setting) {
      randomize(q, any);
      q.set("arrival_variation", any.one_in(3) ? 2 : 1);
      q.set("request_rate", 1e-4);
      const double capacity = q.ask()["capacity"];
      double before = 0;
      bool carried = true;
      for (int i = 1; i <= loads; ++i) {
        q.set("request_rate", capacity * 1.1 * i / loads);
        const auto r = q.ask();
        if (!r.ok()) {
          carried = false;
          continue;
        }
        EXPECT_TRUE(carried) << engine << ": " << i;
        if (before > 0) {
          ++steps;
          falls += r["request_latency"] < 0.99 * before ? 1 : 0;
        }
        before = r["request_latency"];
      }
      EXPECT_FALSE(carried) << engine;
    }
  }
  std::printf("%d of %d steps fall by more than 1 %%\n", falls, steps);
  EXPECT_LE(falls, steps / 100);
}

/// Tables of iterations are straight between their points: 0.2 %.
TEST(ServingLoad, MoreBandwidthServesNoFewerAndNoLater) {
  constexpr double interpolated = 0.004;
  Generator any(42);
  for (const std::string& engine : engines)
    for (const bool open : {false, true}) {
      Question q = asked(engine, open ? R"(, "request_rate": "1 request/s")" : R"(, "users": 10)");
      for (int setting = 0; setting < 6; ++setting) {
        randomize(q, any);
        q.set("hardware.memory_bandwidth", 1e12);
        if (open) {
          q.set("request_rate", 1e-4);
          q.set("request_rate", any.between(0.05, 0.95) * q.ask()["capacity"]);
        } else {
          q.set("users", std::round(any.logarithmic(1, 300)));
        }
        double latency = 1e300, throughput = 0;
        for (const double bandwidth : {1e12, 1.5e12, 2.2e12, 3.3e12, 5e12, 8e12}) {
          q.set("hardware.memory_bandwidth", bandwidth);
          const auto r = q.ask();
          if (!r.ok()) continue;
          EXPECT_LE(r["request_latency"], (1 + interpolated) * latency)
              << engine << (open ? ": open, " : ": closed, ") << bandwidth;
          EXPECT_GE(r["request_throughput"], (1 - interpolated) * throughput) << engine << ": " << bandwidth;
          latency = r["request_latency"];
          throughput = r["request_throughput"];
        }
      }
    }
}

}  // namespace
}  // namespace ironlaw::host
