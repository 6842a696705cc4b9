#pragma once
// What solvers of serving under load answer, and what their loads must say.
#include <ironlaw/sdk/limits.hpp>

#include "load_inputs.hpp"

namespace ironlaw::estimates {

/// Outputs that `serving_engine`, `serving_replay` and `serving_pools` share. Times are absent where the load is more than the
/// engine carries.
struct ServingOutputs {
  Maybe<Time> ttft, ttft_p50, ttft_p90, ttft_p99;
  Maybe<Time> tpot, tpot_p50, tpot_p90, tpot_p99;
  Maybe<Time> itl, itl_p50, itl_p90, itl_p99;
  Maybe<Time> request_latency, request_latency_p50, request_latency_p90, request_latency_p99;
  RequestRate request_throughput{};
  TokenRate input_throughput{};
  TokenRate output_throughput{};
  TokenRate throughput_per_device{};
  Maybe<TokenRate> throughput_per_user;
  double decoding_sequences = 0;
  double prompt_share = 0;
};
inline constexpr auto serving_outputs = ports(
    port<&ServingOutputs::ttft>("time to first token, mean").display("ms"),
    port<&ServingOutputs::ttft_p50>("its median").display("ms"),
    port<&ServingOutputs::ttft_p90>("that 90 % stay below").display("ms"),
    port<&ServingOutputs::ttft_p99>("that 99 % stay below").display("ms"),
    port<&ServingOutputs::tpot>("time per output token after the first, mean").display("ms"),
    port<&ServingOutputs::tpot_p50>("its median over requests").display("ms"),
    port<&ServingOutputs::tpot_p90>("that 90 % of the requests stay below").display("ms"),
    port<&ServingOutputs::tpot_p99>("that 99 % of the requests stay below").display("ms"),
    port<&ServingOutputs::itl>("gap between two deliveries to a user, mean").display("ms"),
    port<&ServingOutputs::itl_p50>("its median").display("ms"),
    port<&ServingOutputs::itl_p90>("that 90 % stay below").display("ms"),
    port<&ServingOutputs::itl_p99>("that 99 % stay below").display("ms"),
    port<&ServingOutputs::request_latency>("from arrival to last token, mean").display("s"),
    port<&ServingOutputs::request_latency_p50>("its median").display("s"),
    port<&ServingOutputs::request_latency_p90>("that 90 % stay below").display("s"),
    port<&ServingOutputs::request_latency_p99>("that 99 % stay below").display("s"),
    port<&ServingOutputs::request_throughput>("of all replicas; beyond the capacity, the capacity").display("request/s"),
    port<&ServingOutputs::input_throughput>("tokens of prompts, cached ones among them, of all replicas").display("token/s"),
    port<&ServingOutputs::output_throughput>("tokens of answers, of all replicas").display("token/s"),
    port<&ServingOutputs::throughput_per_device>("tokens of answers").display("token/s"),
    port<&ServingOutputs::throughput_per_user>("one over the mean time per output token").display("token/s"),
    port<&ServingOutputs::decoding_sequences>("in a replica, mean"),
    port<&ServingOutputs::prompt_share>("iterations that hold prompts", fraction));

/// Who answers: engines that are at work in the mean, alike, with prompts and answers of so many tokens.
struct Answering {
  double at_work = 1;
  double engines = 1;  ///< those without a request among them
  double devices = 1;  ///< of an engine
  double prompt_tokens = 1;
  double output_tokens = 1;
};

/// Fills in what an answer of one replica says. `reported`: how much later than its making a first token is seen.
inline void report(const load::Answer& a, const Answering& by, Time reported, ServingOutputs& out) {
  out.request_throughput = a.throughput.value() * by.at_work * units::request / units::second;
  out.input_throughput = out.request_throughput * (by.prompt_tokens * units::token / units::request);
  out.output_throughput = a.throughput.value() * by.at_work * by.output_tokens * units::token / units::second;
  out.throughput_per_device = out.output_throughput / (by.engines * by.devices);
  out.decoding_sequences = a.decoding * (by.at_work / by.engines);
  out.prompt_share = std::min(1.0, a.prompt_share);
  if (!a.stable) return;
  const auto fill = [](const load::Spread& s, Time later, Maybe<Time>& mean, Maybe<Time>& p50, Maybe<Time>& p90,
                       Maybe<Time>& p99) {
    mean = s.mean + later;
    p50 = s.p50 + later;
    p90 = s.p90 + later;
    p99 = s.p99 + later;
  };
  fill(a.ttft, reported, out.ttft, out.ttft_p50, out.ttft_p90, out.ttft_p99);
  fill(a.tpot, {}, out.tpot, out.tpot_p50, out.tpot_p90, out.tpot_p99);
  fill(a.itl, {}, out.itl, out.itl_p50, out.itl_p90, out.itl_p99);
  fill(a.request, {}, out.request_latency, out.request_latency_p50, out.request_latency_p90, out.request_latency_p99);
  out.throughput_per_user = 1.0 * units::token / a.tpot.mean;
}

inline constexpr auto one_load = rule("give one of users (a closed loop) and request_rate (an open one)",
                                      [](const LoadInputs& in) { return in.users.has_value() != in.request_rate.has_value(); });
inline constexpr auto waves_of_users = rule("waves are of users: a benchmark of an open loop is not told",
                                            [](const LoadInputs& in) { return in.users || !in.waves; });

}  // namespace ironlaw::estimates
