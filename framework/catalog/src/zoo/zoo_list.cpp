// Telling of entries, and checking them all.
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <set>

namespace ironlaw::host {
namespace {

std::string metadata(const Json& j, const char* key) {
  return j.contains(key) && j[key].is_string() ? j[key].get<std::string>() : std::string();
}

ZooEntryInfo info_of(const Zoo::Impl& zoo, const ZooEntry& e) {
  const Json& j = e.json();
  ZooEntryInfo info{std::string(e.key),      std::string(e.kind),
                    metadata(j, "label"),    metadata(j, "vendor"),
                    metadata(j, "category"), metadata(j, "note"),
                    e.file->path.string(),   0,
                    aliases_of(e),           {}};
  if (j.contains("year") && j["year"].is_number_integer()) info.year = j["year"].get<int>();
  info.sources[""] = zoo.source_of(e, "");
  if (j.contains("sources") && j["sources"].is_object())
    for (const auto& [field, id] : j["sources"].items()) info.sources[field] = zoo.source_of(e, field);
  return info;
}

bool replaced(const ZooEntry& e) {
  for (const ZooEntry* later = e.next; later != nullptr; later = later->next)
    if (later->kind == e.kind) return true;
  return false;
}

/// "Llama3_8B, Llama3_70B and 4 more".
std::string some_of(const std::set<std::string_view>& keys) {
  constexpr std::size_t most = 6;
  std::string text;
  std::size_t told = 0;
  for (const auto key : keys)
    if (told++ < most) text.append(text.empty() ? "" : ", ").append(key);
  return keys.size() > most ? text + " and " + std::to_string(keys.size() - most) + " more" : text;
}

/// Field names that the entry itself gives, dotted.
void given_fields(const Json& j, const std::string& prefix, const Kind& kind, std::vector<std::string>& names) {
  for (const auto& [key, value] : j.items()) {
    if (prefix.empty() && is_metadata(key)) continue;
    const std::string name = prefix.empty() ? key : prefix + "." + key;
    if (field_index(kind, name) < kind.fields().size()) {
      names.push_back(name);
    } else if (value.is_object()) {
      given_fields(value, name, kind, names);
    }
  }
}

void check_sources(const Zoo::Impl& zoo, const ZooEntry& e, const Kind& kind, std::vector<std::string>& faults) {
  std::vector<std::string> names;
  given_fields(e.json(), "", kind, names);
  for (const auto& name : names)
    if (zoo.source_of(e, name).title.empty()) faults.push_back(e.where() + ": " + name + " has no source");
  if (!e.json().contains("sources")) return;
  for (const auto& [field, id] : e.json()["sources"].items()) {
    if (zoo.source_of(e, field).title.empty())
      faults.push_back(e.where() + "/sources: the source of " + field + " is not in the file");
    if (std::find(names.begin(), names.end(), field) == names.end())
      faults.push_back(e.where() + "/sources: " + field + " is no field of the entry" +
                       did_you_mean(field, std::vector<std::string_view>(names.begin(), names.end())));
  }
}

/// A name may mean one entry of an interface; the key that it is comes first.
void check_names(Zoo::Impl& zoo, const ZooEntry& e, const Kind& kind, std::vector<std::string>& faults) {
  for (const auto& alias : aliases_of(e))
    for (const ZooEntry* other : zoo.named(alias)) {
      if (other->key == e.key || other->file->folder != e.file->folder) continue;
      if (zoo.plugins.provider("kind", std::string(other->kind)) == nullptr ||
          zoo.plugins.kind(std::string(other->kind)).interface() != kind.interface())
        continue;
      faults.push_back(e.where() + "/aliases: '" + alias + "' also names " + std::string(other->key));
    }
}

}  // namespace

std::vector<ZooEntryInfo> Zoo::list(std::string_view kind) const {
  std::vector<ZooEntryInfo> all;
  bool known = kind.empty();
  for (const auto& e : impl_->entries) {
    const bool has_kind = impl_->plugins.provider("kind", std::string(e.kind)) != nullptr;
    const bool fits =
        kind.empty() || e.kind == kind || (has_kind && impl_->plugins.kind(std::string(e.kind)).interface() == kind);
    known |= fits;
    if (fits && !replaced(e)) all.push_back(info_of(*impl_, e));
  }
  if (!known) {
    std::vector<std::string> names = impl_->plugins.names("kind");
    for (const auto& n : impl_->plugins.names("kind")) names.emplace_back(impl_->plugins.kind(n).interface());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    const std::vector<std::string_view> views(names.begin(), names.end());
    if (std::find(names.begin(), names.end(), kind) == names.end())
      throw InputError("", "unknown kind '" + std::string(kind) + "'" + did_you_mean(kind, views));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return std::tie(a.kind, a.key) < std::tie(b.kind, b.key); });
  return all;
}

