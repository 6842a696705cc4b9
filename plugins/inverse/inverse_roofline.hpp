#pragma once
#include <ironlaw/equations/inference_pass.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include <cmath>

namespace ironlaw::inverse {

/// The least device that runs a pass in a given time: the roofline read backwards.
struct InverseRoofline {
  static constexpr auto about =
      Solver::About{"inverse_roofline", "Least bandwidth, arithmetic rate and memory that meet a latency",
                    "Williams 2009, 'Roofline', CACM 52(4), solved for the device"};

  struct Inputs {
    const Workload* workload;
    Time target_latency = required;
    Precision precision = Precision::fp16;
    FormatInputs widths{};
    double efficiency = 0.5;
    int batch_size = 1;
    int context_length = 0;
    Maybe<double> activation_weight_fraction = absent;
    bool count_context_operations = true;
    bool count_live_state = true;
    Time dispatch_overhead = 1e-5 * units::second;
    Time framework_overhead = 1e-5 * units::second;
  };

  struct Outputs {
    Maybe<Bandwidth> required_bandwidth;
    Maybe<FlopRate> required_rate;
    Information required_memory;
    Information model_size;
    Operations operations;
    Maybe<Intensity> compute_memory_ratio;
    Time overhead;
    Time least_latency;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("model to run"), port<&Inputs::target_latency>("time that a pass may take", positive),
      port<&Inputs::precision>("number format of arithmetic, and of weights, activations and cache where nothing else is said"),
      merge<&Inputs::widths>(width_ports),
      port<&Inputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
      port<&Inputs::batch_size>("members of the batch", at_least_one),
      port<&Inputs::context_length>("tokens that each member already holds in its cache", non_negative),
      port<&Inputs::activation_weight_fraction>(
          "activation traffic of each member over the weight bytes; left out: the workload's own", non_negative)
          .refinement(),
      port<&Inputs::count_context_operations>("count operations that grow with the context (attention)").parity(),
      port<&Inputs::count_live_state>("count key-value cache and recurrent state in memory and traffic").parity(),
      port<&Inputs::dispatch_overhead>("fixed cost of handing the device one piece of work", non_negative).refinement(),
      port<&Inputs::framework_overhead>("cost of each group of kernels", non_negative).refinement());

  static constexpr auto outputs =
      ports(port<&Outputs::required_bandwidth>("memory bandwidth; absent where fixed costs leave no time").display("GB/s"),
            port<&Outputs::required_rate>("peak arithmetic rate; absent likewise").display("TFLOP/s"),
            port<&Outputs::required_memory>("everything that the pass holds").display("GB"),
            port<&Outputs::model_size>("weights alone").display("GB"), port<&Outputs::operations>("operations of the pass"),
            port<&Outputs::compute_memory_ratio>("required rate over required bandwidth; absent likewise").display("FLOP/B"),
            port<&Outputs::overhead>("fixed costs of the pass"),
            port<&Outputs::least_latency>("shortest target that fixed costs leave any time in"));

  static constexpr auto limits = ironlaw::limits(
      hard<&Outputs::least_latency, &Inputs::target_latency>("software", "fixed costs must leave time for the pass", "t_o < T"));

  static Outputs solve(const Inputs& in) {
    const auto pass = pass_of(in);
    Outputs out{};
    out.required_memory = pass.footprint();
    out.model_size = pass.weights;
    out.operations = pass.operations;
    out.overhead = in.dispatch_overhead + pass.launches * in.framework_overhead;
    // Any time at all suffices, so the shortest is the next number above the fixed costs; without any, no target is too short.
    const double overhead = ironlaw::in(out.overhead, units::second);
    out.least_latency = (overhead > 0 ? std::nextafter(overhead, 1e300) : 0) * units::second;
    const Time left = in.target_latency - out.overhead;
    if (left <= Time{}) return out;
    out.required_bandwidth = pass.traffic() / left;
    out.required_rate = pass.operations / (in.efficiency * left);
    out.compute_memory_ratio = *out.required_rate / *out.required_bandwidth;
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto pass = pass_of(in);
    const Term left{"T - t_o", in.target_latency - out.overhead};
    w.step("model_size", "W", {{"b", in.widths.formats(in.precision).bytes(TensorClass::linear)}}, out.model_size);
    w.step("required_memory", "W + cache + state", {{"W", pass.weights}, {"cache + state", pass.other_held}},
           out.required_memory);
    w.step("operations", "linear + logits + attention", {{"B", in.batch_size}}, out.operations, "Kaplan 2020");
    w.step("overhead", "dispatch + L * framework",
           {{"dispatch", in.dispatch_overhead}, {"L", pass.launches}, {"framework", in.framework_overhead}}, out.overhead);
    w.step("least_latency", "just above t_o", {{"t_o", out.overhead}}, out.least_latency);
    if (!out.required_bandwidth) return w.note("The fixed costs alone exceed the target: no device meets it.");
    w.step("required_bandwidth", "traffic / (T - t_o)", {{"traffic", pass.traffic()}, left}, out.required_bandwidth,
           "Williams 2009");
    w.step("required_rate", "operations / (eta * (T - t_o))", {{"operations", pass.operations}, {"eta", in.efficiency}, left},
           out.required_rate, "Williams 2009");
    w.step("compute_memory_ratio", "rate / bandwidth", {{"rate", out.required_rate}, {"bandwidth", out.required_bandwidth}},
           out.compute_memory_ratio);
  }

 private:
  static equations::InferencePass pass_of(const Inputs& in) {
    return equations::inference_pass(*in.workload,
                                     {.batch = static_cast<double>(in.batch_size),
                                      .cached_tokens = static_cast<double>(in.context_length),
                                      .formats = in.widths.formats(in.precision)},
                                     {.activation_weight_fraction = in.activation_weight_fraction,
                                      .context_operations = in.count_context_operations,
                                      .live_state = in.count_live_state});
  }
};

}  // namespace ironlaw::inverse
