#include "architectures.hpp"

#include "value/value.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>

#include <algorithm>
#include <array>

namespace ironlaw::host {
namespace {

void refuse_other_keys(const Json& object, std::span<const std::string_view> known, const std::string& where) {
  if (!object.is_object()) throw InputError(where, "takes an object");
  for (const auto& [key, value] : object.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw InputError(pointer(where, std::string_view(key)), "unknown key '" + key + "'" + did_you_mean(key, known));
}

std::string text_at(const Json& object, const char* key, const std::string& where, const std::string& otherwise = {}) {
  if (!object.contains(key)) return otherwise;
  if (!object[key].is_string())
    throw InputError(pointer(where, std::string_view(key)), "takes a text, not " + shown_json(object[key]));
  return object[key].get<std::string>();
}

/// What stands at `key`, or something empty.
const Json& at_or(const Json& object, const char* key, const Json& otherwise) {
  const auto it = object.find(key);
  return it == object.end() ? otherwise : *it;
}
const Json no_object = Json::object();
const Json no_list = Json::array();

/// A number or a truth may stand for itself.
Formula formula_of(const Json& value, const std::string& where) {
  if (value.is_string()) return {value.get_ref<const std::string&>(), where};
  if (value.is_number() || value.is_boolean()) return {value.dump(), where};
  throw InputError(where, "takes a formula, not " + shown_json(value));
}

template <class Take>
void each_formula(const Json& object, const char* key, const std::string& where, const Take& take) {
  if (!object.contains(key)) return;
  const std::string here = pointer(where, std::string_view(key));
  if (!object[key].is_object()) throw InputError(here, "takes an object of formulas by name");
  for (const auto& [name, value] : object[key].items())
    if (!value.is_null()) take(name, formula_of(value, pointer(here, std::string_view(name))));
}

NetworkPart part_of(const std::string& role, const Json& json, const std::string& where) {
  constexpr std::array<std::string_view, 7> keys{"config", "architecture", "or_whole",    "inherits",
                                                 "when",   "runs",         "reads_prompt"};
  refuse_other_keys(json, keys, where);
  NetworkPart part;
  part.role = role;
  part.config = text_at(json, "config", where);
  part.architecture = text_at(json, "architecture", where);
  part.runs = text_at(json, "runs", where, part.runs);
  if (part.runs != "once" && part.runs != "every_pass")
    throw InputError(where + "/runs", "'" + part.runs + "' is none of once, every_pass");
  part.or_whole = json.value("or_whole", false);
  for (const Json& key : at_or(json, "inherits", no_list))
    if (key.is_string()) part.inherits.push_back(key.get<std::string>());
  part.reads_prompt = json.value("reads_prompt", false);
  if (json.contains("when")) part.when = formula_of(json["when"], where + "/when");
  return part;
}

Architecture architecture_of(const std::string& name, const Json& json, const std::string& where) {
  constexpr std::array<std::string_view, 13> keys{"based_on", "template", "source", "note",         "defaults", "only",   "facts",
                                                  "weights",  "layer",    "heads",  "default_head", "networks", "aliases"};
  constexpr std::array<std::string_view, 2> layer_keys{"facts", "weights"};
  refuse_other_keys(json, keys, where);
  Architecture a;
  a.name = name;
  a.where = where;
  for (const auto& [key, value] : at_or(json, "defaults", no_object).items()) {
    const std::string here = where + pointer("/defaults", std::string_view(key));
    if (value.is_null()) continue;
    if (value.is_string())
      a.formula_defaults.emplace(key, formula_of(value, here));
    else
      a.defaults.emplace(key, value);
  }
  for (const auto& [key, value] : at_or(json, "only", no_object).items()) a.only.emplace(key, value);
  each_formula(json, "facts", where, [&](const auto& n, Formula f) { a.facts.emplace(n, std::move(f)); });
  each_formula(json, "weights", where, [&](const auto& n, Formula f) { a.weights.emplace_back(n, std::move(f)); });
  each_formula(json, "heads", where, [&](const auto& n, Formula f) { a.heads.emplace(n, std::move(f)); });
  a.default_head = text_at(json, "default_head", where);
  if (json.contains("layer")) {
    const std::string here = where + "/layer";
    refuse_other_keys(json["layer"], layer_keys, here);
    each_formula(json["layer"], "facts", here, [&](const auto& n, Formula f) { a.layer_facts.emplace(n, std::move(f)); });
    each_formula(json["layer"], "weights", here,
                 [&](const auto& n, Formula f) { a.layer_weights.emplace_back(n, std::move(f)); });
  }
  for (const auto& [role, part] : at_or(json, "networks", no_object).items())
    if (!part.is_null()) a.networks.push_back(part_of(role, part, where + pointer("/networks", std::string_view(role))));
  return a;
}

}  // namespace

Architectures::Architectures(const std::vector<std::filesystem::path>& zoo_folders) {
  for (const auto& folder : zoo_folders) {
    std::error_code failure;
    for (const FolderEntry& entry : entries_of(folder / "architectures", failure))
      if (entry.path.extension() == ".json") read(entry.path);
  }
}

void Architectures::read(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 2> keys{"sources", "architectures"};
  const std::string top = file.string() + "#";
  const Json root = read_json(file);
  refuse_other_keys(root, keys, top);
  if (!root.contains("architectures") || !root["architectures"].is_object())
    throw InputError(top, "a table of architectures takes an object with \"architectures\" (and \"sources\")");
  for (const auto& [name, json] : root["architectures"].items()) {
    const std::string where = pointer(top + "/architectures", std::string_view(name));
    if (!json.is_object()) throw InputError(where, "takes an object");
    rows_[name] = {json, where};
    for (const Json& alias : at_or(json, "aliases", no_list))
      if (alias.is_string()) aliases_[alias.get<std::string>()] = name;
  }
}

Json Architectures::resolved(const std::string& name, std::size_t depth, const std::string& where) const {
  const auto row = rows_.find(name);
  if (row == rows_.end()) {
    std::vector<std::string_view> all;
    for (const auto& [known, r] : rows_) all.push_back(known);
    throw InputError(where, "unknown architecture '" + name + "'" + did_you_mean(name, all));
  }
  if (depth > rows_.size()) throw InputError(row->second.where, "is based on itself");
  const Json& own = row->second.json;
  if (!own.contains("based_on")) return own;
  Json json = resolved(text_at(own, "based_on", row->second.where), depth + 1, row->second.where + "/based_on");
  json.erase("template");
  json.erase("aliases");
  // A text takes the place of an older value; objects are laid over each other.
  json.merge_patch(own);
  return json;
}

const Architecture* Architectures::find(std::string_view name) {
  std::string key(name);
  if (const auto alias = aliases_.find(name); alias != aliases_.end()) key = alias->second;
  if (const auto it = made_.find(key); it != made_.end()) return it->second.get();
  const auto row = rows_.find(key);
  if (row == rows_.end() || row->second.json.value("template", false)) return nullptr;
  auto made = std::make_unique<Architecture>(architecture_of(key, resolved(key, 0, row->second.where), row->second.where));
  return made_.emplace(key, std::move(made)).first->second.get();
}

std::vector<std::string_view> Architectures::names() const {
  std::vector<std::string_view> all;
  for (const auto& [name, row] : rows_)
    if (!row.json.value("template", false)) all.push_back(name);
  for (const auto& [alias, name] : aliases_) all.push_back(alias);
  return all;
}

}  // namespace ironlaw::host
