#pragma once
// What is asked of `serving_engine` and `serving_replay`: an engine, its load, and how its requests look.
#include "../serving/iteration_inputs.hpp"
#include "modelled_iteration.hpp"
#include "open_loop.hpp"
#include "replica_memory.hpp"

namespace ironlaw::estimates {

/// How lengths spread around their mean.
enum class LengthSpread { lognormal, uniform };

/// Replicas of one layout, and the rules of their engine.
struct ServingGiven : IterationGiven {
  double replicas = 1;
  Maybe<PromptOrder> prompt_order;
  Maybe<Admission> admission;
  Maybe<double> token_budget;
  Maybe<double> most_sequences;
  Maybe<double> memory_share;
  Information runtime_memory = 1.0 * units::gigabyte;
  LengthSpread length_spread = LengthSpread::lognormal;
  bool random_delays = true;
};
inline constexpr auto serving_given = ports(
    iteration_given, port<&ServingGiven::replicas>("engines that share the load evenly", between(1, 1e6)).whole(),
    port<&ServingGiven::prompt_order>("prompts in chunks beside decoding, or before it; left out: the stack's, else mixed"),
    port<&ServingGiven::admission>("what a slot needs: memory for what a request holds, for all that it will hold, or a ratio; "
                                   "left out: the stack's, else held"),
    port<&ServingGiven::token_budget>("tokens of an iteration and attention rank; left out: the stack's, else 8192",
                                      at_least_one),
    port<&ServingGiven::most_sequences>("sequences in flight in a replica; left out: the stack's, else 1024", at_least_one),
    port<&ServingGiven::memory_share>("share of the device's memory that the engine takes; left out: the stack's, else 0.9",
                                      positive_fraction)
        .refinement(),
    port<&ServingGiven::runtime_memory>("of each device, for the engine's own", non_negative).refinement().display("GB"),
    port<&ServingGiven::length_spread>("how lengths spread around their mean").refinement(),
    port<&ServingGiven::random_delays>("whether users' delays vary by more than an iteration; else users who start together "
                                       "stay in step")
        .refinement());

/// The load and its requests: the numbers of a row. Either `users` or `request_rate` is given.
struct ServingInputs : ServingGiven {
  using Given = ServingGiven;
  Maybe<double> users;
  Maybe<RequestRate> request_rate;
  double arrival_variation = 1;
  Time think_time{};
  Maybe<double> waves;
  double prompt_tokens = required;
  double output_tokens = required;
  double prompt_variation = 0;
  double output_variation = 0;
  double prefix_hit_rate = 0;
  double drafted_tokens = 0;
  double acceptance = 0.61;
  Maybe<double> first_token_delay;
  Maybe<Time> first_token_time;
  Maybe<double> band_quantile;
};
inline constexpr auto serving_inputs = ports(
    port<&ServingInputs::prompt_tokens>("mean tokens of a prompt", at_least_one),
    port<&ServingInputs::output_tokens>("mean tokens of an answer", at_least_one), serving_given,
    port<&ServingInputs::users>("of a closed loop, of all replicas: each sends a request when the last one is answered",
                                at_least_one)
        .whole(),
    port<&ServingInputs::request_rate>("of an open loop, of all replicas", positive).display("request/s"),
    port<&ServingInputs::arrival_variation>("deviation over mean of the times between arrivals; 1: Poisson", between(0.1, 10))
        .refinement(),
    port<&ServingInputs::think_time>("of a user, between an answer and the next request", non_negative),
    port<&ServingInputs::waves>("requests of each user from a cold start, as benchmarks send them; left out: the long run",
                                at_least_one)
        .whole(),
    port<&ServingInputs::prompt_variation>("deviation over mean of prompt lengths; 0: all alike", between(0, 5)).refinement(),
    port<&ServingInputs::output_variation>("deviation over mean of answer lengths; 0: all alike", between(0, 5)).refinement(),
    port<&ServingInputs::prefix_hit_rate>("share of a prompt's tokens that the cache already holds", between(0, 0.99)),
    port<&ServingInputs::drafted_tokens>("tokens drafted a sequence and checked together", between(0, 8)).whole(),
    port<&ServingInputs::acceptance>("chance that a drafted token is kept, given that those before it were", between(0, 1)),
    port<&ServingInputs::first_token_delay>("iterations until a user sees the first token; left out: the stack's", non_negative)
        .refinement(),
    port<&ServingInputs::first_token_time>("until a user sees the first token, beside that; left out: the stack's", non_negative)
        .refinement(),
    band_port<&ServingInputs::band_quantile>());

/// Tokens that an iteration gives a sequence: one, and those of the drafted that are kept.
constexpr double tokens_a_step(double drafted, double acceptance) {
  double sum = 1, kept = 1;
  for (double i = 0; i < drafted; ++i) sum += kept *= acceptance;
  return sum;
}

/// What rows share.
struct ServingFacts {
  IterationFacts iteration;
  ReplicaMemory memory;
  Information usable{};  ///< of a device
  PromptOrder order{};
  Admission admission{};
  double token_budget = 0;
  double most_sequences = 0;
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
  f.most_sequences = in.most_sequences.value_or(stack.most_sequences.value_or(1024));
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
  f.devices = in.tensor_parallel * in.attention_data_parallel * in.pipeline_parallel;
  return f;
}

/// A row as the equations of load take it.
inline load::Lengths lengths_of(double mean, double variation, LengthSpread spread, double longest) {
  if (spread == LengthSpread::uniform) return load::Lengths::uniform(mean, std::min(1.0, variation * std::sqrt(3.0)));
  return load::Lengths::lognormal(mean, variation, longest);
}
inline load::Traffic traffic_of(const ServingInputs& in, const ServingFacts& f) {
  const double longest = f.context_length.value_or(1e9);
  return {lengths_of(in.prompt_tokens, in.prompt_variation, in.length_spread, longest),
          lengths_of(in.output_tokens, in.output_variation, in.length_spread, longest), in.prefix_hit_rate,
          tokens_a_step(in.drafted_tokens, in.acceptance)};
}
/// What arrives at one replica of an open loop.
inline load::Arrivals arrivals_of(const ServingInputs& in) {
  return {*in.request_rate / (1.0 * units::request) / in.replicas, in.arrival_variation * in.arrival_variation};
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
