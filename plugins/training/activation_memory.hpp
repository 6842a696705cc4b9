#pragma once
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// Activations of a transformer stack on one device, from its dimensions alone.
struct ActivationMemory {
  using Strategy = equations::ActivationStrategy;

  static constexpr auto about =
      Solver::About{"activation_memory", "Activations that a transformer keeps for its backward pass",
                    "Korthikanti 2022, 'Reducing activation recomputation in large transformer models'"};

  struct Inputs {
    double layers = required;
    double hidden_size = required;
    Maybe<double> heads = absent;
    double sequence_length = required;
    double batch_size = 1;
    Strategy strategy = Strategy::selective;
    Precision precision = Precision::fp16;
  };

  struct Outputs {
    Information size;
  };

  static constexpr auto inputs = ports(port<&Inputs::layers>("layers of the stack", at_least_one).whole(),
                                       port<&Inputs::hidden_size>("width of the residual stream", at_least_one).whole(),
                                       port<&Inputs::heads>("query heads a layer, for strategy none", at_least_one).whole(),
                                       port<&Inputs::sequence_length>("tokens of a sample", at_least_one).whole(),
                                       port<&Inputs::batch_size>("samples of a microbatch", at_least_one).whole(),
                                       port<&Inputs::strategy>("what is recomputed: nothing, attention scores, or whole layers"),
                                       port<&Inputs::precision>("number format of the activations"));

  static constexpr auto outputs = ports(port<&Outputs::size>("bytes kept"));

  static constexpr auto rules =
      ironlaw::rules(rule("strategy = none needs heads: attention scores grow with them",
                          [](const Inputs& in) { return in.strategy != Strategy::none || in.heads.has_value(); }));

  static Outputs solve(const Inputs& in) {
    return {equations::activation_memory(in.strategy, in.layers, in.hidden_size, in.heads.value_or(0), in.sequence_length,
                                         in.batch_size, bytes_per_element(in.precision))};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    w.step("size",
           in.strategy == Strategy::full        ? "L * b / 2 * 2 * S * B * h"
           : in.strategy == Strategy::selective ? "L * b / 2 * 34 * S * B * h"
                                                : "L * b / 2 * (34 * S * B * h + 5 * a * S^2 * B)",
           {{"L", in.layers},
            {"b", bytes_per_element(in.precision)},
            {"S", in.sequence_length},
            {"B", in.batch_size},
            {"h", in.hidden_size},
            {"a", in.heads}},
           out.size, "Korthikanti 2022");
  }
};

}  // namespace ironlaw::training
