#pragma once
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/equations/training.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::training {

/// Arithmetic of a whole training run: what `mfu` of `distributed` and `training_step` counts, where the model is given; the rule
/// of thumb by its parameters else.
struct TrainingOperations {
  static constexpr auto about =
      Solver::About{"training_operations", "Operations of a whole training run, by model and tokens, or by parameters",
                    "Kaplan 2020, 'Scaling laws for neural language models'; Chowdhery 2022, appendix B"};

  struct Inputs {
    const Workload* workload = nullptr;
    Maybe<double> parameters = absent;
    double sequence_length = 2048;
    double tokens = required;
    bool activation_recomputation = false;
  };

  struct Outputs {
    Operations operations;
    Maybe<Operations> parameter_operations;
    Maybe<Operations> attention_operations;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::workload>("model to train: its own operations at sequence_length, attention among them").optional(),
            port<&Inputs::parameters>("parameters that each token passes through, where no model is given", positive),
            port<&Inputs::sequence_length>("tokens of a sample of the model", at_least_one),
            port<&Inputs::tokens>("tokens to train on", non_negative),
            port<&Inputs::activation_recomputation>("recompute activations in the backward pass: one more forward"));

  static constexpr auto outputs = ports(
      port<&Outputs::operations>("operations of the run"),
      port<&Outputs::parameter_operations>("by the rule of thumb: six a parameter and token, eight with recomputation; absent "
                                           "without a number of parameters"),
      port<&Outputs::attention_operations>(
          "of scores and weighted values, which grow with sequence_length; absent without model"));

  static constexpr auto rules = ironlaw::rules(
      rule("give workload or parameters", [](const Inputs& in) { return in.workload != nullptr || in.parameters.has_value(); }));

  static Outputs solve(const Inputs& in) {
    Outputs out{};
    const auto parameters = in.parameters || in.workload == nullptr ? in.parameters : in.workload->parameters();
    if (parameters)
      out.parameter_operations = equations::training_operations(*parameters, in.tokens, in.activation_recomputation);
    if (in.workload == nullptr) {
      out.operations = *out.parameter_operations;
      return out;
    }
    const Demand d = sample(in);
    const double repeats = samples(in) * equations::operations_multiple(true, in.activation_recomputation);
    out.operations = repeats * (d.linear + d.logits + d.attention);
    out.attention_operations = repeats * d.attention;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto parameters = in.parameters || in.workload == nullptr ? in.parameters : in.workload->parameters();
    const char* const rule_of_thumb = in.activation_recomputation ? "8 * P * D" : "6 * P * D";
    if (out.parameter_operations)
      w.step("parameter_operations", rule_of_thumb, {{"P", parameters}, {"D", in.tokens}}, out.parameter_operations,
             "Kaplan 2020");
    if (in.workload == nullptr) {
      w.step("operations", rule_of_thumb, {{"P", parameters}, {"D", in.tokens}}, out.operations, "Kaplan 2020");
      return;
    }
    const Demand d = sample(in);
    const double multiple = equations::operations_multiple(true, in.activation_recomputation);
    w.step("attention_operations", "k * attention(S) * D / S",
           {{"k", multiple}, {"attention(S)", d.attention}, {"D", in.tokens}, {"S", in.tokens / samples(in)}},
           out.attention_operations);
    w.step("operations", "k * (linear + logits + attention)(S) * D / S",
           {{"k", multiple},
            {"linear", d.linear},
            {"logits", d.logits},
            {"attention", d.attention},
            {"D", in.tokens},
            {"S", in.tokens / samples(in)}},
           out.operations, "Chowdhery 2022");
  }

 private:
  /// The forward pass of one sample; a model whose unit is no token is counted by its own units.
  static double tokens_of_sample(const Inputs& in) { return in.workload->unit() == WorkUnit::sample ? 1 : in.sequence_length; }
  static double samples(const Inputs& in) { return in.tokens / tokens_of_sample(in); }
  static Demand sample(const Inputs& in) {
    return in.workload->demand({.phase = Phase::training, .batch = 1, .new_tokens = tokens_of_sample(in)});
  }
};

}  // namespace ironlaw::training
