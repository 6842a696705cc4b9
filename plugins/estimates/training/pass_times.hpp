#pragma once
// Times of the passes over a layer, and of its operators.
#include <ironlaw/sdk/lanes.hpp>

#include <string_view>

namespace ironlaw::estimates {

enum class Direction { forward, backward };
enum class Wall { compute, memory, link, host };
/// Whose constant a time stands on.
enum class Basis { trainer, product, wide_product, attention, memory, link, expert_link };

/// What one operator of a layer costs; `operations` are those executed.
template <class N>
struct OperatorCostOf {
  Of<N, Time> time{};
  Of<N, Operations> operations{};
  Of<N, Information> bytes{};
  Of<N, Wall> wall = Wall::compute;
  Of<N, Time> at_peak{};  ///< the operations at the peak of their format
  Of<N, Basis> basis = Basis::trainer;
};
using OperatorCost = OperatorCostOf<double>;

/// For a hot path: notes nothing.
struct NoRecord {
  template <class N>
  void operator()(std::string_view, Direction, const OperatorCostOf<N>&) const {}
};

/// Sums over the blocks of a layer, or over layers. All parts but `hidden_exchange` add up to forward + backward.
template <class N>
struct PassTimesOf {
  Of<N, Time> forward{};
  Of<N, Time> backward{};
  Of<N, Time> weight_gradients{};  ///< in backward: what a zero-bubble schedule moves
  Of<N, Time> at_peak{};           ///< what the executed products would take at the peak of their format
  Of<N, Operations> model{};       ///< of the forward pass, causal halves counted as such
  N parameters = 0.0;
  N expert_parameters = 0.0;
  // parts, both directions
  Of<N, Time> products{};
  Of<N, Time> attention{};
  Of<N, Time> elementwise{};
  Of<N, Time> tensor_exchange{};
  Of<N, Time> context_exchange{};
  Of<N, Time> expert_exchange{};
  Of<N, Time> recomputation{};
  Of<N, Time> launches{};
  Of<N, Time> host_gap{};

  PassTimesOf& add(const PassTimesOf& x, const N& times) {
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
  [[nodiscard]] Of<N, Time> total() const { return forward + backward; }
};

/// Ring of `n` ranks: f (n - 1) / n X / beta + alpha (1 + 0.1 f (n - 1)); f is 2 for an all-reduce, 1 for half of one (Hockney
/// 1994; Patarasuk & Yuan 2009).
template <class N>
Of<N, Time> ring_time(const Of<N, Information>& message, const N& n, const Of<N, Bandwidth>& link, const Of<N, Time>& latency,
                      double f) {
  const Of<N, Time> t = f * (n - 1) / n * message / link + (1 + 0.1 * f * (n - 1)) * latency;
  return select(n <= 1.0, Of<N, Time>{}, t);
}

}  // namespace ironlaw::estimates
