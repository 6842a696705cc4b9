#include <ironlaw/import/import.hpp>

#include "files/input_files.hpp"
#include "model_entry.hpp"
#include "tensor_files.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

/// The last part of a path or repository, with what a key may not hold replaced.
std::string as_key(std::string name) {
  while (name.ends_with('/')) name.pop_back();
  name.erase(0, name.rfind('/') + 1);
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; };
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !allowed(static_cast<unsigned char>(c)); }, '_');
  return name == "." || name == ".." ? std::string() : name;
}

std::string text_at(const Json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : std::string();
}

std::string key_of(const std::string& name, const fs::path& file) {
  std::string key = as_key(name);
  if (key.empty()) key = as_key(fs::weakly_canonical(file).parent_path().filename().string());
  return key.empty() ? "imported" : key;
}

/// A config.json as Python writes it: Infinity and NaN, which JSON does not know, become texts.
Json read_config(const fs::path& file) {
  std::string text = read_file(file);
  std::string strict;
  strict.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      strict += c;
      if (c == '\\' && i + 1 < text.size()) strict += text[++i];
      quoted = c != '"';
      continue;
    }
    quoted = c == '"';
    const auto rest = std::string_view(text).substr(i);
    std::string_view word;
    for (const std::string_view known : {"-Infinity", "Infinity", "NaN"})
      if (word.empty() && rest.starts_with(known)) word = known;
    if (word.empty()) {
      strict += c;
    } else {
      strict.append("\"").append(word).append("\"");
      i += word.size() - 1;
    }
  }
  return parse_json(strict, file.string());
}

/// TensorRT Model Optimizer writes its formats in a file of their own beside the config.
void add_quantization_beside(Json& config, const fs::path& file) {
  const fs::path beside = file.parent_path() / "hf_quant_config.json";
  if (config.is_object() && !config.contains("quantization_config") && fs::is_regular_file(beside))
    config["quantization_config"] = read_config(beside);
}

/// The geometry that a GGUF file's metadata gives; only what it says.
Json gguf_entry(const StoredModel& stored, const fs::path& file) {
  const std::string architecture = text_at(stored.metadata, "general.architecture");
  const auto number = [&](const char* key) -> double {
    const auto it = stored.metadata.find(architecture + "." + key);
    if (it == stored.metadata.end()) return 0;
    const Json& value = it->is_object() && it->contains("first") ? (*it)["first"] : *it;
    return value.is_number() ? value.get<double>() : 0;
  };
  Json entry{{"kind", "network"}, {"parameters", static_cast<std::int64_t>(stored.parameters())}};
  const double layers = number("block_count");
  if (layers > 0) entry["layers"] = static_cast<std::int64_t>(layers);
  const double experts = number("expert_count");
  const double heads = number("attention.head_count");
  if (heads == 0 || number("embedding_length") == 0) return entry;
  entry["kind"] = experts > 0 ? "sparse_transformer" : "transformer";
  const auto put = [&](const char* field, double value) {
    if (value > 0) entry[field] = static_cast<std::int64_t>(value);
  };
  double in_experts = 0;
  double vocabulary = 0;
  bool head = false;
  for (const auto& t : stored.tensors) {
    if (class_of_tensor(t.name) == "experts") in_experts += t.elements;
    if (class_of_tensor(t.name) == "embedding") vocabulary = std::max(vocabulary, t.elements / number("embedding_length"));
    head |= class_of_tensor(t.name) == "head";
  }
  if (experts > 0) {
    const double active = number("expert_used_count");
    if (active == 0 || active > experts)
      throw InputError(file.string(), architecture + ".expert_used_count is left out or too large");
    put("active_parameters", stored.parameters() - in_experts * (1 - active / experts));
    put("experts", experts);
    put("active_experts", active);
  }
  put("hidden_size", number("embedding_length"));
  put("heads", heads);
  put("kv_heads", number("attention.head_count_kv"));
  put("head_size", number("attention.key_length"));
  put("ffn_size", experts > 0 && number("expert_feed_forward_length") > 0 ? number("expert_feed_forward_length")
                                                                          : number("feed_forward_length"));
  put("vocabulary_size", vocabulary);
  entry["tied_embedding"] = !head;
  put("context_length", number("context_length"));
  if (number("attention.sliding_window") > 0 && number("attention.sliding_window_pattern") > 1) {
    const double pattern = number("attention.sliding_window_pattern");
    put("window_layers", layers - std::floor(layers / pattern));
    put("window_size", number("attention.sliding_window"));
  }
  return entry;
}

Json stored_bits(const StoredBits& bits, const Json& entry) {
  Json stored = Json::object();
  for (const auto& [name, width] : bits)
    if (entry["kind"] == "sparse_transformer" || name != "experts") stored[name] = std::round(width * 1e6) / 1e6;
  return stored;
}

