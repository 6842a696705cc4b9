#pragma once
#include <ironlaw/equations/training.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// Arithmetic of a whole training run.
struct TrainingOperations {
  static constexpr auto about =
      Solver::About{"training_operations", "Operations of a whole training run, by parameters and tokens",
                    "Kaplan 2020, 'Scaling laws for neural language models'"};

  struct Inputs {
    double parameters = required;
    double tokens = required;
    bool activation_recomputation = false;
  };

  struct Outputs {
    Operations operations;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::parameters>("parameters that each token passes through", positive),
            port<&Inputs::tokens>("tokens to train on", non_negative),
            port<&Inputs::activation_recomputation>("recompute activations in the backward pass: one more forward"));

  static constexpr auto outputs = ports(port<&Outputs::operations>("operations of the run"));

  static Outputs solve(const Inputs& in) {
    return {equations::training_operations(in.parameters, in.tokens, in.activation_recomputation)};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("operations", in.activation_recomputation ? "8 * P * D" : "6 * P * D", {{"P", in.parameters}, {"D", in.tokens}},
           out.operations, "Kaplan 2020");
  }
};

}  // namespace ironlaw::training
