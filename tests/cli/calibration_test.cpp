// Calibration as a user meets it: from logs and benchmarks to a record that --zoo takes, and one line for each thing that is
// wrong.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

struct Outcome {
  int status = -1;
  std::string text;
};

class CalibrationTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("ironlaw_calibration_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "mine");
    write("cluster.json", R"({"version": 1, "stages": {"step": {"solver": "training_step", "workload": "Llama3_8B",
      "fleet": {"node": "DGX_H100", "nodes": 1}, "trainer": "megatron_core", "batch_size": 128, "sequence_length": 4096, "tensor_parallel": 2}}})");
    write("engine.json",
          R"({"version": 1, "stages": {"serve": {"solver": "serving_engine", "workload": "Llama3_8B", "hardware": "H100",
      "software_stack": "vllm", "users": 8, "prompt_tokens": 1024, "output_tokens": 128}}})");
    for (const int batch : {32, 64, 128}) write("log_" + std::to_string(batch), log(batch, 1.25 * seconds(batch)));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// Standard output, or with `errors` standard error alone.
  [[nodiscard]] Outcome run(const std::string& words, bool errors = false) const {
    const std::string command = "cd '" + folder_.string() + "' && COLUMNS=200 '" IRONLAW_PROGRAM "' " + words +
                                (errors ? " 2>&1 >/dev/null" : " 2>/dev/null");
    Outcome outcome;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer;
    for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.text.append(buffer.data(), n);
    outcome.status = WEXITSTATUS(pclose(pipe));
    return outcome;
  }
  [[nodiscard]] double number(const std::string& words, const std::string& output) const {
    const auto outcome = run(words + " --output jsonl");
    return nlohmann::json::parse(outcome.text)[output].get<double>();
  }
  [[nodiscard]] double seconds(int batch) const {
    return number("run cluster.json --set step.batch_size=" + std::to_string(batch), "step_time");
  }
  static std::string log(int batch, double step, int devices = 8) {
    std::string text = "  global_batch_size ............................... " + std::to_string(batch) +
                       "\n  world_size ...................................... " + std::to_string(devices) + "\n";
    for (int i = 1; i <= 5; ++i)
      text += " iteration " + std::to_string(i) +
              "/ 5 | elapsed time per iteration (ms): " + std::to_string(1000 * step * (i == 1 ? 3 : 1)) +
              " | global batch size: " + std::to_string(batch) + " |\n";
    return text;
  }
  void expect_line(const std::string& words, const std::string& part, int status = 1) const {
    const auto outcome = run(words, true);
    EXPECT_EQ(outcome.status, status) << words << "\n" << outcome.text;
    EXPECT_NE(outcome.text.find(part), std::string::npos) << words << "\n" << outcome.text;
    EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << outcome.text;
  }

  const std::string logs = "--measured log_32 --measured log_64 --measured log_128 ";
  std::filesystem::path folder_;
};

TEST_F(CalibrationTest, LogsOfATrainerBecomeARecordThatZooTakes) {
  const auto outcome = run("study calibrate cluster.json " + logs + "-o mine/records.json", true);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.text.find("time_factor"), std::string::npos) << outcome.text;
  const auto record = nlohmann::json::parse(read("mine/records.json"));
  const auto& entry = record["entries"]["megatron_core"];
  EXPECT_EQ(entry["based_on"], "megatron_core");
  EXPECT_NEAR(entry["time_factor"].get<double>(), 1.25, 0.01);
  EXPECT_LE(entry["band_low"].get<double>(), entry["band_high"].get<double>());
  // It takes the place of the entry that answered, band and all.
  const double calibrated = number("run cluster.json --zoo mine", "step_time");
  EXPECT_NEAR(calibrated / seconds(128), 1.25, 0.01);
  EXPECT_EQ(run("zoo check --zoo mine", true).status, 0);
  EXPECT_NEAR(std::log(number("run cluster.json --zoo mine", "step_time_high") / calibrated), entry["band_high"].get<double>(),
              1e-4);
}

