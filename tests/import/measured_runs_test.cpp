// Logs of trainers and results of benchmarks: samples retyped from what the tools write, and what is refused in them.
#include <ironlaw/error.hpp>
#include <ironlaw/import/measured_runs.hpp>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

std::vector<MeasuredRun> runs_of(const std::string& text, const std::string& name = "file") {
  const OwnFolder folder;
  return read_measured_runs(folder.write(name, text));
}
std::string value(const MeasuredRun::Named& all, const std::string& name) {
  for (const auto& [key, text] : all)
    if (key == name) return text;
  return {};
}

const std::string megatron =
    R"(using world size: 16, data-parallel size: 4, tensor-model-parallel size: 2, pipeline-model-parallel size: 2
------------------------ arguments ------------------------
  bf16 ............................................ True
  context_parallel_size ........................... 1
  expert_model_parallel_size ...................... 1
  fp8 ............................................. None
  global_batch_size ............................... 256
  micro_batch_size ................................ 2
  pipeline_model_parallel_size .................... 2
  recompute_granularity ........................... selective
  seq_length ...................................... 4096
  sequence_parallel ............................... True
  target_tensor_model_parallel_size ............... 1
  tensor_model_parallel_size ...................... 2
  virtual_pipeline_model_parallel_size ............ None
  world_size ...................................... 16
-------------------- end of arguments ---------------------
 [2025-05-27 15:23:07] iteration        1/     100 | consumed samples:          256 | elapsed time per iteration (ms): 60123.4 | throughput per GPU (TFLOP/s/GPU): 40.4 | learning rate: 1.500000E-06 | global batch size:   256 | lm loss: 1.192634E+01 | loss scale: 1.0 | grad norm: 5.960 |
 [2025-05-27 15:23:17] iteration        2/     100 | consumed samples:          512 | elapsed time per iteration (ms): 7010.0 | throughput per GPU (TFLOP/s/GPU): 346.4 | learning rate: 1.500000E-06 | global batch size:   256 | lm loss: 1.192634E+01 |
 [2025-05-27 15:23:27] iteration        3/     100 | consumed samples:          768 | elapsed time per iteration (ms): 7000.0/7005.0 | learning rate: 1.500000E-06 | global batch size:   256 |
 [2025-05-27 15:23:37] iteration        4/     100 | consumed samples:         1024 | elapsed time per iteration (ms): 7020.0 | learning rate: 1.500000E-06 | global batch size:   256 |
)";

TEST(MeasuredRuns, OfMegatronSayTheirArgumentsAndTheMedianStep) {
  const auto runs = runs_of(megatron);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(value(runs[0].inputs, "batch_size"), "256");
  EXPECT_EQ(value(runs[0].inputs, "micro_batch"), "2");
  EXPECT_EQ(value(runs[0].inputs, "tensor_parallel"), "2") << "not that of a checkpoint's target";
  EXPECT_EQ(value(runs[0].inputs, "pipeline_parallel"), "2");
  EXPECT_EQ(value(runs[0].inputs, "virtual_stages"), "1");
  EXPECT_EQ(value(runs[0].inputs, "sequence_length"), "4096");
  EXPECT_EQ(value(runs[0].inputs, "sequence_parallel"), "true");
  EXPECT_EQ(value(runs[0].inputs, "precision"), "bf16");
  EXPECT_EQ(value(runs[0].inputs, "recomputation"), "selective");
  EXPECT_EQ(runs[0].devices, 16);
  EXPECT_EQ(value(runs[0].measured, "step_time"), "7.01 s");
}

TEST(MeasuredRuns, OfMegatronUnderALauncher) {
  std::string prefixed = "[default0]:" + megatron;
  for (auto at = prefixed.find('\n'); at != prefixed.npos && at + 1 < prefixed.size(); at = prefixed.find('\n', at + 1))
    prefixed.insert(at + 1, "[default0]:");
  const auto runs = runs_of(prefixed);
  EXPECT_EQ(value(runs.at(0).inputs, "tensor_parallel"), "2");
  EXPECT_EQ(value(runs.at(0).measured, "step_time"), "7.01 s");
}

TEST(MeasuredRuns, OfNemo) {
  const auto two = runs_of(R"(    tensor_model_parallel_size: 4
    seq_length: 8192
Training epoch 0, iteration 0/249 | lr: 1.961e-06 | global_batch_size: 8 | global_step: 0 | reduced_train_loss: 1.315 | train_step_timing in s: 7.126
Training epoch 0, iteration 1/249 | lr: 3.922e-06 | global_batch_size: 8 | global_step: 1 | reduced_train_loss: 1.653 | train_step_timing in s: 2.505 | consumed_samples: 16
)");
  EXPECT_EQ(value(two.at(0).inputs, "batch_size"), "8");
  EXPECT_EQ(value(two.at(0).inputs, "tensor_parallel"), "4");
  EXPECT_EQ(value(two.at(0).measured, "step_time"), "2.505 s");
  // The progress bar of the first version goes back instead of on.
  const auto one = runs_of(
      "Epoch 0: :  50%|#####     | 1/2 [00:05<00:05, global_step=0.00, consumed_samples=256.0, train_step_timing in s=9.100]\r"
      "Epoch 0: : 100%|##########| 2/2 [00:10<00:00, global_step=1.00, consumed_samples=512.0, train_step_timing in s=3.130]\n");
  EXPECT_EQ(value(one.at(0).measured, "step_time"), "3.13 s");
}

