#pragma once
#include <ironlaw/equations/topology.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// Bandwidth and distance that the shape of a network leaves to its traffic.
struct NetworkTopology {
  using Topology = equations::Topology;
  /// The physical cut and mean path, or the figures quoted by rule of thumb.
  enum class Figures { physical, rule_of_thumb };
  /// Everyone to everyone, or around one ring of neighbours, or around a ring in each direction and dimension.
  enum class Traffic { uniform, ring, multi_ring };

  static constexpr auto about =
      Solver::About{"topology", "Bisection, effective bandwidth and mean distance of a network by its shape",
                    "Dally & Towles 2003, 'Principles and practices of interconnection networks'"};

  struct Inputs {
    const Fabric* fabric;
    Topology topology = Topology::fat_tree;
    double nodes = 64;
    Traffic traffic = Traffic::uniform;
    Maybe<double> radix = absent;
    Maybe<Time> hop_latency = absent;
    Figures figures = Figures::physical;
    Maybe<Bandwidth> needed_bandwidth = absent;
  };

  struct Outputs {
    Bandwidth effective_bandwidth;
    Bandwidth bisection_bandwidth;
    double bisection_fraction;
    double mean_hops;
    Maybe<Time> mean_latency;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::fabric>("links of the network"), port<&Inputs::topology>("shape of the network"),
      port<&Inputs::nodes>("nodes that it joins; a torus needs a cube", at_least_one).whole(),
      port<&Inputs::traffic>("who talks to whom: uniform (all pairs), ring (neighbours), multi_ring (neighbours on all links)"),
      port<&Inputs::radix>("ports of a switch of a fat tree; absent: the least that reaches all nodes", between(2, 1e6)),
      port<&Inputs::hop_latency>("latency of one link and its switch, for mean_latency", non_negative).refinement(),
      port<&Inputs::figures>("the physical cut and mean path, or figures quoted by rule of thumb").parity(),
      port<&Inputs::needed_bandwidth>("what the traffic needs at each node, one way", positive).display("GB/s"));

  static constexpr auto outputs =
      ports(port<&Outputs::effective_bandwidth>("what the traffic leaves to each node, one way"),
            port<&Outputs::bisection_bandwidth>("links across the middle, one way"),
            port<&Outputs::bisection_fraction>("the same over the links of half of the nodes, before oversubscription"),
            port<&Outputs::mean_hops>("links on the mean path to another node"),
            port<&Outputs::mean_latency>("latency of the mean path; absent without hop_latency"));

  static constexpr auto limits = ironlaw::limits(soft<&Inputs::needed_bandwidth, &Outputs::effective_bandwidth>(
      "locality", "the network must carry the traffic", "needed <= share * link / oversubscription"));

  static constexpr auto rules =
      ironlaw::rules(rule("nodes must be 2 or more; figures = rule_of_thumb allows 1",
                          [](const Inputs& in) { return in.figures == Figures::rule_of_thumb || in.nodes >= 2; }),
                     rule("nodes of a torus_3d must be a cube of 2 or more; figures = rule_of_thumb allows others",
                          [](const Inputs& in) {
                            if (in.figures == Figures::rule_of_thumb || in.topology != Topology::torus_3d) return true;
                            const double side = std::round(std::cbrt(in.nodes));
                            return side >= 2 && side * side * side == in.nodes;
                          }),
                     rule("radix must reach the nodes: radix^3 / 4 or fewer", [](const Inputs& in) {
                       return !in.radix || in.topology != Topology::fat_tree || std::pow(*in.radix, 3) / 4 >= in.nodes;
                     }));

  static Outputs solve(const Inputs& in) {
    const auto shape = in.figures == Figures::physical ? equations::physical_shape(in.topology, in.nodes, radix(in))
                                                       : equations::rule_of_thumb(in.topology, in.nodes);
    const Bandwidth link = in.fabric->link_bandwidth / in.fabric->oversubscription;
    Outputs out{};
    out.bisection_fraction = shape.bisection_fraction;
    out.bisection_bandwidth = shape.bisection_fraction * in.nodes / 2 * link;
    out.effective_bandwidth = share_of_link(in, shape.bisection_fraction) * link;
    out.mean_hops = shape.mean_hops;
    if (in.hop_latency) out.mean_latency = shape.mean_hops * *in.hop_latency;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Bandwidth link = in.fabric->link_bandwidth / in.fabric->oversubscription;
    w.step("bisection_fraction", "links across the middle / (n / 2)", {{"n", in.nodes}}, out.bisection_fraction,
           "Leiserson 1985; Kim 2008; Dally & Towles 2003");
    w.step("bisection_bandwidth", "fraction * n / 2 * link",
           {{"fraction", out.bisection_fraction}, {"n", in.nodes}, {"link", link}}, out.bisection_bandwidth);
    w.step("effective_bandwidth", "share * link", {{"share", share_of_link(in, out.bisection_fraction)}, {"link", link}},
           out.effective_bandwidth, "Dally & Towles 2003");
    w.step("mean_hops", "mean over all other nodes", {{"n", in.nodes}}, out.mean_hops, "Dally & Towles 2003; Al-Fares 2008");
    if (out.mean_latency)
      w.step("mean_latency", "mean_hops * hop_latency", {{"mean_hops", out.mean_hops}, {"hop_latency", in.hop_latency}},
             out.mean_latency);
  }

 private:
  static double radix(const Inputs& in) { return in.radix.value_or(std::cbrt(4 * in.nodes)); }

  /// Half of uniform traffic crosses the middle, a quarter each way; neighbours on a ring never share a link.
  static double share_of_link(const Inputs& in, double bisection_fraction) {
    if (in.figures == Figures::rule_of_thumb) return bisection_fraction;
    switch (in.traffic) {
      case Traffic::uniform:
        return std::min(1.0, 2 * bisection_fraction);
      case Traffic::ring:
        return 1;
      case Traffic::multi_ring:
        break;
    }
    return in.topology == Topology::torus_3d ? 6 : in.topology == Topology::ring ? 2 : 1;
  }
};

}  // namespace ironlaw::training
