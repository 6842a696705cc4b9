#pragma once
// Equations of transformer stacks that several families share: attention, key-value cache, routed experts, activations.
#include <ironlaw/facets.hpp>
#include <ironlaw/precision.hpp>

#include <cmath>

namespace ironlaw::equations {

/// (query, key) pairs of n new tokens that each see c cached tokens, their predecessors and themselves (causal mask).
constexpr double pairs(double n, double c) { return n * c + n * (n + 1) / 2; }

/// Scores and weighted values of one (query, key) pair in all layers. Grouped keys and values cut bytes, not these operations
/// (Vaswani 2017, Ainslie 2023).
constexpr Operations attention_operations_per_pair(const TransformerShape& s) {
  return 4 * s.layers * s.heads * s.head_size * units::flop;
}
/// The same where queries meet the latent cache directly (absorbed form, DeepSeek-V2 2024); needs the latent fields.
constexpr Operations latent_attention_operations_per_pair(const TransformerShape& s) {
  return 2 * s.layers * s.heads * (2 * *s.latent_kv_rank + *s.rope_head_size) * units::flop;
}
/// What a decoding stack pays for each pair: the latent form where its cache is latent.
constexpr Operations decode_operations_per_pair(const TransformerShape& s) {
  return s.latent_kv_rank ? latent_attention_operations_per_pair(s) : attention_operations_per_pair(s);
}

/// Key-value cache of `tokens` tokens (Pope 2022; latent: DeepSeek-V2 2024).
constexpr Information cache_size(const TransformerShape& s, double tokens, Precision precision) {
  return s.cache_elements_per_token() * tokens * bytes_per_element(precision) * units::byte;
}
/// Tokens that a cache of whole pages sets aside for `tokens` tokens (Kwon 2023).
inline double paged_tokens(double tokens, double page) { return std::ceil(tokens / page) * page; }

/// Experts of `count` that T tokens touch between them, each routed independently and evenly to k (Feller 1968).
inline double experts_touched(double count, double k, double tokens) { return count * (1 - std::pow(1 - k / count, tokens)); }
/// Parameters in all experts together, from those in all and those one token passes through; 0 where every expert is active.
constexpr double expert_parameters(double parameters, double active_parameters, double count, double k) {
  return k < count ? (parameters - active_parameters) / (1 - k / count) : 0;
}

/// Activations that fused kernels write and read back for one token: six tensors of the hidden width, keys and values, and one
/// feed-forward tensor for each of its matrices (three where it is gated), `ffns` times where a token passes several experts.
constexpr double activation_elements_per_token(const TransformerShape& s, double ffn_size, double ffn_matrices = 3,
                                               double ffns = 1) {
  return s.layers * (6 * s.hidden_size + 2 * s.kv_heads * s.head_size + ffn_matrices * ffn_size * ffns);
}

}  // namespace ironlaw::equations
