// Reading zoo folders into entries.
#include "files/input_files.hpp"
#include "text/json_scan.hpp"
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>

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

std::map<std::string, SourceReference> read_sources(const Json& j, const std::string& where) {
  constexpr std::array<std::string_view, 4> keys{"title", "publisher", "date", "url"};
  std::map<std::string, SourceReference> all;
  if (!j.is_object()) throw InputError(where, "takes an object of sources by id");
  for (const auto& [id, s] : j.items()) {
    const std::string here = pointer(where, std::string_view(id));
    if (!s.is_object()) throw InputError(here, "a source takes an object with title, publisher, date and url");
    refuse_other_keys(s, keys, here);
    all[id] = {text_of(s, "title", here), text_of(s, "publisher", here), text_of(s, "date", here), text_of(s, "url", here)};
    if (all[id].title.empty()) throw InputError(here, "a source needs a title");
  }
  return all;
}

/// Says what is wrong with a file that the scan did not take for a plain zoo file.
[[noreturn]] void refuse_file(const ZooFile& file) {
  constexpr std::array<std::string_view, 2> keys{"sources", "entries"};
  const std::string top = file.path.string() + "#";
  const Json root = parse_json(file.text, file.path.string());
  if (!root.is_object() || !root.contains("entries") || !root["entries"].is_object())
    throw InputError(top, "a zoo file takes an object with \"entries\" (and \"sources\")");
  refuse_other_keys(root, keys, top);
  if (root.contains("sources")) (void)read_sources(root["sources"], pointer(top, std::string_view("sources")));
  for (const auto& [key, value] : root["entries"].items()) {
    const std::string where = pointer(pointer(top, std::string_view("entries")), std::string_view(key));
    if (!value.is_object()) throw InputError(where, "an entry takes an object with \"kind\" or \"based_on\" and its fields");
    if (key.empty() || key.find_first_of(":$/ ") != key.npos)
      throw InputError(where, "a key takes letters, digits, '_', '-' and '.'");
  }
  throw InputError(top, "cannot be read as a zoo file");
}

}  // namespace

void Zoo::Impl::read_folder(const std::filesystem::path& folder) {
  std::error_code ec;
  std::vector<std::filesystem::path> paths;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, ec);
       !ec && it != std::filesystem::recursive_directory_iterator(); it.increment(ec)) {
    const auto name = it->path().filename().string();
    if (it->is_directory() && (name == "profiles" || name == "schema" || name == "architectures")) it.disable_recursion_pending();
    if (it->is_regular_file() && it->path().extension() == ".json") paths.push_back(it->path());
  }
  if (ec) throw InputError(folder.string(), "zoo folder cannot be read: " + ec.message());
  std::sort(paths.begin(), paths.end());
  for (const auto& path : paths) read_file(path);
  folder_paths.push_back(folder);
  ++folders;
}

std::vector<std::string> aliases_of(const ZooEntry& e) {
  std::vector<std::string> all;
  if (!e.has_aliases) return all;
  const std::string where = pointer(e.where(), std::string_view("aliases"));
  const Json& list = e.json()["aliases"];
  if (!list.is_array()) throw InputError(where, "takes a list of names, not " + shown_json(list));
  for (const Json& name : list) {
    if (!name.is_string() || name.get_ref<const std::string&>().empty())
      throw InputError(where, "takes a list of names, not " + shown_json(name));
    all.push_back(name.get<std::string>());
  }
  return all;
}

std::string folded(std::string_view name) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string all;
  all.reserve(name.size());
  bool apart = false;
  for (const char c : name) {
    if (std::string_view(" -_.(),").find(c) != std::string_view::npos) {
      apart = true;
      continue;
    }
    if (apart && digit(c) && !all.empty() && digit(all.back())) all += '.';  // "OPT 1.3B" is not "OPT 13B"
    all += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    apart = false;
  }
  return all;
}

