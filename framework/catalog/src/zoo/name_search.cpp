// Names that no entry has: words around one, a size of its memory, a format of its weights, or the beginning of one.
#include "value/value.hpp"
#include "zoo/zoo_impl.hpp"

#include <ironlaw/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace ironlaw::host {
namespace {

/// More words than that around a name are none.
constexpr std::size_t most_asides = 10;

bool says_maker(std::string_view vendor, std::string_view maker) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::search(vendor.begin(), vendor.end(), maker.begin(), maker.end(),
                     [&](char a, char b) { return small(a) == small(b); }) != vendor.end();
}

/// A set of words that are left out, as bits, and how readily.
struct Subset {
  int weight = 0;
  unsigned bits = 0;
};

std::vector<Subset> subsets_of(const std::vector<Aside>& asides) {
  std::vector<Subset> subsets;
  for (unsigned bits = 0; bits < 1U << asides.size(); ++bits) {
    Subset subset{0, bits};
    for (std::size_t i = 0; i < asides.size(); ++i)
      if ((bits >> i & 1U) != 0) subset.weight += asides[i].weight;
    subsets.push_back(subset);
  }
  std::stable_sort(subsets.begin(), subsets.end(), [](const Subset& a, const Subset& b) { return a.weight < b.weight; });
  return subsets;
}

std::vector<Aside> chosen(const std::vector<Aside>& asides, unsigned bits) {
  std::vector<Aside> some;
  for (std::size_t i = 0; i < asides.size(); ++i)
    if ((bits >> i & 1U) != 0) some.push_back(asides[i]);
  return some;
}

std::string without(const std::vector<std::string>& words, const std::vector<Aside>& asides) {
  std::string rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool aside =
        std::any_of(asides.begin(), asides.end(), [i](const Aside& a) { return a.first <= i && i < a.first + a.count; });
    if (!aside) rest += (rest.empty() ? "" : " ") + words[i];
  }
  return rest;
}

/// Whole parts, and no number cut short: "step 3" is no beginning of "step 3.7".
bool begin_so(const std::vector<std::string>& name, const std::vector<std::string>& beginning) {
  const auto is_number = [](const std::string& part) { return part.front() >= '0' && part.front() <= '9'; };
  const std::size_t size = beginning.size();
  if (size > name.size() || !std::equal(beginning.begin(), beginning.end(), name.begin())) return false;
  return size == 0 || size == name.size() || !is_number(beginning.back()) || !is_number(name[size]);
}

std::string shown(double number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

}  // namespace

std::pair<std::string_view, std::string_view> Zoo::Impl::split_key(std::string_view key) const {
  const auto colon = key.find(':');
  if (colon == key.npos || plugins.provider("kind", std::string(key.substr(0, colon))) == nullptr) return {{}, key};
  return {key.substr(0, colon), key.substr(colon + 1)};
}

const Json* Zoo::Impl::said_by(const ZooEntry& entry, const std::string& key) const {
  for (const ZooEntry* e = &entry; e != nullptr; e = base_of(*e))
    if (const auto at = e->json().find(key); at != e->json().end()) return &*at;
  return nullptr;
}

const ZooEntry& Zoo::Impl::variant(const ZooEntry& entry, const Json& fields, const std::string& ending,
                                   const std::string& note) {
  const std::string key = std::string(entry.key) + "-" + ending;
  const auto same = [&](const ZooEntry& e) { return e.key == key && e.kind == entry.kind && e.file == entry.file; };
  if (const auto at = std::find_if(variants.begin(), variants.end(), same); at != variants.end()) return *at;
  Json json = fields;
  json["kind"] = entry.kind;
  json["based_on"] = entry.key;
  json["note"] = note;
  for (const char* said : {"label", "vendor", "category", "year", "source", "sources"})
    if (const Json* value = said_by(entry, said)) json[said] = *value;
  ZooEntry& made_entry = variants.emplace_back();
  made_entry.key = decoded.emplace_back(key);
  made_entry.kind = entry.kind;
  made_entry.based_on = entry.key;
  made_entry.text = decoded.emplace_back(json.dump());
  made_entry.file = entry.file;
  return made_entry;
}

std::string Zoo::Impl::told_variant(std::string_view key) const {
  for (const ZooEntry& e : variants)
    if (e.key == key) return e.json()["note"].get<std::string>();
  return {};
}

