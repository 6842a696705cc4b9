#pragma once
#include <ironlaw/equations/inference_pass.hpp>
#include <ironlaw/sdk/format_ports.hpp>
#include <ironlaw/sdk/solver_adapter.hpp>

#include "rule_of_thumb.hpp"

namespace ironlaw::compression {

/// Size, speed and loss of quality of a quantized, pruned or distilled model.
struct Compression {
  static constexpr auto about = Solver::About{"compression", "Size, speed and quality of a quantized, pruned or distilled model",
                                              "Han 2016; Gholami 2021; Blalock 2020; Mishra 2021"};

  enum class Method { quantization, pruning, quantized_pruning, distillation };
  /// stored: the bytes that memory takes, indices and scales included. ratio: bits over bits.
  enum class SizeModel { stored, ratio };
  /// roofline: a pass timed before and after. ratio: the size's, or that of the arithmetic rates.
  enum class SpeedModel { roofline, ratio };
  /// none: no number for what depends on the model and its data. table: typical results.
  enum class QualityModel { none, table };

  struct Inputs {
    const Workload* workload;
    const Hardware* hardware;
    Method method = Method::quantization;
    double target_bits = 8;
    double sparsity = 0;
    SparsityType sparsity_type = SparsityType::unstructured;
    const Workload* student = nullptr;
    Precision baseline_precision = Precision::fp16;
    Maybe<double> weight_bits = absent;
    Maybe<double> cache_bits = absent;
    Maybe<Precision> arithmetic_precision = absent;
    Grouping grouping{};
    double index_bits = 16;
    double n_m_rate_multiple = 2;
    int batch_size = 1;
    int context_length = 0;
    double efficiency = 0.5;
    Maybe<double> activation_weight_fraction = absent;
    Time framework_overhead = 1e-5 * units::second;
    SizeModel size_model = SizeModel::stored;
    SpeedModel speed_model = SpeedModel::roofline;
    QualityModel quality_model = QualityModel::none;
    Maybe<double> least_accuracy_delta = absent;
    Maybe<double> least_signal_to_noise = absent;

    [[nodiscard]] constexpr bool quantizes() const {
      return method == Method::quantization || method == Method::quantized_pruning;
    }
    [[nodiscard]] constexpr bool prunes() const { return method == Method::pruning || method == Method::quantized_pruning; }
    [[nodiscard]] constexpr double bits_before() const { return formats().bytes(TensorClass::linear) * 8; }
    /// Of the model before compression; its cache is as wide after it.
    [[nodiscard]] constexpr Formats formats() const {
      return FormatInputs{.weight_bits = weight_bits, .cache_bits = cache_bits}.formats(baseline_precision);
    }
  };

  struct Outputs {
    Information original_size;
    Information compressed_size;
    double compression_ratio;
    double memory_savings;
    double bits_per_weight;
    double inference_speedup;
    Maybe<Time> latency_before;
    Maybe<Time> latency_after;
    Maybe<Time> compute_time;
    Maybe<Time> memory_time;
    Maybe<Time> overhead;
    Maybe<double> accuracy_delta;
    Maybe<double> signal_to_noise;
    Maybe<double> break_even_sparsity;
  };

  static constexpr auto grouping_inputs =
      ports(port<&Grouping::group_size>("quantized weights that share a scale", at_least_one).whole(),
            port<&Grouping::scale_bits>("bits of a group's scale", non_negative).refinement(),
            port<&Grouping::zero_bits>("bits of a group's zero point", non_negative).refinement());

  static constexpr auto inputs = ports(
      port<&Inputs::workload>("model to compress"), port<&Inputs::hardware>("device that runs it"),
      port<&Inputs::method>("what is done to the model"),
      port<&Inputs::target_bits>("bits of a quantized weight; no whole number where formats are mixed", between(1, 64)),
      port<&Inputs::sparsity>("share of the weights that pruning removes", fraction),
      port<&Inputs::sparsity_type>("which weights go: unstructured any, structured whole rows or heads, n_m two of each four"),
      port<&Inputs::student>("smaller model that distillation trains").optional(),
      port<&Inputs::baseline_precision>("number format before compression"),
      port<&Inputs::weight_bits>("stored bits of a weight before compression; absent: baseline_precision's", bits_of_an_element),
      port<&Inputs::cache_bits>("stored bits of an element of the cache, before and after; absent: baseline_precision's",
                                bits_of_an_element)
          .refinement(),
      port<&Inputs::arithmetic_precision>("number format that the compressed model computes in; left out: as before"),
      merge<&Inputs::grouping>(grouping_inputs),
      port<&Inputs::index_bits>("bits that say where a kept weight stands, in unstructured pruning", non_negative).refinement(),
      port<&Inputs::n_m_rate_multiple>("arithmetic rate on n_m weights over the dense one; 1 on a device without such units",
                                       at_least_one)
          .refinement(),
      port<&Inputs::batch_size>("members of the batch of the pass that is timed", at_least_one),
      port<&Inputs::context_length>("tokens that each member already holds in its cache", non_negative),
      port<&Inputs::efficiency>("share of the peak arithmetic rate that kernels sustain", between(1e-9, 1)).refinement(),
      port<&Inputs::activation_weight_fraction>(
          "activation traffic of each member over the weight bytes; left out: the workload's own", non_negative)
          .refinement(),
      port<&Inputs::framework_overhead>("cost of each group of kernels", non_negative).refinement(),
      port<&Inputs::size_model>("stored: the bytes in memory, indices and scales included; ratio: bits over bits").parity(),
      port<&Inputs::speed_model>("roofline: a pass timed before and after; ratio: by the sizes or the arithmetic rates").parity(),
      port<&Inputs::quality_model>("none, or table: accuracy by typical results").refinement(),
      port<&Inputs::least_accuracy_delta>("change of accuracy that may not be undercut, such as -0.01", between(-1, 0)),
      port<&Inputs::least_signal_to_noise>("decibel that quantized values may not undercut", positive));

