#pragma once
// The working that compression shows; included by it.
#include "compression.hpp"

namespace ironlaw::compression {

inline void Compression::explain_size(const Inputs& in, const Outputs& out, Working& w) {
  const Term before{"b_0", in.bits_before()};
  const Term kept{"b", bits_kept(in)};
  const Term sparsity{"s", in.sparsity};
  w.step("original_size", "W before", {before}, out.original_size);
  if (in.method == Method::distillation) {
    w.step("compression_ratio", "W / W_student", {{"W", out.original_size}, {"W_student", out.compressed_size}},
           out.compression_ratio);
  } else if (!in.prunes()) {
    w.step("compression_ratio", "b_0 / b", {before, kept}, out.compression_ratio, "Gholami 2021");
  } else if (in.size_model == SizeModel::ratio || in.sparsity_type == SparsityType::structured) {
    w.step("compression_ratio", "b_0 / b / (1 - s)", {before, kept, sparsity}, out.compression_ratio, "Blalock 2020");
  } else if (in.sparsity_type == SparsityType::n_m) {
    w.step("compression_ratio", "b_0 / ((b + 2) / 2)", {before, kept}, out.compression_ratio, "Mishra 2021");
  } else {
    w.step("compression_ratio", "b_0 / ((1 - s) * (b + b_index))", {before, kept, sparsity, {"b_index", in.index_bits}},
           out.compression_ratio, "Han 2016");
  }
  const Term ratio{"r", out.compression_ratio};
  w.step("compressed_size", "W / r", {{"W", out.original_size}, ratio}, out.compressed_size);
  w.step("memory_savings", "1 - 1 / r", {ratio}, out.memory_savings);
  w.step("bits_per_weight", "b_0 / r", {before, ratio}, out.bits_per_weight);
  if (out.break_even_sparsity)
    w.step("break_even_sparsity", "1 - b_0 / (b + b_index)", {before, kept, {"b_index", in.index_bits}}, out.break_even_sparsity);
}

inline void Compression::explain_speed(const Inputs& in, const Outputs& out, Working& w) {
  if (!out.latency_before) {
    w.step("inference_speedup", "r where weights bound the pass, else min(gain of the arithmetic rate, r)",
           {{"r", out.compression_ratio}}, out.inference_speedup);
    return;
  }
  const auto show = [&](std::string_view what, const equations::PassTimes& t) {
    w.step(what, "max(t_c, t_m) + t_o", {{"t_c", t.compute}, {"t_m", t.memory}, {"t_o", t.overhead}}, t.latency(),
           "Williams 2009");
  };
  show("latency_before", times_before(in));
  show("latency_after", times_after(in, out.compression_ratio));
  const equations::PassTimes after = times_after(in, out.compression_ratio);
  w.step("compute_time", "t_c of the pass after", {{"t_c", after.compute}}, after.compute);
  w.step("memory_time", "t_m of the pass after", {{"t_m", after.memory}}, after.memory);
  w.step("overhead", "t_o of the pass after", {{"t_o", after.overhead}}, after.overhead);
  w.step("inference_speedup", "before / after", {{"before", out.latency_before}, {"after", out.latency_after}},
         out.inference_speedup);
}

inline void Compression::explain(const Inputs& in, const Outputs& out, Working& w) {
  explain_size(in, out, w);
  explain_speed(in, out, w);
  if (out.accuracy_delta)
    w.step("accuracy_delta", "table of bits, plus curve of sparsity", {{"bits", in.target_bits}, {"s", in.sparsity}},
           out.accuracy_delta);
  if (out.signal_to_noise)
    w.step("signal_to_noise", "6.02 * bits + 1.76", {{"bits", in.target_bits}}, out.signal_to_noise, "Bennett 1948");
}

}  // namespace ironlaw::compression
