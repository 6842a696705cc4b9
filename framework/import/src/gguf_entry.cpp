#include "gguf_entry.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

/// Keys of one architecture.
class Metadata {
 public:
  explicit Metadata(const Json& all) : all_(all) {
    const auto it = all.find("general.architecture");
    if (it != all.end() && it->is_string()) architecture_ = it->get<std::string>();
  }
  [[nodiscard]] const std::string& architecture() const { return architecture_; }
  [[nodiscard]] const Json* find(const std::string& key) const {
    const auto it = all_.find(architecture_ + "." + key);
    return it == all_.end() ? nullptr : &*it;
  }
  /// Of layer `layer` where each has its own; 0 where the key is left out.
  [[nodiscard]] double number(const std::string& key, std::size_t layer = 0) const {
    const Json* value = find(key);
    if (value != nullptr && value->is_object()) {
      const Json& each = (*value)["values"];
      value = layer < each.size() ? &each[layer] : nullptr;
    }
    if (value == nullptr) return 0;
    return value->is_number() ? value->get<double>() : value->is_boolean() ? value->get<bool>() : 0;
  }
  [[nodiscard]] bool each_layer(const std::string& key) const {
    const Json* value = find(key);
    return value != nullptr && value->is_object();
  }
  [[nodiscard]] double largest(const std::string& key, double layers) const {
    double most = number(key);
    if (each_layer(key))
      for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) most = std::max(most, number(key, layer));
    return most;
  }

 private:
  const Json& all_;
  std::string architecture_;
};

void put_count(Json& entry, const char* field, double value) {
  if (value > 0) entry[field] = static_cast<std::int64_t>(value);
}

/// One layer in how many sees everything, where the file leaves it to the program that reads it (llama.cpp, llama-model.cpp).
double built_in_pattern(std::string_view architecture) {
  constexpr std::array<std::pair<std::string_view, double>, 8> patterns{
      {{"gemma2", 2}, {"gemma3", 6}, {"gemma3n", 5}, {"gpt-oss", 2}, {"cohere2", 4}, {"exaone4", 4}, {"olmo2", 4}, {"afmoe", 4}}};
  const auto it = std::find_if(patterns.begin(), patterns.end(), [&](const auto& p) { return p.first == architecture; });
  return it == patterns.end() ? 0 : it->second;
}

void add_stored_windows(const Metadata& m, double layers, Json& entry) {
  const double size = m.number("attention.sliding_window");
  if (size == 0) return;
  const std::string key = "attention.sliding_window_pattern";
  double windows = 0;
  if (m.each_layer(key)) {
    for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) windows += m.number(key, layer) != 0;
  } else if (const double period = m.number(key) > 0 ? m.number(key) : built_in_pattern(m.architecture()); period > 1) {
    windows = layers - std::floor(layers / period);
  }
  if (windows == 0) return;
  put_count(entry, "window_layers", windows);
  put_count(entry, "window_size", size);
}

/// DeepSeek's latent attention: a cache of one vector for all heads.
void add_stored_latent(const Metadata& m, Json& entry) {
  const double rank = m.number("attention.kv_lora_rank");
  if (rank == 0) return;
  const auto own = [&](const char* mla, const char* plain) { return m.number(mla) > 0 ? m.number(mla) : m.number(plain); };
  const double rope = m.number("rope.dimension_count");
  const double nope = own("attention.key_length_mla", "attention.key_length") - rope;
  put_count(entry, "latent_kv_rank", rank);
  entry["rope_head_size"] = static_cast<std::int64_t>(rope);
  put_count(entry, "nope_head_size", nope);
  put_count(entry, "head_size", nope);
  put_count(entry, "value_head_size", own("attention.value_length_mla", "attention.value_length"));
  put_count(entry, "query_rank", m.number("attention.q_lora_rank"));
  entry["kv_heads"] = entry["heads"];
}

