#include <ironlaw/files/folder.hpp>

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <new>
#include <string_view>

namespace ironlaw::host {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

std::error_code last_error() { return {errno, std::generic_category()}; }

/// No callers may take a folder that they had no memory to read for one that is not there.
void throw_if_no_memory(const std::error_code& failure) {
  if (failure == std::errc::not_enough_memory) throw std::bad_alloc();
}

FolderEntry entry_of(std::filesystem::path path, unsigned char type) {
  FolderEntry entry{std::move(path), type == DT_DIR, type == DT_REG, type == DT_LNK};
  struct stat status {};
  if (type == DT_UNKNOWN) entry.is_link = lstat(entry.path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
  if ((type == DT_UNKNOWN || entry.is_link) && stat(entry.path.c_str(), &status) == 0) {
    entry.is_folder = S_ISDIR(status.st_mode);
    entry.is_file = S_ISREG(status.st_mode);
  }
  return entry;
}

void add_below(const std::filesystem::path& folder, std::error_code& failure, bool (*enters)(const std::filesystem::path&),
               std::vector<FolderEntry>& all) {
  for (FolderEntry& entry : entries_of(folder, failure)) {
    const bool enter = entry.is_folder && !entry.is_link && (enters == nullptr || enters(entry.path));
    all.push_back(std::move(entry));
    if (enter && !failure) add_below(std::filesystem::path(all.back().path), failure, enters, all);
  }
}

}  // namespace

std::vector<FolderEntry> entries_of(const std::filesystem::path& folder, std::error_code& failure) {
  std::vector<FolderEntry> entries;
  failure.clear();
  const std::unique_ptr<DIR, CloseFolder> open(opendir(folder.c_str()));
  if (open == nullptr) {
    failure = last_error();
    throw_if_no_memory(failure);
    return entries;
  }
  while (errno = 0, true) {
    const dirent* next = readdir(open.get());
    if (next == nullptr) break;
    const std::string_view name = next->d_name;
    if (name != "." && name != "..") entries.push_back(entry_of(folder / name, next->d_type));
  }
  if (errno != 0) failure = last_error();
  throw_if_no_memory(failure);
  std::sort(entries.begin(), entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.path.native() < b.path.native(); });
  return entries;
}

std::vector<FolderEntry> entries_below(const std::filesystem::path& folder, std::error_code& failure,
                                       bool (*enters)(const std::filesystem::path&)) {
  std::vector<FolderEntry> all;
  add_below(folder, failure, enters, all);
  return all;
}

std::filesystem::path canonical_path(const std::filesystem::path& name, std::error_code& failure) {
  auto canonical = std::filesystem::canonical(name, failure);
  throw_if_no_memory(failure);
  return canonical;
}

}  // namespace ironlaw::host
