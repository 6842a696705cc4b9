#pragma once
// Times of collective operations by the alpha-beta model (Hockney 1994): a message costs a latency and its bytes over a
// bandwidth.
#include <ironlaw/quantity.hpp>
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// A channel out of one rank, one way.
template <class N>
struct LinkOf {
  Of<N, Bandwidth> bandwidth;
  Of<N, Time> latency;
};
using Link = LinkOf<double>;

template <class N>
Of<N, Time> point_to_point(const std::type_identity_t<Of<N, Information>>& message, const LinkOf<N>& link) {
  return link.latency + message / link.bandwidth;
}
/// The message whose bytes take as long as its latency.
inline Information half_performance_size(const Link& link) { return link.latency * link.bandwidth; }

/// A ring passed once, in n - 1 steps: a reduce-scatter or an all-gather (Patarasuk & Yuan 2009). `message` is the whole buffer.
template <class N>
Of<N, Time> ring_pass(const std::type_identity_t<Of<N, Information>>& message, const std::type_identity_t<N>& n,
                      const LinkOf<N>& link) {
  return (n - 1) / n * message / link.bandwidth + (n - 1) * link.latency;
}
template <class N>
Of<N, Time> ring_all_reduce(const std::type_identity_t<Of<N, Information>>& message, const std::type_identity_t<N>& n,
                            const LinkOf<N>& link) {
  return 2.0 * ring_pass(message, n, link);
}

/// Each rank sends every other its share of `message` (Thakur 2005).
template <class N>
Of<N, Time> all_to_all(const std::type_identity_t<Of<N, Information>>& message, const std::type_identity_t<N>& n,
                       const LinkOf<N>& link) {
  return ring_pass(message, n, link);
}

/// Reduce up a binary tree, broadcast down, whole messages on every level (Thakur 2005).
inline Time tree_all_reduce(Information message, double n, const Link& link) {
  return n <= 1 ? Time{} : 2 * std::ceil(std::log2(n)) * point_to_point(message, link);
}
/// Two trees that each carry half of the message, with the overheads seen in practice (Sanders 2009, NCCL 2.4).
inline Time double_binary_tree_all_reduce(Information message, double n, const Link& link) {
  return n <= 1 ? Time{} : 1.2 * 2 * std::log2(n) * link.latency + 1.05 * 2 * (n - 1) / n * message / link.bandwidth;
}
/// Recursive halving (reduce-scatter) or doubling (all-gather), one of the two (Thakur 2005).
inline Time halving_pass(Information message, double n, const Link& link) {
  return std::log2(n) * link.latency + (n - 1) / n * message / link.bandwidth;
}
/// The switch adds: each byte goes up once and comes down once, at the same time.
inline Time in_network_all_reduce(Information message, double n, const Link& link) {
  return n <= 1 ? Time{} : message / link.bandwidth + 2.0 * link.latency;
}
/// Rings over all links of a torus at once; latency left out (Sack & Gropp 2015, Jouppi 2023).
inline Time torus_all_reduce(Information message, double n, double dimensions, const Link& link) {
  return 2 * (n - 1) / n * message / (2 * dimensions * link.bandwidth);
}

/// Reduce-scatter inside the node, all-reduce of the shards between nodes, all-gather inside (Sergeev & Del Balso 2018).
template <class N>
Of<N, Time> hierarchical_all_reduce(const std::type_identity_t<Of<N, Information>>& message,
                                    const std::type_identity_t<N>& ranks_per_node, const std::type_identity_t<N>& nodes,
                                    const LinkOf<N>& inside, const LinkOf<N>& between) {
  return 2.0 * ring_pass(message, ranks_per_node, inside) + ring_all_reduce(message / ranks_per_node, nodes, between);
}
/// Messages to ranks of the same node stay inside it, while the others cross between nodes.
template <class N>
Of<N, Time> two_level_all_to_all(const std::type_identity_t<Of<N, Information>>& message, const std::type_identity_t<N>& n,
                                 const std::type_identity_t<N>& ranks_per_node, const LinkOf<N>& inside,
                                 const LinkOf<N>& between) {
  using T = Of<N, Time>;
  const T local = (ranks_per_node - 1) / n * message / inside.bandwidth;
  const T remote = (n - ranks_per_node) / n * message / between.bandwidth;
  return select(n <= ranks_per_node, T(all_to_all(message, n, inside)), T(larger(local, remote) + (n - 1) * between.latency));
}

/// Message size above which a ring all-reduce beats a tree; zero or less: always. Exact for the two forms above.
inline Information ring_tree_crossover(double n, const Link& link) {
  const double tree_steps = 2 * std::ceil(std::log2(n));
  return (2 * (n - 1) - tree_steps) / (tree_steps - 2 * (n - 1) / n) * half_performance_size(link);
}
/// The rule of thumb for the same.
inline Information ring_tree_crossover_estimate(double n, const Link& link) {
  return n / std::log2(n) * half_performance_size(link);
}

}  // namespace ironlaw::equations
