#pragma once
#include "text/json_scan.hpp"
#include "value/kept_values.hpp"
#include "zoo/name_words.hpp"
#include "zoo/object_spec.hpp"
#include "zoo/table_rows.hpp"

#include <ironlaw/catalog/plugins.hpp>
#include <ironlaw/catalog/zoo.hpp>

#include <ironlaw/record_table.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_map>

namespace ironlaw::host {

/// A source as the file has it, and read once it is asked for.
struct ZooSource {
  std::string_view text;
  mutable std::optional<SourceReference> read{};
};

/// A zoo file. Its text stays, and entries are read out of it when they are asked for.
struct ZooFile {
  std::filesystem::path path;
  std::string text;
  std::map<std::string_view, ZooSource> sources{};  ///< by id
  std::size_t folder = 0;                           ///< of the zoo's folders, from the first on
};

/// One entry of a zoo file: where it stands, and the few words of it that tell one from another.
struct ZooEntry {
  std::string_view key;
  std::string_view kind;      ///< of itself or of what it is based on
  std::string_view based_on;  ///< empty: on nothing
  std::string_view text;      ///< the object, as the file has it
  const ZooFile* file = nullptr;
  std::string_view aliases;  ///< the list, as the file has it; empty: none
  ZooEntry* next = nullptr;  ///< the next one of this key, in the order in which they were read
  mutable std::unique_ptr<const Json> parsed{};

  /// The object as a tree, made when first asked for. Throws InputError where it is broken.
  [[nodiscard]] const Json& json() const;
  /// "FILE#/entries/KEY"
  [[nodiscard]] std::string where() const;
};

/// A name as people vary it: small letters and digits, with a dot between numbers that something kept apart.
[[nodiscard]] std::string folded(std::string_view name);

/// Further names of an entry. Throws InputError where they are no texts.
[[nodiscard]] std::vector<std::string> aliases_of(const ZooEntry& entry);

/// Entries by their keys: of each the first, which leads to the others.
class EntriesByKey {
 public:
  /// False where the file has one of that key already.
  [[nodiscard]] bool add(ZooEntry& entry);
  [[nodiscard]] ZooEntry* first(std::string_view key) const;

 private:
  struct Chain {
    ZooEntry* first;
    ZooEntry* last;
  };
  std::unordered_map<std::string_view, Chain> chains_;
};

/// Entries by keys and aliases as people vary them: small letters, without blanks, hyphens, underscores, dots, commas and
/// brackets; between two digits any of them is one dot. What is kept of a name is its hash.
class EntriesByName {
 public:
  explicit EntriesByName(const std::deque<ZooEntry>& entries);
  /// In the order in which they were read, also behind a repository's owner; none where nobody calls an entry so.
  [[nodiscard]] std::vector<const ZooEntry*> find(std::string_view name) const;

 private:
  using Name = std::pair<std::size_t, const ZooEntry*>;
  [[nodiscard]] std::vector<const ZooEntry*> find_folded(const std::string& said) const;
  std::vector<Name> names_;  ///< by hash
};

struct Zoo::Impl {
  Impl(Plugins& p, std::map<std::string, std::string> d) : plugins(p), defaults(std::move(d)) {}

  Plugins& plugins;
  std::map<std::string, std::string> defaults;  ///< "kind.field" -> JSON text
  std::size_t folders = 0;                      ///< read so far
  std::deque<ZooFile> files;
  std::vector<std::filesystem::path> folder_paths;
  std::once_flag stamped;
  std::vector<ZooStamp> stamps;
  std::deque<std::string> decoded;  ///< keys and kinds that a file writes with escapes
  std::deque<ZooEntry> entries;
  EntriesByKey by_key;
  std::optional<EntriesByName> by_name;                              ///< made when first needed
  std::optional<NameWords> words;                                    ///< made when first needed
  std::deque<ZooEntry> variants;                                     ///< entries that names make of others
  std::unordered_map<std::string, std::unique_ptr<ZooObject>> made;  ///< by "kind:key"
  std::unordered_map<const void*, const ZooObject*> owners;
  mutable std::shared_mutex owners_mutex;  ///< reports ask for owners while configs are compiled
  std::vector<std::pair<const Kind*, std::unique_ptr<std::byte[]>>> storage;
  std::vector<std::unique_ptr<RecordTable>> tables;
  KeptValues kept;