/// Layers that keep a state in a cache's place: those without heads of keys, or all but one in an interval.
void add_stored_recurrence(const Metadata& m, double layers, Json& entry) {
  const double kernel = m.number("ssm.conv_kernel");
  const double value_heads = m.number("ssm.time_step_rank");
  if (kernel == 0 || value_heads == 0) return;
  const bool delta = m.architecture().starts_with("qwen3");
  const double interval = m.number("full_attention_interval") > 0 ? m.number("full_attention_interval") : 4;
  double recurrent = 0;
  double attending = 0;
  for (std::size_t layer = 0; layer < static_cast<std::size_t>(layers); ++layer) {
    const bool attends = m.each_layer("attention.head_count_kv") ? m.number("attention.head_count_kv", layer) > 0
                         : delta                                 ? std::fmod(static_cast<double>(layer) + 1, interval) == 0
                                                                 : true;
    const bool only_feeds = m.each_layer("feed_forward_length") && m.number("feed_forward_length", layer) > 0 &&
                            m.architecture().starts_with("nemotron_h");
    attending += attends;
    recurrent += !attends && !only_feeds;
  }
  if (recurrent == 0) return;
  put_count(entry, "attention_layers", attending);
  entry["recurrent"] = {{"layers", static_cast<std::int64_t>(recurrent)}, {"form", delta ? "gated_delta" : "state_duality"}};
  Json& state = entry["recurrent"];
  put_count(state, "key_heads", m.number("ssm.group_count"));
  put_count(state, "value_heads", value_heads);
  put_count(state, "key_size", m.number("ssm.state_size"));
  put_count(state, "value_size", m.number("ssm.inner_size") / value_heads);
  put_count(state, "convolution_width", kernel);
}

void add_stored_experts(const Metadata& m, const StoredModel& stored, double layers, const std::string& where, Json& entry) {
  const double experts = m.number("expert_count");
  const double active = m.number("expert_used_count");
  if (active == 0 || active > experts) throw InputError(where, m.architecture() + ".expert_used_count is left out or too large");
  double in_experts = 0;
  for (const auto& t : stored.tensors)
    if (class_of_tensor(t.name) == "experts") in_experts += t.elements;
  put_count(entry, "active_parameters", stored.parameters() - in_experts * (1 - active / experts));
  put_count(entry, "experts", experts);
  put_count(entry, "active_experts", active);
  if (const double dense = m.number("leading_dense_block_count"); dense > 0 && dense < layers) {
    put_count(entry, "expert_layers", layers - dense);
    put_count(entry, "dense_ffn_size", m.largest("feed_forward_length", layers));
  }
  const double shared = m.number("expert_shared_feed_forward_length");
  put_count(entry, "shared_ffn_size",
            shared > 0 ? shared : m.number("expert_shared_count") * m.number("expert_feed_forward_length"));
}

}  // namespace

Json gguf_entry(const StoredModel& stored, const std::string& where) {
  const Metadata m(stored.metadata);
  Json entry{{"kind", "network"}, {"parameters", static_cast<std::int64_t>(stored.parameters())}};
  const double layers = m.number("block_count");
  put_count(entry, "layers", layers);
  const double width = m.number("embedding_length");
  const double heads = m.largest("attention.head_count", layers);
  if (heads == 0 || width == 0) return entry;
  constexpr double largest = 100'000;
  if (layers > largest) throw InputError(where, m.architecture() + ".block_count is out of range; allowed: 1 to 100000");
  const bool sparse = m.number("expert_count") > 0;
  entry["kind"] = sparse ? "sparse_transformer" : "transformer";
  double vocabulary = 0;
  bool head = false;
  for (const auto& t : stored.tensors) {
    if (class_of_tensor(t.name) == "embedding") vocabulary = std::max(vocabulary, t.elements / width);
    head |= class_of_tensor(t.name) == "head";
  }
  if (sparse) add_stored_experts(m, stored, layers, where, entry);
  put_count(entry, "hidden_size", width);
  put_count(entry, "heads", heads);
  put_count(entry, "kv_heads", m.largest("attention.head_count_kv", layers));
  put_count(entry, "head_size", m.number("attention.key_length"));
  const double of_experts = m.number("expert_feed_forward_length");
  put_count(entry, "ffn_size", sparse && of_experts > 0 ? of_experts : m.largest("feed_forward_length", layers));
  put_count(entry, "vocabulary_size", vocabulary);
  entry["tied_embedding"] = !head;
  put_count(entry, "context_length", m.number("context_length"));
  add_stored_windows(m, layers, entry);
  add_stored_latent(m, entry);
  add_stored_recurrence(m, layers, entry);
  return entry;
}

}  // namespace ironlaw::host
