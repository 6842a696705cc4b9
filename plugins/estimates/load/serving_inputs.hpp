#pragma once
// What is asked of `serving_engine` and `serving_replay`: an engine under a load.
#include "../serving/iteration_inputs.hpp"
#include "engine_limits.hpp"
#include "load_inputs.hpp"
#include "memory_rule.hpp"
#include "modelled_iteration.hpp"
#include "replica_memory.hpp"

namespace ironlaw::estimates {

/// An engine of one layout, and its rules.
struct ServingGiven : IterationGiven, EngineLimits {
  Maybe<PromptOrder> prompt_order;
  Maybe<Admission> admission;
  Maybe<double> cache_block_tokens;
  Maybe<Information> graph_memory;
  Information runtime_memory = 1.0 * units::gigabyte;
  LengthSpread length_spread = LengthSpread::lognormal;
  bool random_delays = true;
};
inline constexpr auto serving_given = ports(
    iteration_given,
    port<&ServingGiven::prompt_order>("prompts in chunks beside decoding, or before it; left out: the stack's, else mixed"),
    port<&ServingGiven::admission>("what a slot needs: memory for what a request holds, for all that it will hold, or a ratio; "
                                   "left out: the stack's, else held"),
    engine_limits,
    port<&ServingGiven::cache_block_tokens>("tokens of a block of cache; left out: the stack's, else 16", at_least_one)
        .refinement()
        .whole(),
    port<&ServingGiven::graph_memory>("captured graphs of a device; left out: the stack's, else none", non_negative)
        .refinement()
        .display("GB"),
    port<&ServingGiven::runtime_memory>("of each device, for the engine's own", non_negative).refinement().display("GB"),
    port<&ServingGiven::length_spread>("how lengths spread around their mean").refinement(),
    port<&ServingGiven::random_delays>("whether users' delays vary by more than an iteration; else users who start together "
                                       "stay in step")
        .refinement());

/// Replicas of one layout under a load.
struct ServingInputs : ServingGiven, LoadInputs {
  using Given = ServingGiven;
  double replicas = 1;
};
inline constexpr auto serving_inputs =
    ports(length_ports, serving_given,
          port<&ServingInputs::replicas>("engines that share the load evenly", between(1, 1e6)).whole(), load_ports);

/// What rows share.
struct ServingFacts {
  IterationFacts iteration;
  ReplicaMemory memory;
  DeviceMemory device;
  PromptOrder order{};
  Admission admission{};
  double token_budget = 0;
  double most_sequences = 0;     ///< of a replica
  double first_token_delay = 0;  ///< iterations
  Time first_token_time{};
  Maybe<double> context_length;
  double devices = 1;  ///< of a replica
};

/// What the ports say, else the stack, else the law: 0.9 of the device less everything else, in blocks of 16 tokens.
inline MemoryRule memory_rule(const ServingGiven& in, double token_budget) {
  static const EngineMemory none{};
  const EngineMemory* recorded = in.software_stack != nullptr ? in.software_stack->facet<EngineMemory>() : nullptr;
  const EngineMemory& stack = recorded != nullptr ? *recorded : none;
  MemoryRule m;
  m.rule = stack.cache_rule.value_or(CacheRule::share_of_device);
  m.share = in.memory_share;
  if (!m.share && m.rule != CacheRule::set_aside)
    m.share = in.software_stack != nullptr ? in.software_stack->memory_share.value_or(0.9) : 0.9;
  m.graphs = in.graph_memory.value_or(stack.graph_memory.value_or(Information{}));
  m.runtime = in.runtime_memory;
  m.set_aside = detail::set_aside(stack, in, token_budget);
  m.block_tokens = in.cache_block_tokens.value_or(stack.cache_block_tokens.value_or(16));
  return m;
}

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
  const MemoryRule rule = memory_rule(in, f.token_budget);
  f.memory.cache.block_tokens = rule.block_tokens;
  f.device = device_memory(rule, in.hardware->memory().capacity, f.memory.weights, f.memory.workspace);
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
  const Information free = std::max(0.1 * units::gigabyte, f.device.cache);
  const double sequences = free / f.memory.cache.of(tokens) * f.iteration.data;
  return {&iteration, sequences * tokens, f.iteration.data, f.token_budget, f.most_sequences, f.order, f.admission, 0};
}

}  // namespace ironlaw::estimates
