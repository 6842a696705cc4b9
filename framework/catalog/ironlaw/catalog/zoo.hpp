#pragma once
#include <ironlaw/export.hpp>
#include <ironlaw/kind.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

class Plugins;

/// An object of the zoo, or one written inline, with the fields that it was made from.
struct ZooObject {
  std::string name;
  const Kind* kind = nullptr;
  std::vector<Cell> fields;      ///< one cell a field of the kind
  const void* object = nullptr;  ///< what a solver's port takes
};

/// Where a number comes from.
struct SourceReference {
  std::string title, publisher, date, url;
};

/// What `zoo list` and `zoo show` tell of an entry.
struct ZooEntryInfo {
  std::string key, kind, label, vendor, category, note, file;
  int year = 0;
  std::vector<std::string> aliases;                ///< further names by which people ask for it
  std::map<std::string, SourceReference> sources;  ///< by field; "" is the source of all others
};

/// What a folder of the zoo held when it was read.
struct ZooStamp {
  std::filesystem::path folder;
  std::string version;         ///< what its file VERSION says; empty: it has none
  std::string sha256;          ///< of the names and bytes of its files
  std::string records_sha256;  ///< of those with records of measured kernels, engines and software; empty: it has none
};

/// Devices, workloads and records as data. Files are read once; an object is made when first asked for, and lives as long as the
/// zoo.
class IRONLAW_API Zoo {
 public:
  /// Later folders replace entries of earlier ones; two entries of one name in the same folder are an error. `defaults` maps
  /// "kind.field" to JSON text (a profile's). Throws InputError.
  Zoo(Plugins& plugins, const std::vector<std::filesystem::path>& folders, std::map<std::string, std::string> defaults);
  ~Zoo();
  Zoo(const Zoo&) = delete;
  Zoo& operator=(const Zoo&) = delete;

  /// The object of an interface by its key, "kind:key" where two kinds share a key; where no key is so written, by a key or alias
  /// that differs in case, blanks, hyphens and underscores only. Throws InputError at `where`, with the nearest key.
  const ZooObject& find(std::string_view interface, std::string_view key, const std::string& where);
  /// The object that a pointer from find() belongs to, or null. May be asked while another thread finds.
  [[nodiscard]] const ZooObject* owner(const void* object) const;

  /// All entries, by kind and key; `kind` may also be an interface, or empty for all.
  [[nodiscard]] std::vector<ZooEntryInfo> list(std::string_view kind) const;
  /// Entries of one key (one a kind). Throws InputError with the nearest key.
  [[nodiscard]] std::vector<ZooEntryInfo> entries(std::string_view key) const;
  /// One line for each thing wrong with the entries: schema, dimensions, ranges, sources. Empty: all is well.
  [[nodiscard]] std::vector<std::string> check();
  /// One line for each entry that takes the place of one in an earlier folder without building on it ("based_on" of its own key).
  [[nodiscard]] std::vector<std::string> replacements() const;
  /// What was read, a stamp a folder. May be asked by several threads.
  [[nodiscard]] const std::vector<ZooStamp>& stamps() const;
  /// The files that were read.
  [[nodiscard]] std::set<std::filesystem::path> files() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Name of the object or table that a cell of the port points to; empty where it is none that find() or a config gave.
[[nodiscard]] IRONLAW_API std::string object_name(const Zoo& zoo, const PortInfo& port, const Cell& cell);

}  // namespace ironlaw::host
