#include "serving_benchmark.hpp"

#include <ironlaw/error.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace ironlaw::host {
namespace {

/// A key of a result, the output that it is, and its unit.
struct Measure {
  const char* key;
  const char* output;
  const char* unit;
};
constexpr std::array under_load{Measure{"mean_tpot_ms", "tpot", "ms"},
                                Measure{"median_tpot_ms", "tpot_p50", "ms"},
                                Measure{"p90_tpot_ms", "tpot_p90", "ms"},
                                Measure{"p99_tpot_ms", "tpot_p99", "ms"},
                                Measure{"mean_ttft_ms", "ttft", "ms"},
                                Measure{"median_ttft_ms", "ttft_p50", "ms"},
                                Measure{"p90_ttft_ms", "ttft_p90", "ms"},
                                Measure{"p99_ttft_ms", "ttft_p99", "ms"},
                                Measure{"mean_itl_ms", "itl", "ms"},
                                Measure{"median_itl_ms", "itl_p50", "ms"},
                                Measure{"p90_itl_ms", "itl_p90", "ms"},
                                Measure{"p99_itl_ms", "itl_p99", "ms"},
                                Measure{"mean_e2el_ms", "request_latency", "ms"},
                                Measure{"mean_e2e_latency_ms", "request_latency", "ms"},
                                Measure{"p99_e2el_ms", "request_latency_p99", "ms"},
                                Measure{"p99_e2e_latency_ms", "request_latency_p99", "ms"},
                                Measure{"request_throughput", "request_throughput", "request/s"},
                                Measure{"output_throughput", "output_throughput", "token/s"}};
constexpr std::array single_batch{Measure{"median_decode_latency", "tpot", "s"}, Measure{"prefill_latency", "prompt_time", "s"},
                                  Measure{"total_latency", "request_latency", "s"}};

class Result {
 public:
  Result(const Json& json, const std::string& where) : json_(json), run_{where, {}, {}, 0} {}

  [[nodiscard]] MeasuredRun read() {
    if (json_.contains("batch_size") && json_.contains("input_len")) {
      for (const auto& [key, input] : {std::pair("batch_size", "batch_size"), std::pair("input_len", "prompt_tokens"),
                                       std::pair("output_len", "output_tokens")})
        give(input, needed(key));
      take(single_batch);
    } else {
      lengths();
      load();
      take(under_load);
    }
    if (run_.measured.empty()) refuse("has none of the times that benchmarks of vLLM and SGLang write");
    return run_;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw InputError(run_.where, what); }
  [[nodiscard]] std::optional<double> number(const char* key) const {
    if (!json_.contains(key) || !json_[key].is_number()) return {};
    const double v = json_[key].get<double>();
    return std::isfinite(v) ? std::optional(v) : std::nullopt;
  }
  [[nodiscard]] double needed(const char* key) const {
    const auto v = number(key);
    if (!v) refuse(std::string("has no number '") + key + "'");
    return *v;
  }
  void give(const char* input, double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%.9g", value);
    run_.inputs.emplace_back(input, text);
  }
  template <std::size_t N>
  void take(const std::array<Measure, N>& measures) {
    for (const Measure& m : measures) {
      const auto v = number(m.key);
      if (!v || !(*v > 0)) continue;
      char text[48];
      std::snprintf(text, sizeof text, "%.9g %s", *v, m.unit);
      run_.measured.emplace_back(m.output, text);
    }
  }
  void lengths() {
    const double completed = needed("completed");
    if (!(completed > 0)) refuse("no request was completed");
    give("prompt_tokens", needed("total_input_tokens") / completed);
    give("output_tokens", needed("total_output_tokens") / completed);
  }
  /// Users who wait for their answers, or requests at a rate; all at once is a user each.
  void load() {
    const auto rate = number("request_rate");
    const auto users = number("max_concurrency");
    if (rate && users)
      refuse(
          "has both a request rate and a limit of concurrent requests, which is neither an open nor a closed loop; allowed: one");
    if (rate) {
      char text[48];
      std::snprintf(text, sizeof text, "%.9g request/s", *rate);
      run_.inputs.emplace_back("request_rate", text);
      const auto burstiness = number("burstiness");  // the shape of a gamma distribution
      if (burstiness && *burstiness > 0) give("arrival_variation", 1 / std::sqrt(*burstiness));
      return;
    }
    const double requests = number("num_prompts").value_or(needed("completed"));
    const double at_once = users.value_or(requests);
    give("users", at_once);
    give("waves", std::max(1.0, std::round(requests / at_once)));
  }

  const Json& json_;
  MeasuredRun run_;
};

}  // namespace

MeasuredRun read_benchmark(const Json& result, const std::string& where) {
  if (!result.is_object()) throw InputError(where, "is no result of a benchmark: an object is expected");
  return Result(result, where).read();
}

}  // namespace ironlaw::host
