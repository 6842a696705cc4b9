#include "sessions.hpp"

#include <ironlaw/error.hpp>
#include <ironlaw/host/output_file.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace ironlaw::host {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

TEST(OutputFile, AppearsWhenItIsCommitted) {
  const OwnFolder folder;
  const auto file = folder.write("out.csv", "old");
  const auto partial = OutputFile::partial_name(file);
  {
    OutputFile out(file);
    out.stream() << "new" << std::string(100000, 'x');
    EXPECT_EQ(text_of(file), "old");
    EXPECT_TRUE(std::filesystem::exists(partial));
    out.commit();
  }
  EXPECT_EQ(text_of(file), "new" + std::string(100000, 'x'));
  EXPECT_FALSE(std::filesystem::exists(partial));
}

TEST(OutputFile, LeavesNothingWhereNobodyCommits) {
  const OwnFolder folder;
  { OutputFile(folder.path() / "out.csv").stream() << "half"; }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(OutputFile, GoesOnBehindWhatIsWhole) {
  const OwnFolder folder;
  const auto file = folder.path() / "out.csv";
  {
    OutputFile out(file, OutputFile::Uncommitted::keep);
    out.stream() << "whole, torn";
    EXPECT_EQ(out.sync(), 11u);
  }
  OutputFile out(file, OutputFile::Uncommitted::keep, 5);
  out.stream() << " again";
  out.commit();
  EXPECT_EQ(text_of(file), "whole again");
}

TEST(OutputFile, RefusesWhatCannotBeAFile) {
  const OwnFolder folder;
  EXPECT_NE(refused([&] { OutputFile out(folder.path()); }).find("is not a regular file"), std::string::npos);
  EXPECT_NE(refused([&] { OutputFile out(folder.path() / "none" / "out.csv"); }).find("there is no folder"), std::string::npos);
  const OutputFile first(folder.path() / "out.csv");
  EXPECT_NE(refused([&] { OutputFile out(folder.path() / "out.csv"); }).find("another run is writing it"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
