#include "training_log.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>

namespace ironlaw::host {
namespace {

/// How a trainer says how long a step took: the words before the number, and the seconds of one unit.
struct StepWords {
  std::string_view words;
  double unit;
};
constexpr std::array step_words{StepWords{"elapsed time per iteration (ms):", 1e-3}, StepWords{"train_step_timing in s:", 1},
                                StepWords{"train_step_timing in s=", 1}};

/// An argument of a trainer, and the input that it is.
struct Argument {
  std::string_view name;
  std::string_view input;
};
constexpr std::array arguments{Argument{"global_batch_size", "batch_size"},
                               Argument{"seq_length", "sequence_length"},
                               Argument{"encoder_seq_length", "sequence_length"},
                               Argument{"micro_batch_size", "micro_batch"},
                               Argument{"tensor_model_parallel_size", "tensor_parallel"},
                               Argument{"pipeline_model_parallel_size", "pipeline_parallel"},
                               Argument{"virtual_pipeline_model_parallel_size", "virtual_stages"},
                               Argument{"context_parallel_size", "context_parallel"},
                               Argument{"expert_model_parallel_size", "expert_parallel"},
                               Argument{"sequence_parallel", "sequence_parallel"}};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<double> number_at(std::string_view text) {
  text = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

/// The number behind some words of a line.
std::optional<double> number_behind(std::string_view line, std::string_view words) {
  const auto at = line.find(words);
  return at == line.npos ? std::nullopt : number_at(line.substr(at + words.size()));
}

/// "  name ......... value", "name: value" or "name=value", behind what a launcher puts before each line ("[default0]:").
std::optional<std::pair<std::string_view, std::string_view>> named_value(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with('[')) {
    const auto end = line.find(']');
    if (end == line.npos) return {};
    line = trimmed(line.substr(std::min(line.size(), end + (line.substr(end).starts_with("]:") ? 2 : 1))));
  }
  const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  if (end == 0 || end == line.npos) return {};
  const std::string_view name = line.substr(0, end);
  std::string_view rest = trimmed(line.substr(end));
  const auto value = rest.find_first_not_of(".:=");
  if (value == 0 || value == rest.npos) return {};
  return std::pair(name, trimmed(rest.substr(value)));
}

/// What a log says of its run, first word first.
class Log {
 public:
  void read(std::string_view line) {
    for (const StepWords& w : step_words)
      if (const auto time = number_behind(line, w.words)) return add_step(line, *time * w.unit);
    const auto said = named_value(line);
    if (!said) return;
    const auto& [name, value] = *said;
    for (const Argument& a : arguments)
      if (a.name == name) said_.try_emplace(std::string(a.input), value);
    if (name == "world_size") devices_ = number_at(value).value_or(0);
    if (name == "fp8" && value != "None" && value != "null" && value != "False" && value != "false") format_ = "fp8";
    if (name == "bf16" && is_true(value) && format_.empty()) format_ = "bf16";
    if (name == "fp16" && is_true(value) && format_.empty()) format_ = "fp16";
    if (name == "recompute_granularity" || name == "activations_checkpoint_granularity") recomputation_ = value;
  }

  [[nodiscard]] MeasuredRun run(const std::string& file) const {
    if (times_.empty()) throw InputError(file, "tells of no step");
    MeasuredRun run{file, {}, {}, devices_};
    for (const Argument& a : arguments) add(a.input, run);
    if (!format_.empty()) run.inputs.emplace_back("precision", format_);
    if (recomputation_ == "full" || recomputation_ == "selective") run.inputs.emplace_back("recomputation", recomputation_);
    char text[40];
    std::snprintf(text, sizeof text, "%.9g s", median_of_settled());
    run.measured.emplace_back("step_time", text);
    return run;
  }

 private:
  static bool is_true(std::string_view value) { return value == "True" || value == "true"; }

  void add_step(std::string_view line, double seconds) {
    times_.push_back(seconds);
    for (const std::string_view words : {"global batch size:", "global_batch_size:"})
      if (const auto batch = number_behind(line, words)) {
        char text[32];
        std::snprintf(text, sizeof text, "%.0f", *batch);
        said_.try_emplace("batch_size", text);
      }
  }
  void add(std::string_view input, MeasuredRun& run) const {
    const auto found = said_.find(std::string(input));
    if (found == said_.end()) return;
    const bool given = std::any_of(run.inputs.begin(), run.inputs.end(), [&](const auto& i) { return i.first == input; });
    std::string value = found->second;
    if (value == "True" || value == "False") value = value == "True" ? "true" : "false";
    if (value == "None" || value == "null") value = input == "virtual_stages" ? "1" : "";
    if (!given && !value.empty()) run.inputs.emplace_back(input, value);
  }
  /// First steps compile and fill caches.
  [[nodiscard]] double median_of_settled() const {
    std::vector<double> settled(times_.begin() + static_cast<std::ptrdiff_t>((times_.size() + 4) / 5 % times_.size()),
                                times_.end());
    const auto middle = settled.begin() + static_cast<std::ptrdiff_t>(settled.size() / 2);
    std::nth_element(settled.begin(), middle, settled.end());
    return *middle;
  }

  std::vector<double> times_;
  std::map<std::string, std::string> said_;
  std::string format_;
  std::string recomputation_;
  double devices_ = 0;
};

}  // namespace

bool is_training_log(std::string_view text) {
  return std::any_of(step_words.begin(), step_words.end(), [&](const StepWords& w) { return text.find(w.words) != text.npos; });
}

MeasuredRun read_training_log(std::string_view text, const std::string& file) {
  Log log;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\n\r"), text.size());  // a progress bar goes back instead of on
    log.read(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return log.run(file);
}

}  // namespace ironlaw::host