  static constexpr auto outputs = ports(
      port<&Outputs::original_size>("weights before").display("GB"),
      port<&Outputs::compressed_size>("weights after").display("GB"),
      port<&Outputs::compression_ratio>("size before over size after"),
      port<&Outputs::memory_savings>("share of the size that is saved; below 0 where the result is larger"),
      port<&Outputs::bits_per_weight>("bits after for each weight before"),
      port<&Outputs::inference_speedup>("time of a pass before over after"),
      port<&Outputs::latency_before>("time of the pass before; absent unless speed_model = roofline"),
      port<&Outputs::latency_after>("time of the pass after; absent likewise"),
      port<&Outputs::compute_time>("arithmetic of the pass after; absent likewise"),
      port<&Outputs::memory_time>("memory traffic of the pass after; absent likewise"),
      port<&Outputs::overhead>("launches of the pass after; absent likewise"),
      port<&Outputs::accuracy_delta>("change of accuracy, as a signed share; absent unless quality_model = table"),
      port<&Outputs::signal_to_noise>("of quantized values over their rounding, in decibel; absent where nothing is quantized"),
      port<&Outputs::break_even_sparsity>("sparsity above which unstructured pruning saves memory; absent for other methods"));

  static constexpr auto limits =
      ironlaw::limits(soft<&Inputs::least_accuracy_delta, &Outputs::accuracy_delta>("fidelity", "quality must stay acceptable",
                                                                                    "least <= delta(b, s)"),
                      soft<&Inputs::least_signal_to_noise, &Outputs::signal_to_noise>(
                          "fidelity: rounding", "values must stand out of their rounding", "least <= 6.02 * b + 1.76"),
                      soft<&Outputs::compute_time, &Outputs::latency_after>("compute", "arithmetic's share of the pass after",
                                                                            "operations / (peak * eta) <= T"),
                      soft<&Outputs::memory_time, &Outputs::latency_after>("memory: traffic", "its share of the pass after",
                                                                           "traffic / beta <= T"),
                      soft<&Outputs::overhead, &Outputs::latency_after>("software", "its share of the pass after",
                                                                        "t_dispatch + n * t_framework <= T"));

  static constexpr auto rules =
      ironlaw::rules(rule("sparsity must be below 1: nothing would be left",
                          [](const Inputs& in) { return in.size_model == SizeModel::ratio || !in.prunes() || in.sparsity < 1; }),
                     rule("n_m prunes two weights of each four: sparsity must be 0.5",
                          [](const Inputs& in) {
                            return in.size_model == SizeModel::ratio || !in.prunes() || in.sparsity_type != SparsityType::n_m ||
                                   in.sparsity == n_m_kept;
                          }),
                     rule("target_bits must not exceed the bits before compression",
                          [](const Inputs& in) {
                            return in.size_model == SizeModel::ratio || !in.quantizes() || in.target_bits <= in.bits_before();
                          }),
                     rule("distillation needs a student", [](const Inputs& in) {
                       return in.size_model == SizeModel::ratio || in.method != Method::distillation || in.student != nullptr;
                     }));

  static Outputs solve(const Inputs& in);
  static void explain(const Inputs& in, const Outputs& out, Working& working);

