#include "decoders.hpp"

namespace ironlaw::host {
namespace {

/// Weights of latent attention in one layer (DeepSeek-V2 2024).
double attention_weights(const ModelConfig& c, const ModelCount& m) {
  const double values = c.count("v_head_dim");
  const double query_head = m.head_size + m.rope_head_size;
  const double query_rank = c.number_or("q_lora_rank", 0);
  double weights = m.hidden_size * (m.latent_kv_rank + m.rope_head_size) + m.latent_kv_rank +
                   m.latent_kv_rank * m.heads * (m.head_size + values) + m.heads * values * m.hidden_size;
  weights += query_rank > 0 ? m.hidden_size * query_rank + query_rank + query_rank * m.heads * query_head
                            : m.hidden_size * m.heads * query_head;
  if (c.flag_or("attention_bias", false)) weights += query_rank + m.latent_kv_rank + m.rope_head_size + m.hidden_size;
  return weights;
}

double routing_layers(const ModelConfig& c, double layers) {
  const double step = c.count_or("moe_layer_freq", 1);
  double count = 0;
  for (double layer = c.number_or("first_k_dense_replace", 0); layer < layers; ++layer)
    if (static_cast<long long>(layer) % static_cast<long long>(step) == 0) ++count;
  return count;
}

}  // namespace

ModelCount count_deepseek(const ModelConfig& c, bool third_version) {
  ModelCount m = decoder_geometry(c, false);
  m.kv_heads = c.count_or("num_key_value_heads", m.heads);
  m.head_size = c.count("qk_nope_head_dim");
  m.rope_head_size = c.count("qk_rope_head_dim");
  m.latent_kv_rank = c.count("kv_lora_rank");
  m.ffn_size = c.count("moe_intermediate_size");
  m.experts = {c.count("n_routed_experts"), c.count("num_experts_per_tok"), routing_layers(c, m.layers)};
  if (m.experts.active > m.experts.experts) c.refuse("num_experts_per_tok", "exceeds the number of experts");

  const double expert = 3 * m.hidden_size * m.ffn_size;
  // The third version keeps a correction of each expert's score beside the router.
  const double router = (m.hidden_size + (third_version ? 1 : 0)) * m.experts.experts;
  const double shared = c.number_or("n_shared_experts", 0) * expert;
  const double dense_layers = m.layers - m.experts.layers;
  m.parameters = m.layers * (attention_weights(c, m) + 2 * m.hidden_size) +
                 m.experts.layers * (router + shared + m.experts.experts * expert);
  if (dense_layers > 0) m.parameters += dense_layers * 3 * m.hidden_size * c.count("intermediate_size");
  m.active_parameters = -m.experts.layers * (m.experts.experts - m.experts.active) * expert;
  add_embeddings(m);
  return m;
}

}  // namespace ironlaw::host
