#pragma once
#include <ironlaw/equations/collectives.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// One collective operation between equal ranks on equal links.
struct Collective {
  enum class Operation { all_reduce, reduce_scatter, all_gather, all_to_all, point_to_point };
  /// `best` takes the fastest of those that need nothing of the network: ring, halving_doubling and the trees.
  enum class Algorithm { best, ring, tree, double_binary_tree, halving_doubling, in_network, torus };

  static constexpr auto about = Solver::About{"collective", "Time of one collective operation between ranks on equal links",
                                              "Hockney 1994; Thakur 2005, 'Optimization of collective communication operations'"};

  struct Inputs {
    Operation operation = Operation::all_reduce;
    Algorithm algorithm = Algorithm::best;
    Information message_size = required;
    double ranks = required;
    Bandwidth bandwidth = required;
    Time latency = 5.0 * units::microsecond;
    double ranks_per_link = 1;
    double torus_dimensions = 3;
    Maybe<Bandwidth> reduction_bandwidth = absent;
  };

  struct Outputs {
    Time time;
    Algorithm algorithm;
    Time transfer_time;
    Time latency_time;
    Time reduction_time;
    Bandwidth algorithm_bandwidth;
    Information half_performance_size;
    Maybe<Information> crossover_size;
    Maybe<Information> crossover_estimate;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::operation>("what the ranks do"),
            port<&Inputs::algorithm>("how they do it; best: the fastest of ring, halving_doubling, tree and double_binary_tree"),
            port<&Inputs::message_size>("buffer of each rank", non_negative).display("GB"),
            port<&Inputs::ranks>("ranks that take part", at_least_one).whole(),
            port<&Inputs::bandwidth>("link out of one rank, one way", positive).display("GB/s"),
            port<&Inputs::latency>("latency of one message; in_network: of the switch", non_negative).refinement().display("us"),
            port<&Inputs::ranks_per_link>("ranks that share each link, such as a network card", at_least_one).refinement(),
            port<&Inputs::torus_dimensions>("dimensions of the torus, for its algorithm", at_least_one).refinement().whole(),
            port<&Inputs::reduction_bandwidth>("rate at which a rank adds buffers; absent: at no cost", positive)
                .refinement()
                .display("GB/s"));

