#include "sessions.hpp"

#include "files/input_files.hpp"
#include "files/owned_file.hpp"

#include <ironlaw/callback_file.hpp>
#include <ironlaw/error.hpp>
#include <ironlaw/files/output_file.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sstream>
#include <thread>

namespace ironlaw::host {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void write_to(const std::filesystem::path& name, const std::string& text) {
  OutputFile out(name);
  out.stream() << text;
  out.commit();
}

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(OutputFile, AppearsWhenItIsCommittedAndNothingIsSeenBefore) {
  const OwnFolder folder;
  const auto file = folder.write("out.csv", "old");
  {
    OutputFile out(file);
    out.stream() << "new" << std::string(100000, 'x');
    EXPECT_EQ(text_of(file), "old");
    EXPECT_EQ(files_in(folder.path()), 1u);
    out.commit();
  }
  EXPECT_EQ(text_of(file), "new" + std::string(100000, 'x'));
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(OutputFile, LeavesNothingWhereNobodyCommits) {
  const OwnFolder folder;
  { OutputFile(folder.path() / "out.csv").stream() << "half"; }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(OutputFile, RefusesWhatCannotBeAFile) {
  const OwnFolder folder;
  EXPECT_NE(refused([&] { OutputFile out(folder.path()); }).find("is a folder"), std::string::npos);
  EXPECT_NE(refused([&] { OutputFile out(folder.path() / "none" / "out.csv"); }).find("there is no folder"), std::string::npos);
  EXPECT_NE(refused([&] { OutputFile out(""); }).find("needs the name"), std::string::npos);
  std::filesystem::create_symlink("b", folder.path() / "a");
  std::filesystem::create_symlink("a", folder.path() / "b");
  EXPECT_NE(refused([&] { OutputFile out(folder.path() / "a"); }).find("circle"), std::string::npos);
}

TEST(OutputFile, NeverTakesThePlaceOfWhatWasReadUnderAnyName) {
  const OwnFolder folder;
  const auto file = folder.write("in.json", "mine");
  EXPECT_EQ(read_file(file), "mine");
  std::filesystem::create_hard_link(file, folder.path() / "hard");
  std::filesystem::create_symlink(file, folder.path() / "soft");
  for (const auto& name : {file, folder.path() / "hard", folder.path() / "soft"})
    EXPECT_NE(refused([&] { OutputFile out(name); }).find("is read by this run"), std::string::npos) << name;
  EXPECT_NE(refused([&] { CallbackFile out(file.string()); }).find("is read by this run"), std::string::npos);
}

TEST(OutputFile, NorOfWhatIsReadWhileItIsWritten) {
  const OwnFolder folder;
  const auto file = folder.write("in.json", "mine");
  OutputFile out(file);
  out.stream() << "result";
  (void)read_file(file);
  EXPECT_NE(refused([&] { out.commit(); }).find("is read by this run"), std::string::npos);
  EXPECT_EQ(text_of(file), "mine");
}

TEST(OutputFile, FollowsLinksThatLeadNowhereYet) {
  const OwnFolder folder;
  std::filesystem::create_symlink("target", folder.path() / "middle");
  std::filesystem::create_symlink("middle", folder.path() / "link");
  write_to(folder.path() / "link", "text");
  EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
  EXPECT_EQ(text_of(folder.path() / "target"), "text");
}

TEST(OutputFile, KeepsTheModeOfWhatItReplaces) {
  const OwnFolder folder;
  const auto file = folder.write("out.csv", "private");
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  write_to(file, "new");
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(OutputFile, WritesAPipeAsItGoes) {
  const OwnFolder folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = text_of(pipe); });
  write_to(pipe, "text");
  reader.join();
  EXPECT_EQ(got, "text");
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

TEST(OutputFile, WritesADescriptorByItsName) {
  const OwnFolder folder;
  const auto file = folder.path() / "log";
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_GE(descriptor, 0);
  const std::string name = "/dev/fd/" + std::to_string(descriptor);
  write_to(name, "one ");
  write_to(name, "two");
  close(descriptor);
  EXPECT_EQ(text_of(file), "one two");
  EXPECT_NE(refused([&] { OutputFile out(name); }).find("is not open"), std::string::npos);
}

TEST(OwnedFile, IsNeverOpenedThroughALinkOrBesideAnotherRun) {
  const OwnFolder folder;
  const auto file = folder.write("mine", "text");
  std::filesystem::create_symlink(file, folder.path() / "link");
  EXPECT_NE(refused([&] { (void)OwnedFile::to_write(folder.path() / "link"); }).find("is a link"), std::string::npos);
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_NE(refused([&] { (void)OwnedFile::to_write(folder.path() / "pipe"); }).find("is not a regular file"), std::string::npos);
  const auto first = OwnedFile::to_write_alone(folder.path() / "journal");
  EXPECT_NE(refused([&] { (void)OwnedFile::to_write_alone(folder.path() / "journal"); }).find("another run is writing it"),
            std::string::npos);
}

TEST(OwnedFile, GoesOnBehindWhatIsWhole) {
  const OwnFolder folder;
  const auto name = folder.path() / "out.partial";
  {
    auto file = OwnedFile::to_write(name);
    file.append("whole, torn");
    EXPECT_EQ(file.size(), 11u);
  }
  auto file = OwnedFile::to_write(name);
  file.truncate(5);
  file.append(" again");
  file.rename(folder.path() / "out");
  EXPECT_EQ(text_of(folder.path() / "out"), "whole again");
}

}  // namespace
}  // namespace ironlaw::host
