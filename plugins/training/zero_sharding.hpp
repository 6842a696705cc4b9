#pragma once
#include <ironlaw/equations/training_memory.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

namespace ironlaw::training {

/// What each stage of ZeRO leaves on a rank, and what it sends.
struct ZeroSharding {
  static constexpr auto about = Solver::About{"zero_sharding", "Training state on one rank and traffic of a step at a ZeRO stage",
                                              "Rajbhandari 2020, 'ZeRO: memory optimizations', SC20"};

  struct Inputs {
    Information weights = required;
    Information gradients = required;
    Information optimizer_state = required;
    double data_parallel = required;
    int zero_stage = 0;
  };

  struct Outputs {
    Information state;
    Information weights;
    Information gradients;
    Information optimizer_state;
    Information traffic;
    double traffic_multiple;
  };

  static constexpr auto inputs =
      ports(port<&Inputs::weights>("weights of the model", positive).display("GB"),
            port<&Inputs::gradients>("gradients of the model", non_negative).display("GB"),
            port<&Inputs::optimizer_state>("optimizer state of the model", non_negative).display("GB"),
            port<&Inputs::data_parallel>("replicas that share them", at_least_one).whole(),
            port<&Inputs::zero_stage>("0 nothing is shared, 1 optimizer, 2 and gradients, 3 and weights", between(0, 3)));

  static constexpr auto outputs = ports(
      port<&Outputs::state>("all of it on one rank").display("GB"), port<&Outputs::weights>("weights on one rank").display("GB"),
      port<&Outputs::gradients>("gradients on one rank").display("GB"),
      port<&Outputs::optimizer_state>("optimizer state on one rank").display("GB"),
      port<&Outputs::traffic>("bytes that pass a rank in a step, for many ranks").display("GB"),
      port<&Outputs::traffic_multiple>("the same over an all-reduce of as many gradients as weights"));

  static Outputs solve(const Inputs& in) {
    const auto state = equations::zero_sharded(equations::TrainingState{in.weights, in.gradients, in.optimizer_state},
                                               in.zero_stage, in.data_parallel);
    const bool gathers = in.zero_stage == 3;
    return {state.total(),
            state.weights,
            state.gradients,
            state.optimizer,
            gathers ? 2.0 * in.weights + in.gradients : 2.0 * in.gradients,
            gathers ? 1.5 : 1};
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const double n = in.data_parallel;
    w.step("weights", in.zero_stage >= 3 ? "W / n" : "W", {{"W", in.weights}, {"n", n}}, out.weights, "Rajbhandari 2020");
    w.step("gradients", in.zero_stage >= 2 ? "G / n" : "G", {{"G", in.gradients}, {"n", n}}, out.gradients, "Rajbhandari 2020");
    w.step("optimizer_state", in.zero_stage >= 1 ? "O / n" : "O", {{"O", in.optimizer_state}, {"n", n}}, out.optimizer_state,
           "Rajbhandari 2020");
    w.step("state", "weights + gradients + optimizer_state",
           {{"weights", out.weights}, {"gradients", out.gradients}, {"optimizer_state", out.optimizer_state}}, out.state);
    w.step("traffic", in.zero_stage == 3 ? "2 * W + G" : "2 * G", {{"W", in.weights}, {"G", in.gradients}}, out.traffic,
           "Rajbhandari 2020");
    w.step("traffic_multiple", in.zero_stage == 3 ? "3 / 2" : "2 / 2", {}, out.traffic_multiple, "Rajbhandari 2020");
  }
};

}  // namespace ironlaw::training
