#pragma once
#include <ironlaw/sdk.hpp>

#include <cmath>

using namespace ironlaw;

enum class PrefillParallelism { none, inter_operator, intra_operator };

/// Prefill and decoding on instances of their own: prompts wait for prefill as in an M/D/1 queue (Zhong et al. 2024, 'DistServe',
/// OSDI, equations 1 to 3), or, where their lengths are given, as in an M/G/1 queue (Pollaczek 1930, Khinchine 1932); decoding
/// guesses tokens with a draft model (Leviathan, Kalman and Matias 2023, ICML, equations 1 and theorem 3.8).
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
    Series<Tokens> prompts{};
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
            port<&Inputs::prefill_time>("a prompt alone on one device, or the mean of the prompts", positive).display("ms"),
            port<&Inputs::decode_time>("a step of decoding of the target model", positive).display("ms"),
            port<&Inputs::prefill_parallelism>("how two devices share a prompt"),
            port<&Inputs::speedup>("of two devices over one where they share each operator", between(1, 2)),
            port<&Inputs::prompts>("lengths of prompts as they come", positive).over("request").length(1, 100000).optional(),
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
  static constexpr auto monotone = promises(rises<&Outputs::ttft, &Inputs::kv_transfer>);

  static Outputs solve(const Inputs& in) {
    const double alone = in.prefill_time.value();
    const double load = in.request_rate.value() * alone;
    const double k = in.speedup;
    const double spread = second_moment(in.prompts);
    double busy = load;
    double ttft = 0;
    if (in.prefill_parallelism == PrefillParallelism::none) {
      ttft = alone + spread * load * alone / (2 * (1 - load));
    } else if (in.prefill_parallelism == PrefillParallelism::inter_operator) {
      busy = load / 2;
      ttft = alone + spread * load * alone / (4 * (2 - load));
    } else {
      busy = load / k;
      ttft = alone / k + spread * load * alone / (2 * k * (k - load));
    }
    if (!(busy < 1)) throw DomainError("request_rate", "is more than prefill can serve: the queue grows without end");
    const double guesses = in.draft_tokens;
    const double tokens = (1 - std::pow(in.acceptance, guesses + 1)) / (1 - in.acceptance);
    const Time tpot = in.decode_time * ((guesses * in.draft_cost + 1) / tokens);
    const Time first = ttft * units::second + in.kv_transfer;
    return {busy, first, tokens, tpot, first + (in.output_tokens - 1) * tpot};
  }

 private:
  /// Of the prompts over the square of their mean: 1 where they are of one length.
  static double second_moment(const Series<Tokens>& prompts) {
    if (prompts.size() == 0) return 1;
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < prompts.size(); ++i) {
      const double tokens = prompts[i].value();
      sum += tokens;
      squares += tokens * tokens;
    }
    return squares * static_cast<double>(prompts.size()) / (sum * sum);
  }
};
