#include "adapter.hpp"

#include "module_expression.hpp"
#include "value/value.hpp"

#include <ironlaw/catalog/zoo.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/facets.hpp>
#include <ironlaw/kind.hpp>
#include <ironlaw/workload.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <set>

namespace ironlaw::host {
namespace {

/// Matrices of a layer, by what they do.
enum class Matrix { query, key, value, output, joint, gate, up, gate_up, down, query_in, query_out, latent_in, latent_out };

/// What modules are called, by the last word of their names; Llama's words first.
struct Word {
  std::string_view word;
  std::string_view block;
  Matrix matrix;
};
constexpr std::array<Word, 38> module_words{{{"q_proj", "self_attn", Matrix::query},
                                             {"k_proj", "self_attn", Matrix::key},
                                             {"v_proj", "self_attn", Matrix::value},
                                             {"o_proj", "self_attn", Matrix::output},
                                             {"gate_proj", "mlp", Matrix::gate},
                                             {"up_proj", "mlp", Matrix::up},
                                             {"down_proj", "mlp", Matrix::down},
                                             {"qkv_proj", "self_attn", Matrix::joint},
                                             {"gate_up_proj", "mlp", Matrix::gate_up},
                                             {"q_a_proj", "self_attn", Matrix::query_in},
                                             {"q_b_proj", "self_attn", Matrix::query_out},
                                             {"kv_a_proj_with_mqa", "self_attn", Matrix::latent_in},
                                             {"kv_b_proj", "self_attn", Matrix::latent_out},
                                             {"query", "attention", Matrix::query},
                                             {"key", "attention", Matrix::key},
                                             {"value", "attention", Matrix::value},
                                             {"wq", "attention", Matrix::query},
                                             {"wk", "attention", Matrix::key},
                                             {"wv", "attention", Matrix::value},
                                             {"wo", "attention", Matrix::output},
                                             {"out_proj", "self_attn", Matrix::output},
                                             {"query_key_value", "self_attention", Matrix::joint},
                                             {"c_attn", "attn", Matrix::joint},
                                             {"wqkv", "attention", Matrix::joint},
                                             {"Wqkv", "attn", Matrix::joint},
                                             {"W_pack", "self_attn", Matrix::joint},
                                             {"dense", "self_attention", Matrix::output},
                                             {"c_proj", "attn", Matrix::output},
                                             {"c_proj", "mlp", Matrix::down},
                                             {"c_fc", "mlp", Matrix::up},
                                             {"fc1", "mlp", Matrix::up},
                                             {"fc2", "mlp", Matrix::down},
                                             {"fc_in", "mlp", Matrix::up},
                                             {"fc_out", "mlp", Matrix::down},
                                             {"dense_h_to_4h", "mlp", Matrix::up},
                                             {"dense_4h_to_h", "mlp", Matrix::down},
                                             {"w1", "feed_forward", Matrix::gate},
                                             {"w3", "feed_forward", Matrix::up}}};
constexpr std::size_t words_of_llama = 7;

struct Size {
  double in = 0, out = 0;
};

/// The base, and what an adapter's modules are worth on it.
class Base {
 public:
  Base(const TransformerShape& shape, const Experts* experts, const RecurrentLayers* recurrent, double parameters)
      : shape_(shape), experts_(experts), recurrent_(recurrent), parameters_(parameters) {}

