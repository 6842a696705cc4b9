#include "module_widths.hpp"

#include "module_expression.hpp"

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

/// How many of the three matrices of a gated block, or of the four of attention, the last word of a module's name holds.
constexpr std::array<std::pair<std::string_view, int>, 9> matrices{{{"q_proj", 1},
                                                                    {"k_proj", 1},
                                                                    {"v_proj", 1},
                                                                    {"o_proj", 1},
                                                                    {"qkv_proj", 3},
                                                                    {"gate_up_proj", 2},
                                                                    {"gate_proj", 1},
                                                                    {"up_proj", 1},
                                                                    {"down_proj", 1}}};
constexpr int matrices_of(std::string_view matrix) { return matrix[0] == 'g' || matrix[0] == 'u' || matrix[0] == 'd' ? 3 : 4; }

const std::pair<std::string_view, int>* matrix_of(std::string_view module) {
  module = module.substr(0, module.find_last_not_of("$*.") + 1);
  const auto last = module.substr(module.find_last_of(".*/") + 1);
  const auto it = std::find_if(matrices.begin(), matrices.end(), [&](const auto& m) { return m.first == last; });
  return it == matrices.end() ? nullptr : &*it;
}

}  // namespace

ModuleWidths::ModuleWidths(double layers, double bits) : layers_(layers) {
  for (const auto c : tensor_classes) classes_[std::string(c)] = {};
  for (const auto c : in_layers) classes_.find(c)->second.everywhere = bits;
}

void ModuleWidths::name(std::string_view module, double bits) {
  std::string_view rest = module;
  const int layer = layer_of(module, rest);
  const auto put = [&](std::string_view c, std::string_view matrix) {
    Widths& widths = classes_.find(c)->second;
    if (layer >= 0) {
      widths.of_layer[layer].take(matrix, bits);
    } else if (matrix.empty()) {
      widths.everywhere = bits;
      widths.of_all = {};
    } else {
      widths.of_all.take(matrix, bits);
    }
  };
  if (layer >= 0 && (rest.empty() || rest == "*" || rest == ".*")) {
    for (const auto c : in_layers) put(c, "");
  } else if (const auto c = class_of_module(rest); !c.empty()) {
    const auto* matrix = matrix_of(rest);
    put(c, matrix == nullptr ? std::string_view() : matrix->first);
    // A name that is the matrix's alone is that of every block.
    if (c == "linear" && matrix != nullptr && rest.find("mlp") == rest.npos && rest.find("shared") == rest.npos)
      put("experts", matrix->first);
  }
}

bool ModuleWidths::match(std::string_view expression, double bits) {
  constexpr std::array<std::string_view, 4> before{"self_attn.", "mlp.", "mlp.experts.7777.", "mlp.shared_experts."};
  const ModuleExpression compiled(expression);
  bool met = false;
  const auto ask = [&](const std::string& module) {
    if (!compiled.begins(module)) return;
    name(module, bits);
    met = true;
  };
  for (int layer = 0; layer < std::min(layers_, 1000.0); ++layer)
    for (const auto& [matrix, held] : matrices)
      for (const auto block : before)
        if (held == 1 && (block == before[0]) == (matrices_of(matrix) == 4))
          ask("model.layers." + std::to_string(layer) + "." + std::string(block) + std::string(matrix));
  ask("model.embed_tokens");
  ask("lm_head");
  return met;
}

void ModuleWidths::Named::take(std::string_view matrix, double bits) {
  auto& [sum, count] = matrix.empty() ? whole : part[matrix];
  sum += bits;
  ++count;
}

double ModuleWidths::Named::mean(double otherwise) const {
  double sum = 0;
  int held = 0, all = 0;
  for (const auto& each : part) {
    const auto& matrix = each.first;
    const auto& widths = each.second;
    const int parts = std::find_if(matrices.begin(), matrices.end(), [&](const auto& m) { return m.first == matrix; })->second;
    sum += parts * widths.first / widths.second;
    held += parts;
    all = std::max(all, matrices_of(matrix));
  }
  if (whole.second > 0) return (sum + whole.first) / (held + whole.second);
  return held >= all ? (held > 0 ? sum / held : otherwise) : (sum + (all - held) * otherwise) / all;
}

double ModuleWidths::Widths::mean(double layers) const {
  const double of_rest = of_all.mean(everywhere);
  double sum = 0, counted = 0;
  for (const auto& [layer, named] : of_layer) {
    if (layer >= layers) continue;  // beside the stack: prediction layers
    sum += named.mean(of_rest);
    ++counted;
  }
  return layers <= counted ? (counted > 0 ? sum / counted : of_rest) : (sum + (layers - counted) * of_rest) / layers;
}

StoredBits ModuleWidths::bits() const {
  StoredBits all;
  for (const auto& [name, widths] : classes_) all[name] = widths.mean(layers_);
  return all;
}

}  // namespace ironlaw::host
