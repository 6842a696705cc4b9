#include "traced_load.hpp"

#include "command_line.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/import/trace.hpp>
#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace ironlaw::cli {
namespace {

double period_seconds(const std::string& text) {
  try {
    const host::Parsed period = host::parse_quantity(text, dimension_of<Time>());
    if (period.value > 0 && period.dimension == dimension_of<Time>()) return period.value;
  } catch (const host::UnitError& e) {
    throw InputError("--trace-period", e.what());
  }
  throw InputError("--trace-period", "'" + text + "' is no time above 0, as \"1 hour\" is");
}

std::string ten_digits(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

/// An hour without requests is asked with so few that each is alone.
constexpr double hardly_any = 1e-6;

/// A series as a config has it: [1, 2], or with a unit.
std::string series_of(const std::vector<std::string>& values, const std::string& unit = {}) {
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "[" : ", ") + value;
  return unit.empty() ? list + "]" : R"({"value": )" + list + R"(], "unit": ")" + unit + R"("})";
}

void apply_requests(host::Config& config, const TracedLoad& load, const std::string& stage) {
  std::vector<std::string> arrivals, prompts, answers;
  double prompt_sum = 0, answer_sum = 0;
  const auto requests = host::read_requests(load.file);
  for (const host::TraceRequest& request : requests) {
    arrivals.push_back(ten_digits(request.arrival - requests.front().arrival));
    prompts.push_back(ten_digits(request.prompt_tokens));
    answers.push_back(ten_digits(request.output_tokens));
    prompt_sum += request.prompt_tokens;
    answer_sum += request.output_tokens;
  }
  const auto count = static_cast<double>(requests.size());
  config.set(stage + ".prompt_tokens", ten_digits(prompt_sum / count), load.file);
  config.set(stage + ".output_tokens", ten_digits(answer_sum / count), load.file);
  config.set(stage + ".arrivals", series_of(arrivals, "s"), load.file);
  config.set(stage + ".prompts", series_of(prompts), load.file);
  config.set(stage + ".answers", series_of(answers), load.file);
}

void apply_periods(host::Config& config, const TracedLoad& load, const std::string& stage) {
  const double seconds = period_seconds(load.period);
  const host::RequestTrace trace = host::read_trace(load.file, seconds);
  const bool series = load.as == "series";
  struct Input {
    const char* name;
    double host::TracePeriod::*member;
    double low, high;
    const char* unit = "";
  };
  constexpr double any = 1e300;
  const Input inputs[]{{"request_rate", &host::TracePeriod::rate, series ? 0 : hardly_any, any, "request/s"},
                       {"arrival_variation", &host::TracePeriod::arrival_variation, 0.1, 10},
                       {"prompt_tokens", &host::TracePeriod::prompt_tokens, 1, any},
                       {"output_tokens", &host::TracePeriod::output_tokens, 1, any},
                       {"prompt_variation", &host::TracePeriod::prompt_variation, 0, 5},
                       {"output_variation", &host::TracePeriod::output_variation, 0, 5},
                       {"prefix_hit_rate", &host::TracePeriod::prefix_hit_rate, 0, 0.99}};
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> values;
  for (const Input& input : inputs) {
    names.push_back(stage + "." + input.name);
    values.emplace_back();
    for (const host::TracePeriod& period : trace.periods)
      values.back().push_back(ten_digits(std::clamp(period.*input.member, input.low, input.high)) +
                              (series || *input.unit == '\0' ? "" : std::string(" ") + input.unit));
  }
  if (series) {
    for (std::size_t i = 0; i < names.size(); ++i) config.set(names[i], series_of(values[i], inputs[i].unit), load.file);
    config.set(stage + ".period", ten_digits(seconds) + " s", load.file);
  } else {
    config.add_joint_axis(names, values, load.file);
  }
  if (trace.without_answer > 0)
    print_message(load.file + ": " + std::to_string(trace.without_answer) + " requests without tokens are left out");
}

}  // namespace

CLI::Option* add_trace_file(CLI::App& command, TracedLoad& load) {
  auto* file = command
                   .add_option("--trace", load.file,
                               "requests as the load, period by period: CSV or JSON Lines, Mooncake, Azure, BurstGPT")
                   ->type_name("");
  command.add_option("--trace-period", load.period, "that is one row, or one value of a series (1 hour)")->type_name("");
  return file;
}

void add_traced_load(CLI::App& command, TracedLoad& load) {
  add_trace_file(command, load);
  command.add_option("--trace-stage", load.stage, "stage that carries it; left out: the stage serve")->type_name("");
  command
      .add_option("--trace-as", load.as,
                  "periods: an axis; series: of a stage that scales; requests: one by one, of a stage that replays them")
      ->option_text("periods|series|requests");
}

void apply_traced_load(host::Config& config, const TracedLoad& load) {
  if (load.file.empty()) return;
  const std::string stage = load.stage.empty() ? "serve" : load.stage;
  if (load.as == "requests") return apply_requests(config, load, stage);
  if (load.as != "periods" && load.as != "series")
    throw InputError("--trace-as", "takes periods, series or requests, not '" + load.as + "'");
  apply_periods(config, load, stage);
}

}  // namespace ironlaw::cli
