// What people call entries, and finding them by it.
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <functional>

namespace ironlaw::host {
namespace {

/// What a character of a name becomes: a small letter, or 0 where it only keeps words apart.
constexpr std::array<char, 256> fold_table() {
  std::array<char, 256> folds{};
  for (std::size_t c = 0; c < folds.size(); ++c) folds[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  for (const char c : std::string_view(" -_.(),")) folds[static_cast<unsigned char>(c)] = '\0';
  return folds;
}
constexpr std::array<char, 256> folds = fold_table();

/// Into a text that is used again and again.
void fold(std::string_view name, std::string& all) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  all.clear();
  bool apart = false;
  for (const char c : name) {
    const char small = folds[static_cast<unsigned char>(c)];
    if (small == '\0') {
      apart = true;
      continue;
    }
    if (apart && digit(small) && !all.empty() && digit(all.back())) all += '.';  // "OPT 1.3B" is not "OPT 13B"
    all += small;
    apart = false;
  }
}

/// Calls `each` with every alias of an entry.
template <class Each>
void each_alias(const ZooEntry& e, Each each) {
  if (e.aliases.empty()) return;
  JsonScan scan(e.aliases);
  const bool plain_list = scan.elements([&] {
    std::string_view name;
    bool escaped = false;
    if (!scan.text(name, escaped) || name.empty()) return false;
    if (escaped) {
      each(parse_json("\"" + std::string(name) + "\"", e.where()).get<std::string>());
    } else {
      each(name);
    }
    return true;
  });
  if (plain_list && scan.at_end()) return;
  const std::string where = pointer(e.where(), std::string_view("aliases"));
  const Json& list = e.json()["aliases"];
  const auto is_name = [](const Json& j) { return j.is_string() && !j.get_ref<const std::string&>().empty(); };
  const auto wrong = list.is_array() ? std::find_if_not(list.begin(), list.end(), is_name) : list.end();
  throw InputError(where, "takes a list of names, not " + shown_json(wrong == list.end() ? list : *wrong));
}

}  // namespace

std::string folded(std::string_view name) {
  std::string all;
  fold(name, all);
  return all;
}

std::vector<std::string> aliases_of(const ZooEntry& e) {
  std::vector<std::string> all;
  each_alias(e, [&](std::string_view name) { all.emplace_back(name); });
  return all;
}

bool EntriesByKey::add(ZooEntry& entry) {
  const auto [at, is_new] = chains_.try_emplace(entry.key, Chain{&entry, &entry});
  if (is_new) return true;
  if (at->second.last->file == entry.file) return false;
  at->second.last->next = &entry;
  at->second.last = &entry;
  return true;
}

ZooEntry* EntriesByKey::first(std::string_view key) const {
  const auto at = chains_.find(key);
  return at == chains_.end() ? nullptr : at->second.first;
}

EntriesByName::EntriesByName(const std::deque<ZooEntry>& entries) {
  std::string all;
  for (const ZooEntry& e : entries) {
    const auto add = [&](std::string_view name) {
      fold(name, all);
      names_.emplace_back(std::hash<std::string>()(all), &e);
    };
    add(e.key);
    each_alias(e, add);
  }
  std::stable_sort(names_.begin(), names_.end(), [](const Name& a, const Name& b) { return a.first < b.first; });
}

std::vector<const ZooEntry*> EntriesByName::find_folded(const std::string& said) const {
  std::vector<const ZooEntry*> found;
  const std::size_t hash = std::hash<std::string>()(said);
  auto at = std::lower_bound(names_.begin(), names_.end(), hash, [](const Name& name, std::size_t h) { return name.first < h; });
  for (; at != names_.end() && at->first == hash; ++at) {
    bool same = folded(at->second->key) == said;
    each_alias(*at->second, [&](std::string_view alias) { same |= folded(alias) == said; });
    if (same && (found.empty() || found.back() != at->second)) found.push_back(at->second);
  }
  return found;
}

std::vector<const ZooEntry*> EntriesByName::find(std::string_view name) const {
  const auto found = find_folded(folded(name));
  const auto slash = name.rfind('/');
  return found.empty() && slash != name.npos ? find_folded(folded(name.substr(slash + 1))) : found;
}

std::vector<const ZooEntry*> Zoo::Impl::named(std::string_view name, std::string* why_not, std::vector<const ZooEntry*>* alike) {
  std::vector<const ZooEntry*> found;
  for (const ZooEntry* e = by_key.first(name); e != nullptr; e = e->next) found.push_back(e);
  if (!found.empty()) return found;
  if (!by_name) by_name.emplace(entries);
  found = by_name->find(name);
  return found.empty() ? searched(name, why_not, alike) : found;
}

}  // namespace ironlaw::host
