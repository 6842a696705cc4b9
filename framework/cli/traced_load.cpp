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

}  // namespace

void add_traced_load(CLI::App& command, TracedLoad& load) {
  command
      .add_option("--trace", load.file, "requests as the load, period by period: CSV or JSON Lines, Mooncake, Azure, BurstGPT")
      ->type_name("");
  command.add_option("--trace-period", load.period, "that is one row (1 hour)")->type_name("");
  command.add_option("--trace-stage", load.stage, "stage that carries it; left out: the stage serve")->type_name("");
}

void apply_traced_load(host::Config& config, const TracedLoad& load) {
  if (load.file.empty()) return;
  const host::RequestTrace trace = host::read_trace(load.file, period_seconds(load.period));
  const std::string stage = load.stage.empty() ? "serve" : load.stage;
  struct Input {
    const char* name;
    double host::TracePeriod::*member;
    double low, high;
    const char* unit = "";
  };
  constexpr double any = 1e300;
  constexpr Input inputs[]{{"request_rate", &host::TracePeriod::rate, hardly_any, any, " request/s"},
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
      values.back().push_back(ten_digits(std::clamp(period.*input.member, input.low, input.high)) + input.unit);
  }
  config.add_joint_axis(names, values, load.file);
  if (trace.without_answer > 0)
    print_message(load.file + ": " + std::to_string(trace.without_answer) + " requests without tokens are left out");
}

}  // namespace ironlaw::cli