  static constexpr auto outputs = ports(
      port<&Outputs::time>("time of the operation").display("ms"), port<&Outputs::algorithm>("algorithm that the time is of"),
      port<&Outputs::transfer_time>("the part of it that grows with the message").display("ms"),
      port<&Outputs::latency_time>("the part of it that is latency").display("ms"),
      port<&Outputs::reduction_time>("the part of it that adds buffers").display("ms"),
      port<&Outputs::algorithm_bandwidth>("message size over time; 0 where nothing is sent").display("GB/s"),
      port<&Outputs::half_performance_size>("message whose bytes take as long as its latency").display("kB"),
      port<&Outputs::crossover_size>("message above which a ring all-reduce beats a tree; absent where it always does")
          .display("MB"),
      port<&Outputs::crossover_estimate>("the same by the rule of thumb n * latency * bandwidth / log2(n)").display("MB"));

  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::transfer_time, &Outputs::time>("communication", "share of the time that bytes take", "bytes / beta <= T"),
      soft<&Outputs::latency_time, &Outputs::time>("communication: latency", "its share of the time", "messages * alpha <= T"),
      soft<&Outputs::reduction_time, &Outputs::time>("memory: traffic", "share of the time that adding buffers takes",
                                                     "(n - 1) / n * M / rate <= T"));

  /// Whether there is such an algorithm for the operation.
  static constexpr bool allowed(Operation o, Algorithm a) {
    if (o == Operation::all_reduce || a == Algorithm::best) return true;
    const bool one_pass = o == Operation::reduce_scatter || o == Operation::all_gather;
    return one_pass && (a == Algorithm::ring || a == Algorithm::halving_doubling);
  }

  static constexpr auto rules = ironlaw::rules(rule(
      "the operation has no such algorithm; allowed: all for all_reduce, best, ring and halving_doubling for reduce_scatter and "
      "all_gather, best for all_to_all and point_to_point",
      [](const Inputs& in) { return allowed(in.operation, in.algorithm); }));

  static Outputs solve(const Inputs& in) {
    const auto link = link_of(in);
    Outputs out{};
    out.algorithm = in.algorithm == Algorithm::best ? fastest(in) : in.algorithm;
    if (in.reduction_bandwidth && reduces(in.operation))
      out.reduction_time = (in.ranks - 1) / in.ranks * in.message_size / *in.reduction_bandwidth;
    // Every algorithm's time is a line in the message: bytes over the link, and latencies.
    Inputs bytes = in;
    bytes.latency = Time{};
    out.transfer_time = transfer(bytes, out.algorithm);
    const Time sent = transfer(in, out.algorithm);
    out.latency_time = std::max(Time{}, sent - out.transfer_time);
    out.time = sent + out.reduction_time;
    if (out.time > Time{}) out.algorithm_bandwidth = in.message_size / out.time;
    out.half_performance_size = equations::half_performance_size(link);
    if (in.operation == Operation::all_reduce && in.ranks > 1) {
      const auto size = equations::ring_tree_crossover(in.ranks, link);
      if (size > Information{}) out.crossover_size = size;
      out.crossover_estimate = equations::ring_tree_crossover_estimate(in.ranks, link);
    }
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto link = link_of(in);
    const double n = in.ranks;
    w.step("reduction_time", "(n - 1) / n * M / rate", {{"n", n}, {"M", in.message_size}, {"rate", in.reduction_bandwidth}},
           out.reduction_time, "Thakur 2005");
    w.step("transfer_time", "the same with alpha = 0", {{"M", in.message_size}, {"beta", link.bandwidth}}, out.transfer_time);
    w.step("latency_time", "time - adding - transfer",
           {{"time", out.time}, {"adding", out.reduction_time}, {"transfer", out.transfer_time}}, out.latency_time);
    w.step("time", formula(in.operation, out.algorithm),
           {{"n", n}, {"M", in.message_size}, {"beta", link.bandwidth}, {"alpha", link.latency}, {"adding", out.reduction_time}},
           out.time, "Patarasuk & Yuan 2009; Thakur 2005; Sanders 2009");
    w.step("algorithm_bandwidth", "M / time", {{"M", in.message_size}, {"time", out.time}}, out.algorithm_bandwidth);
    w.step("half_performance_size", "alpha * beta", {{"alpha", link.latency}, {"beta", link.bandwidth}},
           out.half_performance_size, "Hockney 1994");
    if (out.crossover_size)
      w.step("crossover_size", "(R - T) * alpha * beta / (T - F); R = 2 * (n - 1), T = 2 * ceil(log2(n)), F = R / n",
             {{"n", n}, {"alpha", link.latency}, {"beta", link.bandwidth}}, out.crossover_size);
    if (out.crossover_estimate)
      w.step("crossover_estimate", "n * alpha * beta / log2(n)", {{"n", n}, {"alpha", link.latency}, {"beta", link.bandwidth}},
             out.crossover_estimate);
  }

 private:
  static constexpr bool reduces(Operation o) { return o == Operation::all_reduce || o == Operation::reduce_scatter; }
  static equations::Link link_of(const Inputs& in) { return {in.bandwidth / in.ranks_per_link, in.latency}; }

  static Algorithm fastest(const Inputs& in) {
    Algorithm best = Algorithm::ring;
    for (const auto a : {Algorithm::halving_doubling, Algorithm::tree, Algorithm::double_binary_tree}) {
      if (allowed(in.operation, a) && transfer(in, a) < transfer(in, best)) best = a;
    }
    return best;
  }

  /// Time without the adding.
  static Time transfer(const Inputs& in, Algorithm algorithm) {
    const auto link = link_of(in);
    switch (in.operation) {
      case Operation::all_reduce:
        return all_reduce(in, algorithm, link);
      case Operation::all_to_all:
        return equations::all_to_all(in.message_size, in.ranks, link);
      case Operation::point_to_point:
        return equations::point_to_point(in.message_size, link);
      case Operation::reduce_scatter:
      case Operation::all_gather:
        break;
    }
    return algorithm == Algorithm::halving_doubling ? equations::halving_pass(in.message_size, in.ranks, link)
                                                    : equations::ring_pass(in.message_size, in.ranks, link);
  }
  static Time all_reduce(const Inputs& in, Algorithm algorithm, const equations::Link& link) {
    switch (algorithm) {
      case Algorithm::tree:
        return equations::tree_all_reduce(in.message_size, in.ranks, link);
      case Algorithm::double_binary_tree:
        return equations::double_binary_tree_all_reduce(in.message_size, in.ranks, link);
      case Algorithm::halving_doubling:
        return 2.0 * equations::halving_pass(in.message_size, in.ranks, link);
      case Algorithm::in_network:
        return equations::in_network_all_reduce(in.message_size, in.ranks, link);
      case Algorithm::torus:
        return equations::torus_all_reduce(in.message_size, in.ranks, in.torus_dimensions, link);
      case Algorithm::best:
      case Algorithm::ring:
        break;
    }
    return equations::ring_all_reduce(in.message_size, in.ranks, link);
  }

  static std::string_view formula(Operation operation, Algorithm algorithm) {
    if (operation == Operation::point_to_point) return "alpha + M / beta";
    if (operation == Operation::all_to_all) return "(n - 1) / n * M / beta + (n - 1) * alpha";
    if (operation != Operation::all_reduce)
      return algorithm == Algorithm::halving_doubling ? "(n - 1) / n * M / beta + log2(n) * alpha + adding"
                                                      : "(n - 1) / n * M / beta + (n - 1) * alpha + adding";
    switch (algorithm) {
      case Algorithm::tree:
        return "2 * ceil(log2(n)) * (alpha + M / beta) + adding";
      case Algorithm::double_binary_tree:
        return "2.4 * log2(n) * alpha + 2.1 * (n - 1) / n * M / beta + adding";
      case Algorithm::halving_doubling:
        return "2 * log2(n) * alpha + 2 * (n - 1) / n * M / beta + adding";
      case Algorithm::in_network:
        return "M / beta + 2 * alpha + adding";
      case Algorithm::torus:
        return "2 * (n - 1) / n * M / (2 * dimensions * beta) + adding";
      case Algorithm::best:
      case Algorithm::ring:
        break;
    }
    return "2 * (n - 1) / n * M / beta + 2 * (n - 1) * alpha + adding";
  }
};

}  // namespace ironlaw::training