/// What is left of a folded name without the words that people put around it: a maker, a line of products, a tuned variant of
/// the same shape. False where there is nothing to leave out.
bool drop_a_word(std::string& name) {
  constexpr std::array<std::string_view, 19> before{
      "nvidia", "geforce", "tesla",  "quadro", "amd",    "radeon",    "instinct",  "intel",      "apple",   "google",
      "aws",    "amazon",  "huawei", "meta",   "openai", "microsoft", "mistralai", "databricks", "facebook"};
  constexpr std::array<std::string_view, 7> behind{"instruct", "chat", "it", "hf", "base", "gpu", "pt"};
  for (const auto word : before)
    if (name.size() > word.size() && name.starts_with(word)) {
      name.erase(0, word.size());
      return true;
    }
  for (const auto word : behind)
    if (name.size() > word.size() && name.ends_with(word)) {
      name.resize(name.size() - word.size());
      return true;
    }
  return false;
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
  std::string_view key;
  std::string_view value;
  std::string_view sources_text;
  std::string_view entries_text;
  bool escaped = false;
  bool plain_file = scan.take('{');
  while (plain_file && scan.peek() != '}') {
    plain_file = scan.text(key, escaped) && scan.take(':') && scan.value(value) && (scan.take(',') || scan.peek() == '}');
    if (key == "entries" && entries_text.empty()) {
      entries_text = value;
    } else if (key == "sources" && sources_text.empty()) {
      sources_text = value;
    } else {
      plain_file = false;
    }
  }
  plain_file = plain_file && scan.take('}') && scan.at_end() && !entries_text.empty();
  if (plain_file && !sources_text.empty()) {
    try {
      file.sources = read_sources(parse_json(sources_text, path.string()), path.string() + "#/sources");
    } catch (const InputError&) {
      plain_file = false;  // the whole says it with its place
    }
  }
  if (!plain_file || !index_entries(file, entries_text)) refuse_file(file);
}

bool Zoo::Impl::index_entries(const ZooFile& file, std::string_view text) {
  JsonScan scan(text);
  std::string_view key;
  std::string_view value;
  bool escaped = false;
  if (!scan.take('{')) return false;
  while (scan.peek() != '}') {
    if (!scan.text(key, escaped) || !scan.take(':') || scan.peek() != '{' || !scan.value(value)) return false;
    key = plain(key, escaped);
    if (key.empty() || key.find_first_of(":$/ ") != key.npos) return false;
    if (const auto it = by_key.find(key); it != by_key.end() && entries[it->second.back()].file == &file) return false;
    add_entry(file, key, value);
    if (!scan.take(',')) break;
  }
  return scan.take('}') && scan.at_end();
}

void Zoo::Impl::add_entry(const ZooFile& file, std::string_view key, std::string_view text) {
  ZooEntry& entry = entries.emplace_back();
  entry.key = key;
  entry.text = text;
  entry.file = &file;
  JsonScan scan(text);
  std::string_view name;
  std::string_view value;
  bool escaped = false;
  (void)scan.take('{');
  while (scan.peek() == '"' && scan.text(name, escaped) && scan.take(':')) {
    std::string_view* word = name == "kind" ? &entry.kind : name == "based_on" ? &entry.based_on : nullptr;
    if (word != nullptr && scan.peek() == '"') {
      if (!scan.text(value, escaped)) break;
      *word = plain(value, escaped);
    } else {
      if (word != nullptr) (void)text_of(entry.json(), std::string(name).c_str(), entry.where());
      if (!scan.value(value)) break;
    }
    entry.has_aliases |= name == "aliases";
    if (!scan.take(',')) break;
  }
  by_key[key].push_back(static_cast<std::uint32_t>(entries.size() - 1));
}

std::span<const std::uint32_t> Zoo::Impl::named(std::string_view name) {
  if (const auto it = by_key.find(name); it != by_key.end()) return it->second;
  if (by_folded_name.empty()) {
    const auto add = [&](std::string_view said, std::uint32_t i) {
      auto& all = by_folded_name[folded(said)];
      if (all.empty() || all.back() != i) all.push_back(i);
    };
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      add(entries[i].key, i);
      if (!entries[i].has_aliases) continue;
      for (const auto& alias : aliases_of(entries[i])) add(alias, i);
    }
  }
  // As it is said, then without a repository's owner, then without words around it.
  std::string said = folded(name);
  if (const auto it = by_folded_name.find(said); it != by_folded_name.end()) return it->second;
  if (const auto slash = said.rfind('/'); slash != said.npos) said.erase(0, slash + 1);
  do {
    if (const auto it = by_folded_name.find(said); it != by_folded_name.end()) return it->second;
  } while (drop_a_word(said));
  return {};
}

const ZooEntry* Zoo::Impl::base_of(const ZooEntry& e) const {
  if (e.based_on.empty()) return nullptr;
  const auto refuse = [&](const std::string& what) { throw InputError(pointer(e.where(), std::string_view("based_on")), what); };
  const ZooEntry* found = nullptr;
  if (const auto it = by_key.find(e.based_on); it != by_key.end())
    for (const std::uint32_t i : it->second) {
      if (&entries[i] == &e) break;  // of its own key: the one that it replaces
      if (e.kind.empty() || entries[i].kind == e.kind) found = &entries[i];
    }
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
  for (const std::uint32_t i : by_key.find(e.key)->second) {
    if (&entries[i] == &e) break;
    if (entries[i].kind == e.kind) found = &entries[i];
  }
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
  return it == e.file->sources.end() ? SourceReference{} : it->second;
}

}  // namespace ironlaw::host
