// Reading zoo folders into entries.
#include "files/input_files.hpp"
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace ironlaw::host {
namespace {

std::string text_of(const Json& j, const char* key, const std::string& where) {
  if (!j.contains(key)) return {};
  if (!j[key].is_string()) throw InputError(pointer(where, std::string_view(key)), "takes a text, not " + shown_json(j[key]));
  return j[key].get<std::string>();
}

void refuse_other_keys(const Json& j, std::span<const std::string_view> known, const std::string& where) {
  for (const auto& [key, value] : j.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw InputError(pointer(where, std::string_view(key)), "unknown key '" + key + "'" + did_you_mean(key, known));
}

constexpr std::array<std::string_view, 4> source_keys{"title", "publisher", "date", "url"};

SourceReference read_source(const Json& s, const std::string& where) {
  if (!s.is_object()) throw InputError(where, "a source takes an object with title, publisher, date and url");
  refuse_other_keys(s, source_keys, where);
  SourceReference source{text_of(s, "title", where), text_of(s, "publisher", where), text_of(s, "date", where),
                         text_of(s, "url", where)};
  if (source.title.empty()) throw InputError(where, "a source needs a title");
  return source;
}

bool is_key(std::string_view key) { return !key.empty() && key.find_first_of(":$/ ") == key.npos; }

/// Says what is wrong with a file that the scan did not take for a plain zoo file.
[[noreturn]] void refuse_file(const ZooFile& file) {
  constexpr std::array<std::string_view, 2> keys{"sources", "entries"};
  const std::string top = file.path.string() + "#";
  const Json root = parse_json(file.text, file.path.string());
  if (!root.is_object() || !root.contains("entries") || !root["entries"].is_object())
    throw InputError(top, "a zoo file takes an object with \"entries\" (and \"sources\")");
  refuse_other_keys(root, keys, top);
  if (root.contains("sources")) {
    const std::string where = pointer(top, std::string_view("sources"));
    if (!root["sources"].is_object()) throw InputError(where, "takes an object of sources by id");
    for (const auto& [id, source] : root["sources"].items()) (void)read_source(source, pointer(where, std::string_view(id)));
  }
  for (const auto& [key, value] : root["entries"].items()) {
    const std::string where = pointer(pointer(top, std::string_view("entries")), std::string_view(key));
    if (!value.is_object()) throw InputError(where, "an entry takes an object with \"kind\" or \"based_on\" and its fields");
    if (!is_key(key)) throw InputError(where, "a key takes letters, digits, '_', '-' and '.'");
    (void)text_of(value, "kind", where);
    (void)text_of(value, "based_on", where);
  }
  throw InputError(top, "cannot be read as a zoo file");
}

}  // namespace

void Zoo::Impl::read_folder(const std::filesystem::path& folder) {
  const auto enters = [](const std::filesystem::path& inner) {
    const auto name = inner.filename().native();
    return name != "profiles" && name != "schema" && name != "architectures" && name != "names";
  };
  std::error_code failure;
  const auto all = entries_below(folder, failure, enters);
  if (failure) throw InputError(folder.string(), "zoo folder cannot be read: " + failure.message());
  for (const FolderEntry& entry : all)
    if (entry.is_file && entry.path.extension() == ".json") read_file(entry.path);
  folder_paths.push_back(folder);
  ++folders;
}

std::string ZooEntry::where() const { return pointer(file->path.string() + "#/entries", key); }

const Json& ZooEntry::json() const {
  if (parsed == nullptr) {
    try {
      parsed = std::make_unique<const Json>(parse_json(text, file->path.string()));
    } catch (const InputError&) {
      (void)parse_json(file->text, file->path.string());  // says where in the file
      throw;
    }
  }
  return *parsed;
}

std::string_view Zoo::Impl::plain(std::string_view raw, bool escaped) {
  if (!escaped) return raw;
  return decoded.emplace_back(parse_json("\"" + std::string(raw) + "\"", "").get<std::string>());
}

void Zoo::Impl::read_file(const std::filesystem::path& path) {
  files.push_back({path, host::read_file(path), {}, folders});
  ZooFile& file = files.back();
  JsonScan scan(file.text);
  bool has_entries = false;
  const bool plain_file = scan.members([&](std::string_view key, bool) {
    if (key == "entries" && !std::exchange(has_entries, true)) return index_entries(file, scan);
    return key == "sources" && file.sources.empty() && index_sources(file, scan);
  });
  if (!plain_file || !has_entries || !scan.at_end()) refuse_file(file);
}

bool Zoo::Impl::index_sources(ZooFile& file, JsonScan& scan) {
  return scan.members([&](std::string_view id, bool escaped) {
    const std::size_t begin = scan.at();
    bool titled = false;
    const bool plain_source = scan.members([&](std::string_view key, bool) {
      std::string_view value;
      bool escaped_value = false;
      if (std::find(source_keys.begin(), source_keys.end(), key) == source_keys.end() || !scan.text(value, escaped_value))
        return false;
      titled |= key == "title" && !value.empty();
      return true;
    });
    return plain_source && titled && file.sources.emplace(plain(id, escaped), ZooSource{scan.since(begin)}).second;
  });
}

bool Zoo::Impl::index_entries(const ZooFile& file, JsonScan& scan) {
  return scan.members([&](std::string_view key, bool escaped) {
    key = plain(key, escaped);
    return is_key(key) && index_entry(file, key, scan);
  });
}

bool Zoo::Impl::index_entry(const ZooFile& file, std::string_view key, JsonScan& scan) {
  ZooEntry& entry = entries.emplace_back();
  entry.key = key;
  entry.file = &file;
  const std::size_t begin = scan.at();
  const bool plain_entry = scan.members([&](std::string_view name, bool) {
    std::string_view* word = name == "kind" ? &entry.kind : name == "based_on" ? &entry.based_on : nullptr;
    std::string_view value;
    bool escaped = false;
    if (word == nullptr) return scan.value(name == "aliases" ? entry.aliases : value);
    if (!scan.text(value, escaped)) return false;
    *word = plain(value, escaped);
    return true;
  });
  entry.text = scan.since(begin);
  return plain_entry && by_key.add(entry);
}

const ZooEntry* Zoo::Impl::base_of(const ZooEntry& e) const {
  if (e.based_on.empty()) return nullptr;
  const auto refuse = [&](const std::string& what) { throw InputError(pointer(e.where(), std::string_view("based_on")), what); };
  const ZooEntry* found = nullptr;
  for (const ZooEntry* other = by_key.first(e.based_on); other != nullptr && other != &e; other = other->next)
    if (e.kind.empty() || other->kind == e.kind) found = other;  // of its own key: the one that it replaces
  if (found == nullptr && e.based_on == e.key) refuse("no earlier folder has an entry '" + std::string(e.key) + "' to build on");
  if (found == nullptr) {
    std::vector<std::string_view> keys;
    for (const auto& other : entries) keys.push_back(other.key);
    std::sort(keys.begin(), keys.end());
    refuse("no entry '" + std::string(e.based_on) + "' to build on" + did_you_mean(e.based_on, keys));
  }
  return found;
}

void Zoo::Impl::resolve_kinds() {
  for (auto& e : entries) {
    std::size_t depth = 0;
    for (const ZooEntry* base = base_of(e); base != nullptr; base = base_of(*base)) {
      if (++depth > entries.size()) throw InputError(e.where(), "is based on itself");
      if (e.kind.empty()) e.kind = base->kind;
    }
    if (e.kind.empty()) throw InputError(e.where(), "needs \"kind\" or \"based_on\"");
  }
}

const ZooEntry* Zoo::Impl::before(const ZooEntry& e) const {
  const ZooEntry* found = nullptr;
  for (const ZooEntry* other = by_key.first(e.key); other != &e; other = other->next)
    if (other->kind == e.kind) found = other;
  return found;
}

/// A later folder replaces an earlier one's entries; within a folder there is one of each kind and key.
void Zoo::Impl::refuse_duplicates() const {
  for (const auto& e : entries) {
    const ZooEntry* other = before(e);
    if (other != nullptr && other->file->folder == e.file->folder)
      throw InputError(e.where(),
                       "the " + std::string(e.kind) + " '" + std::string(e.key) + "' is also in " + other->file->path.string());
  }
}

SourceReference Zoo::Impl::source_of(const ZooEntry& e, const std::string& field) const {
  const Json& json = e.json();
  std::string id = text_of(json, "source", e.where());
  if (json.contains("sources") && json["sources"].is_object() && json["sources"].contains(field))
    id = text_of(json["sources"], field.c_str(), e.where());
  const auto it = e.file->sources.find(id);
  if (it == e.file->sources.end()) return {};
  const auto& [text, read] = it->second;
  const std::string path = e.file->path.string();
  if (!read) read = read_source(parse_json(text, path), pointer(path + "#/sources", id));
  return *read;
}

}  // namespace ironlaw::host
