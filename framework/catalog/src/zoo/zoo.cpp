// Finding and making objects.
#include "zoo/zoo_impl.hpp"

#include "value/check.hpp"
#include "value/value.hpp"
#include "zoo/record_table.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/maybe.hpp>

#include <algorithm>

namespace ironlaw::host {
namespace {

std::unique_ptr<std::byte[]> storage_for(const Kind& kind, void*& aligned) {
  std::size_t space = kind.size() + kind.alignment();
  auto memory = std::make_unique<std::byte[]>(space);
  aligned = memory.get();
  std::align(kind.alignment(), kind.size(), aligned, space);
  return memory;
}

/// "kind:key", which names one entry.
std::string id_of(const ZooEntry& e) { return std::string(e.kind) + ":" + std::string(e.key); }

/// "a kind", or "the kind 'key'" where people may not know it by that name.
std::string told(const ZooEntry& e, std::string_view asked) {
  const std::string article = std::string_view("aeiou").find(e.kind.front()) == std::string_view::npos ? "a " : "an ";
  return e.key == asked ? article + std::string(e.kind) : "the " + std::string(e.kind) + " '" + std::string(e.key) + "'";
}

/// The first of those that may be meant.
std::string first_of(const std::vector<const ZooEntry*>& entries) {
  constexpr std::size_t most = 5;
  std::string text = ".";
  for (std::size_t i = 0; i < std::min(most, entries.size()); ++i)
    text += (i == 0 ? " Near it: " : ", ") + std::string(entries[i]->key);
  return text + ".";
}

/// What begins as it does, else the nearest spelling, else names that have most parts in common: maker, series and number.
std::string near_names(std::string_view word, const std::vector<const ZooEntry*>& entries) {
  std::vector<std::pair<std::size_t, std::string_view>> near;
  const auto told = [&near] {
    constexpr std::size_t most = 5;
    std::string text = ".";
    for (std::size_t i = 0; i < std::min(most, near.size()); ++i)
      text += (i == 0 ? " Near it: " : ", ") + std::string(near[i].second);
    return near.empty() ? text : text + ".";
  };
  std::vector<std::string_view> keys;
  for (const ZooEntry* e : entries) {
    keys.push_back(e->key);
    if (!parts_of(word).empty() && begins_with(e->key, word)) near.emplace_back(0, e->key);
  }
  if (!near.empty()) return told();
  if (const std::string text = did_you_mean(word, keys); text != ".") return text;
  const auto asked = parts_of(word);
  for (const ZooEntry* e : entries) {
    const Json json = e->json();
    const std::string_view key = e->key;
    const auto parts = parts_of(std::string(key) + " " + json.value("label", "") + " " + json.value("vendor", ""));
    std::size_t common = 0;
    for (const auto& part : asked)
      if (std::find(parts.begin(), parts.end(), part) != parts.end()) common += part.size();
    if (common >= 2) near.emplace_back(common, key);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  return told();
}

std::string how_to_bring(std::string_view interface) {
  std::string text = " (ironlaw zoo list " + std::string(interface);
  if (interface == "workload")
    text += "; ironlaw zoo import config.json makes an entry of a model, and its file's name may stand here";
  if (interface == "hardware") text += "; a JSON file of one's own entries goes into a folder for --zoo";
  return text + ")";
}

}  // namespace

Zoo::Impl::~Impl() {
  for (auto& [kind, memory] : storage) {
    void* where = memory.get();
    std::size_t space = kind->size() + kind->alignment();
    kind->destroy(std::align(kind->alignment(), kind->size(), where, space));
  }
}

const ZooEntry& Zoo::Impl::entry(std::string_view interface, std::string_view key, const std::string& where) {
  const auto [kind, bare] = split_key(key);
  std::string why_not;
  const auto serves = [&](const ZooEntry& e) {
    return plugins.provider("kind", std::string(e.kind)) != nullptr && plugins.kind(std::string(e.kind)).interface() == interface;
  };
  const ZooEntry* found = nullptr;
  std::vector<const ZooEntry*> alike;
  for (const ZooEntry* e : named(bare, &why_not, &alike)) {
    if ((!kind.empty() && e->kind != kind) || !serves(*e)) continue;
    if (kind.empty() && found != nullptr && found->file->folder == e->file->folder &&
        (found->kind != e->kind || found->key != e->key))
      throw InputError(where, "'" + std::string(bare) + "' is both " + told(*found, bare) + " and " + told(*e, bare) +
                                  "; write '" + id_of(*found) + "' or '" + id_of(*e) + "'");
    found = e;  // a later folder replaces an earlier one
  }
  if (found != nullptr) return *found;
  std::erase_if(alike, [&, kind = kind](const ZooEntry* e) { return (!kind.empty() && e->kind != kind) || !serves(*e); });
  if (alike.size() > 1)
    throw InputError(
        where, "unknown " + std::string(interface) + " '" + std::string(key) + "'" + first_of(alike) + how_to_bring(interface));
  std::vector<const ZooEntry*> all;
  for (const auto& e : entries)
    if (serves(e)) all.push_back(&e);
  if (all.empty())
    throw InputError(where, "unknown " + std::string(interface) + " '" + std::string(key) + "': the zoo has no " +
                                std::string(interface) + " at all");
  if (!why_not.empty()) throw InputError(where, why_not);
  const auto others = by_name ? by_name->find(bare) : named(bare);  // of another interface, by its whole name
  if (!others.empty() && !serves(*others.front()))
    throw InputError(where, "'" + std::string(key) + "' is " + told(*others.front(), bare) + ", and a " + std::string(interface) +
                                " is asked for" + how_to_bring(interface));
  throw InputError(where, "unknown " + std::string(interface) + " '" + std::string(key) + "'" + near_names(bare, all) +
                              how_to_bring(interface));
}

ObjectSpec Zoo::Impl::spec_default(const Kind& kind, const std::string& name, const std::string& where) {
  ObjectSpec spec{&kind, name, where, std::vector<FieldSpec>(kind.fields().size())};
  for (std::size_t i = 0; i < spec.fields.size(); ++i) {
    const PortInfo& port = kind.fields()[i];
    auto& field = spec.fields[i];
    field.where = where;
    const auto it = defaults.find(std::string(kind.about().name) + "." + std::string(port.name));
    if (it != defaults.end() && (takes_table(port) || is_kept(port))) {
      field.from = FieldSpec::From::json;
      field.json = std::make_shared<const Json>(parse_json(it->second, "profile"));
    } else if (it != defaults.end()) {
      field.from = FieldSpec::From::value;
      field.cell = read_value(port, parse_json(it->second, "profile"), "profile default " + it->first);
    } else if (port.type == PortType::object) {
      field.cell.object = nullptr;
    } else {
      if (!port.required) field.from = FieldSpec::From::value;
      field.cell.number = port.fallback;
    }
  }
  return spec;
}

ObjectSpec Zoo::Impl::spec_of(const ZooEntry& e) {
  const ZooEntry* base = base_of(e);
  ObjectSpec spec =
      base != nullptr ? spec_of(*base) : spec_default(plugins.kind(std::string(e.kind)), std::string(e.key), e.where());
  spec.name = e.key;
  spec.where = e.where();
  Problems problems;
  read_fields(spec, e.json(), spec.where, false, problems);
  problems.raise();
  return spec;
}

const Kind& Zoo::Impl::kind_named(const std::string& name, const std::string& where) {
  try {
    return plugins.kind(name);
  } catch (const InputError& e) {
    throw InputError(where, e.what());
  }
}

const Kind& Zoo::Impl::kind_inline(std::string_view interface, const Json& value, const std::string& where) {
  if (value.contains("kind")) {
    const std::string here = pointer(where, std::string_view("kind"));
    if (!value["kind"].is_string()) throw InputError(here, "takes a text, not " + shown_json(value["kind"]));
    const Kind& kind = kind_named(value["kind"].get<std::string>(), here);
    if (kind.interface() != interface)
      throw InputError(here, std::string(kind.about().name) + " is a kind of " + std::string(kind.interface()) + ", not of " +
                                 std::string(interface));
    return kind;
  }
  const Kind* found = nullptr;
  const Kind* nearest = nullptr;  // knows more of the fields than any other
  std::ptrdiff_t most_known = 0;
  std::string kinds;
  std::vector<std::string_view> all_fields;
  for (const auto& name : plugins.names("kind")) {
    const Kind& kind = plugins.kind(name);
    if (kind.interface() != interface) continue;
    const bool first = kinds.empty();
    kinds += (first ? "" : ", ") + name;
    const auto fields = kind.fields();
    for (const auto& f : fields) all_fields.push_back(f.name.substr(0, f.name.find('.')));
    const auto known = [&](const std::string& key) {
      return std::any_of(fields.begin(), fields.end(),
                         [&](const PortInfo& f) { return f.name == key || f.name.starts_with(key + "."); });
    };
    std::ptrdiff_t unknown_keys = 0;
    std::ptrdiff_t known_keys = 0;
    for (const auto& [key, field] : value.items())
      if (!is_metadata(key)) ++(known(key) ? known_keys : unknown_keys);
    if (known_keys >= most_known) nearest = known_keys > most_known || first ? &kind : nullptr;
    most_known = std::max(most_known, known_keys);
    const bool all_there = std::all_of(fields.begin(), fields.end(), [&](const PortInfo& f) {
      return !f.required || value.contains(std::string(f.name.substr(0, f.name.find('.'))));
    });
    if (unknown_keys > 0 || !all_there) continue;
    if (found != nullptr)
      throw InputError(where, "more than one kind of " + std::string(interface) + " fits; say \"kind\": one of " + kinds);
    found = &kind;
  }
  if (found != nullptr) return *found;
  if (nearest != nullptr) return *nearest;  // whoever reads its fields names each that it has not, and each that it lacks
  Problems unknown;
  for (const auto& [key, field] : value.items())
    if (!is_metadata(key) && std::find(all_fields.begin(), all_fields.end(), key) == all_fields.end())
      unknown.add(pointer(where, std::string_view(key)) + ": no kind of " + std::string(interface) + " has a field '" + key +
                  "'" + did_you_mean(key, all_fields));
  unknown.raise();
  throw InputError(where, "no kind of " + std::string(interface) + " has these fields; say \"kind\" (one of " + kinds +
                              ") or \"based_on\" to learn what is missing");
}

ObjectSpec Zoo::Impl::spec_inline(std::string_view interface, const Json& value, const std::string& where, bool references,
                                  Problems& problems) {
  if (value.contains("based_on")) {
    const std::string here = pointer(where, std::string_view("based_on"));
    if (!value["based_on"].is_string())
      throw InputError(here, "takes the name of a " + std::string(interface) + ", not " + shown_json(value["based_on"]));
    const std::string key = value["based_on"].get<std::string>();
    ObjectSpec spec = spec_of(entry(interface, key, here));
    spec.name = key + "*";
    spec.where = where;
    read_fields(spec, value, where, references, problems);
    return spec;
  }
  const Kind& kind = kind_inline(interface, value, where);
  ObjectSpec spec = spec_default(kind, "inline " + std::string(kind.about().name), where);
  read_fields(spec, value, where, references, problems);
  return spec;
}

Cell Zoo::Impl::cell_of(const PortInfo& port, const FieldSpec& field) {
  Cell cell = field.cell;
  if (field.from == FieldSpec::From::nothing && port.type == PortType::object) cell.object = nullptr;
  if (field.from == FieldSpec::From::key) {
    const ZooEntry& e = entry(port.interface, field.text, field.where);
    check_layout(port, plugins.kind(std::string(e.kind)), field.where);
    cell.object = make(spec_of(e), id_of(e)).object;
  }
  if (field.from == FieldSpec::From::object) {
    const ZooObject& inner = make_inline(port.interface, *field.json, field.where);
    check_layout(port, *inner.kind, field.where);
    cell.object = inner.object;
  }
  if (field.from == FieldSpec::From::json) cell = make_value(port, *field.json, field.where);
  return cell;
}

std::vector<Cell> Zoo::Impl::cells_of(const ObjectSpec& spec) {
  std::vector<Cell> cells;
  Problems problems;
  for (std::size_t i = 0; i < spec.fields.size(); ++i)
    problems.during([&] {
      const PortInfo& port = spec.kind->fields()[i];
      cells.push_back(cell_of(port, spec.fields[i]));
      if (!accepts(port, cells.back()))
        throw InputError(spec.where, "the " + std::string(spec.kind->about().name) + " '" + spec.name + "' lacks " +
                                         std::string(port.name) + ", which is required: give " + allowed(port));
    });
  problems.raise();
  return cells;
}

const ZooObject& Zoo::Impl::make_inline(std::string_view interface, const Json& value, const std::string& where) {
  Problems problems;
  const ObjectSpec spec = spec_inline(interface, value, where, false, problems);
  problems.raise();
  return make(spec, "inline " + std::string(interface) + " " + value.dump());
}

Cell Zoo::Impl::make_value(const PortInfo& port, const Json& value, const std::string& where) {
  if (!takes_table(port)) return read_value(port, value, where, kept);
  return make_table(port, value.is_string() ? table_entry(value.get<std::string>(), where) : TableRows{value, where, {}, {}});
}

Cell Zoo::Impl::make_table(const PortInfo& port, const TableRows& rows) {
  return Cell{.object = tables.emplace_back(read_table(port, rows)).get()};
}

TableRows Zoo::Impl::table_entry(std::string_view key, const std::string& where) {
  const ZooEntry& e = entry(RecordTable::interface, key, where);
  const ObjectSpec spec = spec_of(e);
  const std::size_t rows = field_index(*spec.kind, "rows");
  if (rows == spec.fields.size() || spec.fields[rows].from != FieldSpec::From::json)
    throw InputError(where, "the " + std::string(e.kind) + " '" + std::string(key) + "' has no rows");
  const FieldSpec& field = spec.fields[rows];
  return {*field.json, field.where, {}, std::string(e.key)};
}

const ZooObject& Zoo::Impl::make(const ObjectSpec& spec, const std::string& id) {
  auto& slot = made[id];
  if (slot == nullptr) {
    auto object = std::make_unique<ZooObject>(ZooObject{spec.name, spec.kind, cells_of(spec), nullptr});
    void* where = nullptr;
    auto memory = storage_for(*spec.kind, where);
    try {
      object->object = spec.kind->construct(where, object->fields, object->name);
    } catch (const Error& e) {
      throw InputError(spec.where,
                       "the " + std::string(spec.kind->about().name) + " '" + spec.name + "' cannot be made: " + e.what());
    }
    storage.emplace_back(spec.kind, std::move(memory));
    made[id] = std::move(object);
    const std::lock_guard lock(owners_mutex);
    owners[made[id]->object] = made[id].get();
    return *made[id];
  }
  return *slot;
}

Zoo::Zoo(Plugins& plugins, const std::vector<std::filesystem::path>& folders, std::map<std::string, std::string> defaults)
    : impl_(std::make_unique<Impl>(plugins, std::move(defaults))) {
  for (const auto& f : folders) impl_->read_folder(f);
  impl_->resolve_kinds();
  impl_->refuse_duplicates();
}
Zoo::~Zoo() = default;

const ZooObject& Zoo::find(std::string_view interface, std::string_view key, const std::string& where) {
  const ZooEntry& e = impl_->entry(interface, key, where);
  return impl_->make(impl_->spec_of(e), id_of(e));
}

const ZooObject* Zoo::owner(const void* object) const {
  const std::shared_lock lock(impl_->owners_mutex);
  const auto it = impl_->owners.find(object);
  return it == impl_->owners.end() ? nullptr : it->second;
}

std::string object_name(const Zoo& zoo, const PortInfo& port, const Cell& cell) {
  if (port.type != PortType::object || cell.object == nullptr) return {};
  if (takes_table(port)) return std::string(static_cast<const RecordTable*>(cell.object)->name());
  const ZooObject* owner = zoo.owner(cell.object);
  return owner == nullptr ? std::string() : owner->name;
}

}  // namespace ironlaw::host
