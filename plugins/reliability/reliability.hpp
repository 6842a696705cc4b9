#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/hardware.hpp>
#include <ironlaw/records.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::reliability {

/// How often a fleet fails, and how much of a job's time is left to work when it writes checkpoints against that.
struct Reliability {
  using Restart = equations::Restart;

  static constexpr auto about =
      Solver::About{"reliability", "Failures of a fleet, checkpoint interval and goodput of a job",
                    "Barlow & Proschan 1965; Young 1974; Daly 2006; Bougeret 2011; Herault & Robert 2015"};

  struct Inputs {
    const Fleet* fleet;
    Time job_duration = required;
    Restart restart{};
    Time accelerator_mttf = 50000.0 * units::hour;
    Maybe<Time> nic_mttf = absent;
    Maybe<Time> power_supply_mttf = absent;
    Maybe<Time> node_mtbf = absent;
  };

  struct Outputs {
    Time mtbf;
    double failure_probability;
    double expected_failures;
    Time optimal_checkpoint_interval;
    double goodput;
    Maybe<Time> expected_duration;
    Maybe<Time> lost_time;
    Maybe<Time> first_order_bound;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::fleet>("devices that do the job, all of which it needs"),
      port<&Inputs::job_duration>("time that the job takes without a failure", non_negative).display("day"),
      merge<&Inputs::restart>(equations::restart_ports),
      port<&Inputs::accelerator_mttf>(
          "mean time to an interruption of the job for one accelerator, whatever its cause: measured rates count all", positive)
          .refinement()
          .display("hour"),
      port<&Inputs::nic_mttf>("of one network card, where accelerator_mttf does not count them; absent: it does", positive)
          .refinement()
          .display("hour"),
      port<&Inputs::power_supply_mttf>("of one power supply, likewise; counted only where the node has no spare one", positive)
          .refinement()
          .display("hour"),
      port<&Inputs::node_mtbf>("measured mean time between failures of one node, instead of its parts", positive)
          .refinement()
          .display("hour"));

  static constexpr auto outputs = ports(
      port<&Outputs::mtbf>("mean time between failures of the fleet").display("hour"),
      port<&Outputs::failure_probability>("at least one failure during the job", fraction),
      port<&Outputs::expected_failures>("mean count of failures during the job"),
      port<&Outputs::optimal_checkpoint_interval>("work between checkpoints that loses least").display("s"),
      port<&Outputs::goodput>("share of the time that is work and not lost", fraction),
      port<&Outputs::expected_duration>("time the job takes with its failures; absent where nothing gets done").display("day"),
      port<&Outputs::lost_time>("what failures, restarts and checkpoints cost of it").display("hour"),
      port<&Outputs::first_order_bound>(
          "half the mean time between failures; a longer checkpoint_time is beyond first-order forms"));

  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::lost_time, &Outputs::expected_duration>(
          "fragility", "share of the time that failures, restarts and checkpoints cost", "T * (1 / goodput - 1) <= T / goodput"),
      soft<at<&Inputs::restart, &Restart::checkpoint_time>, &Outputs::first_order_bound>(
          "fragility: first order", "a checkpoint this long is beyond first-order forms; take renewal", "d <= M / 2"));

  static Outputs solve(const Inputs& in) {
    const auto plan = equations::plan_checkpoints(in.restart, mtbf(in));
    Outputs out{};
    out.mtbf = mtbf(in);
    out.failure_probability = equations::failure_probability(in.job_duration, out.mtbf);
    out.expected_failures = in.job_duration / out.mtbf;
    out.optimal_checkpoint_interval = plan.optimal_interval;
    out.goodput = plan.goodput;
    if (out.goodput > 0) {
      out.expected_duration = in.job_duration / out.goodput;
      out.lost_time = *out.expected_duration - in.job_duration;
    }
    out.first_order_bound = plan.first_order_bound;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Node& node = *in.fleet->node;
    if (in.node_mtbf) {
      w.step("mtbf", "M_node / nodes", {{"M_node", in.node_mtbf}, {"nodes", in.fleet->nodes}}, out.mtbf);
    } else {
      w.step("failure rate of a node", in.nic_mttf || in.power_supply_mttf ? "g / A + n / C + p / S" : "g / A",
             {{"g", node.accelerators},
              {"A", in.accelerator_mttf},
              {"n", in.nic_mttf ? nics(node) : 0},
              {"C", in.nic_mttf},
              {"p", in.power_supply_mttf ? supplies_in_series(node) : 0},
              {"S", in.power_supply_mttf}},
             node_failure_rate(in), "Barlow & Proschan 1965");
      if (in.nic_mttf && !node.nics) w.note("The node states no nics: one for each accelerator.");
      if (in.power_supply_mttf && !node.power_supplies)
        w.note("The node states no power_supplies: a spare one covers for each that fails.");
      w.step("mtbf", "1 / (rate * nodes)", {{"rate", node_failure_rate(in)}, {"nodes", in.fleet->nodes}}, out.mtbf);
    }
    w.step("failure_probability", "1 - exp(-T / M)", {{"T", in.job_duration}, {"M", out.mtbf}}, out.failure_probability);
    w.step("expected_failures", "T / M", {{"T", in.job_duration}, {"M", out.mtbf}}, out.expected_failures);
    equations::explain_checkpoints(in.restart, equations::plan_checkpoints(in.restart, out.mtbf), out.mtbf, w);
    if (out.expected_duration) {
      w.step("expected_duration", "T / goodput", {{"T", in.job_duration}, {"goodput", out.goodput}}, out.expected_duration);
      w.step("lost_time", "expected_duration - T", {{"expected_duration", out.expected_duration}, {"T", in.job_duration}},
             out.lost_time);
    }
    if (out.first_order_bound) w.step("first_order_bound", "M / 2", {{"M", out.mtbf}}, out.first_order_bound);
  }

 private:
  /// One spare is enough that a failed supply stops nothing before it is replaced; a node that states none is taken to have it.
  static double supplies_in_series(const Node& node) {
    return node.spare_power_supplies.value_or(0) > 0 ? 0 : node.power_supplies.value_or(0);
  }
  /// A node that states none has one for each accelerator, as a DGX has.
  static double nics(const Node& node) { return node.nics.value_or(node.accelerators); }

  static Rate node_failure_rate(const Inputs& in) {
    const Node& node = *in.fleet->node;
    Rate rate = node.accelerators / in.accelerator_mttf;
    if (in.nic_mttf) rate += nics(node) / *in.nic_mttf;
    if (in.power_supply_mttf) rate += supplies_in_series(node) / *in.power_supply_mttf;
    return rate;
  }

  static Time mtbf(const Inputs& in) {
    if (in.node_mtbf) return *in.node_mtbf / in.fleet->nodes;
    return 1.0 / (node_failure_rate(in) * in.fleet->nodes);
  }
};

}  // namespace ironlaw::reliability
