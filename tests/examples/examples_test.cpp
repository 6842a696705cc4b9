// Every example config: the table it prints, and the plan that `explain` shows, are what expected/ holds.
#include <cmath>

#include "../generated_page.hpp"
#include "program.hpp"

namespace ironlaw {
namespace {

using tests::output_of;
using tests::text_of;

/// Fields of a CSV text; none of the examples quotes one.
std::vector<std::string> fields_of(const std::string& text) {
  std::vector<std::string> fields;
  std::string field;
  for (const char c : text) {
    if (c == ',' || c == '\n') {
      fields.push_back(field);
      field.clear();
    } else {
      field += c;
    }
  }
  return fields;
}

void expect_same_table(const std::string& got, const std::string& expected, const std::string& name) {
  const auto a = fields_of(got);
  const auto b = fields_of(expected);
  ASSERT_EQ(a.size(), b.size()) << name << "\n" << got;
  for (std::size_t i = 0; i < a.size(); ++i) {
    char* end = nullptr;
    const double number = std::strtod(b[i].c_str(), &end);
    if (end == b[i].c_str() || *end != '\0') {
      EXPECT_EQ(a[i], b[i]) << name;
    } else {
      EXPECT_NEAR(std::strtod(a[i].c_str(), nullptr), number, 1e-9 * std::abs(number)) << name;
    }
  }
}

/// The table and the plan of a config are what expected/ holds under its name.
void expect_expected(const std::filesystem::path& config, const std::string& flags = {}) {
  const std::string name = config.stem().string();
  const std::string expected = (std::filesystem::path(IRONLAW_EXPECTED) / name).string();
  const std::string file = "'" + config.string() + "' " + flags;
  ASSERT_TRUE(std::filesystem::exists(expected + ".csv")) << name;
  expect_same_table(output_of("run " + file + " --output csv"), text_of(expected + ".csv"), name);
  EXPECT_EQ(output_of("explain " + file), text_of(expected + ".txt"));
  EXPECT_TRUE(output_of("explain " + file + " --as dot").starts_with("digraph plan {"));
  EXPECT_TRUE(output_of("explain " + file + " --as mermaid").starts_with("flowchart LR"));
}

TEST(Examples, EveryConfigGivesItsTableAndItsPlan) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(IRONLAW_CONFIGS)) {
    const auto extension = entry.path().extension();
    if (extension != ".json" && extension != ".yaml") continue;
    expect_expected(entry.path());
    ++count;
  }
  EXPECT_GE(count, 8);
}

TEST(Examples, SeriesOfIsolatedRowsAreThoseOfOthers) {
  const std::string day = "run '" IRONLAW_CONFIGS "/day_on_a_tariff.json' --output csv";
  EXPECT_EQ(output_of(day + " --isolate"), output_of(day));
  const std::string one = "solve tariff --load '[\"1 MW\", \"2 MW\"]' --output json";
  EXPECT_NE(output_of(one + " --isolate").find("\"drawn\""), std::string::npos);
}

TEST(Examples, APluginInTheMiddleOfAChain) { expect_expected(IRONLAW_BILL, "--plugin '" IRONLAW_POWER_EFFICIENCY "'"); }

/// Every study: its table, and that `explain` names it.
TEST(Examples, EveryStudyGivesItsTable) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(IRONLAW_STUDIES)) {
    if (entry.path().extension() != ".json") continue;
    const auto name = std::filesystem::relative(entry.path(), IRONLAW_STUDIES).replace_extension().string();
    if (name.ends_with("pipeline")) continue;
    ++count;
    const std::string file = "'" + entry.path().string() + "' --plugin '" IRONLAW_POWER_EFFICIENCY "'";
    const auto expected = std::filesystem::path(IRONLAW_EXPECTED) / "studies" / (name + ".csv");
    ASSERT_TRUE(std::filesystem::exists(expected)) << name;
    expect_same_table(output_of("run " + file + " --output csv"), text_of(expected.string()), name);
    EXPECT_NE(output_of("explain " + file).find("\nstudy "), std::string::npos) << name;
  }
  EXPECT_GE(count, 23);
}

/// Every line that the README shows of the search is one that it prints.
TEST(Examples, TheSearchForALayoutIsAsItsReadmeSays) {
  const std::string printed = output_of("run '" IRONLAW_STUDIES "/gpt3_layouts.json'");
  std::istringstream readme(text_of(IRONLAW_STUDIES "/README.md"));
  int rows = 0;
  for (std::string line; std::getline(readme, line);) {
    if (line.find(" of 232320 rows: ") == line.npos) continue;
    EXPECT_NE(printed.find(line + "\n"), std::string::npos) << line;
    ++rows;
  }
  EXPECT_EQ(rows, 9);
}

TEST(Examples, AnObserverOfOnesOwn) {
  std::string text;
  FILE* pipe =
      popen("'" IRONLAW_PROGRAM "' run '" IRONLAW_WORST_ROW_SWEEP "' --plugin '" IRONLAW_WORST_ROW "' 2>&1 >/dev/null", "r");
  std::array<char, 256> buffer;
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) text += buffer.data();
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_TRUE(text.starts_with("worst row: 8, ")) << text;
}

}  // namespace
}  // namespace ironlaw
