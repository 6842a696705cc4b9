#include <ironlaw/files/folder.hpp>

#include <gtest/gtest.h>

#include <fstream>

#include "sessions.hpp"

namespace ironlaw::host {
namespace {

namespace fs = std::filesystem;

std::string names_of(const std::vector<FolderEntry>& entries, const fs::path& from) {
  std::string names;
  for (const FolderEntry& e : entries)
    names += e.path.lexically_relative(from).string() + (e.is_link ? "@" : "") + (e.is_folder ? "/" : e.is_file ? "" : "?") + " ";
  return names;
}

TEST(Folder, EntriesByNameLinksFollowedOnce) {
  const OwnFolder folder;
  const fs::path& root = folder.path();
  fs::create_directories(root / "b" / "inner");
  fs::create_directories(root / "left_out");
  for (const char* file : {"a", "c", "b/2", "b/1", "b/inner/x", "left_out/y"}) std::ofstream(root / file) << "text";
  fs::create_symlink("a", root / "to_a");
  fs::create_directory_symlink("..", root / "b" / "up");
  fs::create_symlink("nowhere", root / "dangling");
  std::error_code failure;
  EXPECT_EQ(names_of(entries_of(root, failure), root), "a b/ c dangling@? left_out/ to_a@ ");
  EXPECT_FALSE(failure);
  const auto enters = [](const fs::path& inner) { return inner.filename() != "left_out"; };
  std::string below;
  for (const FolderEntry& e : entries_below(root, failure, enters)) below += e.path.lexically_relative(root).string() + " ";
  EXPECT_EQ(below, "a b b/1 b/2 b/inner b/inner/x b/up c dangling left_out to_a ");
  EXPECT_FALSE(failure);
}

TEST(Folder, SaysWhyItCannotBeRead) {
  const OwnFolder folder;
  std::error_code failure;
  EXPECT_TRUE(entries_of(folder.path() / "none", failure).empty());
  EXPECT_EQ(failure, std::errc::no_such_file_or_directory);
  std::ofstream(folder.path() / "file") << "text";
  EXPECT_TRUE(entries_below(folder.path() / "file", failure).empty());
  EXPECT_EQ(failure, std::errc::not_a_directory);
}

}  // namespace
}  // namespace ironlaw::host
