// Reading zoo folders into entries.
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>

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

}  // namespace

void Zoo::Impl::read_folder(const std::filesystem::path& folder) {
  std::error_code ec;
  std::vector<std::filesystem::path> files;
  for (auto it = std::filesystem::recursive_directory_iterator(folder, ec);
       !ec && it != std::filesystem::recursive_directory_iterator(); it.increment(ec)) {
    const auto name = it->path().filename().string();
    if (it->is_directory() && (name == "profiles" || name == "schema")) it.disable_recursion_pending();
    if (it->is_regular_file() && it->path().extension() == ".json") files.push_back(it->path());
  }
  if (ec) throw InputError(folder.string(), "zoo folder cannot be read: " + ec.message());
  std::sort(files.begin(), files.end());
  for (const auto& f : files) read_file(f);
  ++folders;
}

void Zoo::Impl::read_file(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 2> keys{"sources", "entries"};
  const Json root = read_json(file);
  const std::string top = file.string() + "#";
  if (!root.is_object() || !root.contains("entries") || !root["entries"].is_object())
    throw InputError(top, "a zoo file takes an object with \"entries\" (and \"sources\")");
  refuse_other_keys(root, keys, top);
  sources.push_back(std::make_unique<std::map<std::string, SourceReference>>());
  if (root.contains("sources")) *sources.back() = read_sources(root["sources"], pointer(top, std::string_view("sources")));
  for (const auto& [key, value] : root["entries"].items()) {
    const std::string where = pointer(pointer(top, std::string_view("entries")), std::string_view(key));
    if (!value.is_object()) throw InputError(where, "an entry takes an object with \"kind\" or \"based_on\" and its fields");
    if (key.empty() || key.find_first_of(":$/ ") != key.npos)
      throw InputError(where, "a key takes letters, digits, '_', '-' and '.'");
    by_key.emplace(key, entries.size());
    entries.push_back({key, text_of(value, "kind", where), value, file, where, sources.back().get(), folders});
  }
}

const ZooEntry* Zoo::Impl::base_of(const ZooEntry& e) const {
  if (!e.json.contains("based_on")) return nullptr;
  const std::string key = text_of(e.json, "based_on", e.where);
  const ZooEntry* found = nullptr;
  const auto [first, last] = by_key.equal_range(key);
  for (auto it = first; it != last && &entries[it->second] != &e; ++it)  // of its own key: the one that it replaces
    if (e.kind.empty() || entries[it->second].kind == e.kind) found = &entries[it->second];
  if (found == nullptr && key == e.key)
    throw InputError(pointer(e.where, std::string_view("based_on")), "no earlier folder has an entry '" + key + "' to build on");
  if (found == nullptr) {
    std::vector<std::string_view> keys;
    for (const auto& [k, i] : by_key) keys.push_back(k);
    throw InputError(pointer(e.where, std::string_view("based_on")),
                     "no entry '" + key + "' to build on" + did_you_mean(key, keys));
  }
  return found;
}

void Zoo::Impl::resolve_kinds() {
  for (auto& e : entries) {
    std::size_t depth = 0;
    for (const ZooEntry* base = base_of(e); base != nullptr; base = base_of(*base)) {
      if (++depth > entries.size()) throw InputError(e.where, "is based on itself");
      if (e.kind.empty()) e.kind = base->kind;
    }
    if (e.kind.empty()) throw InputError(e.where, "needs \"kind\" or \"based_on\"");
  }
}

const ZooEntry* Zoo::Impl::before(const ZooEntry& e) const {
  const ZooEntry* found = nullptr;
  const auto [first, last] = by_key.equal_range(e.key);
  for (auto it = first; it != last && &entries[it->second] != &e; ++it)
    if (entries[it->second].kind == e.kind) found = &entries[it->second];
  return found;
}

/// A later folder replaces an earlier one's entries; within a folder there is one of each kind and key.
void Zoo::Impl::refuse_duplicates() const {
  for (const auto& e : entries) {
    const ZooEntry* other = before(e);
    if (other != nullptr && other->folder == e.folder)
      throw InputError(e.where, "the " + e.kind + " '" + e.key + "' is also in " + other->file.string());
  }
}

SourceReference Zoo::Impl::source_of(const ZooEntry& e, const std::string& field) const {
  std::string id = text_of(e.json, "source", e.where);
  if (e.json.contains("sources") && e.json["sources"].is_object() && e.json["sources"].contains(field))
    id = text_of(e.json["sources"], field.c_str(), e.where);
  const auto it = e.sources->find(id);
  return it == e.sources->end() ? SourceReference{} : it->second;
}

}  // namespace ironlaw::host
