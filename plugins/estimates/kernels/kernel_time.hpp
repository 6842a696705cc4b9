#pragma once
// The time of one kernel from the law of its operation.
#include "../laws.hpp"
#include "kernel_inputs.hpp"

namespace ironlaw::estimates {

/// A kernel's time by part. Where arithmetic and memory overlap, the total is fixed + traffic + sqrt(compute^2 + memory^2).
struct KernelTime {
  Time fixed{};    ///< launch, serial and tile terms
  Time traffic{};  ///< quantising and permuting activations
  Time compute{};
  Time memory{};
  Time total{};
  double size = 0;  ///< what the record's range is said in: rows, tokens, or length
};

/// Refuses a question that leaves out what its operation needs.
inline double needed(const Maybe<double>& value, std::string_view port, std::string_view operation) {
  if (value) return *value;
  throw DomainError(port, "is left out; " + std::string(operation) + " needs it");
}

/// Twice the bandwidth for operands that a second-level cache holds.
inline double warm_factor(bool warm, double bytes) {
  constexpr double cached_bytes = 24e6;
  return warm && bytes < cached_bytes ? 2 : 1;
}

inline Information weight_of(const KernelInputs& in) {
  return in.weight_bits ? *in.weight_bits / 8 * units::byte : facts_of(in.format).weight;
}

inline KernelTime time_of(const equations::RowForm& form, double rows) {
  return {form.fixed, form.traffic * rows, form.compute * rows, form.memory_fixed + form.memory * rows, form(rows), rows};
}

inline KernelTime product_time(const KernelInputs& in, const RateFound& found) {
  const double m = needed(in.rows, "rows", "product");
  const double n = needed(in.n, "n", "product");
  const double k = needed(in.k, "k", "product");
  const FormatFacts format = facts_of(in.format);
  const Information weight = weight_of(in);
  equations::ProductLaw law = product_law(found);
  law.memory_share *=
      warm_factor(in.warm_cache, ironlaw::in(n * k * weight + m * k * format.activation, units::byte) + 2 * m * n);
  KernelTime t =
      time_of(equations::product_form(law, kernel_device(*in.hardware, format.arithmetic), n, k, weight, format.activation), m);
  // The host launches one call while the device runs the one before: the longer of both, not their sum.
  if (in.launch == LaunchMode::eager) {
    t.total = equations::smooth_maximum(law.latency, t.total - law.latency);
    t.fixed = equations::smooth_maximum(law.latency, t.fixed - law.latency);
  }
  return t;
}

/// What falls on the experts of the busiest rank.
struct ExpertLoad {
  double tokens, per_token;
  double hidden, inner, matrices;
  double rows;     ///< of its experts, together
  double touched;  ///< experts that get one
};
inline ExpertLoad expert_load(const KernelInputs& in) {
  ExpertLoad load{};
  load.tokens = needed(in.rows, "rows", "experts");
  load.hidden = needed(in.hidden_size, "hidden_size", "experts");
  load.inner = needed(in.expert_size, "expert_size", "experts") / in.expert_tensor_parallel;
  load.matrices = in.gated ? 3 : 2;
  const double all = needed(in.experts, "experts", "experts");
  load.per_token = needed(in.experts_per_token, "experts_per_token", "experts");
  const double own = std::max(all / in.expert_parallel, 1.0);
  const double skew = in.routing == Routing::power_law ? in.routing_exponent : 0;
  load.rows = std::max(load.tokens * load.per_token / in.expert_parallel *
                           rank_imbalance(load.tokens, all, load.per_token, in.expert_parallel, skew),
                       std::min(1.0, load.tokens * load.per_token));
  load.touched = touched_experts(own, load.rows, in.routing);
  return load;
}

inline KernelTime expert_time(const KernelInputs& in, const RateFound& found) {
  const auto [tokens, per_token, hidden, inner, matrices, rows, touched] = expert_load(in);
  const FormatFacts format = facts_of(in.format);
  equations::ExpertLaw law = expert_law(found);
  law.memory_share *= warm_factor(in.warm_cache, touched * matrices * hidden * inner * ironlaw::in(weight_of(in), units::byte));
  const equations::ExpertForm form =
      equations::expert_form(law, kernel_device(*in.hardware, format.arithmetic), matrices, hidden, inner, weight_of(in));
  return {form.fixed + form.tile * touched,
          form.traffic * rows + form.permute * (tokens * per_token),
          form.compute * (rows + touched * form.touched_rows),
          form.memory * touched,
          form(rows, touched, tokens * per_token),
          tokens};
}

/// Attention of `batch` sequences of one length.
inline KernelTime attention_time(const KernelInputs& in, const RateFound& found) {
  using Op = KernelOperation;
  const bool latent = in.operation == Op::latent_prompt_attention || in.operation == Op::latent_decode_attention;
  const bool decode = in.operation == Op::decode_attention || in.operation == Op::latent_decode_attention;
  const std::string_view name = detail::enumerator_names<Op>[static_cast<std::size_t>(in.operation)];
  const double batch = needed(in.batch, "batch", name);
  const double length = needed(in.length, "length", name);
  const double heads = needed(in.heads, "heads", name);
  const double kv_heads = std::min(in.kv_heads.value_or(heads), heads);
  // Triton's prompt kernels do not skip keys outside the window.
  const bool skips = in.operation != Op::prompt_attention || found->kernel != "triton";
  const double keys = skips ? std::min(length, in.window.value_or(length)) : length;
  equations::AttentionLaw law = attention_law(found, latent || !decode);
  const bool in_peak_of_format = in.operation == Op::prompt_attention;
  const auto device = kernel_device(*in.hardware, in_peak_of_format ? facts_of(in.format).arithmetic : Precision::fp16);
  const Information element = facts_of(in.format).weight;

  equations::AttentionForm form;
  double tiles = batch * heads * std::ceil(length / equations::attention_tile_rows);
  double rows = batch * length;
  double cached = 0;
  double pairs = batch * (in.operation == Op::encoder_attention ? length * length : keys * length - keys * (keys - 1) / 2);
  if (decode) {
    rows = 0;
    cached = batch * keys;
    pairs = cached;
    tiles = latent ? batch : batch * kv_heads;
    if (!latent)
      law.memory_share *= warm_factor(in.warm_cache, cached * 2 * kv_heads * in.head_size * ironlaw::in(element, units::byte));
    form = latent ? equations::latent_decode_attention_form(law, device, heads, in.latent_rank, in.rope_head_size, element)
                  : equations::decode_attention_form(law, device, kv_heads, in.head_size, element);
  } else if (latent) {
    form = equations::latent_prompt_attention_form(law, device, heads, in.head_size + in.rope_head_size, in.head_size);
  } else {
    form = equations::prompt_attention_form(law, device, heads, kv_heads, in.head_size);
  }
  return {form.fixed + form.tile * tiles + form.key * keys, Time{}, form.pair * pairs, form.row * rows + form.read * cached,
          form(tiles, keys, rows, cached, pairs),           length};
}

inline KernelTime absorbed_time(const KernelInputs& in, const RateFound& found) {
  const double tokens = needed(in.rows, "rows", "absorbed_product");
  const double heads = needed(in.heads, "heads", "absorbed_product");
  const FormatFacts format = facts_of(in.format);
  return time_of(equations::absorbed_product_form(constant(found, found->compute_share, "compute_share"),
                                                  constant(found, found->memory_share, "memory_share"),
                                                  found->latency.value_or(Time{}), kernel_device(*in.hardware, format.arithmetic),
                                                  heads, in.latent_rank, in.head_size, format.weight),
                 tokens);
}

/// A pass that reads 16-bit activations and writes 8-bit ones.
inline KernelTime quantization_time(const KernelInputs& in, const RateFound& found) {
  const double m = needed(in.rows, "rows", "quantization");
  const double elements = m * needed(in.k, "k", "quantization");
  const double bytes = 3 * elements;
  const double share = constant(found, found->memory_share, "memory_share") * warm_factor(in.warm_cache, bytes);
  const Time memory = bytes * units::byte / (kernel_bandwidth(*in.hardware) * share);
  const Time fixed = found->latency.value_or(Time{});
  return {fixed, Time{}, Time{}, memory, fixed + memory, m};
}

inline KernelTime kernel_time(const KernelInputs& in, const RateFound& found) {
  switch (in.operation) {
    case KernelOperation::product:
      return product_time(in, found);
    case KernelOperation::experts:
    case KernelOperation::wide_experts:
      return expert_time(in, found);
    case KernelOperation::absorbed_product:
      return absorbed_time(in, found);
    case KernelOperation::quantization:
      return quantization_time(in, found);
    default:
      return attention_time(in, found);
  }
}

}  // namespace ironlaw::estimates
