#pragma once
#include "phases.hpp"

namespace ironlaw::workloads {

/// Whether the denoising loop reads the weights on each of its steps, or counts as one pass.
enum class WeightReads { every_step, once };

/// A diffusion model: a denoiser run many times for one sample.
struct Diffusion {
  static constexpr auto about = Kind::About{"diffusion", "diffusion model: a denoiser run many times for one sample"};
  using Interface = Workload;

  struct Fields {
    double parameters = required;
    Maybe<Operations> operations_per_step;
    int denoising_steps = required;
    int guidance_passes = 1;
    WeightReads weight_reads = WeightReads::every_step;
    Maybe<double> activation_elements;
    Maybe<int> layers;
  };
  static constexpr auto fields = ports(
      port<&Fields::parameters>("parameters of the denoiser", positive),
      port<&Fields::operations_per_step>("operations of one denoiser call; 2 a parameter if left out", positive).display("GFLOP"),
      port<&Fields::denoising_steps>("denoiser steps for one sample", at_least_one),
      port<&Fields::guidance_passes>("denoiser calls a step: 2 with classifier-free guidance", between(1, 2)),
      port<&Fields::weight_reads>("weights and layers run on every step, or once for the whole loop").parity(),
      port<&Fields::activation_elements>("activations written and read back by one denoiser call", positive),
      port<&Fields::layers>("layers of the denoiser run one after another; 1 if left out", at_least_one));

  class Made final : public Workload {
   public:
    Made(const Fields& f, std::string_view name) : Workload(name), f_(f) {}

   private:
    Demand do_demand(const Conditions& c) const override {
      require_whole_passes(c, name(), "sample");
      const bool every_step = f_.weight_reads == WeightReads::every_step;
      // A training step denoises each sample at one noise level, without guidance.
      const bool one_level = every_step && c.phase == Phase::training;
      const double steps = one_level ? 1 : f_.denoising_steps;
      const double calls = one_level ? 1 : steps * f_.guidance_passes;
      const double passes = every_step ? steps : 1;  // both guidance calls of a step share one batch
      Demand d;
      d.linear = c.batch * calls * f_.operations_per_step.value_or(2 * f_.parameters * units::flop);
      d.weights_resident = stored(f_.parameters, c.weights);
      d.weights_read = passes * d.weights_resident;
      if (f_.activation_elements) d.activations = moved(c.batch * calls * *f_.activation_elements, c.activations);
      d.launches = passes * f_.layers.value_or(1);
      return d;
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
    Maybe<double> do_parameters() const noexcept override { return f_.parameters; }

    Fields f_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
