#include "config_checks.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

/// Far beyond any context that a model was stretched to.
constexpr double most_stretch = 1e6;

using Texts = std::set<std::string, std::less<>>;

std::string at(const std::string& where, std::string_view key) {
  return pointer(where + (where.find('#') == where.npos ? "#" : ""), key);
}

/// Texts that the row's formulas compare with.
Texts told_apart(const Architecture& a) {
  Texts texts;
  for (const auto& [name, formula] : a.facts) formula.add_texts(texts);
  for (const auto& [name, formula] : a.layer_facts) formula.add_texts(texts);
  for (const auto& [name, formula] : a.layer_weights) formula.add_texts(texts);
  return texts;
}

void check_kinds(const Architecture& a, const Json& config, const std::string& where) {
  // What rows take a layer to be where they compare its kind with nothing.
  constexpr std::array<std::string_view, 6> plain{
      "full_attention", "indexed_attention", "deepseek_sparse_attention", "attention", "dense", "moe"};
  for (const char* key : {"layer_types", "mlp_layer_types", "layers_block_type", "block_types"}) {
    const auto list = config.find(key);
    if (list == config.end() || !list->is_array() || !(a.defaults.contains(key) || a.formula_defaults.contains(key))) continue;
    const Texts texts = told_apart(a);
    std::vector<std::string_view> known(plain.begin(), plain.end());
    known.insert(known.end(), texts.begin(), texts.end());
    for (std::size_t i = 0; i < list->size(); ++i) {
      const Json& kind = (*list)[i];
      const std::string here = at(where, key) + "/" + std::to_string(i);
      if (!kind.is_string()) throw InputError(here, "takes a text, not " + shown_json(kind));
      const auto& name = kind.get_ref<const std::string&>();
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw InputError(here, "'" + name + "' is no layer that is known of '" + a.name + "'" + did_you_mean(name, known) +
                                   " Its safetensors, or their index, give an exact count");
    }
  }
}

void check_factor(const Json& rope, const std::string& where) {
  const auto factor = rope.find("factor");
  if (factor == rope.end() || factor->is_null()) return;
  if (!factor->is_number() || !(factor->get<double>() > 0) || factor->get<double>() > most_stretch)
    throw InputError(pointer(where, std::string_view("factor")),
                     shown_json(*factor) + " is out of range; allowed: a number above 0, up to 1e6");
}

void check_positions(const Json& config, const std::string& where) {
  for (const char* key : {"rope_scaling", "rope_parameters"}) {
    const auto rope = config.find(key);
    if (rope == config.end() || rope->is_null()) continue;
    const std::string here = at(where, key);
    if (!rope->is_object()) throw InputError(here, "takes an object, not " + shown_json(*rope));
    check_factor(*rope, here);
    for (const auto& [kind, of_kind] : rope->items())  // one for each kind of layer
      if (of_kind.is_object()) check_factor(of_kind, pointer(here, std::string_view(kind)));
  }
}

}  // namespace

std::string key_behind(const Architecture& a, std::string name) {
  for (std::size_t step = 0; step < 8; ++step) {
    if (name.starts_with("key.")) return name.substr(4);
    const auto of_layer = a.layer_facts.find(name);
    const auto of_whole = a.facts.find(name);
    if (of_layer == a.layer_facts.end() && of_whole == a.facts.end()) return name;
    std::string first = (of_layer != a.layer_facts.end() ? of_layer : of_whole)->second.first_name();
    if (first.empty() || first == name) return name;
    name = std::move(first);
  }
  return name;
}

void check_config(const Architecture& a, const Json& config, const std::string& where) {
  check_kinds(a, config, where);
  check_positions(config, where);
}

}  // namespace ironlaw::host
