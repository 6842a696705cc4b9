#pragma once
// Bits that a compressed weight takes in memory, with what has to be stored beside its value.
#include <ironlaw/maybe.hpp>

namespace ironlaw::compression {

/// How a quantized weight is stored: groups of weights share a scale and perhaps a zero point.
struct Grouping {
  double group_size = 128;
  double scale_bits = 16;
  double zero_bits = 0;

  /// Bits of a weight of `bits`; a format of 16 bits or more has its own exponent and needs no scale.
  [[nodiscard]] constexpr double stored(double bits) const {
    return bits < 16 ? bits + (scale_bits + zero_bits) / group_size : bits;
  }
};

/// unstructured: single weights, each kept one with its column; structured: whole rows or heads; n_m: two of each four.
enum class SparsityType { unstructured, structured, n_m };

/// Where a kept weight of two in four stands (Mishra 2021).
inline constexpr double n_m_index_bits = 2;
inline constexpr double n_m_kept = 0.5;

/// Bits for each weight of the dense model where the kept ones take `bits` (unstructured: Han 2016).
constexpr double pruned_bits(SparsityType type, double bits, double sparsity, double index_bits) {
  switch (type) {
    case SparsityType::unstructured:
      return (1 - sparsity) * (bits + index_bits);
    case SparsityType::n_m:
      return n_m_kept * (bits + n_m_index_bits);
    case SparsityType::structured:
      break;
  }
  return (1 - sparsity) * bits;
}

/// Sparsity above which storing columns saves anything over `dense_bits`.
constexpr double break_even_sparsity(double dense_bits, double bits, double index_bits) {
  return 1 - dense_bits / (bits + index_bits);
}

}  // namespace ironlaw::compression
