#pragma once
#include <ironlaw/sdk.hpp>

#include <cmath>

using namespace ironlaw;

enum class PrefillParallelism { none, inter_operator, intra_operator };

/// Prefill and decoding on instances of their own: requests wait for a prefill instance as in an M/D/1 queue (Zhong et al. 2024,
/// 'DistServe', OSDI, eqs. 1 to 3), and decoding guesses tokens with a draft model (Leviathan et al. 2023, ICML, eqs. 1 and 5).
struct DisaggregatedQueue {
  static constexpr auto about =
      Solver::About{"disaggregated_queue", "Latency of disaggregated serving, with speculative decoding",
                    "Zhong et al. 2024, OSDI; Leviathan et al. 2023, ICML"};
  struct Inputs {
    RequestRate request_rate = required;
    Time prefill_time = required;
    Time decode_time = required;
    PrefillParallelism prefill_parallelism = PrefillParallelism::none;
    double speedup = 2;
    double acceptance = 0;
    int draft_tokens = 0;
    double draft_cost = 0;
    double output_tokens = 256;
    Time kv_transfer = 0.0 * units::second;
  };
  struct Outputs {
    double utilisation;
    Time ttft;
    double tokens_per_step;
    Time tpot;
    Time latency;
  };
  static constexpr auto inputs =
      ports(port<&Inputs::request_rate>("requests that arrive", positive),
            port<&Inputs::prefill_time>("one prompt alone on one device", positive).display("ms"),
            port<&Inputs::decode_time>("one step of decoding of the target model", positive).display("ms"),
            port<&Inputs::prefill_parallelism>("how two devices share a prompt"),
            port<&Inputs::speedup>("of intra-operator parallelism over two devices", between(1, 2)),
            port<&Inputs::acceptance>("chance that a guessed token is accepted", between(0, 0.999)),
            port<&Inputs::draft_tokens>("tokens guessed a step", between(0, 64)),
            port<&Inputs::draft_cost>("a step of the draft model over one of the target", fraction),
            port<&Inputs::output_tokens>("tokens of an answer", at_least_one),
            port<&Inputs::kv_transfer>("cache from prefill to decoding", non_negative).display("ms"));
  static constexpr auto outputs = ports(port<&Outputs::utilisation>("share of the time that prefill is busy"),
                                        port<&Outputs::ttft>("mean time to the first token").display("ms"),
                                        port<&Outputs::tokens_per_step>("tokens that a step of the target yields"),
                                        port<&Outputs::tpot>("mean time of a token after the first").display("ms"),
                                        port<&Outputs::latency>("of a whole answer").display("s"));

  static Outputs solve(const Inputs& in) {
    const double rate = in.request_rate.value();
    const double alone = in.prefill_time.value();
    const double k = in.speedup;
    double busy = rate * alone;
    double ttft = alone;
    if (in.prefill_parallelism == PrefillParallelism::none) {
      ttft += busy * alone / (2 * (1 - busy));
    } else if (in.prefill_parallelism == PrefillParallelism::inter_operator) {
      ttft += busy * alone / (4 * (2 - busy));
      busy /= 2;
    } else {
      ttft = alone / k + busy * alone / (2 * k * (k - busy));
      busy /= k;
    }
    if (!(busy < 1)) throw DomainError("request_rate", "is more than prefill can serve: the queue grows without end");
    const double guesses = in.draft_tokens;
    const double tokens = (1 - std::pow(in.acceptance, guesses + 1)) / (1 - in.acceptance);
    const Time tpot = in.decode_time * ((guesses * in.draft_cost + 1) / tokens);
    const Time first = ttft * units::second + in.kv_transfer;
    return {busy, first, tokens, tpot, first + (in.output_tokens - 1) * tpot};
  }
};
