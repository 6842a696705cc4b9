#pragma once
// The load that a serving engine, or pools of them, is asked to carry, and how its requests look.
#include <ironlaw/sdk/band.hpp>
#include <ironlaw/sdk/limits.hpp>
#include <ironlaw/sdk/ports.hpp>

#include "open_loop.hpp"

namespace ironlaw::estimates {

/// How lengths spread around their mean.
enum class LengthSpread { lognormal, uniform };

/// The load and its requests: the numbers of a row. Either `users` or `request_rate` is given.
struct LoadInputs {
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
inline constexpr auto length_ports = ports(port<&LoadInputs::prompt_tokens>("mean tokens of a prompt", at_least_one),
                                           port<&LoadInputs::output_tokens>("mean tokens of an answer", at_least_one));
inline constexpr auto load_ports = ports(
    port<&LoadInputs::users>("of a closed loop, of all replicas: each sends a request when the last one is answered; fewer than "
                             "replicas leave some idle",
                             at_least_one)
        .whole(),
    port<&LoadInputs::request_rate>("of an open loop, of all replicas", positive).display("request/s"),
    port<&LoadInputs::arrival_variation>("deviation over mean of the times between arrivals; 1: Poisson", between(0.1, 10))
        .refinement(),
    port<&LoadInputs::think_time>("of a user, between an answer and the next request", non_negative),
    port<&LoadInputs::waves>("requests of each user from a cold start, as benchmarks send them; left out: the long run",
                             at_least_one)
        .whole(),
    port<&LoadInputs::prompt_variation>("deviation over mean of prompt lengths; 0: all alike", between(0, 5)).refinement(),
    port<&LoadInputs::output_variation>("deviation over mean of answer lengths; 0: all alike", between(0, 5)).refinement(),
    port<&LoadInputs::prefix_hit_rate>("share of a prompt's tokens that the cache already holds", between(0, 0.99)),
    port<&LoadInputs::drafted_tokens>("tokens drafted a sequence and checked together", between(0, 8)).whole(),
    port<&LoadInputs::acceptance>("chance that a drafted token is kept, given that those before it were", between(0, 1)),
    port<&LoadInputs::first_token_delay>("iterations until a user sees the first token; left out: the stack's", non_negative)
        .refinement(),
    port<&LoadInputs::first_token_time>("until a user sees the first token, beside that; left out: the stack's", non_negative)
        .refinement(),
    band_port<&LoadInputs::band_quantile>());

/// Tokens that an iteration gives a sequence: one, and those of the drafted that are kept.
constexpr double tokens_a_step(double drafted, double acceptance) {
  double sum = 1, kept = 1;
  for (double i = 0; i < drafted; ++i) sum += kept *= acceptance;
  return sum;
}

/// A row as the equations of load take it.
inline load::Lengths lengths_of(double mean, double variation, LengthSpread spread, double longest) {
  if (spread == LengthSpread::uniform) return load::Lengths::uniform(mean, std::min(1.0, variation * std::sqrt(3.0)));
  return load::Lengths::lognormal(mean, variation, longest);
}
inline load::Traffic traffic_of(const LoadInputs& in, LengthSpread spread, const Maybe<double>& context_length) {
  const double longest = context_length.value_or(1e9);
  return {lengths_of(in.prompt_tokens, in.prompt_variation, spread, longest),
          lengths_of(in.output_tokens, in.output_variation, spread, longest), in.prefix_hit_rate,
          tokens_a_step(in.drafted_tokens, in.acceptance)};
}
/// Users of an engine where `engines` share them: each has its mean, but no fewer than one. With fewer users than engines some
/// have none, as a router sends each to an engine that is free, and `at_work` is how many have one.
struct SharedUsers {
  double of_engine;
  double at_work;
};
inline SharedUsers shared_users(double users, double engines) {
  return {std::max(1.0, users / engines), std::min(users, engines)};
}
/// What arrives at each of `replicas` of an open loop.
inline load::Arrivals arrivals_of(const LoadInputs& in, double replicas) {
  return {*in.request_rate / (1.0 * units::request) / replicas, in.arrival_variation * in.arrival_variation};
}

}  // namespace ironlaw::estimates
