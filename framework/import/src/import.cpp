#include <ironlaw/import/import.hpp>

#include "gguf_entry.hpp"
#include "model_entry.hpp"
#include "python_json.hpp"
#include "tensor_files.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/visible_text.hpp>

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

/// TensorRT Model Optimizer writes its formats in a file of their own beside the config.
void add_quantization_beside(Json& config, const fs::path& file) {
  const fs::path beside = file.parent_path() / "hf_quant_config.json";
  if (config.is_object() && !config.contains("quantization_config") && fs::is_regular_file(beside))
    config["quantization_config"] = read_python_json(beside);
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
    Json entry = gguf_entry(stored, file.string());
    if (entry["kind"] != "network") entry["stored_bits"] = stored_bits(stored.bits(), entry);
    return entry;
  }
  const fs::path config = file.parent_path() / "config.json";
  if (fs::exists(config)) {
    const Json json = read_python_json(config);
    if (stored.bytes_alone > 0 || (json.is_object() && architectures.find(text_at(json, "model_type")) != nullptr)) {
      Json entry = entry_of(count_network(architectures, json, config.string()), {});
      Json& bearer = entry["kind"] == "composite" ? entry["network"] : entry;
      const double counted = entry["parameters"].get<double>();
      if (stored.bytes_alone > 0) {
        note = "Parameters are counted by its config.json; the index says the bytes of them all, and its files are not beside it";
        const double bits = std::round(8e6 * stored.bytes_alone / counted) / 1e6;
        if (bearer["kind"] == "transformer" || bearer["kind"] == "sparse_transformer")
          for (const auto name : tensor_classes)
            if (bearer["kind"] == "sparse_transformer" || name != "experts") bearer["stored_bits"][std::string(name)] = bits;
        return entry;
      }
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

std::string import_model(const std::vector<fs::path>& zoo_folders, const fs::path& file, const std::string& key) {
  Architectures architectures(zoo_folders);
  Json fields;
  std::string note;
  std::string name;
  if (is_checkpoint(file)) {
    fields = checkpoint_entry(architectures, file, note);
  } else {
    Json config = read_python_json(file);
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
  return visible_json(root.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace ironlaw::host
