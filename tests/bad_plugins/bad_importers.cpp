// Importers that break one promise each.
#include <ironlaw/sdk.hpp>

#include <stdexcept>
#include <string>

using namespace ironlaw;

namespace {

/// Reads nothing, well: the others differ from it in one thing.
class ReadsNothing : public Importer {
 protected:
  bool do_reads(const ForeignFile& file) const override { return file.bytes.starts_with("bad "); }
  void do_import(const ForeignFile&, EntryWriter&) const override { throw Error("line 1: takes 'bad'"); }
};

class ThrowsOnAFile : public ReadsNothing {
 public:
  static constexpr auto about = Importer::About{"throws_on_afile", "throws what is no Error", "bad file"};
  void do_import(const ForeignFile& file, EntryWriter&) const override { (void)file.bytes.at(1U << 20); }
};

class ReadsEverything : public ReadsNothing {
 public:
  static constexpr auto about = Importer::About{"reads_everything", "takes every file for its own", "bad file"};
  bool do_reads(const ForeignFile&) const override { return true; }
};

class RemembersFiles : public ReadsNothing {
 public:
  static constexpr auto about = Importer::About{"remembers_files", "answers otherwise the second time", "bad file"};
  void do_import(const ForeignFile&, EntryWriter&) const override { throw Error("file " + std::to_string(++files_)); }

 private:
  mutable int files_ = 0;
};

class CrashesOnAFile : public ReadsNothing {
 public:
  static constexpr auto about = Importer::About{"crashes_on_afile", "reaches for what is not there", "bad file"};
  void do_import(const ForeignFile& file, EntryWriter&) const override { *reinterpret_cast<volatile int*>(file.name.size()) = 1; }
};

/// Writes what is no entry: what, the file says.
class WritesNoEntry : public ReadsNothing {
 public:
  static constexpr auto about = Importer::About{"writes_no_entry", "writes calls that make no entry", "bad file"};
  bool do_reads(const ForeignFile& file) const override { return file.bytes.starts_with("no entry: "); }
  void do_import(const ForeignFile& file, EntryWriter& entries) const override {
    const auto asks = [&](std::string_view word) { return file.bytes.find(word) != std::string_view::npos; };
    if (asks("field first")) entries.number("rate", 1);
    entries.entry("One", asks("unknown kind") ? "sundial" : "accelerator");
    if (asks("twice")) entries.entry("One", "accelerator");
    if (asks("two")) entries.entry("Two", "accelerator");
    if (asks("unknown field")) entries.number("memory_capacitee", 1, "GB");
    if (asks("wrong unit")) entries.number("memory_capacity", 1, "W");
    if (asks("open")) entries.object("peak_rate");
    if (asks("end")) entries.end();
    if (asks("not a number")) entries.number("tdp", 0.0 / 0.0, "W");
  }
};

}  // namespace

IRONLAW_PLUGIN(PLUGIN_NAME, "1.0.0", "Apache-2.0", HOW)
