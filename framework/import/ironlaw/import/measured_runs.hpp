#pragma once
// Logs of trainers and results of benchmarks as measured rows.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace ironlaw::host {

/// One run as a tool tells of it: inputs by the names that solvers have for them, and what was measured.
struct MeasuredRun {
  using Named = std::vector<std::pair<std::string, std::string>>;
  std::string where;   ///< "bench.jsonl:3"
  Named inputs;        ///< "tensor_parallel", "8"
  Named measured;      ///< "step_time", "7.1 s"; the first is what the tool is asked for most
  double devices = 0;  ///< that it ran on; 0: not said
};

/// The runs that a file tells of: a log of Megatron-LM or NeMo is one (the median of its steps, the first fifth left out), a
/// benchmark of vLLM (`vllm bench serve --save-result`) or SGLang (`bench_serving`, `bench_one_batch`) one a result. Empty for a
/// file of another form. Throws InputError with file and line, for a log without steps and a benchmark without finished requests.
[[nodiscard]] std::vector<MeasuredRun> read_measured_runs(const std::filesystem::path& file);

}  // namespace ironlaw::host
