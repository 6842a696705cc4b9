#pragma once
#include "zoo/object_spec.hpp"

#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/catalog/zoo.hpp>

#include <optional>
#include <unordered_map>

namespace ironlaw::host {

/// One entry of a zoo file, still text.
struct ZooEntry {
  std::string key;
  std::string kind;  ///< of itself or of what it is based on
  Json json;
  std::filesystem::path file;
  std::string where;  ///< "FILE#/entries/KEY"
  const std::map<std::string, SourceReference>* sources = nullptr;
  std::size_t folder = 0;  ///< of the zoo's folders, from the first on
};

struct Zoo::Impl {
  Impl(Plugins& p, std::map<std::string, std::string> d) : plugins(p), defaults(std::move(d)) {}

  Plugins& plugins;
  std::map<std::string, std::string> defaults;  ///< "kind.field" -> JSON text
  std::size_t folders = 0;                      ///< read so far
  std::vector<ZooEntry> entries;
  std::multimap<std::string, std::size_t, std::less<>> by_key;
  std::vector<std::unique_ptr<std::map<std::string, SourceReference>>> sources;
  std::unordered_map<std::string, std::unique_ptr<ZooObject>> made;  ///< by "kind:key"
  std::unordered_map<const void*, const ZooObject*> owners;
  std::vector<std::pair<const Kind*, std::unique_ptr<std::byte[]>>> storage;

  ~Impl();
  void read_folder(const std::filesystem::path& folder);
  void read_file(const std::filesystem::path& file);
  void resolve_kinds();
  void refuse_duplicates() const;
  /// The last entry before this one that has its kind and key, or null.
  const ZooEntry* before(const ZooEntry& entry) const;

  /// The entry of an interface by key or "kind:key"; throws InputError at `where`.
  const ZooEntry& entry(std::string_view interface, std::string_view key, const std::string& where);
  const ZooEntry* base_of(const ZooEntry& entry) const;

  /// What an entry says, over what it is based on, over the defaults of its kind.
  ObjectSpec spec_of(const ZooEntry& entry);
  /// What an object written inline says.
  ObjectSpec spec_inline(std::string_view interface, const Json& value, const std::string& where, bool references);
  const Kind& kind_named(const std::string& name, const std::string& where);
  const Kind& kind_inline(std::string_view interface, const Json& value, const std::string& where);
  ObjectSpec spec_default(const Kind& kind, const std::string& name, const std::string& where);

  /// Cells of a spec without references; nested objects are made.
  std::vector<Cell> cells_of(const ObjectSpec& spec);
  const ZooObject& make(const ObjectSpec& spec, const std::string& id);
  /// What is written out is one object where it is written the same, in whatever config it stands.
  const ZooObject& make_inline(std::string_view interface, const Json& value, const std::string& where);
  SourceReference source_of(const ZooEntry& entry, const std::string& field) const;
};

}  // namespace ironlaw::host