TEST_F(CalibrationTest, ARecordMayHaveANameOfItsOwn) {
  const auto errors = run("study calibrate cluster.json " + logs + "--name ours -o mine/ours.json", true);
  EXPECT_NE(errors.text.find("--set step.trainer=ours"), std::string::npos) << errors.text;
  EXPECT_NEAR(number("run cluster.json --zoo mine --set step.trainer=ours", "step_time") / seconds(128), 1.25, 0.01);
}

TEST_F(CalibrationTest, ConstantsOfRecordsAreFittedFromTheirValues) {
  const auto outcome = run("study calibrate cluster.json " + logs + "--constants step.product_share -o mine/records.json");
  EXPECT_EQ(outcome.status, 0);
  const auto record = nlohmann::json::parse(read("mine/records.json"));
  EXPECT_GT(record["entries"]["megatron_core"]["product_share"].get<double>(), 0.1);
  EXPECT_NE(record["entries"]["megatron_core"]["note"].get<std::string>().find("standard errors: product_share"),
            std::string::npos);
}

TEST_F(CalibrationTest, BenchmarksOfAnEngine) {
  std::string lines;
  for (const int users : {4, 16, 64}) {
    const double tpot = number("run engine.json --set serve.waves=10 --set serve.users=" + std::to_string(users), "tpot");
    lines += nlohmann::json{{"num_prompts", 10 * users},
                            {"request_rate", "inf"},
                            {"max_concurrency", users},
                            {"completed", 10 * users},
                            {"total_input_tokens", 10 * users * 1024},
                            {"total_output_tokens", 10 * users * 128},
                            {"mean_tpot_ms", 1100 * tpot},
                            {"mean_ttft_ms", 50}}
                 .dump() +
             "\n";
  }
  write("bench.jsonl", lines);
  const auto outcome = run("study calibrate engine.json --measured bench.jsonl -o mine/stack.json");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  const auto record = nlohmann::json::parse(read("mine/stack.json"));
  EXPECT_NEAR(record["entries"]["vllm"]["time_factor"].get<double>(), 1.1, 0.03);
  EXPECT_NEAR(number("run engine.json --zoo mine", "tpot") / number("run engine.json", "tpot"), 1.1, 0.04);
}

TEST_F(CalibrationTest, WithoutAFileTheTableIsThatOfAnyStudy) {
  const auto json = nlohmann::json::parse(run("study calibrate cluster.json " + logs + "--output json").text);
  EXPECT_EQ(json["rows"].size(), 1u);
}

TEST_F(CalibrationTest, WhatIsWrongIsOneLine) {
  expect_line("study calibrate cluster.json --measured log_32",
              "1 row cannot fit 1 constants; allowed: fewer constants than rows");
  write("again", log(32, 9 * seconds(32)));
  expect_line("study calibrate cluster.json --measured log_32 --measured again", "are one question with answers");
  expect_line("study calibrate cluster.json " + logs + "--constants step.product_share,step.network_share", "network_share moves no measured row");
  expect_line("study calibrate cluster.json " + logs + "--constants step.product_shar", "did you mean");
  expect_line("study calibrate cluster.json " + logs + "--set step.trainer=megatron_cor", "did you mean 'megatron_core'");
  expect_line("study calibrate cluster.json " + logs + "--set step.product_share=-0.2 --constants step.product_share",
              "product_share");
  write("other_machine", log(32, 9, 64));
  expect_line("study calibrate cluster.json " + logs + "--measured other_machine", "ran on 64 devices, and step.fleet has 8");
  expect_line("study calibrate engine.json --measured log_32", "no stage has an output that it tells of: step_time");
  expect_line("study calibrate cluster.json --measured no_such_log", "no_such_log");
  write("two.csv", "step.batch_size,step.step_time [s]\n32,3\n64,6\n");
  expect_line("study calibrate cluster.json --measured two.csv --measured log_32", "of CSV one file is taken, alone");
  write("node.json",
        R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"}}})");
  write("node.csv", "node.batch_size,node.latency [ms]\n32,2.6\n64,4.4\n128,8.1\n");
  expect_line("study calibrate node.json --measured node.csv -o mine/x.json", "single_node has no record");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mine" / "x.json"));
}

