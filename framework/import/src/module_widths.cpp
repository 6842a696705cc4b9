#include "module_widths.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace ironlaw::host {
namespace {

bool has_any(std::string_view name, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](std::string_view part) { return name.find(part) != name.npos; });
}

/// The class that a module's weights belong to; empty for what stays in 16 bits in any case, and for towers.
std::string_view class_of_module(std::string_view name) {
  if (has_any(name, {"norm", "router", "indexer", "e_score", "conv1d", "visual", "vision", "embed_audio", "mtp", "expert_gate"}))
    return "";
  if (name.ends_with("gate")) return "";
  if (has_any(name, {"lm_head"}) || name == "head" || name == "output") return "head";
  if (has_any(name, {"embed_tokens", "wte", "word_embeddings", "embed_in"})) return "embedding";
  if (has_any(name, {"linear_attn", "mamba", "mixer.in_proj", "mixer.out_proj", "shared_expert"})) return "linear";
  if (has_any(name, {"experts"})) return "experts";
  if (has_any(name, {"attn", "attention", "q_proj", "k_proj", "v_proj", "o_proj"})) return "attention";
  return has_any(name, {"mlp", "ffn", "feed_forward", "gate_proj", "up_proj", "down_proj"}) ? "linear" : "";
}

/// The number behind "layers." and its like; -1 where there is none, `rest` what follows it.
int layer_of(std::string_view name, std::string_view& rest) {
  for (const std::string_view before : {"layers.", "blocks.", ".h."}) {
    const auto at = name.find(before);
    if (at == name.npos) continue;
    std::size_t i = at + before.size();
    int layer = 0;
    const std::size_t first = i;
    for (; i < name.size() && std::isdigit(static_cast<unsigned char>(name[i])) != 0 && i < first + 5; ++i)
      layer = 10 * layer + (name[i] - '0');
    if (i == first) continue;
    rest = name.substr(i);
    return layer;
  }
  return -1;
}

constexpr std::array<std::string_view, 3> in_layers{"linear", "attention", "experts"};

}  // namespace

ModuleWidths::ModuleWidths(double layers, double bits) : layers_(layers) {
  for (const auto c : tensor_classes) classes_[std::string(c)] = {};
  for (const auto c : in_layers) classes_.find(c)->second.everywhere = bits;
}

void ModuleWidths::name(std::string_view module, double bits) {
  std::string_view rest = module;
  const int layer = layer_of(module, rest);
  const auto put = [&](std::string_view c) {
    Widths& widths = classes_.find(c)->second;
    if (layer < 0) {
      widths.everywhere = bits;
    } else {
      auto& [sum, count] = widths.of_layer[layer];
      sum += bits;
      ++count;
    }
  };
  if (layer >= 0 && (rest.empty() || rest == "*" || rest == ".*")) {
    for (const auto c : in_layers) put(c);
  } else if (const auto c = class_of_module(rest); !c.empty()) {
    put(c);
  }
}

double ModuleWidths::Widths::mean(double layers) const {
  double sum = 0, counted = 0;
  for (const auto& [layer, widths] : of_layer) {
    if (layer >= layers) continue;  // beside the stack: prediction layers
    sum += widths.first / widths.second;
    ++counted;
  }
  return layers <= counted ? (counted > 0 ? sum / counted : everywhere) : (sum + (layers - counted) * everywhere) / layers;
}

StoredBits ModuleWidths::bits() const {
  StoredBits all;
  for (const auto& [name, widths] : classes_) all[name] = widths.mean(layers_);
  return all;
}

}  // namespace ironlaw::host
