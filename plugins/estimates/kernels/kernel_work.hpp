#pragma once
// What one kernel moves and computes, each operand once.
#include "kernel_time.hpp"

namespace ironlaw::estimates {

struct KernelWork {
  Information bytes{};
  Operations operations{};
};

/// Keys that each query of a sequence sees, summed, as the law of attention counts them.
inline double attention_pairs(const KernelInputs& in, double keys) {
  const double length = *in.length;
  using Op = KernelOperation;
  if (in.operation == Op::decode_attention || in.operation == Op::latent_decode_attention) return keys;
  return in.operation == Op::encoder_attention ? length * length : keys * length - keys * (keys - 1) / 2;
}

/// Attention of a question that was answered, so that what it needs is there.
inline KernelWork attention_work(const KernelInputs& in) {
  using Op = KernelOperation;
  const double heads = *in.heads;
  const double kv_heads = std::min(in.kv_heads.value_or(heads), heads);
  const double keys = std::min(*in.length, in.window.value_or(*in.length));
  const double pairs = *in.batch * attention_pairs(in, keys);
  const Information element = facts_of(in.format).weight;
  const double latent = in.latent_rank + in.rope_head_size;
  constexpr Information wide = 2.0 * units::byte;
  switch (in.operation) {
    case Op::decode_attention:
      return {*in.batch * keys * 2 * kv_heads * in.head_size * element, 4 * pairs * heads * in.head_size * units::flop};
    case Op::latent_decode_attention:
      return {*in.batch * keys * latent * element, 2 * pairs * heads * (latent + in.latent_rank) * units::flop};
    case Op::latent_prompt_attention:
      return {*in.batch * *in.length * heads * (4 * in.head_size + 2 * in.rope_head_size) * wide,
              2 * pairs * heads * (2 * in.head_size + in.rope_head_size) * units::flop};
    default:
      return {*in.batch * *in.length * (2 * heads + 2 * kv_heads) * in.head_size * wide,
              4 * pairs * heads * in.head_size * units::flop};
  }
}

/// The work of a question that was answered.
inline KernelWork kernel_work(const KernelInputs& in) {
  using Op = KernelOperation;
  const FormatFacts format = facts_of(in.format);
  constexpr Information wide = 2.0 * units::byte;
  switch (in.operation) {
    case Op::product: {
      const double m = *in.rows, n = *in.n, k = *in.k;
      return {n * k * weight_of(in) + m * k * format.activation + m * n * std::max(format.activation, wide),
              2 * m * n * k * units::flop};
    }
    case Op::experts:
    case Op::wide_experts: {
      const ExpertLoad load = expert_load(in);
      const double elements = load.matrices * load.hidden * load.inner;
      return {load.touched * elements * weight_of(in), 2 * load.rows * elements * units::flop};
    }
    case Op::absorbed_product: {
      const double elements = *in.heads * in.latent_rank * in.head_size;
      return {elements * format.weight + *in.rows * *in.heads * (in.latent_rank + in.head_size) * wide,
              2 * *in.rows * elements * units::flop};
    }
    case Op::quantization:
      return {*in.rows * *in.k * 3.0 * units::byte, {}};
    default:
      return attention_work(in);
  }
}

}  // namespace ironlaw::estimates