TEST_F(CalibrationTest, ABandIsARandomInputOfAnUncertainty) {
  const auto outcome = run("study uncertainty cluster.json --bands --outputs step.step_time --output json");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  const auto json = nlohmann::json::parse(outcome.text);
  EXPECT_GT(json["rows"].size(), 0u);
  expect_line("study uncertainty single_node --workload ResNet50 --hardware A100 --bands --outputs latency",
              "--bands: no stage gives an estimate with a band");
}

/// Times of kernels at 0.7 of the peak: the fitted row has what was found, and of the record that answered the rest.
TEST_F(CalibrationTest, KernelsBecomeARowOfTheirRecord) {
  write("kernel.json", R"({"version": 1, "stages": {"k": {"solver": "kernel", "operation": "product", "hardware": "H100",
    "engine": "vllm", "format": "bf16", "rows": 64, "n": 8192, "k": 8192}}})");
  std::string rows = "k.rows,k.n,k.kernel_time [us]\n";
  for (const int m : {2048, 4096, 8192, 16384})
    for (const int n : {4096, 8192}) {
      const double time = number(
          "run kernel.json --set k.rows=" + std::to_string(m) + " --set k.n=" + std::to_string(n) + " --set k.compute_share=0.7",
          "kernel_time");
      rows += std::to_string(m) + "," + std::to_string(n) + "," + std::to_string(1e6 * time) + "\n";
    }
  write("kernel.csv", rows);
  ASSERT_EQ(
      run("study calibrate kernel.json --measured kernel.csv --constants k.compute_share -o mine/ours.json --name ours").status,
      0);
  const auto entry = nlohmann::json::parse(read("mine/ours.json"))["entries"]["ours"];
  EXPECT_EQ(entry["kind"], "kernel_rates");
  EXPECT_EQ(entry["otherwise"], "hopper");
  ASSERT_EQ(entry["rates"].size(), 1);
  const auto& row = entry["rates"][0];
  EXPECT_EQ(row["operation"], "product");
  EXPECT_EQ(row["engine"], "vllm");
  EXPECT_EQ(row["format"], "bf16");
  EXPECT_EQ(row["law"], "kernel");
  EXPECT_EQ(row["rows"], 8);
  EXPECT_NEAR(row["compute_share"].get<double>(), 0.7, 1e-3);
  EXPECT_NEAR(row["memory_share"].get<double>(), 0.9221, 1e-4);  // the record's
  EXPECT_NEAR(row["low"].get<double>(), 0, 1e-3);
  EXPECT_NEAR(row["high"].get<double>(), 0, 1e-3);
  const std::string asked = "run kernel.json --set k.rows=4096";
  const double wanted = number(asked + " --set k.compute_share=0.7", "kernel_time");
  EXPECT_NEAR(number(asked + " --zoo mine --set k.kernel_rates=ours", "kernel_time"), wanted, 2e-3 * wanted);  // the prior pulls
  // Another operation is asked of the device's own records; an iteration takes the row for its products.
  const std::string iteration =
      "solve iteration --workload Llama3_8B --hardware H100 --software-stack vllm --prompt-tokens 8192 --zoo mine";
  EXPECT_GT(number(iteration + " --kernel-rates ours", "product_time"), 1.05 * number(iteration, "product_time"));
  EXPECT_EQ(number(iteration + " --kernel-rates ours", "prompt_attention_time"), number(iteration, "prompt_attention_time"));
  write("mixed.csv", "k.format,k.rows,k.kernel_time [us]\nbf16,2048,400\nfp8,2048,240\nfp8,4096,470\n");
  expect_line("study calibrate kernel.json --measured mixed.csv --constants k.compute_share -o mine/mixed.json",
              "k.format varies over the measured rows; a record is of one");
  expect_line("study calibrate kernel.json --measured kernel.csv -o mine/factor.json", "fit constants of one (--constants)");
}

}  // namespace
