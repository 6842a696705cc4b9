#pragma once
// What an engine costs beside its kernels: what a port says, else its stack's record, else the law's own constants.
#include <ironlaw/working.hpp>

#include <string>

#include "iteration_inputs.hpp"

namespace ironlaw::estimates {

/// Constants of an iteration beside its kernels. The defaults hold for all engines, models and devices: fitted on the time per
/// output token of 555 serving loops of large mixtures (aiconfigurator-core 0.12.0 end-to-end rows); host time is a round figure.
struct StackConstants {
  Time layer_latency = 5.6 * units::microsecond;
  Time prompt_launch = 157.0 * units::microsecond;
  bool prompt_launch_hidden = false;
  Time recurrent_layer_latency = 52.3 * units::microsecond;
  Time expert_layer_latency{};
  Time quantized_layer_latency{};
  Time barrier = 7.8 * units::microsecond;
  Time host_time = 200.0 * units::microsecond;
  Time sequence_time{};
  Time stage_latency = 12.0 * units::microsecond;
  Dequantize dequantize = Dequantize::overlapped;
  double dequantize_operations = 0;
  Maybe<double> dequantize_rows;
  Maybe<double> micro_batch;
  double time_factor = 1;
  Accumulation accumulation = Accumulation::fp32;
  Time first_call{};
};

inline StackConstants stack_constants(const IterationGiven& in) {
  static const SoftwareStackFacts none{};
  const SoftwareStackFacts& stack = in.software_stack != nullptr ? *in.software_stack : none;
  StackConstants c;
  const auto take = [](Time& to, const Maybe<Time>& given, const Maybe<Time>& recorded) {
    to = given.value_or(recorded.value_or(to));
  };
  take(c.layer_latency, in.layer_latency, stack.layer_latency);
  take(c.prompt_launch, in.prompt_launch, stack.prompt_launch);
  take(c.recurrent_layer_latency, in.recurrent_layer_latency, stack.recurrent_layer_latency);
  take(c.expert_layer_latency, in.expert_layer_latency, stack.expert_layer_latency);
  take(c.quantized_layer_latency, in.quantized_layer_latency, stack.quantized_layer_latency);
  take(c.barrier, in.barrier, stack.barrier);
  take(c.host_time, in.host_time, stack.host_time);
  take(c.sequence_time, in.sequence_time, stack.sequence_time);
  take(c.stage_latency, in.stage_latency, stack.stage_latency);
  c.dequantize = stack.dequantize.value_or(c.dequantize);
  c.dequantize_operations = stack.dequantize_operations.value_or(0);
  c.dequantize_rows = stack.dequantize_rows;
  c.micro_batch = stack.micro_batch;
  c.time_factor = in.time_factor.value_or(stack.time_factor.value_or(1));
  c.accumulation = stack.accumulation.value_or(c.accumulation);
  c.first_call = stack.first_call.value_or(c.first_call);
  c.prompt_launch_hidden = stack.prompt_launches.value_or(PromptLaunch::added) == PromptLaunch::hidden;
  return c;
}

/// Says what stood in for each constant that the question left out.
inline void explain_stack(const IterationGiven& in, const StackConstants& c, Working& w) {
  const std::string source =
      in.software_stack != nullptr ? "software stack " + std::string(in.software_stack->name()) : "the law's own constant";
  const auto say = [&](std::string_view input, bool stated, auto value) {
    if (!stated) w.step(input, "by record", {}, value, source);
  };
  say("layer_latency", in.layer_latency.has_value(), c.layer_latency);
  say("prompt_launch", in.prompt_launch.has_value(), c.prompt_launch);
  say("recurrent_layer_latency", in.recurrent_layer_latency.has_value(), c.recurrent_layer_latency);
  say("expert_layer_latency", in.expert_layer_latency.has_value(), c.expert_layer_latency);
  say("quantized_layer_latency", in.quantized_layer_latency.has_value(), c.quantized_layer_latency);
  say("barrier", in.barrier.has_value(), c.barrier);
  say("host_time", in.host_time.has_value(), c.host_time);
  say("sequence_time", in.sequence_time.has_value(), c.sequence_time);
  say("stage_latency", in.stage_latency.has_value(), c.stage_latency);
  say("time_factor", in.time_factor.has_value(), c.time_factor);
}

}  // namespace ironlaw::estimates
