#pragma once
#include <ironlaw/equations/device.hpp>
#include <ironlaw/equations/roofline.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>
#include <ironlaw/workload.hpp>

namespace ironlaw::roofline {

/// What bounds decoding when every step reads all weights once: a dense model, no cache, peak rates.
struct DecodeBound {
  using Bottleneck = equations::Bottleneck;

  static constexpr auto about =
      Solver::About{"decode_bound", "Weight streaming against arithmetic in decoding, at peak rates", "Williams 2009; Pope 2022"};

  struct Given {
    const Workload* workload;
    const Hardware* hardware;
    Precision precision = Precision::fp16;
  };
  struct Inputs : Given {
    int batch_size = 1;
    int tensor_parallel = 1;
    Maybe<double> weight_bits = absent;

    /// Bytes that a weight takes.
    [[nodiscard]] constexpr double weight_bytes() const { return weight_bits ? *weight_bits / 8 : bytes_per_element(precision); }
  };
  struct Facts {
    double parameters;
    FlopRate peak;
    Bandwidth bandwidth;
    Precision arithmetic;  ///< that `peak` is of
  };

  struct Outputs {
    Time latency;
    Time compute_time;
    Time memory_time;
    TokenRate throughput;
    Bottleneck bottleneck;
    Information traffic;
    Operations operations;
    Intensity arithmetic_intensity;
    Intensity ridge_point;
    Precision arithmetic_format;
    FlopRate attainable_rate;
    double memory_share;
  };

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("model that decodes; all its parameters are read and used for every token"),
      port<&Inputs::hardware>("each of the devices"),
      port<&Inputs::batch_size>("sequences that decode together, one token each", at_least_one),
      port<&Inputs::precision>("number format of arithmetic, and of weights where weight_bits is left out"),
      port<&Inputs::weight_bits>("stored bits of a weight, scales included (4.25); absent: precision's", bits_of_an_element),
      port<&Inputs::tensor_parallel>("devices that share the weights; exchange between them is free", at_least_one));

  static constexpr auto outputs =
      ports(port<&Outputs::latency>("least time of a step"), port<&Outputs::compute_time>("arithmetic at the peak rate"),
            port<&Outputs::memory_time>("weights at the peak bandwidth"), port<&Outputs::throughput>("tokens of all sequences"),
            port<&Outputs::bottleneck>("the longer of the two"), port<&Outputs::traffic>("weights that a device reads in a step"),
            port<&Outputs::operations>("operations of a device in a step"),
            port<&Outputs::arithmetic_intensity>("operations over bytes").display("FLOP/B"),
            port<&Outputs::ridge_point>("intensity below which memory binds").display("FLOP/B"),
            port<&Outputs::arithmetic_format>(
                "number format that products are computed in; another than precision where the device widens it"),
            port<&Outputs::attainable_rate>("arithmetic rate that the memory can feed, at most the peak"),
            port<&Outputs::memory_share>("memory time over the sum of both times", fraction));

  static constexpr auto limits = ironlaw::limits(
      soft<&Outputs::compute_time, &Outputs::latency>("compute", "arithmetic's share of the step", "2 * P * B / (t * peak) <= T"),
      soft<&Outputs::memory_time, &Outputs::latency>("memory: traffic", "its share of the step", "P * b / (t * beta) <= T"));

  static Facts facts(const Given& given) {
    const auto parameters = given.workload->parameters();
    if (!parameters) throw MissingData(given.workload->name(), "number of parameters");
    return {*parameters, given.hardware->peak_rate(given.precision), given.hardware->memory().bandwidth,
            equations::arithmetic_format(*given.hardware, given.precision)};
  }
  static Outputs solve(const Inputs& in) { return solve(in, facts(in)); }
  static Outputs solve(const Inputs& in, const Facts& facts) {
    const auto& [parameters, peak, bandwidth, arithmetic] = facts;
    Outputs out{};
    out.arithmetic_format = arithmetic;
    out.traffic = parameters * in.weight_bytes() / in.tensor_parallel * units::byte;
    out.operations = 2 * parameters * in.batch_size / in.tensor_parallel * units::flop;
    out.memory_time = out.traffic / bandwidth;
    out.compute_time = out.operations / peak;
    out.latency = std::max(out.compute_time, out.memory_time);
    out.throughput = static_cast<double>(in.batch_size) * units::token / out.latency;
    out.bottleneck = equations::bottleneck_of(out.compute_time, out.memory_time);
    out.arithmetic_intensity = out.operations / out.traffic;
    out.ridge_point = peak / bandwidth;
    out.attainable_rate = std::min(peak, FlopRate(bandwidth * out.arithmetic_intensity));
    out.memory_share = out.memory_time / (out.memory_time + out.compute_time);
    return out;
  }

  static void explain(const Inputs& in, const Outputs& out, Working& w) {
    const auto& [parameters, peak, bandwidth, arithmetic] = facts(in);
    w.step("traffic", "P * b / t", {{"P", parameters}, {"b", in.weight_bytes()}, {"t", in.tensor_parallel}}, out.traffic);
    w.step("operations", "2 * P * B / t", {{"P", parameters}, {"B", in.batch_size}, {"t", in.tensor_parallel}}, out.operations,
           "Kaplan 2020");
    w.step("memory_time", "traffic / beta", {{"traffic", out.traffic}, {"beta", bandwidth}}, out.memory_time, "Williams 2009");
    w.step("compute_time", "operations / peak", {{"operations", out.operations}, {"peak", peak}}, out.compute_time,
           "Williams 2009");
    w.step("latency", "max(t_c, t_m)", {{"t_c", out.compute_time}, {"t_m", out.memory_time}}, out.latency);
    w.step("throughput", "B / latency", {{"B", in.batch_size}, {"latency", out.latency}}, out.throughput);
    w.step("arithmetic_intensity", "operations / traffic", {{"operations", out.operations}, {"traffic", out.traffic}},
           out.arithmetic_intensity);
    w.step("ridge_point", "peak / beta", {{"peak", peak}, {"beta", bandwidth}}, out.ridge_point, "Williams 2009");
    w.step("attainable_rate", "min(peak, beta * AI)", {{"peak", peak}, {"beta", bandwidth}, {"AI", out.arithmetic_intensity}},
           out.attainable_rate, "Williams 2009");
    w.step("memory_share", "t_m / (t_m + t_c)", {{"t_m", out.memory_time}, {"t_c", out.compute_time}}, out.memory_share);
  }
};

}  // namespace ironlaw::roofline
