#include "model_entry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ironlaw::host {
namespace {

Json whole(double number) { return static_cast<std::int64_t>(number); }

std::string operations(double flop) { return std::to_string(static_cast<std::int64_t>(flop)) + " FLOP"; }

std::string attention_of(const CountedLayers& l) {
  const auto it = l.facts.find("attention");
  return it != l.facts.end() && it->second.is_string() ? it->second.get<std::string>() : "full";
}
bool attends(const CountedLayers& l) {
  constexpr std::array<std::string_view, 4> kinds{"full", "sliding", "chunked", "latent"};
  return std::find(kinds.begin(), kinds.end(), attention_of(l)) != kinds.end();
}
bool recurs(const CountedLayers& l) { return !attends(l) && attention_of(l) != "none"; }
double fact(const CountedLayers& l, const std::string& name) {
  const auto it = l.facts.find(name);
  return it != l.facts.end() && it->second.is_number() ? it->second.get<double>() : 0;
}
bool is(const CountedLayers& l, const std::string& name) {
  const auto it = l.facts.find(name);
  return it != l.facts.end() && it->second.is_boolean() && it->second.get<bool>();
}
double weight(const CountedLayers& l, std::string_view name) {
  const auto it = std::find_if(l.weights.begin(), l.weights.end(), [&](const auto& w) { return w.first == name; });
  return it == l.weights.end() ? 0 : it->second;
}
bool feeds_forward(const CountedLayers& l) {
  return weight(l, "ffn") + weight(l, "experts") + weight(l, "shared_experts") + weight(l, "dense_ffn") > 0;
}

template <class Which>
double layers_that(const CountedNetwork& n, const Which& which) {
  double count = 0;
  for (const auto& l : n.layers)
    if (which(l)) count += l.count;
  return count;
}

/// Counts among the facts go over under the same name.
void copy_counts(const CountedNetwork& n, std::span<const std::string_view> names, Json& entry) {
  for (const auto name : names)
    if (const double value = n.number(name); value > 0) entry[std::string(name)] = whole(value);
}

void add_windows(const CountedNetwork& n, Json& entry) {
  for (const auto& [kind, layers_field, size_field] :
       {std::array<const char*, 3>{"sliding", "window_layers", "window_size"}, {"chunked", "chunked_layers", "chunk_size"}}) {
    const double layers = layers_that(n, [wanted = kind](const auto& l) { return attention_of(l) == wanted; });
    if (layers == 0) continue;
    entry[layers_field] = whole(layers);
    if (std::string_view(kind) == "sliding")
      copy_counts(n, std::array<std::string_view, 2>{"window_kv_heads", "window_head_size"}, entry);
    for (const auto& l : n.layers)
      if (attention_of(l) == kind) entry[size_field] = whole(fact(l, "window"));
  }
}

/// Layers that keep an entry for every few tokens beside their window: those whose entries the index picks, and the others.
void add_compression(const CountedNetwork& n, Json& entry) {
  for (const auto& [name, picks] : {std::pair("compressed", true), {"heavily_compressed", false}}) {
    double layers = 0, ratio = 0;
    for (const auto& l : n.layers) {
      if (fact(l, "compress_ratio") == 0 || is(l, "picks_entries") != picks) continue;
      layers += l.count;
      ratio = fact(l, "compress_ratio");
    }
    if (layers == 0) continue;
    entry[name] = {{"layers", whole(layers)}, {"ratio", whole(ratio)}};
    if (picks) entry[name]["indexed"] = true;
  }
}

/// Layers may have heads of their own: those with a window are a class beside others, the rest is known by its mean.
void add_own_heads(const CountedNetwork& n, Json& entry) {
  constexpr std::array<std::array<const char*, 4>, 2> names{
      {{"own_heads", "heads", "mean_heads", "window_heads"}, {"own_kv_heads", "kv_heads", "mean_kv_heads", "window_kv_heads"}}};
  const double windows = layers_that(n, [](const auto& l) { return attention_of(l) == "sliding"; });
  const bool apart = windows > 0 && windows < layers_that(n, attends);
  for (const auto& [own, all, mean, of_windows] : names) {
    double layers = 0, sum = 0, most = 0, in_window = 0;
    for (const auto& l : n.layers) {
      const double heads = attends(l) ? fact(l, own) : 0;
      if (heads == 0) continue;
      if (apart && attention_of(l) == "sliding") {
        in_window = std::max(in_window, heads);
      } else {
        layers += l.count;
        sum += l.count * heads;
        most = std::max(most, heads);
      }
    }
    if (layers == 0) continue;
    entry[all] = whole(most);
    if (sum != layers * most) entry[mean] = sum / layers;
    if (in_window > 0 && in_window != most) entry[of_windows] = whole(in_window);
  }
}

/// Dense blocks that differ in width, of which the table names none: their mean.
void add_mean_width(const CountedNetwork& n, Json& entry) {
  double blocks = 0, weights = 0;
  for (const auto& l : n.layers)
    if (const double ffn = weight(l, "ffn"); ffn > 0) {
      blocks += l.count;
      weights += l.count * ffn;
    }
  if (blocks == 0) return;
  const double width = weights / blocks / n.number("hidden_size") / n.number("ffn_matrices", 3);
  entry["ffn_size"] = width == std::floor(width) ? whole(width) : Json(width);
}

void add_recurrence(const CountedNetwork& n, Json& entry) {
  const double layers = layers_that(n, recurs);
  if (layers == 0) return;
  Json recurrent{{"layers", whole(layers)}, {"form", n.facts.at("recurrent_form")}};
  for (const char* name : {"key_heads", "value_heads", "key_size", "value_size", "time_step_rank", "convolution_width"}) {
    const Json* value = n.fact(std::string("recurrent_") + name);
    if (value != nullptr) recurrent[name] = whole(value->get<double>());
  }
  entry["recurrent"] = std::move(recurrent);
}

void add_experts(const CountedNetwork& n, Json& entry) {
  const double experts = n.number("experts");
  const double active = n.number("active_experts");
  double resting = 0;
  double ffn = 0;
  for (const auto& l : n.layers) {
    resting += l.count * weight(l, "experts") * (1 - active / experts);
    if (weight(l, "experts") == 0) ffn = std::max(ffn, weight(l, "ffn"));
  }
  entry["active_parameters"] = whole(n.parameters() - resting);
  entry["experts"] = whole(experts);
  entry["active_experts"] = whole(active);
  const double layers = layers_that(n, [](const auto& l) { return weight(l, "experts") > 0; });
  if (layers < layers_that(n, feeds_forward)) entry["expert_layers"] = whole(layers);
  const double width = n.number("hidden_size") * n.number("ffn_matrices", 3);
  copy_counts(n, std::array<std::string_view, 1>{"expert_input_size"}, entry);
  if (ffn >= width) entry["dense_ffn_size"] = whole(std::floor(ffn / width));
  for (const auto& l : n.layers)
    if (const double shared = weight(l, "shared_experts") + weight(l, "dense_ffn"); shared >= width)
      entry["shared_ffn_size"] = whole(std::floor(shared / width));
}

void add_bits(const StoredBits& bits, bool sparse, Json& entry) {
  if (bits.empty()) return;
  Json stored = Json::object();
  for (const auto& [name, width] : bits)
    if (sparse || name != "experts") stored[name] = std::round(width * 1e6) / 1e6;
  entry["stored_bits"] = std::move(stored);
}

/// Parameters that each position passes: what modulates a layer depends on the denoising step alone and is worked out once.
double passed_by_positions(const auto& layer) {
  double sum = 0;
  for (const auto& [name, each] : layer.weights)
    if (name != "modulation") sum += each;
  return layer.count * sum;
}

/// An encoder passes whole sequences: two operations a weight and token, and four a pair of tokens and width.
double sequence_operations(const CountedNetwork& n, double tokens) {
  double passed = 0;
  for (const auto& l : n.layers) passed += passed_by_positions(l);
  if (n.number("shares_layers") != 0) passed *= n.number("layers");  // the weights of one serve all
  return 2 * passed * tokens + 4 * n.number("layers") * n.number("heads") * n.number("head_size") * tokens * tokens;
}

/// Networks whose layers see pictures of different sizes: positions times weights, and pairs of positions where they attend.
/// What reads a text passes its tokens, and what makes pictures smaller or larger the positions on its other side.
double picture_operations(const CountedNetwork& n) {
  double sum = 0;
  for (const auto& l : n.layers) {
    const double positions = fact(l, "positions"), tokens = fact(l, "text_tokens");
    const double of_text = weight(l, "text"), resampling = weight(l, "resampling");
    sum += 2 * (passed_by_positions(l) - l.count * (of_text + resampling)) * positions;
    sum += 2 * l.count * (of_text * tokens + resampling * fact(l, "resampled_positions"));
    sum += l.count * 4 * fact(l, "attended") * positions * (positions + tokens);
  }
  return sum;
}

Json transformer(const CountedNetwork& n, const StoredBits& bits) {
  constexpr std::array<std::string_view, 17> counts{
      "layers",         "hidden_size",    "heads",           "kv_heads",       "head_size",
      "latent_kv_rank", "rope_head_size", "query_rank",      "nope_head_size", "value_head_size",
      "ffn_size",       "ffn_matrices",   "vocabulary_size", "context_length", "shared_cache_layers",
      "output_rank",    "output_groups"};
  const bool sparse = n.number("experts") > 0 && layers_that(n, [](const auto& l) { return weight(l, "experts") > 0; }) > 0;
  Json entry{{"kind", sparse ? "sparse_transformer" : "transformer"}, {"parameters", whole(n.parameters())}};
  if (sparse) add_experts(n, entry);
  copy_counts(n, counts, entry);
  if (n.fact("tied_embedding") != nullptr && n.fact("vocabulary_size") != nullptr)
    entry["tied_embedding"] = n.number("tied_embedding") != 0;
  const double layers = n.number("layers");
  const double attending = layers_that(n, attends);
  if (attending + layers_that(n, recurs) < layers) entry["attention_layers"] = whole(attending);
  if (const double blocks = layers_that(n, feeds_forward); blocks < layers && n.number("shares_layers") == 0)
    entry["ffn_layers"] = whole(blocks);
  if (n.number("latent_kv_rank") > 0) entry["rope_head_size"] = whole(n.number("rope_head_size"));
  if (n.number("reads_whole") == 0) add_windows(n, entry);
  add_own_heads(n, entry);
  if (n.number("ffn_size") == 0 && !sparse) add_mean_width(n, entry);
  add_compression(n, entry);
  add_recurrence(n, entry);
  for (const char* says : {"gated_attention", "joint_query_key_norm", "joint_key_value"})
    if (n.number(says) != 0) entry[says] = true;
  const bool picks = entry.contains("compressed") || !entry.contains("heavily_compressed");
  if (picks && n.number("index_top_k") > 0)
    entry["index"] = {{"top_k", whole(n.number("index_top_k"))},
                      {"heads", whole(n.number("index_query_heads"))},
                      {"head_size", whole(n.number("index_size"))}};
  if (const double tokens = n.number("sequence"); n.number("reads_whole") != 0 && tokens > 0) {
    entry["work_unit"] = "sequence";
    entry["reference_length"] = whole(tokens);
    entry["operations"] = operations(sequence_operations(n, tokens));
  }
  add_bits(bits, sparse, entry);
  return entry;
}

Json state_space(const CountedNetwork& n) {
  constexpr std::array<std::string_view, 6> counts{"layers",    "hidden_size",       "state_size",
                                                   "expansion", "convolution_width", "vocabulary_size"};
  Json entry{{"kind", "state_space"}, {"parameters", whole(n.parameters())}};
  copy_counts(n, counts, entry);
  return entry;
}

Json denoiser(const CountedNetwork& n) {
  Json entry{{"kind", "diffusion"}, {"parameters", whole(n.parameters())}};
  const double tokens = n.number("sequence");
  const double flop = tokens > 0 ? sequence_operations(n, tokens) : picture_operations(n);
  if (flop > 0) entry["operations_per_step"] = operations(flop);
  copy_counts(n, std::array<std::string_view, 3>{"denoising_steps", "guidance_passes", "layers"}, entry);
  return entry;
}

Json network(const CountedNetwork& n) {
  Json entry{{"kind", "network"}, {"parameters", whole(n.parameters())}};
  if (const double flop = picture_operations(n); flop > 0) entry["operations"] = operations(flop);
  if (const double layers = n.number("layers"); layers > 0) entry["layers"] = whole(layers);
  return entry;
}

/// The first part answers; what the whole holds itself goes to it (embedding, head, norms) or to the second (projectors).
Json composite(const CountedNetwork& n, const StoredBits& bits) {
  constexpr std::array<const char*, 4> places{"first", "second", "third", "fourth"};
  std::vector<CountedNetwork> parts = n.parts;
  for (const auto& [name, count] : n.weights) {
    const bool of_answer = parts.size() == 1 || name == "embedding" || name == "head" || name == "norms";
    parts[of_answer ? 0 : 1].weights.emplace_back(name, count);
  }
  Json entry{{"kind", "composite"}, {"parameters", whole(n.parameters())}, {"network", entry_of(parts[0], bits)}};
  for (const char* shared : {"vocabulary_size", "tied_embedding"})
    if (n.fact(shared) != nullptr && parts[0].fact("vocabulary_size") != nullptr && n.number("layers", -1) == 0) {
      if (std::string_view(shared) == "tied_embedding") entry["network"][shared] = n.number(shared) != 0;
    }
  for (std::size_t i = 1; i < parts.size() && i <= places.size(); ++i) {
    Json part{{"network", entry_of(parts[i], {})}, {"runs", parts[i].runs}};
    if (parts[i].reads_prompt) part["reads_prompt"] = true;
    entry[places[i - 1]] = std::move(part);
  }
  return entry;
}

}  // namespace

Json entry_of(const CountedNetwork& n, const StoredBits& bits) {
  if (n.parts.size() == 1 && n.weights.empty()) return entry_of(n.parts[0], bits);
  if (!n.parts.empty()) return composite(n, bits);
  if (n.number("denoiser") != 0) return denoiser(n);
  if (n.fact("state_size") != nullptr && n.fact("heads") == nullptr) return state_space(n);
  if (n.fact("heads") == nullptr && n.fact("recurrent_form") == nullptr) return network(n);
  return transformer(n, bits);
}

}  // namespace ironlaw::host