  [[nodiscard]] double parameters() const { return parameters_; }
  [[nodiscard]] int layers() const { return static_cast<int>(shape_.layers); }
  [[nodiscard]] double hidden() const { return shape_.hidden_size; }
  [[nodiscard]] Maybe<double> vocabulary() const { return shape_.vocabulary_size; }
  /// Whether every layer holds the same modules, so that a layer's number says what is in it.
  [[nodiscard]] bool alike() const {
    return recurrent_ == nullptr && !shape_.most_heads && shape_.attending_layers() == shape_.layers &&
           shape_.feed_forward_layers() == shape_.layers;
  }
  /// Of how many layers a matrix is one.
  [[nodiscard]] double layers_with(Matrix m) const {
    return feeds_forward(m) ? shape_.feed_forward_layers() : shape_.attending_layers();
  }
  /// Why a matrix cannot be counted; empty: it can.
  [[nodiscard]] std::string why_not(Matrix m) const {
    if (feeds_forward(m))
      return experts_ != nullptr ? "of a model with experts is counted in no one way"
             : !shape_.ffn_size  ? "has no width in the zoo"
                                 : "";
    if (shape_.output_rank || (shape_.query_rank && !shape_.latent_kv_rank)) return "is two matrices in this model";
    return shape_.window_heads || shape_.window_kv_heads || shape_.window_head_size || shape_.shared_cache_layers > 0
               ? "differs from layer to layer in this model"
               : "";
  }
  [[nodiscard]] Size size(Matrix m) const {
    const auto& s = shape_;
    const double h = s.hidden_size, query = s.heads * s.key_size() * (s.gated_attention ? 2 : 1), kv = s.kv_heads * s.head_size;
    const double passed = s.query_rank.value_or(0), latent = s.latent_kv_rank.value_or(0), ffn = s.ffn_size.value_or(0);
    switch (m) {
      case Matrix::query:
        return {h, query};
      case Matrix::key:
      case Matrix::value:
        return {h, kv};
      case Matrix::output:
        return {s.heads * s.value_size(), h};
      case Matrix::joint:
        return {h, query + 2 * kv};
      case Matrix::gate:
      case Matrix::up:
        return {h, ffn};
      case Matrix::gate_up:
        return {h, 2 * ffn};
      case Matrix::down:
        return {ffn, h};
      case Matrix::query_in:
        return {h, passed};
      case Matrix::query_out:
        return {passed, query};
      case Matrix::latent_in:
        return {h, latent + s.rope_head_size.value_or(0)};
      case Matrix::latent_out:
        return {latent, s.heads * (s.nope_head_size.value_or(s.head_size) + s.value_size())};
    }
    return {};
  }
  /// A matrix that the model does not have: keys apart of latent attention, and the like.
  [[nodiscard]] bool has(Matrix m) const {
    const Size z = size(m);
    const bool apart = m == Matrix::key || m == Matrix::value || m == Matrix::joint;
    const bool gated = m == Matrix::gate || m == Matrix::gate_up;
    const bool latent = shape_.latent_kv_rank.has_value();
    return z.in > 0 && z.out > 0 && !(apart && latent) && !(gated && shape_.ffn_matrices < 3) &&
           !(m == Matrix::query && latent && shape_.query_rank.value_or(0) > 0) &&
           !((m == Matrix::latent_in || m == Matrix::latent_out) && !latent);
  }

 private:
  static bool feeds_forward(Matrix m) {
    return m == Matrix::gate || m == Matrix::up || m == Matrix::gate_up || m == Matrix::down;
  }
  TransformerShape shape_;
  const Experts* experts_;
  const RecurrentLayers* recurrent_;
  double parameters_;
};

class Adapter {
 public:
  Adapter(const Json& config, std::string where, const Base& base) : config_(config), where_(std::move(where)), base_(base) {}

  /// Parameters that are trained.
  double trained() {
    refuse_what_is_not_counted();
    read_ranks();
    double sum = saved();
    const Json& targets = at("target_modules");
    if (targets.is_string()) {
      sum += by_expression(targets.get<std::string>());
    } else if (targets.is_array() && !targets.empty()) {
      for (const Json& target : targets) {
        if (!target.is_string()) refuse("target_modules", "takes a list of texts");
        sum += of_target(target.get<std::string>());
      }
    } else {
      refuse("target_modules", "is left out; it says which modules the adapter is laid over");
    }
    if (sum <= 0) refuse("target_modules", "names no module of the base");
    return sum;
  }

 private:
  [[noreturn]] void refuse(std::string_view key, const std::string& what) const {
    throw InputError(pointer(where_ + "#", key), what);
  }
  [[nodiscard]] const Json& at(std::string_view key) const {
    static const Json nothing;
    const auto it = config_.find(key);
    return it == config_.end() ? nothing : *it;
  }
  [[nodiscard]] bool flag(std::string_view key) const { return at(key).is_boolean() && at(key).get<bool>(); }
  [[nodiscard]] double whole(std::string_view key, double otherwise) const {
    const Json& value = at(key);
    if (value.is_null()) return otherwise;
    return checked(key, value);
  }
  [[nodiscard]] double checked(std::string_view key, const Json& value) const {
    if (!value.is_number() || value.get<double>() < 1 || value.get<double>() > 65536 ||
        value.get<double>() != std::floor(value.get<double>()))
      refuse(key, shown_json(value) + " is out of range; allowed: a whole number from 1 to 65536");
    return value.get<double>();
  }

