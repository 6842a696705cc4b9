#pragma once
// A training step spread over many devices: pipelines, exchanges, experts, stragglers, and operations of a whole run.
#include <ironlaw/quantity.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ironlaw::equations {

/// How many ranks share each aspect of a step.
struct Layout {
  double tensor = 1;
  double pipeline = 1;
  double expert = 1;
  double data = 1;
  /// Ranks that hold one copy of the model.
  [[nodiscard]] constexpr double replica() const { return tensor * pipeline * expert; }
};

/// Operations of training a dense model on `tokens`: 2 a parameter forward, 4 backward (Kaplan 2020), 2 more to recompute.
constexpr Operations training_operations(double parameters, double tokens, bool recomputation) {
  return (recomputation ? 8 : 6) * parameters * tokens * units::flop;
}

/// How the backward passes of a pipeline are laid out.
enum class PipelineSchedule { one_forward_one_backward, zero_bubble };

/// Idle time of a pipeline over its busy time. `multiple` is the work of a step over that of its forward pass; the zero-bubble
/// schedule ZB-H1 fills the gaps with weight gradients, which cost as much as a forward pass (Narayanan 2021, Qi 2023).
inline double bubble_over_work(PipelineSchedule schedule, double stages, double microbatches, double virtual_stages,
                               double multiple = 3) {
  const double idle = (stages - 1) / (virtual_stages * microbatches);
  return schedule == PipelineSchedule::zero_bubble ? idle * (multiple - 2) / multiple : idle;
}

/// Microbatches whose activations the first stage holds; interleaving adds some (Narayanan 2021, Korthikanti 2022).
inline double microbatches_in_flight(double stages, double microbatches, double virtual_stages) {
  const double interleaved = virtual_stages > 1 ? 1 + (stages - 1) / (stages * virtual_stages) : 1;
  return std::min(microbatches, stages) * interleaved;
}

/// Ranks of one group that share a node of `devices` when neighbours in the group are `spacing` devices apart.
inline double ranks_per_node(double devices, double spacing) { return std::max(1.0, std::floor(devices / spacing)); }

/// Tokens of the busiest expert over the mean, for uniform random routing: balls in bins (Raab & Steger 1998).
inline double routing_imbalance(double tokens, double experts, double active_per_token) {
  return experts > 1
             ? std::min(experts / active_per_token, 1 + std::sqrt(2 * experts * std::log(experts) / (tokens * active_per_token)))
             : 1;
}

/// Expected time of the slowest of n ranks over the mean, where each varies normally with the given coefficient.
inline double slowest_over_mean(double n, double coefficient_of_variation) {
  if (n < 2 || coefficient_of_variation == 0) return 1;
  constexpr double euler_gamma = std::numbers::egamma;
  const double u = std::sqrt(2 * std::log(n));
  const double expected = u - (std::log(std::log(n)) + std::log(4 * std::numbers::pi)) / (2 * u) + euler_gamma / u;
  return 1 + coefficient_of_variation * std::max(0.0, expected);
}

/// Capacity that is left of a link where the share `core` of the traffic crosses an oversubscribed core.
inline double relative_throughput(double core, double oversubscription) { return 1 / ((1 - core) + core * oversubscription); }

}  // namespace ironlaw::equations
