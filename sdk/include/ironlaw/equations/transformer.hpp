#pragma once
// Equations of transformer stacks that several families share: attention, key-value cache, routed experts, activations.
#include <ironlaw/facets.hpp>
#include <ironlaw/sdk/lanes.hpp>

#include <algorithm>
#include <cmath>

namespace ironlaw::equations {

/// (query, key) pairs of n new tokens that each see c cached tokens, their predecessors and themselves (causal mask).
template <class N>
constexpr N pairs(const N& n, const std::type_identity_t<N>& c) {
  static_assert(!std::is_integral_v<N>, "tokens may be fractions");
  return n * c + n * (n + 1) / 2;
}

/// What a token sees where a layer bounds it: all up to `size`, then `beyond`.
struct Visible {
  double size;
  double beyond;
  /// A window of the last `size` tokens, the token itself among them.
  static constexpr Visible window(double size) { return {size, size}; }
  /// A chunk of `size` tokens, up to the token itself. Beyond the first its mean stands for it, which is right at the end of
  /// each.
  static constexpr Visible chunk(double size) { return {size, (size + 1) / 2}; }

  /// (query, key) pairs of n new tokens after c cached ones.
  template <class N>
  [[nodiscard]] constexpr N pairs(const N& n, const std::type_identity_t<N>& c) const {
    const N across = equations::pairs(N(size - c), c) + (c + n - size) * beyond;
    return select(c + n <= size, equations::pairs(n, c), select(c >= size, N(n * beyond), across));
  }
};

/// Scores and weighted values of one (query, key) pair in one layer. Grouped keys and values cut bytes, not these operations
/// (Vaswani 2017, Ainslie 2023).
constexpr Operations attention_operations_per_pair(const TransformerShape& s) {
  return 2 * s.heads * (s.key_size() + s.value_size()) * units::flop;
}
/// The same where queries meet the latent cache directly (absorbed form, DeepSeek-V2 2024); needs the latent fields.
constexpr Operations latent_attention_operations_per_pair(const TransformerShape& s) {
  return 2 * s.heads * (2 * *s.latent_kv_rank + *s.rope_head_size) * units::flop;
}
/// What a layer of a decoding stack pays for each pair: the latent form where its cache is latent.
constexpr Operations decode_operations_per_pair(const TransformerShape& s) {
  return s.latent_kv_rank ? latent_attention_operations_per_pair(s) : attention_operations_per_pair(s);
}
/// What the sparse index of a layer pays for each pair.
constexpr Operations index_operations_per_pair(const TransformerShape& s) {
  return 2 * s.index_heads * s.index_head_size * units::flop;
}

/// What compressed layers have beside their windows for each token of the context, in elements: entries are read or picked, keys
/// of the index are all read (DeepSeek-V4 2026: compressed sparse attention, and heavily compressed attention, which reads all).
struct CompressedElements {
  double entries;
  double index_keys;
  [[nodiscard]] constexpr double kept() const { return entries + index_keys; }
};
constexpr CompressedElements compressed_elements(const TransformerShape& s, const CompressedLayers& c) {
  const double entries = c.layers / c.ratio;
  return {entries * s.with_heads_of_windows().key_value_elements(), c.indexed ? entries * s.index_head_size : 0};
}
/// Tokens whose entries the index of such a layer picks at most; 0: it reads all.
constexpr double picked_tokens(const TransformerShape& s, const CompressedLayers& c) {
  return c.indexed ? *s.index_top_k * c.ratio : 0;
}

/// Elements that the cache of one sequence of `tokens` tokens takes in all layers: layers with a window or a chunk keep no more
/// than that, compressed ones their entries beside it, layers that share a cache nothing (Pope 2022; latent: DeepSeek-V2 2024).
/// Piecewise linear.
constexpr double cache_elements(const TransformerShape& s, double tokens) {
  double elements = s.layer_cache_elements() * s.full_layers() * tokens;
  if (s.window_layers != 0)
    elements += s.with_heads_of_windows().key_value_elements() * s.window_layers * std::min(tokens, s.window_size);
  if (s.chunked_layers != 0) elements += s.key_value_elements() * s.chunked_layers * std::min(tokens, s.chunk_size);
  for (const CompressedLayers& c : s.compressed)
    if (c.layers != 0) elements += compressed_elements(s, c).kept() * tokens;
  return elements * s.caching_share();
}
/// Cache of `sequences` sequences of `tokens` tokens, `bytes` an element.
constexpr Information cache_size(const TransformerShape& s, double sequences, double tokens, double bytes) {
  return sequences * cache_elements(s, tokens) * bytes * units::byte;
}
/// Tokens that a cache of whole pages sets aside for `tokens` tokens (Kwon 2023).
inline double paged_tokens(double tokens, double page) { return std::ceil(tokens / page) * page; }

/// Experts of `count` that T tokens touch between them, each routed independently and evenly to k (Feller 1968).
template <class N>
N experts_touched(double count, double k, const N& tokens) {
  const double missed = 1 - k / count;
  return count * (1 - each([missed](double t) { return std::pow(missed, t); }, tokens));
}
inline double experts_touched(double count, double k, int tokens) {
  return experts_touched(count, k, static_cast<double>(tokens));
}
/// Parameters in all experts together, from those in all and those one token passes through; 0 where every expert is active.
template <class N>
constexpr N expert_parameters(const N& parameters, double active_parameters, double count, double k) {
  return k < count ? N((parameters - active_parameters) / (1 - k / count)) : N(0.0);
}

/// Activations that fused kernels write and read back for one token: three tensors of the hidden width for each mixer and each
/// feed-forward block, keys and values, four streams of a recurrent layer, and a block's width for each of its matrices (three
/// where it is gated), as often as a token passes one. `ffn_size` is a dense block's width, or that of one routed expert.
constexpr double activation_elements_per_token(const TransformerShape& s, double ffn_size, const Experts* experts = nullptr,
                                               const RecurrentLayers* recurrent = nullptr) {
  const double blocks = s.feed_forward_layers(), routed = experts != nullptr ? experts->layers.value_or(blocks) : 0;
  double elements = 3 * s.hidden_size * (s.attending_layers() + blocks) + s.attending_layers() * 2 * s.kv_heads * s.head_size;
  if (recurrent != nullptr) elements += recurrent->layers * (3 * s.hidden_size + 4 * recurrent->inner_size());
  if (experts == nullptr) return elements + s.ffn_matrices * blocks * ffn_size;
  // A sparse stack that does not say how wide its dense blocks are counts them as its routed ones.
  const double passed = ffn_size * experts->active_per_token + experts->shared_ffn_size;
  return elements + s.ffn_matrices * (routed * passed + (blocks - routed) * experts->dense_ffn_size.value_or(passed));
}

/// Weights of attention's projections in one layer that projects its own keys and values.
constexpr double attention_parameters(const TransformerShape& s) {
  const double values = s.heads * s.value_size();
  const double output = s.output_rank ? *s.output_rank * (values + s.output_groups * s.hidden_size) : values * s.hidden_size;
  const double queries = s.heads * s.key_size() * (s.gated_attention && !s.latent_kv_rank ? 2 : 1);
  const double into_queries = s.query_rank ? *s.query_rank * (s.hidden_size + queries) : queries * s.hidden_size;
  if (!s.latent_kv_rank) return into_queries + s.hidden_size * s.key_value_elements() + output;
  const double nope = s.nope_head_size.value_or(s.head_size);
  return into_queries + s.hidden_size * (*s.latent_kv_rank + *s.rope_head_size) +
         *s.latent_kv_rank * s.heads * (nope + s.value_size()) + output;
}
/// The same in all layers that attend.
constexpr double attention_parameters_of_stack(const TransformerShape& s) {
  return (s.attending_layers() - s.window_layers) * attention_parameters(s) +
         s.window_layers * attention_parameters(s.with_heads_of_windows());
}

}  // namespace ironlaw::equations