  void refuse_what_is_not_counted() const {
    const Json& type = at("peft_type");
    if (type != "LORA") refuse("peft_type", shown_json(type) + " is not counted here. Allowed: LORA");
    const Json& bias = at("bias");
    if (!bias.is_null() && bias != "none") refuse("bias", shown_json(bias) + " is not counted here. Allowed: none");
    for (const char* key : {"target_parameters", "layer_replication", "trainable_token_indices"})
      if (!at(key).is_null() && !at(key).empty()) refuse(key, "is not counted here");
  }

  /// Two narrow matrices; with them a magnitude, or a bias, as long as what comes out.
  [[nodiscard]] double laid_over(Size size, double rank) const {
    return rank * (size.in + size.out) + size.out * ((flag("use_dora") ? 1 : 0) + (flag("lora_bias") ? 1 : 0));
  }

  [[nodiscard]] double rows_of(std::string_view key) const {
    if (!base_.vocabulary()) refuse(key, "names the embedding of a model whose vocabulary the zoo does not say");
    return *base_.vocabulary();
  }
  static bool is_embedding(std::string_view word) { return word == "embed_tokens" || word == "wte" || word == "word_embeddings"; }

  /// Modules that are trained whole, each a copy of its own.
  [[nodiscard]] double saved() const {
    double sum = 0;
    const Json& modules = at("modules_to_save");
    if (!modules.is_array()) return 0;
    for (const Json& module : modules) {
      const std::string name = module.is_string() ? module.get<std::string>() : std::string();
      const std::string word = name.substr(name.rfind('.') + 1);
      if (word != "lm_head" && !is_embedding(word))
        refuse("modules_to_save", shown_json(module) + " is not counted here. Allowed: embed_tokens, lm_head");
      sum += rows_of("modules_to_save") * base_.hidden();
    }
    return sum;
  }

  void read_ranks() {
    rank_ = whole("r", 8);
    const Json& pattern = at("rank_pattern");
    if (!pattern.is_object()) return;
    for (const auto& [expression, rank] : pattern.items())
      ranks_.emplace_back(std::make_unique<ModuleExpression>("(.*\\.)?(" + expression + ")"), checked("rank_pattern", rank));
  }
  [[nodiscard]] double rank_of(const std::string& module) const {
    const auto own = std::find_if(ranks_.begin(), ranks_.end(), [&](const auto& each) { return each.first->is(module); });
    return own == ranks_.end() ? rank_ : own->second;
  }
  [[nodiscard]] bool transformed(int layer) const {
    const Json& layers = at("layers_to_transform");
    if (layers.is_number()) return layers.get<double>() == layer;
    return !layers.is_array() || layers.empty() || std::find(layers.begin(), layers.end(), Json(layer)) != layers.end();
  }
  [[nodiscard]] bool left_out(const std::string& module) const {
    const Json& left = at("exclude_modules");
    if (left.is_string()) return ModuleExpression(left.get<std::string>()).is(module);
    return left.is_array() && std::any_of(left.begin(), left.end(), [&](const Json& name) {
             return name.is_string() && ends_in(module, name.get<std::string>());
           });
  }
  static bool ends_in(const std::string& module, const std::string& name) {
    return module == name || module.ends_with("." + name);
  }

  /// A word's matrix in the layers whose module `meets`, but for those that a target before this one has met.
  template <class Meets>
  [[nodiscard]] double in_layers(const Word& word, const Meets& meets) {
    if (!base_.has(word.matrix)) return 0;
    double sum = 0, met = 0;
    for (int layer = 0; layer < base_.layers(); ++layer) {
      const std::string module =
          "model.layers." + std::to_string(layer) + "." + std::string(word.block) + "." + std::string(word.word);
      if (!transformed(layer) || left_out(module) || !meets(module) || !met_.insert(module).second) continue;
      sum += laid_over(base_.size(word.matrix), rank_of(module));
      ++met;
    }
    if (met == 0) return 0;
    if (const std::string why = base_.why_not(word.matrix); !why.empty())
      refuse("target_modules", "'" + std::string(word.word) + "' " + why);
    if (base_.alike()) return sum;
    if (met < base_.layers()) refuse("target_modules", "names single layers of a model whose layers differ");
    return sum / met * base_.layers_with(word.matrix);
  }