 private:
  /// Bits of a weight that is kept.
  static double bits_kept(const Inputs& in) {
    if (!in.quantizes()) return in.bits_before();
    return in.size_model == SizeModel::stored ? in.grouping.stored(in.target_bits) : in.target_bits;
  }
  static Conditions conditions(const Inputs& in) {
    return {.batch = static_cast<double>(in.batch_size),
            .cached_tokens = static_cast<double>(in.context_length),
            .formats = in.formats()};
  }
  static double ratio(const Inputs& in, Information original);
  static equations::PassTimes times(const Inputs& in, const Workload& model, double weight_scale, double work,
                                    Precision precision);
  static equations::PassTimes times_before(const Inputs& in) { return times(in, *in.workload, 1, 1, in.baseline_precision); }
  static equations::PassTimes times_after(const Inputs& in, double ratio);
  static double speedup_by_ratio(const Inputs& in, Information original, double ratio);
  static Maybe<double> accuracy_delta(const Inputs& in);
  static void explain_size(const Inputs& in, const Outputs& out, Working& w);
  static void explain_speed(const Inputs& in, const Outputs& out, Working& w);
};

/// Size before over size after.
inline double Compression::ratio(const Inputs& in, Information original) {
  if (in.method == Method::distillation)
    return in.student == nullptr ? 1 : static_cast<double>(original / in.student->demand(conditions(in)).weights_resident);
  if (in.size_model == SizeModel::ratio)
    return in.bits_before() / bits_kept(in) * (in.prunes() ? rule_of_thumb::pruning_ratio(in.sparsity) : 1);
  if (!in.prunes()) return in.bits_before() / bits_kept(in);
  return in.bits_before() / pruned_bits(in.sparsity_type, bits_kept(in), in.sparsity, in.index_bits);
}

/// A pass with weights of `weight_scale` times the bytes and `work` times the operations.
inline equations::PassTimes Compression::times(const Inputs& in, const Workload& model, double weight_scale, double work,
                                               Precision precision) {
  const auto pass = equations::inference_pass(model, conditions(in),
                                              {.activation_weight_fraction = in.activation_weight_fraction}, weight_scale);
  const Memory main = in.hardware->memory();
  return {work * pass.operations / (in.hardware->peak_rate(precision) * in.efficiency),
          equations::pass_memory_time(pass, *in.hardware, main, equations::SpillTransfer::streamed),
          in.hardware->dispatch_overhead() + pass.launches * in.framework_overhead};
}

/// Weights pruned one by one are unpacked before the pass: only their storage is smaller.
inline equations::PassTimes Compression::times_after(const Inputs& in, double ratio) {
  const Precision precision = in.arithmetic_precision ? *in.arithmetic_precision : in.baseline_precision;
  if (in.method == Method::distillation) return times(in, in.student != nullptr ? *in.student : *in.workload, 1, 1, precision);
  if (!in.prunes()) return times(in, *in.workload, 1 / ratio, 1, precision);
  if (in.sparsity_type == SparsityType::unstructured)
    return times(in, *in.workload, bits_kept(in) / in.bits_before(), 1, precision);
  const double work = in.sparsity_type == SparsityType::n_m ? 1 / in.n_m_rate_multiple : 1 - in.sparsity;
  return times(in, *in.workload, 1 / ratio, work, precision);
}

inline double Compression::speedup_by_ratio(const Inputs& in, Information original, double ratio) {
  if (in.method == Method::distillation) return ratio;
  const double bits = in.bits_before() / bits_kept(in);
  double speedup = 1;
  if (in.prunes()) speedup = rule_of_thumb::pruning_speedup(in.sparsity_type, in.sparsity, ratio / bits);
  if (!in.quantizes()) return speedup;
  const Demand d = in.workload->demand({.formats = in.formats()});
  return speedup * rule_of_thumb::quantization_speedup(*in.hardware, original, d.linear + d.logits, in.target_bits, bits);
}

inline Maybe<double> Compression::accuracy_delta(const Inputs& in) {
  if (in.quality_model == QualityModel::none) return absent;
  return (in.quantizes() ? rule_of_thumb::quantization_delta(in.target_bits) : 0) +
         (in.prunes() ? rule_of_thumb::pruning_delta(in.sparsity) : 0);
}

inline Compression::Outputs Compression::solve(const Inputs& in) {
  Outputs out{};
  out.original_size = in.workload->demand(conditions(in)).weights_resident;
  out.compression_ratio = ratio(in, out.original_size);
  out.compressed_size = out.original_size / out.compression_ratio;
  out.memory_savings = 1 - 1 / out.compression_ratio;
  out.bits_per_weight = in.bits_before() / out.compression_ratio;
  if (in.speed_model == SpeedModel::roofline) {
    out.latency_before = times_before(in).latency();
    const equations::PassTimes after = times_after(in, out.compression_ratio);
    out.latency_after = after.latency();
    out.compute_time = after.compute;
    out.memory_time = after.memory;
    out.overhead = after.overhead;
    out.inference_speedup = static_cast<double>(*out.latency_before / *out.latency_after);
  } else {
    out.inference_speedup = speedup_by_ratio(in, out.original_size, out.compression_ratio);
  }
  out.accuracy_delta = accuracy_delta(in);
  if (in.quantizes()) out.signal_to_noise = 6.02 * in.target_bits + 1.76;
  if (in.prunes() && in.sparsity_type == SparsityType::unstructured && in.size_model == SizeModel::stored)
    out.break_even_sparsity = break_even_sparsity(in.bits_before(), bits_kept(in), in.index_bits);
  return out;
}

}  // namespace ironlaw::compression

#include "compression_working.hpp"
