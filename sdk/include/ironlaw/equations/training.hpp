#pragma once
// A training step spread over many devices: pipelines, exchanges, experts, stragglers, and operations of a whole run.
#include <ironlaw/quantity.hpp>
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ironlaw::equations {

/// How many ranks share each aspect of a step.
template <class N>
struct LayoutOf {
  N tensor = 1;
  N pipeline = 1;
  N expert = 1;
  N data = 1;
  /// Ranks that hold one copy of the model.
  [[nodiscard]] constexpr N replica() const { return tensor * pipeline * expert; }
};
using Layout = LayoutOf<double>;

/// Operations of training a dense model on `tokens`: 2 a parameter forward, 4 backward (Kaplan 2020), 2 more to recompute.
constexpr Operations training_operations(double parameters, double tokens, bool recomputation) {
  return (recomputation ? 8 : 6) * parameters * tokens * units::flop;
}

/// How the backward passes of a pipeline are laid out.
enum class PipelineSchedule { one_forward_one_backward, zero_bubble };

/// Idle time of a pipeline over its busy time. `multiple` is the work of a step over that of its forward pass; the zero-bubble
/// schedule ZB-H1 fills the gaps with weight gradients, which cost as much as a forward pass (Narayanan 2021, Qi 2023).
template <class N>
N bubble_over_work(PipelineSchedule schedule, const N& stages, const std::type_identity_t<N>& microbatches,
                   const std::type_identity_t<N>& virtual_stages, double multiple = 3) {
  static_assert(!std::is_integral_v<N>, "write 1.0");
  const N idle = (stages - 1) / (virtual_stages * microbatches);
  return schedule == PipelineSchedule::zero_bubble ? N(idle * (multiple - 2) / multiple) : idle;
}

/// Microbatches whose activations the first stage holds; interleaving adds some (Narayanan 2021, Korthikanti 2022).
template <class N>
N microbatches_in_flight(const N& stages, const std::type_identity_t<N>& microbatches,
                         const std::type_identity_t<N>& virtual_stages) {
  static_assert(!std::is_integral_v<N>, "write 1.0");
  const N interleaved = select(virtual_stages > 1.0, N(1 + (stages - 1) / (stages * virtual_stages)), N(1.0));
  return smaller(microbatches, stages) * interleaved;
}

/// Ranks of one group that share a node of `devices` when neighbours in the group are `spacing` devices apart.
template <class N>
N ranks_per_node(double devices, const N& spacing) {
  static_assert(!std::is_integral_v<N>, "write 1.0");
  return larger(N(1.0), rounded_down(N(devices / spacing)));
}

/// Tokens of the busiest expert over the mean, for uniform random routing: balls in bins (Raab & Steger 1998).
template <class N>
N routing_imbalance(const N& tokens, double experts, double active_per_token) {
  static_assert(!std::is_integral_v<N>, "write 1.0");
  if (experts <= 1) return 1.0;
  return smaller(N(experts / active_per_token),
                 N(1 + square_root(N(2 * experts * std::log(experts) / (tokens * active_per_token)))));
}

/// Expected time of the slowest of n ranks over the mean, where each varies normally with the given coefficient.
template <class N>
N slowest_over_mean(double n, const N& coefficient_of_variation) {
  static_assert(!std::is_integral_v<N>, "write 1.0");
  const auto even = coefficient_of_variation == 0.0;
  if (n < 2 || !any(!even)) return 1.0;
  constexpr double euler_gamma = std::numbers::egamma;
  const double u = std::sqrt(2 * std::log(n));
  const double expected = u - (std::log(std::log(n)) + std::log(4 * std::numbers::pi)) / (2 * u) + euler_gamma / u;
  return select(even, N(1.0), N(1 + coefficient_of_variation * std::max(0.0, expected)));
}

/// Capacity that is left of a link where the share `core` of the traffic crosses an oversubscribed core.
template <class N>
N relative_throughput(const N& core, double oversubscription) {
  static_assert(!std::is_integral_v<N>, "write 1.0");
  return 1 / ((1 - core) + core * oversubscription);
}

}  // namespace ironlaw::equations
