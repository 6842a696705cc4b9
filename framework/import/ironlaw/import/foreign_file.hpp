#pragma once
// Files of other tools as entries of the zoo, by the formats that are built in and the importers that plugins bring.
#include <ironlaw/catalog/plugins.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ironlaw::host {

/// Who reads files of other tools: the tables of architectures in the zoo folders, and importers of plugins.
struct ForeignFormats {
  std::vector<std::filesystem::path> zoo_folders;
  Plugins& plugins;
  std::string
      importer;  ///< the one to use; where empty, a built-in format where the file has one, else the importer that reads it
};

/// The text of a zoo file with what a local file holds; of a built-in format what import_model gives. `key` names the entry, of a
/// file with one. What an importer writes is held against the fields of its kind. Throws InputError, also where nobody or several
/// read the file.
[[nodiscard]] std::string import_file(const ForeignFormats& formats, const std::filesystem::path& file,
                                      const std::string& key = {});

/// Whether a word on the command line is such a file, and not the name of an entry: by the ending of a built-in format, or, where
/// a plugin brings an importer, by being a path ("./chip.cfg") to a file.
[[nodiscard]] bool names_a_file(const Plugins& plugins, const std::string& word);

/// The object of `interface` ("workload", "hardware") that a local file describes, as the JSON text of an object written out in a
/// config: a zoo file with one entry, the fields themselves, or what import_file takes. Throws InputError.
[[nodiscard]] std::string object_in_file(const ForeignFormats& formats, const std::filesystem::path& file,
                                         std::string_view interface);

}  // namespace ironlaw::host