std::vector<ZooEntryInfo> Zoo::entries(std::string_view key) const {
  const auto [kind, bare] = impl_->split_key(key);
  std::vector<ZooEntryInfo> found;
  std::string why_not;
  std::vector<const ZooEntry*> alike;
  const auto meant = [&, kind = kind](const ZooEntry* e) { return (kind.empty() || kind == e->kind) && !replaced(*e); };
  for (const ZooEntry* e : impl_->named(bare, &why_not, &alike))
    if (meant(e)) found.push_back(info_of(*impl_, *e));
  // Nothing says what sort is meant: one that begins so stands for no other.
  std::set<std::string_view> keys;
  for (const ZooEntry* e : alike)
    if (meant(e)) keys.insert(e->key);
  if (keys.size() > 1) throw InputError("zoo show", "several names begin with '" + std::string(key) + "': " + some_of(keys));
  if (found.empty() && !why_not.empty()) throw InputError("zoo show", why_not);
  if (found.empty()) {
    std::vector<std::string_view> all;
    for (const auto& e : impl_->entries) all.push_back(e.key);
    std::sort(all.begin(), all.end());
    throw InputError("zoo show", "no entry '" + std::string(key) + "'" + did_you_mean(bare, all));
  }
  return found;
}

std::vector<std::string> Zoo::replacements() const {
  std::vector<std::string> lines;
  for (const auto& e : impl_->entries) {
    const ZooEntry* other = impl_->before(e);
    if (other == nullptr || e.based_on == e.key) continue;
    const std::string key(e.key);
    lines.push_back(e.where() + ": takes the place of the " + std::string(e.kind) + " '" + key + "' in " +
                    other->file->path.string() + "; \"based_on\": \"" + key + "\" would build on it and say that it is meant");
  }
  return lines;
}

std::set<std::filesystem::path> Zoo::files() const {
  std::set<std::filesystem::path> files;
  for (const auto& file : impl_->files) files.insert(file.path);
  return files;
}

std::vector<std::string> Zoo::check() {
  std::vector<std::string> faults;
  for (const auto& e : impl_->entries) {
    try {
      const Kind& kind = impl_->kind_named(std::string(e.kind), e.where());
      check_names(*impl_, e, kind, faults);
      check_sources(*impl_, e, kind, faults);
      impl_->make(impl_->spec_of(e), e.where());
    } catch (const Error& error) {
      faults.emplace_back(error.what());
    }
  }
  for (const auto& [name, text] : impl_->defaults) {
    const auto dot = name.find('.');
    if (impl_->plugins.provider("kind", name.substr(0, dot)) == nullptr) continue;
    const Kind& kind = impl_->plugins.kind(name.substr(0, dot));
    if (field_index(kind, name.substr(dot + 1)) == kind.fields().size())
      faults.push_back("profile default " + name + ": " + std::string(kind.about().name) + " has no such field" +
                       did_you_mean(name.substr(dot + 1), names_of(kind.fields())));
  }
  return faults;
}

}  // namespace ironlaw::host
