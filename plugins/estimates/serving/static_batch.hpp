#pragma once
#include <ironlaw/sdk/solver_adapter.hpp>

#include "iteration_parts.hpp"

namespace ironlaw::estimates {

/// A batch of requests that start and end together: prompts first, then a token a step. One request is a single stream.
struct StaticBatch {
  static constexpr auto about =
      Solver::About{"static_batch", "Time of a batch of requests that start and end together, or of a single stream",
                    "laws of kernels as in iteration; Pope 2022; micro-batches: FasterTransformer 2023"};
  using Given = IterationGiven;
  using Facts = IterationFacts;
  struct Inputs : IterationGiven {
    double batch_size = 1;
    double prompt_tokens = 0;
    double output_tokens = 1;
    Maybe<double> micro_batch;
    double micro_batch_tokens = 1024;
    double pipeline_gain = 0.56;
    Maybe<double> band_quantile;
  };
  struct Outputs {
    Time prompt_time;
    Maybe<Time> prompt_time_low;
    Maybe<Time> prompt_time_high;
    Time tpot;
    Maybe<Time> tpot_low;
    Maybe<Time> tpot_high;
    Time request_latency;
    Maybe<Time> request_latency_low;
    Maybe<Time> request_latency_high;
    Maybe<TokenRate> prompt_throughput;
    TokenRate decode_throughput;
    double prompt_passes;
    double decode_groups;
    Maybe<double> outside_record;
    double record_edge = 1;
    equations::TimeParts prompt;
    equations::TimeParts token;
  };
  static constexpr auto inputs = ports(
      iteration_given, port<&Inputs::batch_size>("requests", at_least_one).whole(),
      port<&Inputs::prompt_tokens>("tokens of each prompt", non_negative),
      port<&Inputs::output_tokens>("tokens that each request generates, the first by its prompt's pass", at_least_one),
      port<&Inputs::micro_batch>("tokens of prompts that pass together; left out: the stack's, else all", at_least_one)
          .refinement(),
      port<&Inputs::micro_batch_tokens>("tokens that a group of requests may hold, where pipeline stages share out the batch",
                                        at_least_one)
          .refinement(),
      port<&Inputs::pipeline_gain>("share of the ideal gain of micro-batches over stages that is reached", fraction).refinement(),
      band_port<&Inputs::band_quantile>());
  static constexpr auto outputs = ports(
      port<&Outputs::prompt_time>("time of all prompts: to the first token").with_band().display("ms"),
      port<&Outputs::prompt_time_low>("a tenth of measured prompts take less; absent where there is no band").display("ms"),
      port<&Outputs::prompt_time_high>("a tenth take more").display("ms"),
      port<&Outputs::tpot>("time of a token after the first, at the mean context").with_band().display("ms"),
      port<&Outputs::tpot_low>("a tenth of measured batches take less; absent where there is no band").display("ms"),
      port<&Outputs::tpot_high>("a tenth take more").display("ms"),
      port<&Outputs::request_latency>("from the start to the last token").with_band().display("ms"),
      port<&Outputs::request_latency_low>("with prompts and tokens at the lower ends of their bands").display("ms"),
      port<&Outputs::request_latency_high>("with both at the upper ends").display("ms"),
      port<&Outputs::prompt_throughput>("prompt tokens over their time; absent where there is no prompt").display("token/s"),
      port<&Outputs::decode_throughput>("tokens of all requests over the time of one").display("token/s"),
      port<&Outputs::prompt_passes>("passes that the prompts are dealt out to"),
      port<&Outputs::decode_groups>("groups of requests that the stages work on in turn"),
      port<&Outputs::outside_record>(
          "how far rows or keys lie outside what the records were fitted on; absent where they do not"),
      port<&Outputs::record_edge>("1, the edge of that range"), group<&Outputs::prompt>(equations::time_part_ports),
      group<&Outputs::token>(equations::time_part_ports));
  static constexpr auto limits =
      ironlaw::limits(soft<&Outputs::outside_record, &Outputs::record_edge>(
                          "software: record range", "a record was fitted on other sizes; the law goes on, its error is not known",
                          "rows and keys within from and to of every record"),
                      equations::part_limits<&Outputs::prompt, &Outputs::prompt_time>(equations::of_prompt),
                      equations::part_limits<&Outputs::token, &Outputs::tpot>());

  static Facts facts(const Given& in) { return iteration_facts(in); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }

