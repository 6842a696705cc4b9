#pragma once
// Importers: files of other tools as entries of the zoo.
#include <ironlaw/error.hpp>

#include <string_view>

namespace ironlaw {

/// A file of another tool, whole. Both texts live as long as the call.
struct ForeignFile {
  std::string_view name;   ///< as the user wrote it
  std::string_view bytes;  ///< at most 64 MiB
};

/// Takes the entries that a file holds, as a zoo file would have them: names of fields and values, objects and lists inside. Each
/// is checked as an entry of any zoo file is. Throws Error where the calls do not make an entry.
class IRONLAW_API EntryWriter {
 public:
  /// Begins an entry: the key by which people ask for it, and its kind ("accelerator").
  void entry(std::string_view key, std::string_view kind) { do_entry(key, kind); }
  /// A field of it. A quantity has its unit: number("memory_capacity", 80, "GB"). Within a list the name of a field is empty.
  void number(std::string_view field, double value, std::string_view unit = {}) { do_number(field, value, unit); }
  void text(std::string_view field, std::string_view value) { do_text(field, value); }
  void boolean(std::string_view field, bool value) { do_boolean(field, value); }
  /// What follows, until end(), stands in an object, or in a list, under this field.
  void object(std::string_view field) { do_object(field); }
  void list(std::string_view field) { do_list(field); }
  void end() { do_end(); }

 protected:
  EntryWriter() = default;
  EntryWriter(const EntryWriter&) = default;
  EntryWriter& operator=(const EntryWriter&) = default;
  virtual ~EntryWriter();

 private:
  virtual void do_entry(std::string_view key, std::string_view kind) = 0;
  virtual void do_number(std::string_view field, double value, std::string_view unit) = 0;
  virtual void do_text(std::string_view field, std::string_view value) = 0;
  virtual void do_boolean(std::string_view field, bool value) = 0;
  virtual void do_object(std::string_view field) = 0;
  virtual void do_list(std::string_view field) = 0;
  virtual void do_end() = 0;
};

/// Reads files of one format. It keeps nothing from call to call, and opens no file itself.
class IRONLAW_API Importer {
 public:
  struct About {
    std::string_view name;
    std::string_view doc;
    std::string_view format;  ///< what the files are called, as the source of the entries says it: "Timeloop architecture"
  };

  Importer() = default;
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;
  virtual ~Importer();

  [[nodiscard]] const About& about() const noexcept { return do_about(); }
  /// Whether a file looks like one of the format: by its name and its first bytes, without reading it through.
  [[nodiscard]] bool reads(const ForeignFile& file) const;
  /// Throws Error for what is wrong with the file ("line 3: takes a number"); whatever else is thrown becomes a PluginError.
  void import(const ForeignFile& file, EntryWriter& entries) const;

 private:
  virtual const About& do_about() const noexcept = 0;
  virtual bool do_reads(const ForeignFile& file) const = 0;
  virtual void do_import(const ForeignFile& file, EntryWriter& entries) const = 0;
};

}  // namespace ironlaw
