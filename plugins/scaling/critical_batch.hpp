#pragma once
#include <ironlaw/equations/scaling_laws.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::scaling {

/// What a batch costs in steps and in samples on the way to a given loss.
struct CriticalBatchSize {
  static constexpr auto about = Solver::About{"critical_batch", "Steps and samples that a batch size takes to a given loss",
                                              "McCandlish 2018, 'An Empirical Model of Large-Batch Training'"};

  struct Inputs {
    double batch_size = required;
    double least_steps = required;
    double least_samples = required;
  };

  struct Outputs {
    double critical_batch_size;
    double steps;
    double samples;
    double time_over_least;
    double compute_over_least;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::batch_size>("samples, or tokens, of a step", positive),
            port<&Inputs::least_steps>("steps that the largest batch would still take", positive),
            port<&Inputs::least_samples>("samples, or tokens, that the smallest batch would still take", positive));

  static constexpr auto outputs =
      ports(port<&Outputs::critical_batch_size>("batch that takes twice the least steps and twice the least samples"),
            port<&Outputs::steps>("steps to the loss"), port<&Outputs::samples>("samples to the loss"),
            port<&Outputs::time_over_least>("steps over the least steps"),
            port<&Outputs::compute_over_least>("samples over the least samples"));

  static Outputs solve(const Inputs& in) {
    const equations::CriticalBatch law{in.least_steps, in.least_samples};
    Outputs out{};
    out.critical_batch_size = law.size();
    out.steps = law.steps_at(in.batch_size);
    out.samples = out.steps * in.batch_size;
    out.time_over_least = out.steps / in.least_steps;
    out.compute_over_least = out.samples / in.least_samples;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("critical_batch_size", "E_min / S_min", {{"E_min", in.least_samples}, {"S_min", in.least_steps}},
           out.critical_batch_size, "McCandlish 2018");
    w.step("steps", "S_min * (1 + B_crit / B)",
           {{"S_min", in.least_steps}, {"B_crit", out.critical_batch_size}, {"B", in.batch_size}}, out.steps, "McCandlish 2018");
    w.step("samples", "S * B", {{"S", out.steps}, {"B", in.batch_size}}, out.samples);
    w.step("time_over_least", "S / S_min", {{"S", out.steps}, {"S_min", in.least_steps}}, out.time_over_least);
    w.step("compute_over_least", "E / E_min", {{"E", out.samples}, {"E_min", in.least_samples}}, out.compute_over_least);
  }
};

}  // namespace ironlaw::scaling
