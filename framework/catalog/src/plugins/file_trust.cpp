#include "plugins/file_trust.hpp"

#include <ironlaw/files/folder.hpp>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <vector>

namespace ironlaw::host {
namespace {

/// A group of the user's name that only the user is in: distributions that create one let it write by default.
bool is_private_group(gid_t group) {
  std::vector<char> user_text(1 << 14);
  std::vector<char> group_text(1 << 16);
  passwd user{};
  passwd* user_found = nullptr;
  if (getpwuid_r(geteuid(), &user, user_text.data(), user_text.size(), &user_found) != 0 || user_found == nullptr) return false;
  ::group entry{};
  ::group* entry_found = nullptr;
  if (getgrgid_r(group, &entry, group_text.data(), group_text.size(), &entry_found) != 0 || entry_found == nullptr) return false;
  const std::string_view name = user.pw_name;
  if (user.pw_gid != group || entry.gr_name != name) return false;
  for (char** member = entry.gr_mem; *member != nullptr; ++member) {
    if (*member != name) return false;
  }
  return true;
}

std::string distrust(const struct stat& status, const std::filesystem::path& path, std::string_view noun) {
  if (status.st_uid != 0 && status.st_uid != geteuid()) {
    return std::string(noun) + " owned by user " + std::to_string(status.st_uid) + ", expected root or user " +
           std::to_string(geteuid()) + ": copy it to a folder of your own";
  }
  const bool others = (status.st_mode & S_IWOTH) != 0;
  const bool group = (status.st_mode & S_IWGRP) != 0 && !is_private_group(status.st_gid);
  if (!others && !group) return {};
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(status.st_mode & 07777));
  return std::string(noun) + " writable by " + (others ? "others" : "its group") + " (mode " + mode +
         "), expected by its owner alone: chmod go-w " + path.string();
}

}  // namespace

std::string distrust_file(int descriptor, const std::filesystem::path& file) {
  struct stat status {};
  if (fstat(descriptor, &status) != 0) return std::generic_category().message(errno);
  return distrust(status, file, "file");
}

std::string distrust_folder(const std::filesystem::path& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return std::generic_category().message(errno);
  return distrust(status, folder, "folder");
}

std::string distrust_tree(const std::filesystem::path& folder) {
  if (auto reason = distrust_folder(folder); !reason.empty()) return reason;
  std::error_code failure;
  for (const FolderEntry& entry : entries_below(folder, failure)) {
    struct stat status {};
    if (stat(entry.path.c_str(), &status) != 0) continue;
    if (auto reason = distrust(status, entry.path, entry.is_folder ? "folder" : "file"); !reason.empty())
      return entry.path.filename().string() + ": " + reason;
  }
  return failure ? failure.message() : std::string();
}

}  // namespace ironlaw::host