/// What a checkpoint's headers say; its config beside it, if the architecture is known, gives the geometry.
Json checkpoint_entry(Architectures& architectures, const fs::path& file, std::string& note) {
  const StoredModel stored = read_checkpoint(file);
  note = "Parameters are the elements of the tensors that " + file.filename().string() + " names";
  if (file.extension() == ".gguf") {
    Json entry = gguf_entry(stored, file);
    if (entry["kind"] != "network") entry["stored_bits"] = stored_bits(stored.bits(), entry);
    return entry;
  }
  const fs::path config = file.parent_path() / "config.json";
  if (fs::exists(config)) {
    const Json json = read_config(config);
    if (json.is_object() && architectures.find(text_at(json, "model_type")) != nullptr) {
      Json entry = entry_of(count_network(architectures, json, config.string()), {});
      Json& bearer = entry["kind"] == "composite" ? entry["network"] : entry;
      const double counted = entry["parameters"].get<double>();
      note = "Parameters are counted by its config.json; the tensors stored hold " +
             std::to_string(static_cast<std::int64_t>(stored.parameters()));
      if (counted == stored.parameters()) note = "Parameters are counted by its config.json; the tensors stored hold as many";
      if (bearer["kind"] == "transformer" || bearer["kind"] == "sparse_transformer")
        bearer["stored_bits"] = stored_bits(stored.bits(), bearer);
      return entry;
    }
  }
  note += "; no config.json beside it says more";
  return {{"kind", "network"}, {"parameters", static_cast<std::int64_t>(stored.parameters())}};
}

std::string head_of(const Json& config) {
  const auto it = config.find("architectures");
  if (it == config.end() || !it->is_array() || it->empty() || !it->front().is_string()) return "as its class has it";
  return it->front().get<std::string>();
}

}  // namespace

bool names_a_file(const std::string& word) {
  const fs::path path(word);
  const bool known = is_checkpoint(path) || path.extension() == ".json";
  return known && !word.starts_with('{');
}

std::string object_in_file(const std::vector<fs::path>& zoo_folders, const fs::path& file, std::string_view interface) {
  if (!fs::is_regular_file(file)) throw InputError(file.string(), "no such file");
  if (!is_checkpoint(file)) {
    const Json json = read_config(file);
    if (!json.is_object()) throw InputError(file.string() + "#", "takes an object");
    if (json.contains("entries")) {
      const Json& entries = json["entries"];
      if (!entries.is_object() || entries.size() != 1)
        throw InputError(file.string() + "#/entries", "holds more than one entry or none; with --zoo FOLDER each has a name");
      return entries.front().dump();
    }
    const bool imported = interface == "workload" && !json.contains("kind") && !json.contains("based_on");
    if (!imported || !(json.contains("model_type") || json.contains("_class_name"))) return json.dump();
  }
  if (interface != "workload")
    throw InputError(file.string(), "holds a model, where a " + std::string(interface) + " is asked for");
  return parse_json(import_model(zoo_folders, file, "model"), file.string())["entries"]["model"].dump();
}

std::string import_model(const std::vector<fs::path>& zoo_folders, const fs::path& file, const std::string& key) {
  Architectures architectures(zoo_folders);
  Json fields;
  std::string note;
  std::string name;
  if (is_checkpoint(file)) {
    fields = checkpoint_entry(architectures, file, note);
  } else {
    Json config = read_config(file);
    add_quantization_beside(config, file);
    const CountedNetwork model = count_network(architectures, config, file.string());
    std::string method;
    const StoredBits bits = quantization_bits(config, file.string(), method);
    fields = entry_of(model, bits);
    name = text_at(config, "_name_or_path");
    note = "Parameters are counted weight by weight for the architecture '" + model.architecture + "' with the head " +
           head_of(config);
    if (!method.empty()) note += "; stored as " + method;
  }
  const bool language = fields["kind"] != "diffusion" && fields["kind"] != "network";
  Json entry{{"kind", fields["kind"]}, {"category", language ? "language" : "vision"}};
  entry.update(fields);
  entry["source"] = "config";
  entry["note"] = note + ".";
  const Json source{{"title", file.filename().string() + (name.empty() ? std::string() : " of " + name)},
                    {"publisher", file.extension() == ".gguf" ? "GGUF format" : "Hugging Face format"}};
  const std::string stem = is_checkpoint(file) && file.extension() == ".gguf" ? file.stem().string() : name;
  const Json root{{"sources", {{"config", source}}}, {"entries", {{key.empty() ? key_of(stem, file) : key, entry}}}};
  return root.dump(2) + "\n";
}

}  // namespace ironlaw::host
