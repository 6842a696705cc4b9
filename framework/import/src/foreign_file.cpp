#include <ironlaw/import/foreign_file.hpp>

#include "adapter.hpp"
#include "files/input_files.hpp"
#include "python_json.hpp"
#include "tensor_files.hpp"
#include "zoo/object_spec.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/import/import.hpp>
#include <ironlaw/visible_text.hpp>

#include <cmath>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t most_bytes = std::uintmax_t{64} << 20;

/// Makes the tree of the entries that an importer writes.
class TreeOfEntries final : public EntryWriter {
 public:
  /// The entries by key. Throws Error where an object is still open.
  [[nodiscard]] const Json& entries() const {
    if (open_.size() > 1) throw Error("its importer left an object or a list of entry '" + key_ + "' without an end");
    return entries_;
  }

 private:
  void do_entry(std::string_view key, std::string_view kind) override {
    (void)entries();
    key_ = key;
    if (key_.empty()) throw Error("its importer wrote an entry without a key");
    if (entries_.contains(key_)) throw Error("its importer wrote entry '" + key_ + "' twice");
    entries_[key_] = Json{{"kind", kind}};
    open_ = {&entries_[key_]};
  }
  void do_number(std::string_view field, double value, std::string_view unit) override {
    if (!std::isfinite(value)) throw Error("its importer wrote no number for '" + std::string(field) + "'");
    const bool whole = std::abs(value) < 9e15 && std::trunc(value) == value;
    const Json number = whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
    put(field, unit.empty() ? number : Json(number.dump() + " " + std::string(unit)));
  }
  void do_text(std::string_view field, std::string_view value) override { put(field, value); }
  void do_boolean(std::string_view field, bool value) override { put(field, value); }
  void do_object(std::string_view field) override { open_.push_back(&put(field, Json::object())); }
  void do_list(std::string_view field) override { open_.push_back(&put(field, Json::array())); }
  void do_end() override {
    if (open_.size() < 2) throw Error("its importer ended an object that it did not begin");
    open_.pop_back();
  }

  Json& put(std::string_view field, Json value) {
    if (open_.empty()) throw Error("its importer wrote '" + std::string(field) + "' before any entry");
    Json& into = *open_.back();
    if (into.is_array()) return into.emplace_back(std::move(value));
    const std::string name(field);
    if (name.empty() || into.contains(name)) throw Error("its importer wrote field '" + name + "' twice, or without a name");
    return into[name] = std::move(value);
  }

  Json entries_ = Json::object();
  std::string key_;
  std::vector<Json*> open_;  ///< the entry, and what is open inside it
};

/// What a file is, before any importer is asked.
enum class Known { model, adapter, zoo_file, entry, nothing };

Known known(const fs::path& file) {
  if (is_checkpoint(file)) return Known::model;
  if (file.extension() != ".json") return Known::nothing;
  const Json json = read_python_json(file);
  if (!json.is_object()) throw InputError(file.string() + "#", "takes an object");
  if (is_adapter(json)) return Known::adapter;
  if (json.contains("entries")) return Known::zoo_file;
  if (json.contains("kind") || json.contains("based_on")) return Known::entry;
  return json.contains("model_type") || json.contains("_class_name") ? Known::model : Known::nothing;
}

void check_file(const fs::path& file) {
  if (!fs::exists(file)) throw InputError(file.string(), "no such file");
  if (!fs::is_regular_file(file)) throw InputError(file.string(), "is no file of its own: a folder, a device or a pipe");
}

std::string read_whole(const fs::path& file) {
  check_file(file);
  if (fs::file_size(file) > most_bytes) throw InputError(file.string(), "has more than 64 MiB, which no importer is given");
  return read_file(file);
}

/// Calls an importer about a file; what it says of the file names the file.
template <class Call>
auto asked(const std::string& file, const Call& call) {
  try {
    return call();
  } catch (const PluginError&) {
    throw;
  } catch (const Error& e) {
    throw InputError(file, e.what());
  }
}

/// The importer that reads a file; null where none does.
const Importer* importer_of(const ForeignFormats& formats, const ForeignFile& file) {
  if (!formats.importer.empty()) return &formats.plugins.importer(formats.importer);
  const Importer* found = nullptr;
  std::string names;
  for (const std::string& name : formats.plugins.names("importer")) {
    const Importer& importer = formats.plugins.importer(name);
    if (!asked(std::string(file.name), [&] { return importer.reads(file); })) continue;
    if (found != nullptr) names += " or ";
    names += "'" + name + "'";
    if (found != nullptr) throw InputError(std::string(file.name), "read by several importers: say --importer " + names);
    found = &importer;
  }
  return found;
}

std::string built_in_formats() { return "a config.json, a .safetensors file (or its .index.json) or a .gguf file"; }