  ~Impl();
  void read_folder(const std::filesystem::path& folder);
  void stamp_folders();
  void read_file(const std::filesystem::path& path);
  // Each takes what stands there in a file; false where that is not plain.
  [[nodiscard]] bool index_sources(ZooFile& file, JsonScan& scan);
  [[nodiscard]] bool index_entries(const ZooFile& file, JsonScan& scan);
  [[nodiscard]] bool index_entry(const ZooFile& file, std::string_view key, JsonScan& scan);
  std::string_view plain(std::string_view raw, bool escaped);
  void resolve_kinds();
  void refuse_duplicates() const;
  /// The last entry before this one that has its kind and key, or null.
  const ZooEntry* before(const ZooEntry& entry) const;

  /// Entries of one key, or else of one name as people vary it or an alias, in the order in which they were read; else what is
  /// left of the name without words around it, or begins as it does. `why_not` becomes the reason where words say of an entry
  /// what it is not; `alike`, where only the beginning was found, all of any sort that are spelt so from their beginning.
  std::vector<const ZooEntry*> named(std::string_view name, std::string* why_not = nullptr,
                                     std::vector<const ZooEntry*>* alike = nullptr);
  std::vector<const ZooEntry*> searched(std::string_view name, std::string* why_not, std::vector<const ZooEntry*>* alike);
  /// `all`, and the entries whose keys begin with these letters and digits.
  [[nodiscard]] std::vector<const ZooEntry*> spelt_so(std::string_view beginning, std::vector<const ZooEntry*> all) const;
  /// The entry with what words of a name say of it, or null and why.
  const ZooEntry* with_asides(const ZooEntry& entry, std::span<const Aside> said, const std::vector<std::string>& name_words,
                              std::string& why_not);
  const ZooEntry& variant(const ZooEntry& entry, const Json& fields, const std::string& ending, const std::string& note);
  /// The interface of its kind, or the kind where no plugin brings it.
  [[nodiscard]] std::string sort_of(const ZooEntry& entry) const;
  /// What a variant's name was taken to say; empty for any other object.
  [[nodiscard]] std::string told_variant(std::string_view key) const;
  /// What an entry or one that it is based on says of itself under a key; null: nothing.
  [[nodiscard]] const Json* said_by(const ZooEntry& entry, const std::string& key) const;
  /// The kind of "kind:key", empty where none is said, and the key.
  [[nodiscard]] std::pair<std::string_view, std::string_view> split_key(std::string_view key) const;

  /// "3 DGX H100" as an object of this interface written out: of the first kind that has a whole number and holds such an entry.
  /// Nothing for any other text.
  std::optional<Json> counted(std::string_view interface, std::string_view text);
  /// What it was taken for, and what was left out.
  std::string told_counted(const Json& object, std::string_view text);
  bool has_entry(std::string_view interface, std::string_view name);

  /// The entry of an interface by key or "kind:key"; throws InputError at `where`.
  const ZooEntry& entry(std::string_view interface, std::string_view key, const std::string& where);
  const ZooEntry* base_of(const ZooEntry& entry) const;

  /// What an entry says, over what it is based on, over the defaults of its kind.
  ObjectSpec spec_of(const ZooEntry& entry);
  /// What an object written inline says. Throws where nothing says its kind; what is wrong with its fields goes to `problems`.
  ObjectSpec spec_inline(std::string_view interface, const Json& value, const std::string& where, bool references,
                         Problems& problems);
  const Kind& kind_named(const std::string& name, const std::string& where);
  const Kind& kind_inline(std::string_view interface, const Json& value, const std::string& where);
  ObjectSpec spec_default(const Kind& kind, const std::string& name, const std::string& where);

  Cell cell_of(const PortInfo& port, const FieldSpec& field);
  /// Cells of a spec without references; nested objects are made. All that is wrong is one InputError.
  std::vector<Cell> cells_of(const ObjectSpec& spec);
  const ZooObject& make(const ObjectSpec& spec, const std::string& id);
  /// What is written out is one object where it is written the same, in whatever config it stands.
  const ZooObject& make_inline(std::string_view interface, const Json& value, const std::string& where);
  /// A cell of a value, which lives as long as the zoo where it points to one: of a table a list of rows or the name of an entry,
  /// of a series, a text or a number what read_value takes.
  Cell make_value(const PortInfo& port, const Json& value, const std::string& where);
  Cell make_table(const PortInfo& port, const TableRows& rows);
  /// The rows of a zoo entry that is a table.
  TableRows table_entry(std::string_view key, const std::string& where);
  SourceReference source_of(const ZooEntry& entry, const std::string& field) const;
};

}  // namespace ironlaw::host