TEST(MeasuredRuns, OfVllmAndSglangUnderLoad) {
  const auto vllm = runs_of(
      R"({"date": "20250527-152307", "endpoint_type": "vllm", "backend": "vllm", "label": null, "model_id": "meta-llama/Llama-3.1-8B-Instruct",
    "num_prompts": 320, "request_rate": "inf", "burstiness": 1.0, "max_concurrency": 32, "duration": 100.0, "completed": 320,
    "total_input_tokens": 327680, "total_output_tokens": 40960, "request_throughput": 3.2, "output_throughput": 409.6,
    "mean_ttft_ms": 150.5, "median_ttft_ms": 120.0, "p99_ttft_ms": 900.0, "mean_tpot_ms": 12.25, "median_tpot_ms": 12.0, "p99_tpot_ms": 20.0,
    "mean_itl_ms": 12.2, "median_itl_ms": 11.0, "p99_itl_ms": 60.0})");
  ASSERT_EQ(vllm.size(), 1u);
  EXPECT_EQ(value(vllm[0].inputs, "users"), "32");
  EXPECT_EQ(value(vllm[0].inputs, "waves"), "10");
  EXPECT_EQ(value(vllm[0].inputs, "prompt_tokens"), "1024");
  EXPECT_EQ(value(vllm[0].inputs, "output_tokens"), "128");
  EXPECT_EQ(vllm[0].measured.front(), std::pair(std::string("tpot"), std::string("12.25 ms")));
  EXPECT_EQ(value(vllm[0].measured, "ttft_p99"), "900 ms");
  EXPECT_EQ(value(vllm[0].measured, "output_throughput"), "409.6 token/s");

  const auto sglang = runs_of(
      R"({"request_rate": 4.0, "max_concurrency": null, "random_input_len": 1024, "random_output_len": 1024, "random_range_ratio": 1.0, "duration": 260.1, "completed": 1000, "total_input_tokens": 1024000, "total_output_tokens": 1024000, "request_throughput": 3.84, "output_throughput": 3937.0, "mean_e2e_latency_ms": 20500.0, "mean_ttft_ms": 80.0, "mean_tpot_ms": 20.0, "median_tpot_ms": 19.0, "p99_tpot_ms": 30.0, "accept_length": null}

{"request_rate": Infinity, "max_concurrency": 8, "completed": 80, "total_input_tokens": 8000, "total_output_tokens": 8000, "mean_tpot_ms": 9.0}
)",
      "online.jsonl");
  EXPECT_EQ(sglang.size(), 2u);
  EXPECT_EQ(value(sglang.at(0).inputs, "request_rate"), "4 request/s");
  EXPECT_EQ(value(sglang.at(0).measured, "request_latency"), "20500 ms");
  EXPECT_EQ(value(sglang.at(1).inputs, "users"), "8");
}

TEST(MeasuredRuns, OfSingleBatches) {
  const auto runs = runs_of(
      R"({"run_name": "before", "batch_size": 16, "input_len": 256, "output_len": 32, "prefill_latency": 0.05, "prefill_throughput": 81920.0, "median_decode_latency": 0.0125, "median_decode_throughput": 1280.0, "total_latency": 0.4375, "overall_throughput": 10532.6}
{"run_name": "before", "batch_size": 32, "input_len": 256, "output_len": 32, "prefill_latency": 0.09, "median_decode_latency": 0.013, "total_latency": 0.5}
)",
      "one_batch.jsonl");
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(value(runs[0].inputs, "batch_size"), "16");
  EXPECT_EQ(value(runs[0].measured, "tpot"), "0.0125 s");
  EXPECT_EQ(value(runs[1].measured, "prompt_time"), "0.09 s");
}

TEST(MeasuredRuns, OthersAreNoneAndBrokenOnesAreRefused) {
  EXPECT_TRUE(runs_of("step.batch_size,step.step_time [ms]\n32,2.6\n").empty());
  EXPECT_NE(refused([] { (void)runs_of(R"({"model_id": "x"})"); }).find("has no number 'completed'"), std::string::npos);
  EXPECT_NE(refused([] { (void)runs_of(R"({"completed": 0})"); }).find("no request was completed"), std::string::npos);
  EXPECT_NE(
      refused([] {
        (void)runs_of(
            R"({"completed": 1, "total_input_tokens": 9, "total_output_tokens": 9, "request_rate": 1, "max_concurrency": 2})");
      }).find("neither an open nor a closed loop"),
      std::string::npos);
  EXPECT_NE(refused([] { (void)runs_of("{\"completed\": 1}\n{broken\n"); }).find("file:"), std::string::npos);
  EXPECT_NE(refused([] { (void)runs_of("iteration 1/ 2 | elapsed time per iteration (ms): n/a |\n"); }).find("tells of no step"),
            std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
