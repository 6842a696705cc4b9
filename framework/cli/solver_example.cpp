// The example in the help of a solver, made from its ports.
#include "solver_example.hpp"

#include "command.hpp"

#include <ironlaw/notation/units.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::cli {
namespace {

/// A customary value of ports of a name, or of one solver's port.
struct Customary {
  std::string_view port;
  std::string_view value;
  bool always = false;  ///< also where the port need not be given
};

constexpr std::array customary{
    Customary{"weight_streaming.hardware", "Cerebras_CS3"},
    Customary{"moe_routing.workload", "Mixtral_8x7B"},
    Customary{"placement.grid", "US_Avg", true},
    Customary{"sustainability.grid", "US_Avg", true},
    Customary{"checkpoint.hardware", "H100", true},
    Customary{"availability.replica_availability", "0.99", true},
    Customary{"checkpoint_tiers.durable.checkpoint_time", "60 s", true},
    Customary{"checkpoint_tiers.durable.mtbf", "6 hour", true},
    Customary{"transformation.cpu_time_per_sample", "5 ms", true},
    Customary{"distributed.tensor_parallel", "8", true},
    Customary{"parallel_layout.tensor_parallel", "8", true},
    Customary{"training_memory.tensor_parallel", "8", true},
    Customary{"training_memory.batch_size", "4"},
    Customary{"responsible.training_samples", "1e6", true},
    Customary{"responsible.batch_size", "256", true},
    Customary{"responsible.epochs", "10", true},
    Customary{"autoscaling.request_rate", R"(["2 request/s", "20 request/s"])"},
    Customary{"autoscaling.prompt_tokens", "[1000, 1000]"},
    Customary{"autoscaling.output_tokens", "[200, 200]"},
    Customary{"training_operations.workload", "Llama3_8B", true},
    Customary{"batching.latency_target", "10 s"},
    Customary{"batching.output_tokens", "200", true},
    Customary{"serving_capacity.latency_target", "5 s"},
    Customary{"workload", "Llama3_8B"},
    Customary{"hardware", "H100"},
    Customary{"fleet", "Research_256"},
    Customary{"fabric", "InfiniBand_NDR"},
    Customary{"batch_size", "256"},
    Customary{"layers", "32"},
    Customary{"hidden_size", "4096"},
    Customary{"sequence_length", "4096"},
    Customary{"prompt_tokens", "1000"},
    Customary{"output_tokens", "200"},
    Customary{"users", "16", true},
    Customary{"kv_heads", "8"},
    Customary{"head_size", "128"},
    Customary{"parameters", "8e9"},
    Customary{"tokens", "1e12"},
    Customary{"scaling.compute_budget", "1e24 FLOP", true},
    Customary{"kernel.rows", "128", true},
    Customary{"kernel.n", "8192", true},
    Customary{"kernel.k", "8192", true},
    Customary{"message", "32 MB", true},
    Customary{"message_size", "1 GB"},
    Customary{"ranks", "8"},
    Customary{"devices", "8"},
    Customary{"nodes", "16"},
    Customary{"ranks_per_node", "8"},
    Customary{"bandwidth", "50 GB/s"},
    Customary{"node_bandwidth", "450 GB/s"},
    Customary{"data_rate", "2 GB/s"},
    Customary{"peak_rate", "1 PFLOP/s"},
    Customary{"mfu", "0.4"},
    Customary{"stages", "8"},
    Customary{"microbatches", "32"},
    Customary{"data_parallel", "64"},
    Customary{"weights", "16 GB"},
    Customary{"gradients", "16 GB"},
    Customary{"optimizer_state", "96 GB"},
    Customary{"improved_fraction", "0.9"},
    Customary{"stage_speedup", "10"},
    Customary{"workers", "64"},
    Customary{"serial_fraction", "0.01"},
    Customary{"contention", "0.05"},
    Customary{"coherency", "0.001"},
    Customary{"least_steps", "10000"},
    Customary{"least_samples", "1e7"},
    Customary{"arrival_rate", "2 request/s"},
    Customary{"orchestration.arrival_rate", "1 1/day"},
    Customary{"orchestration.job_duration", "12 hour"},
    Customary{"latency_target", "2 s"},
    Customary{"target_latency", "50 ms"},
    Customary{"service_time", "100 ms"},
    Customary{"memory_time", "5 ms"},
    Customary{"compute_time", "2 ms"},
    Customary{"accelerator_step_time", "100 ms"},
    Customary{"base_training_time", "10 day"},
    Customary{"duration", "1 year"},
    Customary{"job_duration", "30 day"},
    Customary{"mtbf", "1000 hour"},
    Customary{"component_mtbf", "50000 hour"},
    Customary{"repair_time", "4 hour"},
    Customary{"purchase", "30 kUSD"},
    Customary{"rent", "2 USD/hour"},
    Customary{"load", R"(["6 MW", "9.5 MW", "8 MW"])"},
};

const Customary* customary_of(const Solver& solver, std::string_view port) {
  const auto find = [](std::string_view name) {
    const auto found = std::find_if(customary.begin(), customary.end(), [&](const Customary& c) { return c.port == name; });
    return found == customary.end() ? nullptr : &*found;
  };
  if (const Customary* own = find(std::string(solver.about().name) + "." + std::string(port))) return own;
  return find(port.substr(port.rfind('.') + 1));
}

/// Of a port that no custom is known of: a round number of its unit that is in its range.
std::string any_value(const PortInfo& port, Context& context) {
  if (port.type == PortType::object) {
    const auto keys = zoo_keys(context, port.interface);
    return keys.empty() ? std::string() : keys.front();
  }
  if (port.type == PortType::choice) return port.choices.empty() ? std::string() : std::string(port.choices.front());
  if (port.type == PortType::boolean) return "true";
  const std::string unit = port.display.empty() ? host::si_unit(port.dimension) : std::string(port.display);
  const double one = port.dimension.dimensionless() ? 1 : host::parse_unit(unit, port.dimension).value;
  double value = std::clamp(10 * one, port.range.low, port.range.high);
  if (port.type != PortType::integer && value == port.range.high && port.range.low >= 0) value = port.range.high / 2;
  return host::format_quantity(value, port.dimension, unit);
}

/// A word of a shell, in quotes where it needs them.
std::string shell_word(std::string_view word) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:+%@";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return std::string(word);
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::string example_of(const Solver& solver, Context& context) {
  std::string line = "ironlaw solve " + std::string(solver.about().name);
  for (const PortInfo& port : solver.inputs()) {
    const Customary* custom = customary_of(solver, port.name);
    if (!port.required && (custom == nullptr || !custom->always)) continue;
    line +=
        " " + flag_of(port.name) + " " + shell_word(custom != nullptr ? std::string(custom->value) : any_value(port, context));
  }
  return line;
}

}  // namespace ironlaw::cli