  /// Requests of a group: a stage's share of the batch where that is whole, halved while it holds too many tokens.
  static double group_of(double batch, double tokens, double stages, double limit) {
    if (stages <= 1) return batch;
    double group = std::fmod(batch, stages) == 0 ? batch / stages : batch;
    while (group * tokens > limit && std::fmod(group, 2) == 0) group /= 2;
    return group;
  }
  /// Of prompts, else that of decoding.
  static const ServingBand& prompt_band(const Facts& f) { return f.batch_prompt.stands() ? f.batch_prompt : f.batch_decode; }
  /// The iteration that gives each request of a group its next token, at the mean context.
  static IterationInputs decode_step(const Inputs& in, const Facts& f) {
    IterationInputs step;
    static_cast<IterationGiven&>(step) = in;
    step.decoding_sequences = group_of(in.batch_size, 1, f.stages, in.micro_batch_tokens);
    step.context = in.prompt_tokens + in.output_tokens / 2;
    return step;
  }
  static Outputs solve(const Inputs& in, const Facts& f) {
    IterationInputs pass;
    static_cast<IterationGiven&>(pass) = in;
    Outputs out{};
    if (in.prompt_tokens > 0) {
      prompts(in, f, pass, out);
      out.prompt_time += f.stack.first_call;
      out.prompt.overhead += f.stack.first_call;
    }
    const IterationInputs step = decode_step(in, f);
    out.decode_groups = in.batch_size / step.decoding_sequences;
    double outside = std::max(f.product_rows.outside(step.decoding_sequences / f.data), f.decode_keys.outside(step.context));
    if (in.prompt_tokens > 0)
      outside = std::max({outside, f.product_rows.outside(pass.prompt_tokens / f.data),
                          f.prompt_keys.outside(pass.cached_tokens + pass.prompt_tokens / pass.prompts)});
    if (outside > 1) out.outside_record = outside;
    const double turns = std::max(f.stages, out.decode_groups) / f.stages;
    out.tpot = iteration_time(f, step).total * turns;
    out.token = turns * f.batch_decode.factor(in.band_quantile) * iteration_parts(f, step);
    out.tpot_low = f.batch_decode.low_of(out.tpot);
    out.tpot_high = f.batch_decode.high_of(out.tpot);
    const auto latency = [&](Time prompt, Time token) { return prompt + (in.output_tokens - 1) * token; };
    if (f.batch_prompt.low) {
      out.prompt_time_low = f.batch_prompt.low_of(out.prompt_time);
      out.prompt_time_high = f.batch_prompt.high_of(out.prompt_time);
    }
    // One factor for both, as where prompts have no band of their own: a machine that is slow at one is so at the other.
    if (out.tpot_low) {
      out.request_latency_low = latency(out.prompt_time_low.value_or(*f.batch_decode.low_of(out.prompt_time)), *out.tpot_low);
      out.request_latency_high = latency(out.prompt_time_high.value_or(*f.batch_decode.high_of(out.prompt_time)), *out.tpot_high);
    }
    out.tpot *= f.batch_decode.factor(in.band_quantile);
    out.prompt_time *= prompt_band(f).factor(in.band_quantile);
    out.prompt = prompt_band(f).factor(in.band_quantile) * out.prompt;
    out.request_latency = latency(out.prompt_time, out.tpot);
    out.decode_throughput = in.batch_size * units::token / out.tpot;
    if (in.prompt_tokens > 0) out.prompt_throughput = in.batch_size * in.prompt_tokens * units::token / out.prompt_time;
    return out;
  }

  /// Either the requests are dealt out to stages in groups, or the tokens pass in micro-batches, those of one prompt in order.
  static void prompts(const Inputs& in, const Facts& f, IterationInputs& pass, Outputs& out) {
    const double p = f.stages;
    pass.decoding_sequences = 0;
    const double all = in.batch_size * in.prompt_tokens;
    const double chunk = in.micro_batch.value_or(f.stack.micro_batch.value_or(all));
    if (chunk >= all) {
      const double group = group_of(in.batch_size, in.prompt_tokens, p, in.micro_batch_tokens);
      const double groups = in.batch_size / group;
      pass.prompt_tokens = group * in.prompt_tokens;
      pass.prompts = group;
      out.prompt_passes = groups;
      const double turns = (p + groups - 1) / p;
      out.prompt_time = iteration_time(f, pass).total * turns;
      out.prompt = turns * iteration_parts(f, pass);
      return;
    }
    out.prompt_passes = std::ceil(all / chunk);
    Time sum{};
    for (double done = 0; done < all; done += chunk) {
      pass.prompt_tokens = std::min(chunk, all - done);
      pass.prompts = std::max(1.0, pass.prompt_tokens / in.prompt_tokens);
      pass.cached_tokens = in.prompt_tokens > chunk ? std::fmod(done, in.prompt_tokens) : 0;
      sum += iteration_time(f, pass).total;
      out.prompt = out.prompt + iteration_parts(f, pass);
    }
    const double k = out.prompt_passes;
    const double overlapped = 1 - in.pipeline_gain * (1 - (k + p - 1) / (k * p));
    out.prompt_time = sum * overlapped;
    out.prompt = overlapped * out.prompt;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w);
};

}  // namespace ironlaw::estimates

#include "static_batch_working.hpp"
