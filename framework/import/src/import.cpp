#include <ironlaw/import/import.hpp>

#include "model_count.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// The last part of a path or repository, with what a key may not hold replaced.
std::string as_key(std::string name) {
  while (name.ends_with('/')) name.pop_back();
  name.erase(0, name.rfind('/') + 1);
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !allowed(static_cast<unsigned char>(c)); }, '_');
  return name;
}

std::string key_of(const ModelConfig& config) {
  std::string key = as_key(config.text_or("_name_or_path", ""));
  if (key.empty() || key == "." || key == "..")
    key = as_key(std::filesystem::weakly_canonical(config.file()).parent_path().filename().string());
  return key.empty() ? "imported" : key;
}

Json whole(double number) { return static_cast<std::int64_t>(number); }

Json entry_of(const ModelCount& m) {
  const bool sparse = m.experts.layers > 0;
  Json entry;
  entry["parameters"] = whole(m.parameters);
  if (sparse) entry["active_parameters"] = whole(m.active_parameters);
  entry["layers"] = whole(m.layers);
  entry["hidden_size"] = whole(m.hidden_size);
  entry["heads"] = whole(m.heads);
  entry["kv_heads"] = whole(m.kv_heads);
  entry["head_size"] = whole(m.head_size);
  if (m.latent_kv_rank > 0) {
    entry["latent_kv_rank"] = whole(m.latent_kv_rank);
    entry["rope_head_size"] = whole(m.rope_head_size);
  }
  entry["ffn_size"] = whole(m.ffn_size);
  entry["ffn_matrices"] = whole(m.ffn_matrices);
  if (sparse) {
    entry["experts"] = whole(m.experts.experts);
    entry["active_experts"] = whole(m.experts.active);
    if (m.experts.layers < m.layers) entry["expert_layers"] = whole(m.experts.layers);
  }
  entry["vocabulary_size"] = whole(m.vocabulary_size);
  entry["tied_embedding"] = m.tied_embedding;
  entry["context_length"] = whole(m.context_length);
  if (m.sequence_operations > 0) {
    entry["work_unit"] = "sequence";
    entry["reference_length"] = whole(m.context_length);
    entry["operations"] = std::to_string(static_cast<std::int64_t>(m.sequence_operations)) + " FLOP";
  }
  return entry;
}

/// The kind of workload that takes exactly such an entry: it has all of its fields, and asks for no other.
std::string kind_of(const Json& entry, Plugins& plugins) {
  for (const auto& name : plugins.names("kind")) {
    const Kind& kind = plugins.kind(name);
    if (kind.interface() != "workload") continue;
    std::size_t taken = 0;
    bool lacks = false;
    for (const PortInfo& field : kind.fields()) {
      const bool given = entry.contains(field.name);
      taken += given ? 1 : 0;
      lacks |= field.required && !given;
    }
    if (!lacks && taken == entry.size()) return name;
  }
  throw InputError("", "no kind of workload that is loaded takes the fields of this model (ironlaw plugin list)");
}

}  // namespace

std::string import_model(Plugins& plugins, const std::filesystem::path& file, const std::string& key) {
  const ModelConfig config(file);
  const ModelCount model = count_model(config);
  const std::string name = config.text_or("_name_or_path", "");
  const Json fields = entry_of(model);
  Json entry{{"kind", kind_of(fields, plugins)}, {"category", "language"}};
  entry.update(fields);
  entry["source"] = "config";
  entry["note"] = "Parameters are counted weight by weight for the architecture '" + config.text_or("model_type", "") + "'.";
  Json source{{"title", "config.json" + (name.empty() ? std::string() : " of " + name)}, {"publisher", "Hugging Face format"}};
  const Json root{{"sources", {{"config", source}}}, {"entries", {{key.empty() ? key_of(config) : key, entry}}}};
  return root.dump(2) + "\n";
}

}  // namespace ironlaw::host
