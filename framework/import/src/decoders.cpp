// Llama and the decoders that descend from it: gated feed-forward blocks, RMS norms, rotary positions.
#include "decoders.hpp"

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

constexpr double most_layers = 100'000;

}  // namespace

/// How a family differs from Llama. Defaults are those of its configuration class, for keys that a file leaves out.
struct DecoderFamily {
  enum class Biases { none, query_key_value, where_asked };
  enum class Routing { none, mixtral, qwen2, qwen3 };

  std::string_view name;
  bool tied_embedding = false;
  Biases attention_biases = Biases::none;
  bool ffn_biases = false;  ///< where "mlp_bias" asks for them
  double norms = 2;         ///< a layer, of the hidden width
  bool head_norms = false;  ///< one for queries and one for keys, of the head's width
  double head_size = 0;     ///< 0: hidden_size / heads
  Routing routing = Routing::none;
};

namespace {

using Biases = DecoderFamily::Biases;
using Routing = DecoderFamily::Routing;

constexpr std::array<DecoderFamily, 10> families{{
    {.name = "llama", .attention_biases = Biases::where_asked, .ffn_biases = true},
    {.name = "mistral"},
    {.name = "mixtral", .routing = Routing::mixtral},
    {.name = "gemma", .tied_embedding = true, .attention_biases = Biases::where_asked, .head_size = 256},
    {.name = "gemma2", .tied_embedding = true, .attention_biases = Biases::where_asked, .norms = 4, .head_size = 256},
    {.name = "gemma3_text",
     .tied_embedding = true,
     .attention_biases = Biases::where_asked,
     .norms = 4,
     .head_norms = true,
     .head_size = 256},
    {.name = "qwen2", .attention_biases = Biases::query_key_value},
    {.name = "qwen2_moe", .attention_biases = Biases::query_key_value, .routing = Routing::qwen2},
    {.name = "qwen3", .attention_biases = Biases::where_asked, .head_norms = true, .head_size = 128},
    {.name = "qwen3_moe", .attention_biases = Biases::where_asked, .head_norms = true, .routing = Routing::qwen3},
}};

double attention_weights(const ModelConfig& c, const DecoderFamily& family, const ModelCount& m) {
  const double queries = m.heads * m.head_size;
  const double keys = m.kv_heads * m.head_size;
  double weights = 2 * m.hidden_size * queries + 2 * m.hidden_size * keys;
  const bool all = family.attention_biases == Biases::where_asked && c.flag_or("attention_bias", false);
  if (all || family.attention_biases == Biases::query_key_value) weights += queries + 2 * keys;
  if (all) weights += m.hidden_size;
  if (family.head_norms) weights += 2 * m.head_size;
  return weights;
}

/// Layers that route, by the rule of Qwen2-MoE: every `step`-th, less those named as dense.
double sparse_layers(const ModelConfig& c, double layers) {
  const auto dense = c.numbers("mlp_only_layers");
  const double step = c.count_or("decoder_sparse_step", 1);
  double count = 0;
  for (double layer = 0; layer < layers; ++layer)
    if (std::find(dense.begin(), dense.end(), layer) == dense.end() &&
        static_cast<long long>(layer + 1) % static_cast<long long>(step) == 0)
      ++count;
  return count;
}

/// What routing layers hold beside their attention and norms, in all and for one token.
void add_experts(const ModelConfig& c, Routing routing, ModelCount& m) {
  m.ffn_size = c.count(routing == Routing::mixtral ? "intermediate_size" : "moe_intermediate_size");
  m.experts.experts = c.count(routing == Routing::mixtral ? "num_local_experts" : "num_experts");
  m.experts.active = c.count("num_experts_per_tok");
  if (m.experts.active > m.experts.experts) c.refuse("num_experts_per_tok", "exceeds the number of experts");
  m.experts.layers = routing == Routing::mixtral ? m.layers : sparse_layers(c, m.layers);
  const double expert = 3 * m.hidden_size * m.ffn_size;
  double shared = m.hidden_size * m.experts.experts;  // the router
  if (routing == Routing::qwen2) shared += 3 * m.hidden_size * c.count("shared_expert_intermediate_size") + m.hidden_size;
  m.parameters += m.experts.layers * (shared + m.experts.experts * expert);
  m.active_parameters = -m.experts.layers * (m.experts.experts - m.experts.active) * expert;
}

}  // namespace

std::vector<std::string_view> decoder_types() {
  std::vector<std::string_view> names;
  for (const auto& family : families) names.push_back(family.name);
  return names;
}

ModelCount count_decoder(const ModelConfig& c, std::string_view type) {
  const auto& family = *std::find_if(families.begin(), families.end(), [&](const auto& f) { return f.name == type; });
  ModelCount m = decoder_geometry(c, family.tied_embedding);
  m.kv_heads = c.count_or("num_key_value_heads", m.heads);
  m.head_size = c.count_or("head_dim", family.head_size > 0 ? family.head_size : m.hidden_size / m.heads);
  m.parameters = m.layers * (attention_weights(c, family, m) + family.norms * m.hidden_size);
  double dense_layers = m.layers;
  if (family.routing != Routing::none) {
    add_experts(c, family.routing, m);
    dense_layers -= m.experts.layers;
  }
  if (dense_layers > 0) {
    const double width = c.count("intermediate_size");
    const bool biased = family.ffn_biases && c.flag_or("mlp_bias", false);
    m.parameters += dense_layers * (3 * m.hidden_size * width + (biased ? 2 * width + m.hidden_size : 0));
    if (m.experts.layers == 0) m.ffn_size = width;
  }
  add_embeddings(m);
  return m;
}

ModelCount decoder_geometry(const ModelConfig& c, bool tied) {
  ModelCount m;
  m.layers = c.count("num_hidden_layers");
  if (m.layers > most_layers) c.refuse("num_hidden_layers", "is out of range; allowed: 1 to 100000");
  m.hidden_size = c.count("hidden_size");
  m.heads = c.count("num_attention_heads");
  m.vocabulary_size = c.count("vocab_size");
  m.context_length = c.count("max_position_embeddings");
  m.tied_embedding = c.flag_or("tie_word_embeddings", tied);
  return m;
}

void add_embeddings(ModelCount& m) {
  m.parameters += m.hidden_size + (m.tied_embedding ? 1 : 2) * m.vocabulary_size * m.hidden_size;
  m.active_parameters += m.parameters;
}

}  // namespace ironlaw::host