std::string why_nobody(const ForeignFormats& formats) {
  std::string asked;
  for (const std::string& name : formats.plugins.names("importer")) asked += (asked.empty() ? "" : ", ") + name;
  return "is not " + built_in_formats() +
         (asked.empty() ? "; a plugin may bring an importer (docs/extending/importer.md)"
                        : ", and no importer reads it: " + asked);
}

/// An entry is held against its kind before anybody writes it down.
void check_entry(Plugins& plugins, const std::string& key, const Json& entry, const std::string& file) {
  const std::string where = file + ": entry '" + key + "'";
  ObjectSpec spec;
  try {
    spec.kind = &plugins.kind(entry["kind"].get<std::string>());
  } catch (const InputError& e) {
    throw InputError(where, e.what());
  }
  spec.fields.resize(spec.kind->fields().size());
  Problems problems;
  read_fields(spec, entry, where, false, problems);
  problems.raise();
}

Json imported(const ForeignFormats& formats, const ForeignFile& file, const Importer& importer, const std::string& key) {
  const std::string name(file.name);
  TreeOfEntries tree;
  const Json entries = asked(name, [&] {
    importer.import(file, tree);
    return tree.entries();
  });
  if (entries.empty()) throw InputError(name, "holds no entry, by importer '" + std::string(importer.about().name) + "'");
  if (!key.empty() && entries.size() != 1)
    throw InputError("--name", "names one entry, and " + name + " holds " + std::to_string(entries.size()));
  Json root{{"sources", {{"file", {{"title", fs::path(name).filename().string()}, {"publisher", importer.about().format}}}}},
            {"entries", Json::object()}};
  for (const auto& [own_key, entry] : entries.items()) {
    check_entry(formats.plugins, own_key, entry, name);
    Json& with_source = root["entries"][key.empty() ? own_key : key] = entry;
    with_source["source"] = "file";
  }
  return root;
}

/// A zoo file with a model that an adapter is laid over.
Json adapted(const ForeignFormats& formats, const fs::path& file, const std::string& key) {
  Json entry = adapter_entry(read_python_json(file), file.string(), formats.plugins, formats.zoo_folders);
  entry["source"] = "adapter";
  return {{"sources", {{"adapter", {{"title", file.filename().string()}, {"publisher", "peft format"}}}}},
          {"entries", {{key.empty() ? "adapted" : key, entry}}}};
}

/// What an importer makes of a file, or a null where none reads it.
Json imported_by_plugin(const ForeignFormats& formats, const fs::path& file, const std::string& key) {
  if (formats.importer.empty() && formats.plugins.names("importer").empty()) return nullptr;
  const std::string name = file.string();
  const std::string bytes = read_whole(file);
  const ForeignFile foreign{name, bytes};
  const Importer* importer = importer_of(formats, foreign);
  return importer == nullptr ? Json() : imported(formats, foreign, *importer, key);
}

}  // namespace

std::string import_file(const ForeignFormats& formats, const fs::path& file, const std::string& key) {
  check_file(file);
  const Known what = formats.importer.empty() ? known(file) : Known::nothing;
  if (what == Known::adapter) return visible_json(adapted(formats, file, key).dump(2)) + "\n";
  if (what == Known::nothing) {
    const Json root = imported_by_plugin(formats, file, key);
    if (!root.is_null()) return visible_json(root.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
    if (file.extension() != ".json") throw InputError(file.string(), why_nobody(formats));
  }
  return import_model(formats.zoo_folders, file, key);
}

bool names_a_file(const Plugins& plugins, const std::string& word) {
  if (word.starts_with('{')) return false;
  const fs::path path(word);
  if (is_checkpoint(path) || path.extension() == ".json") return true;
  return word.find('/') != word.npos && fs::is_regular_file(path) && !plugins.names("importer").empty();
}

std::string object_in_file(const ForeignFormats& formats, const fs::path& file, std::string_view interface) {
  check_file(file);
  const auto only_entry = [&](const Json& entries) {
    if (!entries.is_object() || entries.size() != 1)
      throw InputError(file.string() + "#/entries", "holds more than one entry or none; with --zoo FOLDER each has a name");
    return entries.front().dump();
  };
  switch (known(file)) {
    case Known::model:
      if (interface != "workload")
        throw InputError(file.string(), "holds a model, where a " + std::string(interface) + " is asked for");
      return only_entry(parse_json(import_model(formats.zoo_folders, file, "model"), file.string())["entries"]);
    case Known::adapter:
      return only_entry(adapted(formats, file, "adapted")["entries"]);
    case Known::zoo_file:
      return only_entry(read_python_json(file)["entries"]);
    case Known::entry:
      return read_python_json(file).dump();
    case Known::nothing:
      break;
  }
  const Json root = imported_by_plugin(formats, file, {});
  if (!root.is_null()) return only_entry(root["entries"]);
  if (file.extension() != ".json") throw InputError(file.string(), why_nobody(formats));
  return read_python_json(file).dump();
}

}  // namespace ironlaw::host