const ZooEntry* Zoo::Impl::with_asides(const ZooEntry& entry, std::span<const Aside> said,
                                       const std::vector<std::string>& name_words, std::string& why_not) {
  const std::string name(entry.key);
  const auto takes = [&](const std::string& field) {
    if (plugins.provider("kind", std::string(entry.kind)) == nullptr) return false;
    const auto fields = plugins.kind(std::string(entry.kind)).fields();
    return std::any_of(fields.begin(), fields.end(),
                       [&](const PortInfo& f) { return f.name == field || f.name.starts_with(field + "."); });
  };
  Json fields = Json::object();
  std::string note, ending;
  const auto sets = [&](const Json& changes, const std::string& what, const std::string& end) {
    fields.merge_patch(changes);
    note += (note.empty() ? name + " with " : " and ") + what;
    ending += (ending.empty() ? "" : "-") + end;
  };
  for (const Aside& aside : said) {
    if (!aside.maker.empty()) {
      const Json* vendor = said_by(entry, "vendor");
      if (vendor != nullptr && vendor->is_string() && !says_maker(vendor->get_ref<const std::string&>(), aside.maker))
        return nullptr;
    }
    if (aside.size > 0) {
      const std::string& field = words->size_field();
      const Json* own = field.empty() || !takes(field) ? nullptr : said_by(entry, field);
      if (own == nullptr || !own->is_string()) return nullptr;
      const std::string& text = own->get_ref<const std::string&>();
      double size = 0;
      const auto end = std::from_chars(text.data(), text.data() + text.size(), size).ptr;
      const std::string unit(std::find_if(end, text.data() + text.size(), [](char c) { return c != ' '; }));
      if (size == aside.size) continue;
      const Json* sizes = said_by(entry, "memory_sizes");
      if (sizes != nullptr && sizes->is_array() && std::find(sizes->begin(), sizes->end(), Json(aside.size)) != sizes->end()) {
        const std::string chosen_size = shown(aside.size) + " " + unit;
        sets(Json{{field, chosen_size}}, chosen_size + " of memory", shown(aside.size) + "GB");
        continue;
      }
      why_not = "'" + name + "' has " + text + ", not " + shown(aside.size) + " GB; its " + field + " may be set beside it";
      return nullptr;
    }
    if (aside.format == nullptr) continue;
    Json changes = (*aside.format)["fields"];
    if (!takes(changes.begin().key())) {  // one of several networks: the one that speaks
      const std::string& part = words->part_field();
      const Json* own = part.empty() || !takes(part) ? nullptr : said_by(entry, part);
      if (own == nullptr || !own->is_object()) {
        why_not = "'" + name + "' is a " + std::string(entry.kind) + ", of which a name says no format; import its config.json";
        return nullptr;
      }
      Json changed = *own;
      changed.merge_patch(changes);
      changes = Json{{part, changed}};
    }
    std::string end;
    for (std::size_t i = 0; i < aside.count; ++i) end += (i == 0 ? "" : "_") + name_words[aside.first + i];
    sets(changes, (*aside.format)["says"].get<std::string>(), end);
  }
  return fields.empty() ? &entry : &variant(entry, fields, ending, note);
}

std::string Zoo::Impl::sort_of(const ZooEntry& entry) const {
  const std::string kind(entry.kind);
  return plugins.provider("kind", kind) == nullptr ? kind : std::string(plugins.kind(kind).interface());
}

std::vector<const ZooEntry*> Zoo::Impl::spelt_so(std::string_view beginning, std::vector<const ZooEntry*> all) const {
  const std::string letters = folded(beginning);
  for (const ZooEntry& e : entries)
    if (folded(e.key).starts_with(letters) && std::find(all.begin(), all.end(), &e) == all.end()) all.push_back(&e);
  return all;
}

std::vector<const ZooEntry*> Zoo::Impl::searched(std::string_view name, std::string* why_not,
                                                 std::vector<const ZooEntry*>* alike) {
  if (!words) words.emplace(folder_paths);
  const auto slash = name.rfind('/');
  const auto said = words_of(slash == name.npos ? name : name.substr(slash + 1));
  auto asides = words->asides(said);
  if (asides.size() > most_asides) return {};
  std::vector<const ZooEntry*> found;
  std::string reason;
  const auto take = [&](const ZooEntry& e, const std::vector<Aside>& around) {
    const ZooEntry* meant = with_asides(e, around, said, reason);
    if (meant != nullptr && std::find(found.begin(), found.end(), meant) == found.end()) found.push_back(meant);
  };
  int weight = 0;
  for (const Subset& subset : subsets_of(asides)) {
    if (subset.weight > weight && !found.empty()) break;
    weight = subset.weight;
    const auto around = chosen(asides, subset.bits);
    const std::string rest = without(said, around);
    if (rest.empty()) continue;
    for (const ZooEntry* e : by_name->find(rest)) take(*e, around);
  }
  const auto beginning = parts_of(without(said, asides));
  if (found.empty() && reason.empty() && !beginning.empty()) {
    for (const ZooEntry& e : entries) {
      bool begins = begin_so(parts_of(e.key), beginning);
      for (const auto& alias : aliases_of(e)) begins = begins || begin_so(parts_of(alias), beginning);
      if (begins) take(e, asides);
    }
    // One of several things of a sort: which is not said. A later folder's takes the place of an earlier one's.
    const auto rival = [&](const ZooEntry* a, const ZooEntry* b) { return a->key != b->key && sort_of(*a) == sort_of(*b); };
    const auto all = found;
    std::erase_if(found, [&](const ZooEntry* e) {
      return std::any_of(all.begin(), all.end(), [&](const ZooEntry* other) { return rival(e, other); });
    });
    if (alike != nullptr) *alike = spelt_so(without(said, asides), all);
  }
  if (found.empty() && why_not != nullptr) *why_not = reason;
  return found;
}

}  // namespace ironlaw::host
