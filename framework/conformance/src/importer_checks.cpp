// Checks of importers: what becomes of files that are broken, or none of theirs.
#include "breaches.hpp"
#include "checks.hpp"
#include "child.hpp"
#include "plugins/recorded_entries.hpp"

#include <ironlaw/error.hpp>

#include <array>
#include <random>

namespace ironlaw::host {
namespace {

/// Bytes that no format begins with, in the sizes at which readers err.
std::vector<std::string> broken_files() {
  std::vector<std::string> files{"", "{}", "[[[[", "\n\n\n", std::string(1, '\0'), "name,\n,,,,\n\"", "a = \n= b\n", "1e999 GB"};
  std::mt19937 random(1);
  for (const std::size_t size : {1U, 16U, 4096U, 100000U}) {
    std::string& bytes = files.emplace_back();
    while (bytes.size() < size) bytes += static_cast<char>(random());
  }
  files.push_back(std::string(1 << 20, 'a'));
  return files;
}

struct Read {
  bool said = false;    ///< that it reads the file
  std::string entries;  ///< or why there are none
  bool operator==(const Read&) const = default;
};

/// Throws PluginError where the importer fails in any way but an Error.
Read read(const Importer& importer, const ForeignFile& file) {
  Read result;
  result.said = importer.reads(file);
  try {
    RecordedEntries entries;
    importer.import(file, entries);
    result.entries = entries.bytes();
  } catch (const PluginError&) {
    throw;
  } catch (const Error& e) {
    result.entries = e.what();
  }
  return result;
}

}  // namespace

Finding check_importers(Specimen& specimen) {
  Breaches problems;
  std::size_t files = 0;
  const std::string text = standard_output_of([&] {
    for (const Importer* importer : specimen.importers) {
      const std::string who = "importer '" + std::string(importer->about().name) + "'";
      for (const std::string& bytes : broken_files()) {
        const ForeignFile file{"broken.txt", bytes};
        const std::string which = who + ", of a file of " + counted(bytes.size(), "byte") + ": ";
        ++files;
        try {
          const Read first = read(*importer, file);
          if (first.said) problems.add(which + "says that it reads it");
          if (!(read(*importer, file) == first)) problems.add(which + "answers otherwise when asked again");
        } catch (const std::exception& e) {
          problems.add(which + e.what());
        }
      }
    }
  });
  if (!text.empty()) problems.add("an importer wrote " + counted(text.size(), "byte") + " to standard output");
  return problems.finding(counted(files, "broken file") + " left alone");
}

}  // namespace ironlaw::host
