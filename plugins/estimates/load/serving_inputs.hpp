#pragma once
// What is asked of `serving_engine` and `serving_replay`: an engine under a load.
#include "../serving/iteration_inputs.hpp"
#include "engine_limits.hpp"
#include "load_inputs.hpp"
#include "modelled_iteration.hpp"
#include "replica_memory.hpp"

namespace ironlaw::estimates {

/// Replicas of one layout, and the rules of their engine.
struct ServingGiven : IterationGiven, EngineLimits {
  double replicas = 1;
  Maybe<PromptOrder> prompt_order;
  Maybe<Admission> admission;
  Information runtime_memory = 1.0 * units::gigabyte;
  LengthSpread length_spread = LengthSpread::lognormal;
  bool random_delays = true;
};
inline constexpr auto serving_given = ports(
    iteration_given, port<&ServingGiven::replicas>("engines that share the load evenly", between(1, 1e6)).whole(),
    port<&ServingGiven::prompt_order>("prompts in chunks beside decoding, or before it; left out: the stack's, else mixed"),
    port<&ServingGiven::admission>("what a slot needs: memory for what a request holds, for all that it will hold, or a ratio; "
                                   "left out: the stack's, else held"),
    engine_limits,
    port<&ServingGiven::runtime_memory>("of each device, for the engine's own", non_negative).refinement().display("GB"),
    port<&ServingGiven::length_spread>("how lengths spread around their mean").refinement(),
    port<&ServingGiven::random_delays>("whether users' delays vary by more than an iteration; else users who start together "
                                       "stay in step")
        .refinement());

/// Replicas of one layout under a load.
struct ServingInputs : ServingGiven, LoadInputs {
  using Given = ServingGiven;
};
inline constexpr auto serving_inputs = ports(length_ports, serving_given, load_ports);

/// What rows share.
struct ServingFacts {
  IterationFacts iteration;
  ReplicaMemory memory;
  Information usable{};  ///< of a device
  PromptOrder order{};
  Admission admission{};
  double token_budget = 0;
  double most_sequences = 0;     ///< of a replica
  double first_token_delay = 0;  ///< iterations
  Time first_token_time{};
  Maybe<double> context_length;
  double devices = 1;  ///< of a replica
};

inline ServingFacts serving_facts(const ServingGiven& in) {
  static const SoftwareStackFacts none{};
  const SoftwareStackFacts& stack = in.software_stack != nullptr ? *in.software_stack : none;
  ServingFacts f;
  f.iteration = iteration_facts(in);
  f.order = in.prompt_order.value_or(stack.prompt_order.value_or(PromptOrder::mixed));
  f.admission = in.admission.value_or(stack.admission.value_or(Admission::held));
  f.token_budget = in.token_budget.value_or(stack.token_budget.value_or(8192));
  f.most_sequences = in.most_sequences.value_or(stack.most_sequences.value_or(1024)) * in.attention_data_parallel;
  f.memory = replica_memory(in, f.iteration, f.token_budget);
  f.usable = in.memory_share.value_or(stack.memory_share.value_or(0.9)) *
             (in.hardware->memory().capacity - in.runtime_memory - f.memory.workspace);
  const bool routed = !f.iteration.experts.empty();
  if (routed)
    f.first_token_delay =
        stack.routed_first_delay.value_or(0) + (f.iteration.data > 1 ? stack.data_parallel_delay.value_or(0) : 0);
  else
    f.first_token_time = stack.dense_first_delay.value_or(Time{});
  if (const auto* shape = in.workload->facet<TransformerShape>(); shape != nullptr) f.context_length = shape->context_length;
  f.devices = in.devices();
  return f;
}

/// The engine of one replica. Its cache is counted in tokens of requests as long as these.
inline load::LoadedEngine engine_of(const ServingFacts& f, const load::Traffic& traffic, const load::IterationTime& iteration) {
  const double age = traffic.output.mean() * (1 + traffic.output.squared_variation()) / 2;
  const double tokens = load::tokens_in_flight(traffic.prompt.mean(), age, f.admission);
  const Information free = std::max(0.1 * units::gigabyte, f.usable - f.memory.weights);
  const double sequences = free / f.memory.cache.of(tokens) * f.iteration.data;
  return {&iteration, sequences * tokens, f.iteration.data, f.token_budget, f.most_sequences, f.order, f.admission, 0};
}

}  // namespace ironlaw::estimates
