#pragma once
#include <ironlaw/export.hpp>

#include <filesystem>
#include <system_error>
#include <vector>

namespace ironlaw::host {

/// What lies in a folder. The standard library's own walk ends the program where memory runs out; this one throws.
struct FolderEntry {
  std::filesystem::path path;
  bool is_folder = false;  ///< links followed
  bool is_file = false;    ///< a regular one, links followed
  bool is_link = false;
};

/// By name. Where the folder cannot be read, what was read of it and why in `failure`.
[[nodiscard]] IRONLAW_API std::vector<FolderEntry> entries_of(const std::filesystem::path& folder, std::error_code& failure);

/// With all that lies in its folders, each behind its folder; links to folders are not followed. `enters` says of a folder in it
/// whether it is looked into; null: all are.
[[nodiscard]] IRONLAW_API std::vector<FolderEntry> entries_below(const std::filesystem::path& folder, std::error_code& failure,
                                                                 bool (*enters)(const std::filesystem::path&) = nullptr);

/// The one name of what is there, links followed. The standard library's own takes what it has no memory to look for as not
/// there; this one throws.
[[nodiscard]] IRONLAW_API std::filesystem::path canonical_path(const std::filesystem::path& name, std::error_code& failure);

}  // namespace ironlaw::host
