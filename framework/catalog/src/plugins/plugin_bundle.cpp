#include "plugins/plugin_bundle.hpp"

#include "files/input_files.hpp"
#include "text/json.hpp"
#include "value/bytes.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/files/folder.hpp>

#include <algorithm>
#include <system_error>

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

/// At the end of a bundle, behind the number of bytes that its files take as JSON.
constexpr std::string_view bundle_mark = "IRONLAW-ZOO-PACK";
constexpr std::size_t footer_size = sizeof(std::uint64_t) + bundle_mark.size();

/// Bytes of the files, or 0 where there are none.
std::size_t bundled_size(std::string_view plugin) {
  if (plugin.size() < footer_size || !plugin.ends_with(bundle_mark)) return 0;
  std::string_view footer = plugin.substr(plugin.size() - footer_size);
  const auto size = take<std::uint64_t>(footer);
  return size <= plugin.size() - footer_size ? static_cast<std::size_t>(size) : 0;
}

/// Inside the pack, and nowhere else.
bool stays_inside(const fs::path& name) {
  return !name.empty() && name.is_relative() && name.extension() == ".json" &&
         std::none_of(name.begin(), name.end(), [](const fs::path& part) { return part == ".." || part == "."; });
}

}  // namespace

PackFiles read_pack(const fs::path& folder) {
  PackFiles files;
  std::error_code failure;
  for (const FolderEntry& entry : entries_below(folder, failure)) {
    if (!entry.is_file || entry.path.extension() != ".json") continue;
    const std::string text = read_file(entry.path);
    (void)parse_json(text, entry.path.string());
    files[entry.path.lexically_relative(folder).generic_string()] = text;
  }
  if (failure) throw InputError(folder.string(), "cannot be read: " + failure.message());
  return files;
}

std::string bundle_trailer(const PackFiles& files) {
  Json json = Json::object();
  for (const auto& [name, text] : files) json[name] = text;
  std::string trailer = json.dump();
  put(trailer, static_cast<std::uint64_t>(trailer.size()));
  return trailer += bundle_mark;
}

PackFiles bundled_files(std::string_view plugin, const std::string& where) {
  const std::size_t size = bundled_size(plugin);
  PackFiles files;
  if (size == 0) return files;
  const Json json = parse_json(std::string(plugin.substr(plugin.size() - footer_size - size, size)), where);
  if (!json.is_object()) throw InputError(where, "the zoo entries that it carries are damaged: bundle it again");
  for (const auto& [name, text] : json.items()) {
    if (!stays_inside(name) || !text.is_string())
      throw InputError(where, "the zoo entries that it carries are damaged, '" + name + "': bundle it again");
    files[name] = text.get<std::string>();
  }
  return files;
}

std::string_view without_trailer(std::string_view plugin) {
  const std::size_t size = bundled_size(plugin);
  return size == 0 ? plugin : plugin.substr(0, plugin.size() - footer_size - size);
}

}  // namespace ironlaw::host
