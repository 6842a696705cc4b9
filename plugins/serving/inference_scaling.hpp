#pragma once
#include <ironlaw/equations/roofline.hpp>

#include "passes.hpp"

namespace ironlaw::serving {

/// What a query costs that thinks in steps before it answers.
struct InferenceScaling {
  static constexpr auto about = Solver::About{"inference_scaling", "Time and energy of a query that reasons in steps",
                                              "Wei 2022; Snell 2024, 'Scaling LLM test-time compute'"};

  /// by_load: idle power, and the rest by the busier of arithmetic and memory. thermal_design_power: all of it throughout.
  enum class EnergyModel { by_load, thermal_design_power };

  using Given = ServedModel;
  using Facts = ServedFacts;
  struct Inputs : Given, DeploymentTerms {
    double reasoning_steps = 8;
    double tokens_per_step = 50;
    double sequence_length = 2048;
    bool growing_cache = true;
    EnergyModel energy_model = EnergyModel::by_load;
    Maybe<Power> default_tdp = absent;
    Maybe<Time> latency_target = absent;
  };

  struct Outputs {
    Time total_reasoning_time;
    Time ttft;
    Time tpot;
    Time time_per_step;
    equations::TimeParts parts;
    double tokens_generated;
    Maybe<Energy> energy_per_query;
    Information total_memory_required;
    Information memory_capacity;
  };

  static constexpr auto inputs = ports(
      deployment_ports, port<&Inputs::reasoning_steps>("steps of reasoning", non_negative).whole(),
      port<&Inputs::tokens_per_step>("tokens that a step generates", at_least_one).whole(),
      port<&Inputs::sequence_length>("tokens of the prompt", at_least_one).whole(),
      port<&Inputs::growing_cache>("generated tokens lengthen the context; false: every step reads the prompt's cache alone")
          .parity(),
      port<&Inputs::energy_model>("by_load: idle power, and the rest by the busier of arithmetic and memory; "
                                  "thermal_design_power: all of it throughout")
          .parity(),
      port<&Inputs::default_tdp>("thermal design power of a device that states none; absent: no energy", non_negative)
          .refinement()
          .display("W"),
      port<&Inputs::latency_target>("time of the whole query that is wanted", positive));

  static constexpr auto outputs = ports(
      port<&Outputs::total_reasoning_time>("prompt and all steps"), port<&Outputs::ttft>("time to first token"),
      port<&Outputs::tpot>("mean time of an output token after the first"),
      port<&Outputs::time_per_step>("time of a reasoning step"), merge<&Outputs::parts>(equations::time_part_ports),
      port<&Outputs::tokens_generated>("tokens of all steps", non_negative).whole(),
      port<&Outputs::energy_per_query>("energy of all devices; absent where the device states no thermal design power"),
      port<&Outputs::total_memory_required>("what each device holds"), port<&Outputs::memory_capacity>("memory of each device"));

  static constexpr auto limits =
      ironlaw::limits(hard<&Outputs::total_memory_required, &Outputs::memory_capacity>("memory", "weights and cache must fit",
                                                                                       "W / t + KV / s <= capacity"),
                      soft<&Outputs::total_reasoning_time, &Inputs::latency_target>(
                          "reasoning", "prompt and thinking must end in time", "TTFT + K * t_step <= target"),
                      equations::part_limits<&Outputs::parts, &Outputs::total_reasoning_time>());

  static Facts facts(const Given& given) { return Facts(given); }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& facts) {
    const Passes passes(in, facts);
    const double generated = in.reasoning_steps * in.tokens_per_step;
    passes.check_context(in.sequence_length + std::max(0.0, generated - 1));
    const auto first = passes.prompt(1, in.sequence_length);
    const auto step = step_of(in, passes);

    Outputs out{};
    out.tokens_generated = generated;
    out.ttft = first.time;
    out.tpot = step.time;
    out.time_per_step = in.tokens_per_step * out.tpot;
    out.total_reasoning_time = out.ttft + in.reasoning_steps * out.time_per_step;
    out.parts = passes.parts(first) + generated * passes.parts(step);
    out.total_memory_required = passes.on_each_device(step.weights, step.cache);
    out.memory_capacity = passes.memory().capacity;
    if (const auto power = tdp(in, facts)) out.energy_per_query = energy(in, *power, passes, first, step);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const Facts f = facts(in);
    const Passes passes(in, f);
    const auto first = passes.prompt(1, in.sequence_length);
    const auto step = step_of(in, passes);
    w.step("ttft", in.both_ceilings ? "max(t_c, t_m) + fixed" : "t_c + dispatch", {{"t_c", first.compute}, {"t_m", first.memory}},
           out.ttft, "Pope 2022");
    w.step("tpot", in.both_ceilings ? "mean over positions of max(t_c, t_m) + fixed" : "t_m + fixed",
           {{"t_c", step.compute}, {"t_m", step.memory}, {"fixed", step.fixed()}}, out.tpot, "Pope 2022");
    w.step("tokens_generated", "K * n", {{"K", in.reasoning_steps}, {"n", in.tokens_per_step}}, out.tokens_generated);
    w.step("time_per_step", "n * tpot", {{"n", in.tokens_per_step}, {"tpot", out.tpot}}, out.time_per_step);
    w.step("total_reasoning_time", "ttft + K * t_step",
           {{"ttft", out.ttft}, {"K", in.reasoning_steps}, {"t_step", out.time_per_step}}, out.total_reasoning_time, "Wei 2022");
    w.step("total_memory_required", "W / t + KV / s, s = min(t, a_kv), 1 for a latent cache",
           {{"W", step.weights}, {"KV", step.cache}, {"t", in.tensor_parallel}, {"s", passes.cache_shards()}},
           out.total_memory_required);
    equations::explain_parts("", out.parts, w);
    if (!out.energy_per_query) return;
    w.step("energy_per_query",
           in.energy_model == EnergyModel::by_load ? "t * tdp * sum of (0.3 + 0.7 * load) * time over prompt and steps"
                                                   : "t * tdp * time",
           {{"t", in.tensor_parallel},
            {"tdp", tdp(in, f)},
            {"prompt load", passes.load(first.compute, first.memory, first.time)},
            {"step load", passes.load(step.compute, step.memory, step.time)},
            {"time", out.total_reasoning_time}},
           out.energy_per_query, "Barroso & Hoelzle 2007");
  }

 private:
  static Passes::Step step_of(const Inputs& in, const Passes& passes) {
    const double steps = in.growing_cache ? std::max(1.0, in.reasoning_steps * in.tokens_per_step) : 1;
    return passes.step(1, 1, in.sequence_length, steps);
  }
  static Maybe<Power> tdp(const Inputs& in, const Facts& facts) { return facts.device.tdp ? facts.device.tdp : in.default_tdp; }
  static Energy energy(const Inputs& in, Power tdp, const Passes& passes, const Passes::Prompt& first, const Passes::Step& step) {
    const Power power = in.tensor_parallel * tdp;
    const Time steps = in.reasoning_steps * in.tokens_per_step * step.time;
    if (in.energy_model == EnergyModel::thermal_design_power) return power * (first.time + steps);
    return equations::energy_used(power, passes.load(first.compute, first.memory, first.time), first.time) +
           equations::energy_used(power, passes.load(step.compute, step.memory, step.time), steps);
  }
};

}  // namespace ironlaw::serving
