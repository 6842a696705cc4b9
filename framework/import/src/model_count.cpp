#include "model_count.hpp"

#include "decoders.hpp"

#include <ironlaw/error.hpp>

#include <array>

namespace ironlaw::host {
namespace {

/// The stack and its embeddings: learned positions, norms with biases, the head always tied or counted.
ModelCount count_gpt2(const ModelConfig& c) {
  if (c.flag_or("add_cross_attention", false)) c.refuse("add_cross_attention", "is not counted here; allowed: false");
  ModelCount m;
  m.layers = c.count("n_layer");
  const double h = m.hidden_size = c.count("n_embd");
  m.heads = m.kv_heads = c.count("n_head");
  m.head_size = h / m.heads;
  m.vocabulary_size = c.count("vocab_size");
  m.context_length = c.count("n_positions");
  m.ffn_size = c.count_or("n_inner", 4 * h);
  m.ffn_matrices = 2;
  m.tied_embedding = c.flag_or("tie_word_embeddings", true);
  const double attention = 4 * h * h + 4 * h;
  const double ffn = 2 * h * m.ffn_size + m.ffn_size + h;
  m.parameters =
      m.layers * (attention + ffn + 4 * h) + 2 * h + ((m.tied_embedding ? 1 : 2) * m.vocabulary_size + m.context_length) * h;
  m.active_parameters = m.parameters;
  return m;
}

/// What stands on BERT's encoder, as "architectures" names it.
double bert_head(const ModelConfig& c, double h, double vocabulary) {
  constexpr std::array<std::string_view, 3> known{"BertModel", "BertForMaskedLM", "BertForPreTraining"};
  const std::string name = c.one_of("architectures", c.first_text("architectures", "BertModel"), known, "head");
  const double pooler = h * h + h;
  const double masked = h * h + h + 2 * h + vocabulary;  // its output matrix is the embedding
  if (name == "BertModel") return pooler;
  return name == "BertForMaskedLM" ? masked : pooler + masked + 2 * h + 2;
}

ModelCount count_bert(const ModelConfig& c) {
  if (c.flag_or("is_decoder", false)) c.refuse("is_decoder", "is not counted here; allowed: false");
  ModelCount m;
  m.layers = c.count("num_hidden_layers");
  const double h = m.hidden_size = c.count("hidden_size");
  m.heads = m.kv_heads = c.count("num_attention_heads");
  m.head_size = h / m.heads;
  m.vocabulary_size = c.count("vocab_size");
  m.context_length = c.count("max_position_embeddings");
  m.ffn_size = c.count("intermediate_size");
  m.ffn_matrices = 2;
  m.tied_embedding = c.flag_or("tie_word_embeddings", true);
  if (!m.tied_embedding) c.refuse("tie_word_embeddings", "is not counted here; allowed: true");
  const double attention = 4 * h * h + 4 * h;
  const double ffn = 2 * h * m.ffn_size + m.ffn_size + h;
  m.parameters = m.layers * (attention + ffn + 4 * h) +
                 (m.vocabulary_size + m.context_length + c.count("type_vocab_size") + 2) * h + bert_head(c, h, m.vocabulary_size);
  m.active_parameters = m.parameters;
  // Every token attends to every other: 4 h operations a pair and layer, beside two a weight and token.
  const double weights = m.layers * (4 * h * h + 2 * h * m.ffn_size);
  m.sequence_operations = 2 * weights * m.context_length + 4 * m.layers * h * m.context_length * m.context_length;
  return m;
}

}  // namespace

ModelCount count_model(const ModelConfig& config) {
  std::vector<std::string_view> known{"gpt2", "bert"};
  const auto decoders = decoder_types();
  known.insert(known.end(), decoders.begin(), decoders.end());
  known.insert(known.end(), {"deepseek_v2", "deepseek_v3"});
  const std::string type = config.one_of("model_type", config.text_or("model_type", ""), known, "architecture");
  const ModelCount model = type == "gpt2"          ? count_gpt2(config)
                           : type == "bert"        ? count_bert(config)
                           : type == "deepseek_v2" ? count_deepseek(config, false)
                           : type == "deepseek_v3" ? count_deepseek(config, true)
                                                   : count_decoder(config, type);
  if (model.head_size != static_cast<double>(static_cast<long long>(model.head_size)))
    config.refuse(type == "gpt2" ? "n_head" : "num_attention_heads", "does not divide the hidden size");
  if (model.kv_heads > model.heads) config.refuse("num_key_value_heads", "exceeds the number of heads");
  // Beyond this a double no longer counts one by one.
  if (model.parameters > 9007199254740992.0) throw InputError(config.file().string(), "has more than 2^53 parameters");
  return model;
}

}  // namespace ironlaw::host
