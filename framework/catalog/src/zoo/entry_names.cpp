// What entries are called: keys, aliases, and how people write them.
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/notation/nearest.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

/// Splits "kind:key"; the kind is empty where none is said.
std::pair<std::string_view, std::string_view> split_key(std::string_view key) {
  const auto colon = key.find(':');
  return colon == key.npos ? std::pair{std::string_view(), key} : std::pair{key.substr(0, colon), key.substr(colon + 1)};
}

std::string both_of(std::string_view key, const ZooEntry& a, const ZooEntry& b) {
  const std::string bare(key);
  return "'" + bare + "' is both a " + a.kind + " and a " + b.kind + "; write '" + a.kind + ":" + bare + "' or '" + b.kind + ":" +
         bare + "'";
}

/// Several entries go by a name that is the key of none.
[[noreturn]] void refuse_ambiguous(std::string_view name, const std::vector<const ZooEntry*>& entries, const std::string& where) {
  std::vector<std::string> keys;
  for (const ZooEntry* e : entries) keys.push_back(e->key);
  const bool same = std::count(keys.begin(), keys.end(), keys.front()) > 1;
  std::string candidates;
  for (const ZooEntry* e : entries) candidates += (candidates.empty() ? "" : ", ") + (same ? e->kind + ":" + e->key : e->key);
  throw InputError(where, "'" + std::string(name) + "' is what several entries are called; write one of " + candidates);
}

}  // namespace

std::vector<std::string> Zoo::Impl::aliases_of(const ZooEntry& e) {
  std::vector<std::string> aliases;
  if (!e.json.contains("aliases")) return aliases;
  const std::string where = pointer(e.where, std::string_view("aliases"));
  if (!e.json["aliases"].is_array()) throw InputError(where, "takes a list of names");
  for (const Json& alias : e.json["aliases"]) {
    if (!alias.is_string() || folded(alias.get<std::string>()).empty())
      throw InputError(where, "takes a list of names, not " + alias.dump());
    aliases.push_back(alias.get<std::string>());
    if (aliases.back().find_first_of(":$,{[") != std::string::npos)
      throw InputError(where, "'" + aliases.back() + "': a name has no ':', '$', ',', '{' or '['");
  }
  return aliases;
}

bool Zoo::Impl::replaced(const ZooEntry& e) const {
  const auto [first, last] = by_key.equal_range(e.key);
  return std::any_of(first, last,
                     [&](const auto& item) { return entries[item.second].kind == e.kind && &entries[item.second] > &e; });
}

std::vector<const ZooEntry*> Zoo::Impl::named(std::string_view name, std::string_view kind) const {
  std::vector<const ZooEntry*> found;
  const auto [first, last] = by_name.equal_range(folded(name));
  for (auto it = first; it != last; ++it) {
    const ZooEntry& e = entries[it->second];
    if ((kind.empty() || e.kind == kind) && !replaced(e) && std::find(found.begin(), found.end(), &e) == found.end())
      found.push_back(&e);
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool Zoo::Impl::serves_as(const ZooEntry& e, std::string_view interface) {
  return plugins.provider("kind", e.kind) != nullptr && plugins.kind(e.kind).interface() == interface;
}

const ZooEntry& Zoo::Impl::entry(std::string_view interface, std::string_view key, const std::string& where) {
  const auto [kind, bare] = split_key(key);
  const ZooEntry* found = nullptr;
  const auto [first, last] = by_key.equal_range(bare);
  for (auto it = first; it != last; ++it) {
    const ZooEntry& e = entries[it->second];
    if ((!kind.empty() && e.kind != kind) || !serves_as(e, interface)) continue;
    if (kind.empty() && found != nullptr && found->kind != e.kind && found->file.parent_path() == e.file.parent_path())
      throw InputError(where, both_of(bare, *found, e));
    found = &e;  // a later folder replaces an earlier one
  }
  if (found != nullptr) return *found;
  auto others = named(bare, kind);
  std::erase_if(others, [&](const ZooEntry* e) { return !serves_as(*e, interface); });
  if (others.size() == 1) return *others.front();
  if (others.size() > 1) refuse_ambiguous(bare, others, where);
  std::vector<std::string> names;
  for (const auto& e : entries) {
    if (!serves_as(e, interface)) continue;
    names.push_back(e.key);
    for (std::string& alias : aliases_of(e)) names.push_back(std::move(alias));
  }
  const std::string what(interface);
  if (names.empty())
    throw InputError(where, "unknown " + what + " '" + std::string(key) + "': the zoo has no " + what + " at all");
  throw InputError(where, "unknown " + what + " '" + std::string(key) + "'" +
                              did_you_mean(bare, std::vector<std::string_view>(names.begin(), names.end())) +
                              " (ironlaw zoo list " + what + ")");
}

std::vector<const ZooEntry*> Zoo::Impl::entries_called(std::string_view key, const std::string& where) const {
  const auto [kind, bare] = split_key(key);
  std::vector<const ZooEntry*> found;
  for (const auto& e : entries)
    if (e.key == bare && (kind.empty() || kind == e.kind) && !replaced(e)) found.push_back(&e);
  if (!found.empty()) return found;
  found = named(bare, kind);
  const bool one_key = std::all_of(found.begin(), found.end(), [&](const ZooEntry* e) { return e->key == found.front()->key; });
  if (!one_key) refuse_ambiguous(bare, found, where);
  if (!found.empty()) return found;
  std::vector<std::string_view> keys;
  for (const auto& [k, i] : by_key) keys.push_back(k);
  throw InputError(where, "no entry '" + std::string(key) + "'" + did_you_mean(bare, keys));
}

std::vector<std::string> Zoo::Impl::clashes(const ZooEntry& e) const {
  std::vector<std::string> lines;
  std::vector<std::string> names = aliases_of(e);
  names.push_back(e.key);
  for (const std::string& name : names)
    for (const ZooEntry* other : named(name))
      if (other != &e && other->key != e.key)
        lines.push_back(e.where + ": '" + name + "' is also what " + other->where + " is called");
  return lines;
}

}  // namespace ironlaw::host
