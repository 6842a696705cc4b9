// What a config says of the formats that its checkpoint is stored in.
#include "module_widths.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace ironlaw::host {
namespace {

constexpr std::array<const char*, 8> lists_of_modules_left{
    "ignore",  "modules_to_not_convert", "ignored_layers", "exclude_modules", "llm_int8_skip_modules",
    "exclude", "excluded_layers",        "skip_modules"};

/// Reads "quantization_config" key by key.
struct Quantization {
  const Json& json;
  std::string where;
  double layers;  ///< of the model; 0 where its config does not say

  [[nodiscard]] Quantization inner(const Json& object, std::string_view key) const {
    return {object, pointer(where, key), layers};
  }
  [[nodiscard]] double number(std::string_view key, double otherwise) const {
    const auto it = json.find(key);
    if (it == json.end() || it->is_null()) return otherwise;
    const double least = key.find("bit") != key.npos ? 1 : -1;  // a group of -1 is a whole row
    if (!it->is_number() || it->get<double>() < least || it->get<double>() > 65536)
      throw InputError(pointer(where, key), shown_json(*it) + " is out of range; allowed: a number " +
                                                (least > 0 ? "from 1 up to 65536" : "up to 65536"));
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
  [[nodiscard]] const Json* object(std::string_view key) const {
    const auto it = json.find(key);
    return it != json.end() && it->is_object() && !it->empty() ? &*it : nullptr;
  }
  template <class Use>
  void each_text(std::string_view key, const Use& use) const {
    const auto it = json.find(key);
    if (it == json.end() || !it->is_array()) return;
    for (const Json& module : *it)
      if (module.is_string()) use(module.get_ref<const std::string&>());
  }
};

/// A module by its name, or by an expression behind "re:".
void name_module(ModuleWidths& widths, const std::string& module, double bits) {
  if (!module.starts_with("re:") || !widths.match(std::string_view(module).substr(3), bits)) widths.name(module, bits);
}

/// What lists name as left alone stays in 16 bits.
StoredBits less_left(ModuleWidths widths, const Quantization& q) {
  for (const char* key : lists_of_modules_left)
    q.each_text(key, [&](const std::string& module) { name_module(widths, module, 16); });
  return widths.bits();
}
StoredBits layers_stored_at(const Quantization& q, double bits) { return less_left({q.layers, bits}, q); }

/// Scales of 16 bits, and of `zero` bits where there is a zero point, for each group; a group of -1 is a whole row.
double with_scales(double bits, double group, double scale = 16, double zero = 0) {
  return group > 0 ? bits + (scale + zero) / group : bits;
}

/// One of compressed-tensors' groups: a scale a group of weights, of 8 bits beside 4-bit floating point.
double bits_of_group(const Quantization& group) {
  const Json* weights = group.object("weights");
  if (weights == nullptr) throw InputError(pointer(group.where, "weights"), "takes an object");
  const Quantization w = group.inner(*weights, "weights");
  const double bits = w.number("num_bits", 16);
  const bool fp4 = bits == 4 && w.text("type") == "float";
  const bool blocks = w.text("strategy") == "block";
  const double zero = w.json.contains("symmetric") && !w.flag("symmetric") && w.text("type") == "int" ? bits : 0;
  return blocks ? bits : with_scales(bits, w.number("group_size", fp4 ? 16 : 0), fp4 ? 8 : 16, zero);
}

StoredBits compressed_tensors(const Quantization& q) {
  const Json* groups = q.object("config_groups");
  if (groups == nullptr)
    throw InputError(pointer(q.where, "config_groups"), "is left out; it says in how many bits weights are stored");
  const Quantization all = q.inner(*groups, "config_groups");
  double everywhere = groups->size() == 1 ? 0 : 16;
  std::vector<std::pair<std::string, double>> named;
  for (const auto& [key, group] : groups->items()) {
    if (!group.is_object()) throw InputError(pointer(all.where, std::string_view(key)), "takes an object");
    const Quantization one = all.inner(group, key);
    const double bits = bits_of_group(one);
    if (groups->size() == 1) everywhere = bits;
    one.each_text("targets", [&](const std::string& target) {
      if (target == "Linear") everywhere = bits;
      named.emplace_back(target, bits);
    });
  }
  ModuleWidths widths(q.layers, everywhere);
  for (const auto& [module, bits] : named) name_module(widths, module, bits);
  StoredBits stored = less_left(std::move(widths), q);
  if (const Json* cache = q.object("kv_cache_scheme"))
    stored["cache"] = q.inner(*cache, "kv_cache_scheme").number("num_bits", 16);
  return stored;
}

double bits_of_algorithm(const Quantization& q, const std::string& algorithm) {
  if (algorithm == "NVFP4" || algorithm == "W4A16_NVFP4" || algorithm == "NVFP4_AWQ")
    return with_scales(4, q.number("group_size", 16), 8);
  if (algorithm == "MXFP4" || algorithm == "W4A8_MXFP4_FP8") return with_scales(4, 32, 8);
  if (algorithm == "MXFP8") return with_scales(8, 32, 8);
  if (algorithm.starts_with("W4A16") || algorithm.starts_with("W4A8")) return with_scales(4, q.number("group_size", 128));
  if (algorithm.starts_with("FP8") || algorithm.starts_with("W8A") || algorithm == "INT8_SQ") return 8;
  throw InputError(pointer(q.where, "quant_algo"), "unknown algorithm '" + algorithm + "'");
}

/// TensorRT Model Optimizer: one algorithm for all layers, or one by name of each module.
StoredBits modelopt(const Quantization& q) {
  const Json* inner = q.object("quantization");
  const Quantization own = inner != nullptr ? q.inner(*inner, "quantization") : q;
  const std::string algorithm = own.text("quant_algo");
  StoredBits all;
  if (const Json* layers = own.object("quantized_layers"); layers != nullptr && algorithm == "MIXED_PRECISION") {
    ModuleWidths widths(q.layers, 16);
    const Quantization named = own.inner(*layers, "quantized_layers");
    for (const auto& [module, how] : layers->items()) {
      if (!how.is_object()) throw InputError(pointer(named.where, std::string_view(module)), "takes an object");
      const Quantization one = named.inner(how, module);
      widths.name(module, bits_of_algorithm(one, one.text("quant_algo")));
    }
    all = widths.bits();
  } else if (algorithm == "MIXED_PRECISION" && own.object("config_groups") != nullptr) {
    return compressed_tensors(own);
  } else {
    all = layers_stored_at(own, bits_of_algorithm(own, algorithm));
  }
  const std::string cache = own.text("kv_cache_quant_algo");
  if (!cache.empty()) {
    all["cache"] = cache == "NVFP4" ? 4.5 : cache == "FP8" || cache == "INT8" ? 8 : 16;
  } else if (const Json* scheme = own.object("kv_cache_scheme")) {
    all["cache"] = own.inner(*scheme, "kv_cache_scheme").number("num_bits", 16);
  } else if (own.text("kv_cache_scheme") == "FP8") {
    all["cache"] = 8;
  }
  return all;
}

StoredBits bitsandbytes(const Quantization& q) {
  if (q.flag("load_in_8bit") || q.flag("_load_in_8bit")) return layers_stored_at(q, 8);
  if (!q.flag("load_in_4bit") && !q.flag("_load_in_4bit")) return {};
  // A scale of 32 bits for 64 elements, or of 8 and one of 32 for 256 of those (Dettmers 2023).
  return layers_stored_at(q, q.flag("bnb_4bit_use_double_quant") ? 4 + 8.0 / 64 + 32.0 / (64 * 256) : 4.5);
}

StoredBits block_scaled(const Quantization& q) {
  const auto block = q.json.find("weight_block_size");
  double elements = 0;
  if (block != q.json.end() && block->is_array() && block->size() == 2 && (*block)[0].is_number() && (*block)[1].is_number())
    elements = (*block)[0].get<double>() * (*block)[1].get<double>();
  return layers_stored_at(q, elements > 0 ? 8 + 32 / elements : 8);
}

/// A scale and a zero point a group; a scale of 8 bits beside floating point of 4.
double bits_of_grouped(const Quantization& of, const Quantization& otherwise) {
  const auto number = [&](std::string_view key, std::string_view older, double last) {
    return of.number(key, of.number(older, otherwise.number(key, otherwise.number(older, last))));
  };
  const double bits = number("bits", "w_bit", 4);
  if (bits >= 16) return bits;
  const std::string type = of.text("data_type").empty() ? otherwise.text("data_type") : of.text("data_type");
  const bool small_float = type.starts_with("mx_fp") || type.starts_with("nv_fp");
  const double group = number("group_size", "q_group_size", small_float ? (type.starts_with("nv") ? 16 : 32) : 128);
  return small_float ? with_scales(bits, group, 8) : with_scales(bits, group, 16, bits);
}

/// GPTQ, AWQ and their like. GPTQModel's "dynamic" holds what modules differ in by expressions, "-:" before those left alone;
/// AutoRound's "extra_config" by names.
StoredBits grouped_integers(const Quantization& q) {
  ModuleWidths widths(q.layers, bits_of_grouped(q, q));
  if (q.flag("lm_head")) widths.name("lm_head", bits_of_grouped(q, q));
  if (const Json* differing = q.object("dynamic"))
    for (const auto& [expression, how] : differing->items()) {
      const bool left = expression.starts_with("-:");
      const auto plain = std::string_view(expression).substr(left || expression.starts_with("+:") ? 2 : 0);
      if (!left && !how.is_object()) throw InputError(pointer(q.inner(*differing, "dynamic").where, plain), "takes an object");
      const double bits = left ? 16 : bits_of_grouped(q.inner(how, "dynamic"), q);
      if (!widths.match(plain, bits)) widths.name(plain, bits);
    }
  for (const char* key : {"extra_config", "layer_config"})
    if (const Json* differing = q.object(key))
      for (const auto& [module, how] : differing->items())
        if (how.is_object()) name_module(widths, module, bits_of_grouped(q.inner(how, key), q));
  return less_left(std::move(widths), q);
}

/// MLX packs every matrix, embedding and head too: a scale and an offset of 16 bits a group; modules by name may differ.
StoredBits mlx(const Quantization& q) {
  const auto width = [](const Quantization& of) {
    const double bits = of.number("bits", 4), group = of.number("group_size", 64);
    return of.text("mode").starts_with("mxfp") || of.text("mode").starts_with("nvfp") ? with_scales(bits, group, 8)
                                                                                      : with_scales(bits, group, 16, 16);
  };
  ModuleWidths widths(q.layers, width(q));
  for (const char* outside : {"embed_tokens", "lm_head"}) widths.name(outside, width(q));
  for (const auto& [module, how] : q.json.items()) {
    if (how.is_object()) widths.name(module, width(q.inner(how, module)));
    if (how.is_boolean() && !how.get<bool>()) widths.name(module, 16);
  }
  return widths.bits();
}

/// AMD Quark: one scheme for all, modules left out by name.
StoredBits quark(const Quantization& q) {
  const Json* global = q.object("global_quant_config");
  const Json* weight = global != nullptr ? q.inner(*global, "global_quant_config").object("weight") : nullptr;
  if (weight == nullptr) throw InputError(pointer(q.where, "global_quant_config"), "says nothing of weights");
  const Quantization w = q.inner(*weight, "global_quant_config");
  const std::string type = w.text("dtype");
  const double bits = type.find('4') != std::string::npos && type.find("e4m3") == std::string::npos ? 4 : 8;
  const double group = w.number("group_size", bits == 4 ? 32 : 0);
  return layers_stored_at(q, with_scales(bits, group, bits == 4 && type.starts_with("fp") ? 8 : 16));
}

/// The number that stands under a key, however deep.
double number_within(const Json& json, std::string_view key, double otherwise) {
  if (!json.is_object()) return otherwise;
  if (const auto it = json.find(key); it != json.end() && it->is_number()) return it->get<double>();
  for (const auto& [name, inner] : json.items())
    if (const double found = number_within(inner, key, -2); found != -2) return found;
  return otherwise;
}

/// A class of torchao's by its name, Int4WeightOnlyConfig or int4_weight_only: a scale and a zero point a group.
StoredBits torchao(const Quantization& q) {
  std::string all = q.json.dump();
  std::transform(all.begin(), all.end(), all.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (all.find("int4") == all.npos) return layers_stored_at(q, 8);
  const double group = number_within(q.json, "group_size", all.find("int8dynamicactivation") == all.npos ? 128 : 32);
  return layers_stored_at(q, with_scales(4, group, 16, 16));
}

/// HQQ: its numbers stand under quant_config.weight_quant_params where transformers wrote them.
StoredBits half_quadratic(const Quantization& q) {
  return layers_stored_at(q, with_scales(number_within(q.json, "nbits", 4), number_within(q.json, "group_size", 64), 16, 16));
}

/// AQLM: codes of in_group_size weights in as many codebooks, whose own size is left out.
StoredBits additive(const Quantization& q) {
  const double weights = std::max(1.0, q.number("in_group_size", 8) * q.number("out_group_size", 1));
  return layers_stored_at(q, q.number("num_codebooks", 1) * q.number("nbits_per_codebook", 16) / weights);
}

double layers_of(const Json& config) {
  for (const char* key : {"num_hidden_layers", "n_layer", "n_layers", "num_layers"})
    if (const auto it = config.find(key); it != config.end() && it->is_number() && it->get<double>() > 0)
      return it->get<double>();
  const auto text = config.find("text_config");
  return text != config.end() && text->is_object() ? layers_of(*text) : 0;
}

/// Bits of a format by PyTorch's name; 0: no such format.
double bits_of_format(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, double>, 16> formats{{{"bfloat16", 16},
                                                                         {"float16", 16},
                                                                         {"auto", 16},
                                                                         {"bf16", 16},
                                                                         {"fp16", 16},
                                                                         {"half", 16},
                                                                         {"float32", 32},
                                                                         {"fp32", 32},
                                                                         {"float", 32},
                                                                         {"float64", 64},
                                                                         {"float8_e4m3fn", 8},
                                                                         {"float8_e4m3fnuz", 8},
                                                                         {"float8_e5m2", 8},
                                                                         {"float8_e5m2fnuz", 8},
                                                                         {"int8", 8},
                                                                         {"uint8", 8}}};
  if (name.starts_with("torch.")) name.remove_prefix(6);
  const auto it = std::find_if(formats.begin(), formats.end(), [&](const auto& f) { return f.first == name; });
  return it == formats.end() ? 0 : it->second;
}

/// What a file of a checkpoint that nobody quantized is in, where that is not 16 bits.
StoredBits stored_unquantized(const Json& config, const std::string& where) {
  const std::string top = where + (where.find('#') == where.npos ? "#" : "");
  for (const char* key : {"dtype", "torch_dtype"}) {
    const auto it = config.find(key);
    if (it == config.end() || it->is_null() || it->is_object()) continue;
    const double bits = it->is_string() ? bits_of_format(it->get_ref<const std::string&>()) : 0;
    if (bits == 0)
      throw InputError(pointer(top, std::string_view(key)), "unknown format " + shown_json(*it) +
                                                                "; allowed: bfloat16, float16, float32, float64, float8_e4m3fn, "
                                                                "float8_e5m2, int8, uint8, auto");
    if (bits == 16) return {};
    StoredBits all;
    for (const auto name : tensor_classes) all[std::string(name)] = bits;
    return all;
  }
  const auto text = config.find("text_config");
  return text != config.end() && text->is_object() ? stored_unquantized(*text, pointer(top, std::string_view("text_config")))
                                                   : StoredBits{};
}

/// Under the whole's key, or under that of the part that speaks.
const Json* found(const Json& config, std::string& where) {
  for (const char* key : {"quantization_config", "compression_config", "quantization"}) {
    const auto it = config.find(key);
    if (it == config.end() || it->is_null()) continue;
    where = pointer(where + (where.find('#') == where.npos ? "#" : ""), std::string_view(key));
    if (!it->is_object()) throw InputError(where, "takes an object");
    return &*it;
  }
  const auto text = config.find("text_config");
  if (text == config.end() || !text->is_object()) return nullptr;
  where = pointer(where + (where.find('#') == where.npos ? "#" : ""), std::string_view("text_config"));
  return found(*text, where);
}

StoredBits bits_by(const std::string& method, const Quantization& q) {
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), method) != names.end();
  };
  if (is({"modelopt", "modelopt_fp4", "nvfp4"}) || q.json.contains("quant_algo") || q.object("quantization") != nullptr)
    return modelopt(q);
  if (method == "compressed-tensors" || q.json.contains("config_groups")) return compressed_tensors(q);
  if (method == "bitsandbytes" || q.json.contains("load_in_4bit") || q.json.contains("load_in_8bit")) return bitsandbytes(q);
  if (is({"fp8", "fbgemm_fp8", "fp8_e4m3", "deepseek_v4_fp8", "finegrained_fp8", "ptpc_fp8"})) return block_scaled(q);
  if (is({"gptq", "gptq_marlin", "awq", "awq_marlin", "gptqmodel", "auto-round", "auto_round", "autoround", "intel/auto-round",
          "inc", "moe_wna16", "bitblas"}))
    return grouped_integers(q);
  if (is({"exl2", "exl3"})) {  // the bits are a mean, scales included
    StoredBits all = layers_stored_at(q, q.number("bits", 4));
    all["head"] = q.number("head_bits", q.number("lm_head_bits", 16));
    return all;
  }
  if (is({"mxfp4", "gpt_oss_mxfp4"})) {  // an 8-bit scale for 32 elements, in the experts alone
    StoredBits all = layers_stored_at(q, 16);
    all["experts"] = 4.25;
    return all;
  }
  if (method == "mxfp8") return layers_stored_at(q, with_scales(8, 32, 8));
  if (method == "hqq") return half_quadratic(q);
  if (method == "aqlm") return additive(q);
  if (method == "higgs") return layers_stored_at(q, with_scales(q.number("bits", 4), q.number("group_size", 256)));
  if (method == "fp_quant") return layers_stored_at(q, q.text("forward_dtype") == "nvfp4" ? 4.5 : 4.25);
  if (method == "marlin") return layers_stored_at(q, with_scales(q.number("bits", 4), q.number("group_size", 128)));
  if (method == "experts_int8") {
    StoredBits all = layers_stored_at(q, 16);
    all["experts"] = 8;
    return all;
  }
  if (is({"eetq", "int8", "w8a8_int8"})) return layers_stored_at(q, 8);
  if (method == "quanto")
    return layers_stored_at(q, q.text("weights").ends_with('4') ? 4 : q.text("weights").ends_with('2') ? 2 : 8);
  if (method == "torchao") return torchao(q);
  if (method == "quark") return quark(q);
  if (method == "bitnet") return layers_stored_at(q, 2);
  if (method.empty() && q.json.contains("bits")) return mlx(q);
  throw InputError(
      pointer(q.where, "quant_method"),
      "unknown quantization '" + method +
          "'. Allowed: aqlm, awq, bitnet, bitsandbytes, compressed-tensors, eetq, exl2, fbgemm_fp8, fp8, gptq, higgs, hqq, "
          "marlin, modelopt, mxfp4, mxfp8, quanto, quark, torchao, or bits and group_size as MLX has them; the model's "
          "safetensors say "
          "its widths too");
}

}  // namespace

StoredBits quantization_bits(const Json& config, const std::string& where, std::string& method) {
  std::string here = where;
  const Json* quantization = found(config, here);
  if (quantization == nullptr) return stored_unquantized(config, where);
  const Quantization q{*quantization, here, layers_of(config)};
  method = q.text("quant_method");
  StoredBits bits = bits_by(method, q);
  if (method.empty()) method = q.json.contains("bits") ? "mlx" : "modelopt";
  return bits;
}

}  // namespace ironlaw::host
