#include "tensor_formats.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <vector>

namespace ironlaw::host {
namespace {

/// Reads "quantization_config" key by key.
struct Quantization {
  const Json& json;
  std::string where;

  [[nodiscard]] double number(std::string_view key, double otherwise) const {
    const auto it = json.find(key);
    if (it == json.end() || it->is_null()) return otherwise;
    if (!it->is_number() || it->get<double>() < -1 || it->get<double>() > 65536)
      throw InputError(pointer(where, key), shown_json(*it) + " is out of range; allowed: a number up to 65536");
    return it->get<double>();
  }
  [[nodiscard]] bool flag(std::string_view key) const {
    const auto it = json.find(key);
    return it != json.end() && it->is_boolean() && it->get<bool>();
  }
  [[nodiscard]] std::string text(std::string_view key) const {
    const auto it = json.find(key);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
  }
  /// Whether a list of modules left alone names one that holds `part`.
  [[nodiscard]] bool leaves(std::string_view part) const {
    for (const char* key : {"ignore", "modules_to_not_convert", "ignored_layers", "exclude_modules", "llm_int8_skip_modules"}) {
      const auto it = json.find(key);
      if (it == json.end() || !it->is_array()) continue;
      for (const Json& module : *it)
        if (module.is_string() && module.get_ref<const std::string&>().find(part) != std::string::npos) return true;
    }
    return false;
  }
};

/// Everything that is a matrix of a layer in `bits`, the rest in 16.
StoredBits in_layers(const Quantization& q, double bits) {
  StoredBits all{{"linear", bits}, {"attention", bits}, {"experts", bits}, {"embedding", 16}, {"head", 16}, {"norms", 16}};
  if (q.leaves("self_attn")) all["attention"] = 16;
  return all;
}

/// Scales of 16 bits, and of `zero` bits where there is a zero point, for each group; a group of -1 is a whole row.
double with_scales(double bits, double group, double scale = 16, double zero = 0) {
  return group > 0 ? bits + (scale + zero) / group : bits;
}

StoredBits compressed_tensors(const Quantization& q) {
  const auto groups = q.json.find("config_groups");
  if (groups == q.json.end() || !groups->is_object() || groups->empty())
    throw InputError(pointer(q.where, "config_groups"), "is left out; it says in how many bits weights are stored");
  const Json& first = groups->begin().value();
  const std::string here = pointer(pointer(q.where, "config_groups"), std::string_view(groups->begin().key()));
  const auto weights = first.find("weights");
  if (weights == first.end() || !weights->is_object()) throw InputError(pointer(here, "weights"), "takes an object");
  const Quantization w{*weights, pointer(here, "weights")};
  const double bits = w.number("num_bits", 16);
  const bool fp4 = bits == 4 && w.text("type") == "float";
  StoredBits all = in_layers(q, with_scales(bits, w.number("group_size", fp4 ? 16 : 0), fp4 ? 8 : 16));
  if (const auto cache = q.json.find("kv_cache_scheme"); cache != q.json.end() && cache->is_object())
    all["cache"] = Quantization{*cache, pointer(q.where, "kv_cache_scheme")}.number("num_bits", 16);
  return all;
}

StoredBits modelopt(const Quantization& q) {
  const auto inner = q.json.find("quantization");
  const Quantization own{inner != q.json.end() && inner->is_object() ? *inner : q.json, q.where};
  const std::string algorithm = own.text("quant_algo");
  StoredBits all;
  if (algorithm == "NVFP4" || algorithm == "W4A16_NVFP4") {
    all = in_layers(own, with_scales(4, own.number("group_size", 16), 8));
  } else if (algorithm == "W4A16_AWQ" || algorithm == "W4A8_AWQ") {
    all = in_layers(own, with_scales(4, own.number("group_size", 128)));
  } else if (algorithm.starts_with("FP8") || algorithm.starts_with("W8A8") || algorithm == "MIXED_PRECISION") {
    all = in_layers(own, 8);
  } else {
    throw InputError(pointer(q.where, "quant_algo"), "unknown algorithm '" + algorithm + "'");
  }
  const std::string cache = own.text("kv_cache_quant_algo");
  if (!cache.empty()) all["cache"] = cache == "NVFP4" ? 4.5 : cache == "FP8" || cache == "INT8" ? 8 : 16;
  return all;
}

StoredBits bitsandbytes(const Quantization& q) {
  if (q.flag("load_in_8bit") || q.flag("_load_in_8bit")) return in_layers(q, 8);
  if (!q.flag("load_in_4bit") && !q.flag("_load_in_4bit")) return {};
  // A scale of 32 bits for 64 elements, or of 8 and one of 32 for 256 of those (Dettmers 2023).
  return in_layers(q, q.flag("bnb_4bit_use_double_quant") ? 4 + 8.0 / 64 + 32.0 / (64 * 256) : 4.5);
}

double block_scaled(const Quantization& q) {
  const auto block = q.json.find("weight_block_size");
  if (block == q.json.end() || !block->is_array() || block->size() != 2) return 8;
  const double elements =
      (*block)[0].is_number() && (*block)[1].is_number() ? (*block)[0].get<double>() * (*block)[1].get<double>() : 0;
  return elements > 0 ? 8 + 32 / elements : 8;
}

}  // namespace

StoredBits quantization_bits(const Json& config, const std::string& where, std::string& method) {
  const char* key = config.contains("quantization_config") ? "quantization_config" : "compression_config";
  const auto it = config.find(key);
  if (it == config.end() || it->is_null()) return {};
  const std::string here = pointer(where + (where.find('#') == where.npos ? "#" : ""), std::string_view(key));
  if (!it->is_object()) throw InputError(here, "takes an object");
  const Quantization q{*it, here};
  method = q.text("quant_method");
  if (method == "compressed-tensors" || q.json.contains("config_groups")) return compressed_tensors(q);
  if (method == "modelopt" || method == "nvfp4" || q.json.contains("quant_algo")) return modelopt(q);
  if (method == "bitsandbytes" || q.json.contains("load_in_4bit")) return bitsandbytes(q);
  if (method == "fp8" || method == "fbgemm_fp8" || method == "fp8_e4m3" || method == "deepseek_v4_fp8")
    return in_layers(q, block_scaled(q));
  if (method == "gptq" || method == "awq" || method == "gptqmodel" || method == "auto-round" || method == "autoround") {
    const double bits = q.number(q.json.contains("bits") ? "bits" : "w_bit", 4);
    StoredBits all =
        in_layers(q, with_scales(bits, q.number(q.json.contains("group_size") ? "group_size" : "q_group_size", 128), 16, bits));
    if (q.flag("lm_head")) all["head"] = all["linear"];
    return all;
  }
  if (method == "mxfp4") {  // an 8-bit scale for 32 elements, in the experts alone
    StoredBits all = in_layers(q, 16);
    all["experts"] = 4.25;
    return all;
  }
  if (method == "hqq") return in_layers(q, with_scales(q.number("nbits", 4), q.number("group_size", 64), 16, 16));
  if (method == "eetq" || method == "int8") return in_layers(q, 8);
  if (method == "quanto") return in_layers(q, q.text("weights").ends_with('4') ? 4 : q.text("weights").ends_with('2') ? 2 : 8);
  if (method == "torchao")
    return in_layers(q, it->dump().find("int4") != std::string::npos ? with_scales(4, q.number("group_size", 128), 16, 16) : 8);
  if (method == "bitnet") return in_layers(q, 2);
  throw InputError(pointer(here, "quant_method"), "unknown quantization '" + method +
                                                      "'. Allowed: awq, bitnet, bitsandbytes, compressed-tensors, eetq, "
                                                      "fbgemm_fp8, fp8, gptq, hqq, modelopt, mxfp4, quanto, torchao; the "
                                                      "model's safetensors say its widths too");
}

std::string_view class_of_tensor(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != name.npos; };
  if (has("embed_tokens") || has("wte.") || has("word_embeddings") || has("token_embd") || has("embed_in") ||
      name == "shared.weight")
    return "embedding";
  if (has("lm_head") || name == "output.weight" || has("embed_out")) return "head";
  if (has("norm") || has("ln_") || has("layernorm")) return "norms";
  if (has("_exps.") || (has("experts.") && !has("shared_expert"))) return "experts";
  if (has("attn") || has("attention")) return "attention";
  return "linear";
}

}  // namespace ironlaw::host
