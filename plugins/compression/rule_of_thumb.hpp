#pragma once
// Compression by ratios alone: no metadata, no fixed costs, accuracy from a table.
#include <ironlaw/hardware.hpp>

#include <algorithm>
#include <cmath>

#include "stored_bits.hpp"

namespace ironlaw::compression::rule_of_thumb {

/// Points of accuracy that `bits` cost, as a signed share, whatever the model (a table of typical results, Gholami 2021).
constexpr double quantization_delta(double bits) {
  if (bits >= 16) return 0;
  if (bits == 8) return -0.002;
  return bits >= 4 ? -0.025 : -0.05;
}
/// The same for pruning (a curve through typical results, Blalock 2020).
inline double pruning_delta(double sparsity) { return sparsity <= 0.5 ? -0.001 : -0.01 * std::exp(2 * sparsity); }

/// Nothing left counts as a hundredth.
constexpr double pruning_ratio(double sparsity) { return sparsity < 1 ? 1 / (1 - sparsity) : 100; }

/// Speedup of pruned weights at `ratio`.
inline double pruning_speedup(SparsityType type, double sparsity, double ratio) {
  if (type == SparsityType::structured) return ratio;
  return type == SparsityType::n_m && std::abs(sparsity - n_m_kept) < 0.05 ? 2 : 1;
}

/// Arithmetic rate of a format of `bits` over the fp16 rate; 1 for a width that is no format.
inline double rate_gain(const Hardware& hardware, double bits) {
  const auto gain = [&](Precision p) -> double { return hardware.peak_rate(p) / hardware.peak_rate(Precision::fp16); };
  if (bits == 4) return gain(Precision::int4);
  if (bits == 8) return gain(Precision::int8);
  if (bits == 32) return gain(Precision::fp32);
  if (bits == 64) return gain(Precision::fp64);
  return 1;
}

/// Speedup of quantized weights at `ratio`: all of it where the weights bound the pass, else what the arithmetic gains.
inline double quantization_speedup(const Hardware& hardware, Information weights, Operations operations, double bits,
                                   double ratio) {
  const bool memory_bound = weights / hardware.memory().bandwidth > operations / hardware.peak_rate(Precision::fp16);
  return memory_bound ? ratio : std::min(rate_gain(hardware, bits), ratio);
}

}  // namespace ironlaw::compression::rule_of_thumb
