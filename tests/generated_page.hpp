#pragma once
// Pages whose tables are made from what the program prints.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace ironlaw::tests {

inline std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// What stands on a page between its marks has to be `expected`; with IRONLAW_WRITE_PAGES set it is put there.
inline void expect_on_page(const std::filesystem::path& page, const std::string& expected) {
  const std::string begin = "<!-- made by a test: begin -->\n";
  const std::string end = "<!-- made by a test: end -->\n";
  std::string text = text_of(page);
  const auto from = text.find(begin);
  const auto to = text.find(end);
  ASSERT_TRUE(from != text.npos && to != text.npos && from < to) << page << " lacks its marks";
  const auto first = from + begin.size();
  if (std::getenv("IRONLAW_WRITE_PAGES") != nullptr) {
    std::ofstream(page, std::ios::binary) << text.replace(first, to - first, expected);
    return;
  }
  EXPECT_EQ(text.substr(first, to - first), expected) << page << ": run this test with IRONLAW_WRITE_PAGES=1 to write it anew";
}

}  // namespace ironlaw::tests