  [[nodiscard]] double of_target(const std::string& target) {
    const std::string word = target.substr(target.rfind('.') + 1);
    if ((word == "lm_head" || is_embedding(word)) && !met_.insert(word).second) return 0;
    if (word == "lm_head") return laid_over({base_.hidden(), rows_of("target_modules")}, rank_of("lm_head"));
    if (is_embedding(word)) return rank_of("model.embed_tokens") * (rows_of("target_modules") + base_.hidden());
    double sum = 0;
    bool known = false;
    for (const Word& each : module_words) {
      if (each.word != word) continue;
      known = true;
      sum += in_layers(each, [&](const std::string& module) { return ends_in(module, target) || in_that_layer(module, target); });
    }
    if (!known) refuse("target_modules", "unknown module '" + target + "'. Known: " + known_words());
    return sum;
  }
  /// The same layer and word behind whatever a wrapper puts before them.
  static bool in_that_layer(const std::string& module, const std::string& target) {
    const auto at = target.find("layers.");
    return at != target.npos && module.ends_with("." + target.substr(at));
  }
  static std::string known_words() {
    std::string all;
    for (const Word& each : module_words)
      if (all.find(each.word) == all.npos) all.append(all.empty() ? "" : ", ").append(each.word);
    return all;
  }

  [[nodiscard]] double by_expression(const std::string& expression) {
    const bool all = expression == "all-linear";
    const ModuleExpression compiled(expression);
    if (!all && !compiled.readable()) refuse("target_modules", "is an expression of a form that is not read; a list is");
    double sum = 0;
    for (std::size_t i = 0; i < (all ? words_of_llama : module_words.size()) && (i < words_of_llama || sum == 0); ++i)
      sum += in_layers(module_words[i], [&](const std::string& module) { return all || compiled.is(module); });
    return sum;
  }

  const Json& config_;
  std::string where_;
  const Base& base_;
  double rank_ = 8;
  std::set<std::string> met_;  ///< modules that are counted
  std::vector<std::pair<std::unique_ptr<ModuleExpression>, double>> ranks_;
};

std::string plain_count(double count) { return std::to_string(static_cast<std::int64_t>(count)); }

}  // namespace

bool is_adapter(const Json& config) { return config.is_object() && config.contains("peft_type"); }

Json adapter_entry(const Json& config, const std::string& where, Plugins& plugins,
                   const std::vector<std::filesystem::path>& zoo_folders) {
  const std::string here = where + "#/base_model_name_or_path";
  const auto name = config.find("base_model_name_or_path");
  if (name == config.end() || !name->is_string() || name->get<std::string>().empty())
    throw InputError(here, "is left out; it names the model that the adapter is laid over");
  Zoo zoo(plugins, zoo_folders, {});
  const ZooObject& found = zoo.find("workload", name->get<std::string>(), here);
  const auto* model = static_cast<const Workload*>(found.object);
  const auto* shape = model->facet<TransformerShape>();
  if (shape == nullptr || !model->parameters() || std::string_view(found.kind->about().name) == "composite")
    throw InputError(here, "'" + found.name + "' is no single stack of layers, over which alone adapters are counted");
  const Base base(*shape, model->facet<Experts>(), model->facet<RecurrentLayers>(), *model->parameters());
  const double trained = Adapter(config, where, base).trained();
  return {{"kind", std::string(found.kind->about().name)},
          {"based_on", name->get<std::string>()},
          {"adapter_parameters", static_cast<std::int64_t>(trained)},
          {"note", "An adapter trains " + plain_count(trained) + " of " + plain_count(base.parameters() + trained) +
                       " parameters, as peft counts them."}};
}

}  // namespace ironlaw::host
