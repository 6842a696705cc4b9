#pragma once
// What a replica's devices hold: weights, and cache by the rule of its engine.
#include "../serving/iteration_facts.hpp"

namespace ironlaw::estimates {

/// Cache of one sequence on each device of its attention rank, in whole blocks. Layers with a window hold its last tokens only,
/// recurrent ones a state.
struct SequenceCache {
  struct Class {
    Information a_token{};
    double window = 0;  ///< 0: all tokens
  };
  FixedList<Class, 16> classes;
  Information state{};
  double block_tokens = 1;

  /// Of sequences of so many tokens in the mean: the last block of each is half empty, and a window begins anywhere in a block.
  [[nodiscard]] Information of(double tokens) const {
    const double begun = (block_tokens - 1) / 2;
    Information sum = state;
    for (const Class& c : classes.all())
      sum += c.a_token * (c.window > 0 ? std::min(tokens + begun, c.window + 2 * begun) : tokens + begun);
    return sum;
  }
  /// A token's, of a sequence of so many, without what its last block leaves empty.
  [[nodiscard]] Information a_token(double tokens) const {
    Information sum{};
    for (const Class& c : classes.all()) sum += c.a_token * (c.window > 0 ? std::min(1.0, c.window / tokens) : 1);
    return sum;
  }
};

struct ReplicaMemory {
  Information weights{};    ///< of a device
  Information workspace{};  ///< of a device: activations of an iteration's budget
  SequenceCache cache;
};

namespace detail {

/// Activations of an iteration: eight times the hidden width and four times the feed-forward's, in 16 bits (a round figure that
/// served all engines of the measured loops).
inline Information workspace_of(const IterationFacts& f, const TransformerShape& s, double token_budget, double routed_share) {
  const double wide = s.ffn_size.value_or(4 * s.hidden_size);
  const double ffn = f.experts.empty() ? wide / f.tensor : wide * f.experts.all().front().per_token * routed_share;
  return token_budget * 2.0 * (8 * s.hidden_size + 4 * ffn) * units::byte;
}

}  // namespace detail

/// Weights are those of the terms of an iteration, and the embedding in 16 bits.
inline ReplicaMemory replica_memory(const IterationGiven& in, const IterationFacts& f, double token_budget) {
  ReplicaMemory m;
  for (const ProductTerm& p : f.products.all()) m.weights += p.count * p.batch * p.n * p.k * p.weight;
  for (const ExpertTerm& e : f.experts.all()) m.weights += e.count * e.own * e.elements * e.weight;
  m.weights += 2 * f.head.n * f.head.k * f.head.weight;
  m.weights = m.weights / f.stages;
  for (const AttentionTerm& a : f.decoding.all())
    m.cache.classes.add({a.count * a.cached_bytes / f.stages, a.kept}, in.workload->name());
  m.cache.state = f.state_size / f.stages;
  if (const auto* shape = in.workload->facet<TransformerShape>(); shape != nullptr)
    m.workspace = detail::workspace_of(f, *shape, token_budget, 1 / (in.experts_over() * in.expert_width_over()));
  return m;
}

}  // namespace ironlaw::estimates
