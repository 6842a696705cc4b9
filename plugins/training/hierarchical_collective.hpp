#pragma once
#include <ironlaw/equations/collectives.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// One collective operation over nodes whose ranks have a faster link between them.
struct HierarchicalCollective {
  enum class Operation { all_reduce, all_to_all };

  static constexpr auto about =
      Solver::About{"hierarchical_collective", "Time of one collective operation over nodes with a faster link inside",
                    "Sergeev & Del Balso 2018, 'Horovod'; Thakur 2005"};

  struct Inputs {
    Operation operation = Operation::all_reduce;
    Information message_size = required;
    double nodes = required;
    double ranks_per_node = required;
    Bandwidth node_bandwidth = required;
    Bandwidth bandwidth = required;
    Time node_latency = 0.5 * units::microsecond;
    Time latency = 5.0 * units::microsecond;
  };

  struct Outputs {
    Time time;
    Time node_time;
    Time fabric_time;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::operation>("what the ranks do"),
            port<&Inputs::message_size>("buffer of each rank", non_negative).display("GB"),
            port<&Inputs::nodes>("nodes that take part", at_least_one).whole(),
            port<&Inputs::ranks_per_node>("ranks in each node", at_least_one).whole(),
            port<&Inputs::node_bandwidth>("link out of a rank inside its node, one way", positive).display("GB/s"),
            port<&Inputs::bandwidth>("link out of a rank to other nodes, one way", positive).display("GB/s"),
            port<&Inputs::node_latency>("latency of a message inside a node", non_negative).refinement().display("us"),
            port<&Inputs::latency>("latency of a message between nodes", non_negative).refinement().display("us"));

  static constexpr auto outputs =
      ports(port<&Outputs::time>("time of the operation").display("ms"),
            port<&Outputs::node_time>("the part inside the nodes").display("ms"),
            port<&Outputs::fabric_time>("the part between nodes; of an all-to-all, beside the part inside").display("ms"));

  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::node_time, &Outputs::time>("communication: node", "share of the time inside the nodes",
                                                                "2 * (g - 1) / g * M / beta_i <= T"),
                      soft<&Outputs::fabric_time, &Outputs::time>("communication", "share of the time between nodes",
                                                                  "2 * (m - 1) / m * M / (g * beta) <= T"));

  static Outputs solve(const Inputs& in) {
    const equations::Link inside{in.node_bandwidth, in.node_latency};
    const equations::Link between{in.bandwidth, in.latency};
    const double g = in.ranks_per_node;
    const double n = g * in.nodes;
    Outputs out{};
    if (in.operation == Operation::all_reduce) {
      out.time = equations::hierarchical_all_reduce(in.message_size, g, in.nodes, inside, between);
      out.node_time = equations::ring_all_reduce(in.message_size, g, inside);
      out.fabric_time = equations::ring_all_reduce(in.message_size / g, in.nodes, between);
    } else {
      out.time = equations::two_level_all_to_all(in.message_size, n, g, inside, between);
      out.node_time = (g - 1) / n * in.message_size / inside.bandwidth + (g - 1) * inside.latency;
      out.fabric_time = in.nodes > 1 ? (n - g) / n * in.message_size / between.bandwidth + (n - g) * between.latency : Time{};
    }
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const bool reduce = in.operation == Operation::all_reduce;
    const double n = in.ranks_per_node * in.nodes;
    w.step(
        "node_time",
        reduce ? "2 * ((g - 1) / g * M / beta_i + (g - 1) * alpha_i)" : "(g - 1) / n * M / beta_i + (g - 1) * alpha_i",
        {{"g", in.ranks_per_node}, {"n", n}, {"M", in.message_size}, {"beta_i", in.node_bandwidth}, {"alpha_i", in.node_latency}},
        out.node_time, "Patarasuk & Yuan 2009");
    w.step("fabric_time",
           reduce ? "2 * (m - 1) / m * M / (g * beta) + 2 * (m - 1) * alpha" : "(n - g) / n * M / beta + (n - g) * alpha",
           {{"g", in.ranks_per_node},
            {"m", in.nodes},
            {"n", n},
            {"M", in.message_size},
            {"beta", in.bandwidth},
            {"alpha", in.latency}},
           out.fabric_time, "Patarasuk & Yuan 2009");
    w.step("time", reduce ? "node_time + fabric_time" : "longer byte stream of the two, plus (n - 1) latencies",
           {{"node_time", out.node_time}, {"fabric_time", out.fabric_time}}, out.time, "Sergeev & Del Balso 2018");
  }
};

}  // namespace ironlaw::training
