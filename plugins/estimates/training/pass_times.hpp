#pragma once
// Times of the passes over a layer, and of its operators.
#include <ironlaw/quantity.hpp>

#include <string_view>

namespace ironlaw::estimates {

enum class Direction { forward, backward };
enum class Wall { compute, memory, link, host };
/// Whose constant a time stands on.
enum class Basis { trainer, product, wide_product, attention, memory, link, expert_link };

/// What one operator of a layer costs; `operations` are those executed.
struct OperatorCost {
  Time time{};
  Operations operations{};
  Information bytes{};
  Wall wall = Wall::compute;
  Time at_peak{};  ///< the operations at the peak of their format
  Basis basis = Basis::trainer;
};

/// For a hot path: notes nothing.
struct NoRecord {
  void operator()(std::string_view, Direction, const OperatorCost&) const {}
};

/// Sums over the blocks of a layer, or over layers. All parts but `hidden_exchange` add up to forward + backward.
struct PassTimes {
  Time forward{};
  Time backward{};
  Time weight_gradients{};  ///< in backward: what a zero-bubble schedule moves
  Time at_peak{};           ///< what the executed products would take at the peak of their format
  Operations model{};       ///< of the forward pass, causal halves counted as such
  double parameters = 0;
  double expert_parameters = 0;
  // parts, both directions
  Time products{};
  Time attention{};
  Time elementwise{};
  Time tensor_exchange{};
  Time context_exchange{};
  Time expert_exchange{};
  Time recomputation{};
  Time launches{};
  Time host_gap{};

  PassTimes& add(const PassTimes& x, double times) {
    forward += times * x.forward;
    backward += times * x.backward;
    weight_gradients += times * x.weight_gradients;
    at_peak += times * x.at_peak;
    model += times * x.model;
    parameters += times * x.parameters;
    expert_parameters += times * x.expert_parameters;
    products += times * x.products;
    attention += times * x.attention;
    elementwise += times * x.elementwise;
    tensor_exchange += times * x.tensor_exchange;
    context_exchange += times * x.context_exchange;
    expert_exchange += times * x.expert_exchange;
    recomputation += times * x.recomputation;
    launches += times * x.launches;
    host_gap += times * x.host_gap;
    return *this;
  }
  [[nodiscard]] Time total() const { return forward + backward; }
};

/// Ring of `n` ranks: f (n - 1) / n X / beta + alpha (1 + 0.1 f (n - 1)); f is 2 for an all-reduce, 1 for half of one (Hockney
/// 1994; Patarasuk & Yuan 2009).
inline Time ring_time(Information message, double n, Bandwidth link, Time latency, double f) {
  if (n <= 1) return {};
  return f * (n - 1) / n * message / link + (1 + 0.1 * f * (n - 1)) * latency;
}

}  // namespace ironlaw::estimates
