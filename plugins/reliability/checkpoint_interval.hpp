#pragma once
#include <ironlaw/equations/reliability.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::reliability {

/// How often to write a checkpoint of a known cost against a known rate of failures.
struct CheckpointInterval {
  using Restart = equations::Restart;

  static constexpr auto about =
      Solver::About{"checkpoint_interval", "Work between checkpoints that loses least, and the goodput of it",
                    "Young 1974; Daly 2006; Bougeret 2011; Herault & Robert 2015"};

  struct Inputs {
    Time mtbf = required;
    Restart restart{};
  };

  struct Outputs {
    Time optimal_checkpoint_interval;
    double goodput;
    Time young;
    Time daly;
    Maybe<Time> first_order_bound;
  };

  static constexpr auto inputs = ports(port<&Inputs::mtbf>("mean time between failures", positive).display("hour"),
                                       merge<&Inputs::restart>(equations::restart_ports));

  static constexpr auto outputs = ports(
      port<&Outputs::optimal_checkpoint_interval>("work between checkpoints that loses least").display("s"),
      port<&Outputs::goodput>("share of the time that is work and not lost", fraction),
      port<&Outputs::young>("the first-order optimum").display("s"), port<&Outputs::daly>("the optimum by series").display("s"),
      port<&Outputs::first_order_bound>("half the mean time between failures, beyond which first-order forms do not hold"));

  static constexpr auto limits =
      ironlaw::limits(soft<at<&Inputs::restart, &Restart::checkpoint_time>, &Outputs::first_order_bound>(
          "fragility: first order", "a checkpoint this long is beyond first-order forms; take renewal", "d <= M / 2"));

  static Outputs solve(const Inputs& in) {
    const auto plan = equations::plan_checkpoints(in.restart, in.mtbf);
    return {plan.optimal_interval, plan.goodput, equations::young_interval(in.restart.checkpoint_time, in.mtbf),
            equations::daly_interval(in.restart.checkpoint_time, in.mtbf), plan.first_order_bound};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Time d = in.restart.checkpoint_time;
    equations::explain_checkpoints(in.restart, equations::plan_checkpoints(in.restart, in.mtbf), in.mtbf, w);
    w.step("young", "sqrt(2 * d * M)", {{"d", d}, {"M", in.mtbf}}, out.young, "Young 1974");
    w.step("daly", "sqrt(2 * d * M) * (1 + sqrt(d / 2M) / 3 + d / 2M / 9) - d, or M where d >= 2M", {{"d", d}, {"M", in.mtbf}},
           out.daly, "Daly 2006");
    if (out.first_order_bound) w.step("first_order_bound", "M / 2", {{"M", in.mtbf}}, out.first_order_bound);
  }
};

}  // namespace ironlaw::reliability
