#include <ironlaw/notation/nearest.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace ironlaw::host {
namespace {

TEST(EditDistance, CountsEachKindOfEditOnce) {
  EXPECT_EQ(edit_distance("batch", "batch"), 0u);
  EXPECT_EQ(edit_distance("batch", "bath"), 1u);
  EXPECT_EQ(edit_distance("bath", "batch"), 1u);
  EXPECT_EQ(edit_distance("batch", "match"), 1u);
  EXPECT_EQ(edit_distance("batch", "bacth"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
}

TEST(EditDistance, IgnoresLetterCaseWhenAsked) {
  EXPECT_EQ(edit_distance("H100", "h100"), 1u);
  EXPECT_EQ(edit_distance("H100", "h100", true), 0u);
  EXPECT_EQ(edit_distance("BA", "ab", true), 1u);
}

constexpr std::array<std::string_view, 5> names = {"latency", "throughput", "kB", "KB", "memory"};

TEST(Nearest, FindsTheClosestWithinAThirdOfTheWord) {
  EXPECT_EQ(nearest("latncy", names), "latency");
  EXPECT_EQ(nearest("thruoghput", names), "throughput");
  EXPECT_EQ(nearest("memory", names), "memory");
  EXPECT_EQ(nearest("mmry", names), "");  // two edits, four letters
  EXPECT_EQ(nearest("energy", names), "");
}

TEST(Nearest, KnowsAPortWithoutItsStage) {
  constexpr std::array<std::string_view, 3> ports = {"latencies", "node.latency", "cost.tco"};
  EXPECT_EQ(nearest("latency", ports), "node.latency");
  EXPECT_EQ(nearest("latenc", ports), "node.latency");
  EXPECT_EQ(nearest("nod.latency", ports), "node.latency");
  EXPECT_EQ(nearest("tco", ports), "cost.tco");
  EXPECT_EQ(nearest("", ports), "");
}

TEST(Nearest, LetterCaseCountsLeast) {
  EXPECT_EQ(nearest("LATENCY", names), "latency");
  EXPECT_EQ(nearest("KB", names), "KB");
  EXPECT_EQ(nearest("kb", names), "kB");
  constexpr std::array<std::string_view, 2> close = {"mW1", "MW"};
  EXPECT_EQ(nearest("mw", close), "MW");
}

TEST(Nearest, TheFirstOfEqualsWins) {
  constexpr std::array<std::string_view, 2> equal = {"cat", "bat"};
  EXPECT_EQ(nearest("rat", equal), "cat");
}

TEST(Nearest, AWordThatSharesNothingHasNoNeighbour) {
  constexpr std::array<std::string_view, 3> letters = {"s", "m", "ab"};
  EXPECT_EQ(nearest("q", letters), "");
  EXPECT_EQ(nearest("", letters), "");
  EXPECT_EQ(nearest("S", letters), "s");
  EXPECT_EQ(nearest("word", {}), "");
}

TEST(Nearest, ALongWordIsNoTrouble) { EXPECT_EQ(nearest(std::string(1'000'000, 'x'), names), ""); }

}  // namespace
}  // namespace ironlaw::host
