#pragma once
#include <ironlaw/equations/training.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// Idle share of a pipeline.
struct PipelineBubble {
  static constexpr auto about = Solver::About{"pipeline_bubble", "Share of a pipeline's time that its stages idle",
                                              "Huang 2019, 'GPipe'; Narayanan 2021; Qi 2023, 'Zero bubble pipeline parallelism'"};

  struct Inputs {
    double stages = required;
    double microbatches = required;
    double virtual_stages = 1;
    equations::PipelineSchedule schedule = equations::PipelineSchedule::one_forward_one_backward;
  };

  struct Outputs {
    double bubble_fraction;
    double bubble_over_work;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::stages>("stages of the pipeline", at_least_one).whole(),
            port<&Inputs::microbatches>("microbatches that pass through it", at_least_one).whole(),
            port<&Inputs::virtual_stages>("pieces of the model on each stage (interleaving)", at_least_one).whole(),
            port<&Inputs::schedule>("order of the passes"));

  static constexpr auto outputs = ports(port<&Outputs::bubble_fraction>("idle time over all time", fraction),
                                        port<&Outputs::bubble_over_work>("idle time over busy time", non_negative));

  static constexpr auto rules = ironlaw::rules(rule("schedule = zero_bubble needs virtual_stages = 1", [](const Inputs& in) {
    return in.schedule != equations::PipelineSchedule::zero_bubble || in.virtual_stages == 1;
  }));

  static Outputs solve(const Inputs& in) {
    const double idle = equations::bubble_over_work(in.schedule, in.stages, in.microbatches, in.virtual_stages);
    return {idle / (1 + idle), idle};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("bubble_over_work",
           in.schedule == equations::PipelineSchedule::zero_bubble ? "(p - 1) / (3 * m)" : "(p - 1) / (v * m)",
           {{"p", in.stages}, {"v", in.virtual_stages}, {"m", in.microbatches}}, out.bubble_over_work, "Narayanan 2021; Qi 2023");
    w.step("bubble_fraction", "r / (1 + r)", {{"r", out.bubble_over_work}}, out.bubble_fraction, "Huang 2019");
  }
};

}  // namespace ironlaw::training
