#pragma once
#include <ironlaw/equations/queueing.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <cmath>

namespace ironlaw::orchestration {

/// How long a job waits for its share of a cluster, and whether the cluster keeps up.
struct Orchestration {
  static constexpr auto about =
      Solver::About{"orchestration", "Wait of jobs that share a cluster, and whether it keeps up with them",
                    "Pollaczek 1930, Khinchine 1932; Erlang 1917; Allen 1990 (Allen-Cunneen); Little 1961"};

  /// Where a job's accelerators may lie.
  enum class Placement { whole_nodes, anywhere };

  struct Inputs {
    Rate arrival_rate = required;
    Time job_duration = required;
    const Fleet* fleet = nullptr;
    Maybe<double> accelerators_per_job = absent;
    Placement placement = Placement::whole_nodes;
    double duration_cv = 1;
    double arrival_cv = 1;
    double preemptions_per_job = 0;
    Time preemption_cost{};
  };

  struct Outputs {
    double cluster_utilization;
    Maybe<Time> average_wait_time;
    Maybe<double> average_queue_length;
    bool is_stable;
    Maybe<double> waiting_probability;
    double servers;
    double least_servers;
    Time service_time;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::arrival_rate>("jobs that arrive in a time", non_negative).display("1/day"),
      port<&Inputs::job_duration>("average time that a job runs", positive).display("day"),
      port<&Inputs::fleet>("cluster that the jobs share").optional(),
      port<&Inputs::accelerators_per_job>("accelerators of each job; left out: the whole cluster, one job at a time",
                                          at_least_one)
          .whole(),
      port<&Inputs::placement>("whole_nodes: a job smaller than a node stays in one, a larger one takes nodes entirely; "
                               "anywhere: any free accelerators will do"),
      port<&Inputs::duration_cv>("deviation of the duration over its average: 0 all alike, 1 exponential, clusters show 2 to 5",
                                 non_negative)
          .refinement(),
      port<&Inputs::arrival_cv>("deviation of the time between arrivals over its average: 1 for independent users", non_negative)
          .refinement(),
      port<&Inputs::preemptions_per_job>("times that a job is interrupted", non_negative).refinement(),
      port<&Inputs::preemption_cost>("time that an interruption costs: lost work, restart, reload, warm-up", non_negative)
          .refinement());

  static constexpr auto outputs =
      ports(port<&Outputs::cluster_utilization>("work that arrives over what the cluster can do; above 1 it falls behind"),
            port<&Outputs::average_wait_time>("average wait before a job starts; absent where the queue grows without end")
                .display("hour"),
            port<&Outputs::average_queue_length>("average number of waiting jobs; absent likewise"),
            port<&Outputs::is_stable>("whether the queue stays finite"),
            port<&Outputs::waiting_probability>("probability that a job has to wait; absent likewise", fraction),
            port<&Outputs::servers>("jobs that run at the same time"),
            port<&Outputs::least_servers>("jobs that would have to run at the same time for the queue to stay finite"),
            port<&Outputs::service_time>("average time that a job holds its accelerators").display("hour"));

  static constexpr auto limits = ironlaw::limits(hard<&Outputs::least_servers, &Outputs::servers>(
      "multi-tenant", "jobs must not arrive faster than the cluster serves them", "lambda * s < c"));

  static constexpr auto rules = ironlaw::rules(
      rule("accelerators_per_job needs a fleet",
           [](const Inputs& in) { return !in.accelerators_per_job || in.fleet != nullptr; }),
      rule("accelerators_per_job must not exceed the accelerators of the fleet",
           [](const Inputs& in) { return !in.accelerators_per_job || *in.accelerators_per_job <= in.fleet->accelerators(); }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    out.service_time = in.job_duration + in.preemptions_per_job * in.preemption_cost;
    const double load = in.arrival_rate * out.service_time;
    out.servers = servers(in);
    out.cluster_utilization = load / out.servers;
    out.least_servers = std::floor(load) + 1;
    out.is_stable = out.least_servers <= out.servers;
    if (!out.is_stable) return out;
    out.waiting_probability = equations::erlang_c(load, out.servers);
    out.average_wait_time = *out.waiting_probability * out.service_time / (out.servers - load) *
                            equations::variability(in.arrival_cv, in.duration_cv);
    out.average_queue_length = static_cast<double>(in.arrival_rate * *out.average_wait_time);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const double load = in.arrival_rate * out.service_time;
    w.step("service_time", "D + preemptions * cost",
           {{"D", in.job_duration}, {"preemptions", in.preemptions_per_job}, {"cost", in.preemption_cost}}, out.service_time);
    explain_servers(in, out, w);
    w.step("cluster_utilization", "a / c, a = lambda * service_time",
           {{"lambda", in.arrival_rate}, {"service_time", out.service_time}, {"c", out.servers}}, out.cluster_utilization);
    w.step("least_servers", "floor(a) + 1", {{"a", load}}, out.least_servers);
    if (!out.is_stable) return w.note("Jobs arrive faster than they are served: the queue has no average.");
    w.step("waiting_probability", "C = Erlang C(c, a)", {{"c", out.servers}, {"a", load}}, out.waiting_probability,
           "Erlang 1917");
    w.step("average_wait_time", "C * service_time / (c - a) * (C_a^2 + C_s^2) / 2",
           {{"C", out.waiting_probability},
            {"service_time", out.service_time},
            {"c", out.servers},
            {"a", load},
            {"C_a", in.arrival_cv},
            {"C_s", in.duration_cv}},
           out.average_wait_time, out.servers == 1 ? "Pollaczek 1930, Khinchine 1932" : "Allen 1990 (Allen-Cunneen)");
    w.step("average_queue_length", "lambda * wait", {{"lambda", in.arrival_rate}, {"wait", out.average_wait_time}},
           out.average_queue_length, "Little 1961");
  }

 private:
  /// Jobs that fit side by side; what a gang leaves over in a node stays idle.
  static double servers(const Inputs& in) {
    if (!in.accelerators_per_job) return 1;
    const double gang = *in.accelerators_per_job;
    const double node = in.fleet->node->accelerators;
    if (in.placement == Placement::anywhere) return std::floor(in.fleet->accelerators() / gang);
    if (gang <= node) return in.fleet->nodes * std::floor(node / gang);
    return std::floor(in.fleet->nodes / std::ceil(gang / node));
  }
  static void explain_servers(const Inputs& in, const Outputs& out, Working& w) {
    if (!in.accelerators_per_job) return w.step("servers", "1: every job takes the whole cluster", {}, out.servers);
    const Term gang{"job", in.accelerators_per_job};
    const Term node{"node", in.fleet->node->accelerators};
    const Term nodes{"nodes", in.fleet->nodes};
    if (in.placement == Placement::anywhere) {
      w.step("servers", "floor(nodes * node / job)", {nodes, node, gang}, out.servers);
    } else if (*in.accelerators_per_job <= in.fleet->node->accelerators) {
      w.step("servers", "nodes * floor(node / job)", {nodes, node, gang}, out.servers);
    } else {
      w.step("servers", "floor(nodes / ceil(job / node))", {nodes, node, gang}, out.servers);
    }
  }
};

}  // namespace ironlaw::orchestration
