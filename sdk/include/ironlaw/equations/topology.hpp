#pragma once
// What the shape of a network does to traffic: links across the middle, and links on a mean path.
#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// How the nodes of a network are joined.
enum class Topology { fat_tree, dragonfly, torus_3d, ring };

/// Shape of a network of n nodes. The bisection counts one way, over that of n/2 links; hops count links.
struct NetworkShape {
  double bisection_fraction;
  double mean_hops;
};

/// Figures quoted by rule of thumb: half of the physical cut of rings and tori, a fixed share for a dragonfly.
inline NetworkShape rule_of_thumb(Topology topology, double n) {
  switch (topology) {
    case Topology::ring:
      return {2 / n, n / 4};
    case Topology::torus_3d:
      return {2 / std::cbrt(n), 0.75 * std::cbrt(n)};
    case Topology::dragonfly:
      return {0.85, 3};
    case Topology::fat_tree:
      break;
  }
  return {1, 4};
}

/// Mean distance to another node on a torus of side k, node to node (Dally & Towles 2003).
inline double torus_hops(double side, double dimensions) {
  const double n = std::pow(side, dimensions);
  const bool even = std::fmod(side, 2) == 0;
  const double one_dimension = even ? side / 4 : (side * side - 1) / (4 * side);
  return dimensions * one_dimension * n / (n - 1);
}

/// Three tiers of switches with `radix` ports, hosts filled in order (Leiserson 1985, Al-Fares 2008).
inline double fat_tree_hops(double n, double radix) {
  const double edge = std::min(n, std::max(1.0, radix / 2));
  const double pod = std::min(n, std::max(edge, radix * radix / 4));
  return (2 * (edge - 1) + 4 * (pod - edge) + 6 * (n - pod)) / (n - 1);
}

/// A balanced dragonfly of n nodes: p nodes a router, 2p routers a group, p global links a router (Kim 2008). Minimal paths: at
/// each end of the global link a local one, unless the router holds the link itself.
inline NetworkShape dragonfly_shape(double n) {
  const double p2 = (std::sqrt(4 + 16 * n) - 2) / 8;  // n = 2 p^2 (2 p^2 + 1)
  const double p = std::sqrt(p2);
  const double group = std::min(n, 2 * p2);
  const double router = std::min(p, group);
  const double other_group = 3 + 2 * (1 - 1 / std::max(1.0, 2 * p));
  return {(2 * p2 + 1) / (4 * p2), (2 * (router - 1) + 3 * (group - router) + other_group * (n - group)) / (n - 1)};
}

/// The physical cut and mean path; needs n of at least 2, and a cube for a torus.
inline NetworkShape physical_shape(Topology topology, double n, double radix) {
  switch (topology) {
    case Topology::ring:
      return {4 / n, torus_hops(n, 1)};
    case Topology::torus_3d: {
      const double side = std::round(std::cbrt(n));
      return {4 / side, torus_hops(side, 3)};
    }
    case Topology::dragonfly:
      return dragonfly_shape(n);
    case Topology::fat_tree:
      break;
  }
  return {1, fat_tree_hops(n, radix)};
}

}  // namespace ironlaw::equations
