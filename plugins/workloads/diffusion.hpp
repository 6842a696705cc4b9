#pragma once
#include <ironlaw/sdk/operators.hpp>

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

  class Made final : public FormWorkload, public Operators {
   public:
    Made(const Fields& f, std::string_view name) : FormWorkload(name), f_(f) {}

   private:
    /// How often one sample passes the denoiser.
    struct Loop {
      double calls;
      double passes;  ///< over the weights: both guidance calls of a step share one batch
    };
    [[nodiscard]] Loop loop(Phase phase) const {
      const bool every_step = f_.weight_reads == WeightReads::every_step;
      // A training step denoises each sample at one noise level, without guidance.
      const bool one_level = every_step && phase == Phase::training;
      const double steps = one_level ? 1 : f_.denoising_steps;
      return {one_level ? 1 : steps * f_.guidance_passes, every_step ? steps : 1};
    }
    [[nodiscard]] double operations_of_a_call() const {
      return in(f_.operations_per_step.value_or(2 * f_.parameters * units::flop), units::flop);
    }
    bool form(const Conditions& c, DemandForm& to) const override {
      require_whole_passes(c, name(), "sample");
      const Loop all = loop(c.phase);
      take_samples(to, all.calls);
      to.linear_per_token = operations_of_a_call();
      to.weights_resident = f_.parameters * c.formats.bytes(TensorClass::linear);
      to.weights_read = all.passes * to.weights_resident;
      if (f_.activation_elements) to.activations_per_token = 2 * *f_.activation_elements;
      to.activation_bytes = c.formats.bytes(TensorClass::activations);
      to.launches = all.passes * f_.layers.value_or(1);
      return true;
    }
    /// The denoiser as a whole, a layer class a pass: its layers are not known apart.
    void operators(const OperatorConditions& c, OperatorList& list) const override {
      require_whole_passes({.phase = c.phase}, name(), "sample");
      const Loop all = loop(c.phase);
      OperatorWriter w(c, list);
      w.layers({.count = all.passes});
      Operator o = w.start(OperatorKind::whole, OperatorRole::other, TensorClass::linear, 0);
      o.rows_per_sequence = all.calls / all.passes;
      o.operations_per_row = operations_of_a_call() / c.tensor;
      o.bytes_fixed = f_.parameters * o.weight_bytes / c.tensor;
      o.bytes_per_row = 2 * f_.activation_elements.value_or(0) * o.activation_bytes / c.tensor;
      w.add(o);
    }
    const void* do_facet(const FacetKey& key) const override {
      return answer(key, static_cast<const DemandForms*>(this), static_cast<const Operators*>(this));
    }
    WorkUnit do_unit() const noexcept override { return WorkUnit::sample; }
    Maybe<double> do_parameters() const noexcept override { return f_.parameters; }

    Fields f_;
  };
  static Made make(const Fields& f, std::string_view name) { return Made(f, name); }
};

}  // namespace ironlaw::workloads
