#pragma once
// Zoo entries behind a plugin, in its own file: the loader looks at what its headers name, and nothing of that is behind its end.
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace ironlaw::host {

/// Texts of files by their name in the pack ("chips.json", "profiles/lab.json").
using PackFiles = std::map<std::string, std::string>;

/// Every JSON file of a pack. Throws InputError where one cannot be read, or is no zoo file's text.
[[nodiscard]] PackFiles read_pack(const std::filesystem::path& folder);
/// What stands behind the bytes of a plugin.
[[nodiscard]] std::string bundle_trailer(const PackFiles& files);
/// The files that a plugin carries; none where it is no bundle. Throws InputError at `where` for one that is damaged.
[[nodiscard]] PackFiles bundled_files(std::string_view plugin, const std::string& where);
/// The plugin without them.
[[nodiscard]] std::string_view without_trailer(std::string_view plugin);

}  // namespace ironlaw::host
