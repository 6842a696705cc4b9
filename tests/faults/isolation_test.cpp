// Plugins that fail on some rows: the other rows are all there, the bad ones are named.
#include "program.hpp"

#include <functional>

namespace ironlaw::test {
namespace {

constexpr int rows = 4000;
constexpr int bad_row = 3333;

class Isolation : public Program {
 protected:
  /// Every row but the bad ones is ok, and these say `reason`.
  void expect_all_but(const std::string& file, const std::function<bool(int)>& bad, const std::string& reason) const {
    const auto table = lines(file);
    ASSERT_EQ(table.size(), rows + 1u);
    for (int row = 0; row < rows; ++row) {
      const std::string& line = table[static_cast<std::size_t>(row) + 1];
      const std::string half = std::to_string(row / 2) + (row % 2 == 0 ? "" : ".5");
      const std::string want = std::to_string(row) + (bad(row) ? ",,failed," + reason : "," + half + ",ok,");
      ASSERT_EQ(line, want);
    }
  }
};

TEST_F(Isolation, ARowThatEndsTheProcessIsNamedAndTheOthersAreThere) {
  const std::vector<std::array<std::string, 2>> faults{
      {"faulty_segfault", "s: crashed (Segmentation fault)"},
      {"faulty_abort", "s: crashed (Aborted)"},
      {"faulty_exit", "s: ended the process (exit status 3)"},
      {"faulty_sleep", "s: took longer than 0.2 s (--row-timeout)"},
      {"faulty_nan", "s.value is not finite"},
  };
  for (const auto& [solver, reason] : faults) {
    write_config("fault", solver, rows);
    const auto outcome = shell("ironlaw run fault.json --isolate --row-timeout 0.2 --threads 2 -o fault.csv");
    EXPECT_EQ(outcome.status, 0) << solver;
    EXPECT_EQ(outcome.text, "ironlaw: 4000 rows: 3999 ok, 1 failed; first: " + reason + "\n");
    expect_all_but(
        "fault.csv", [](int row) { return row == bad_row; }, reason);
  }
}

TEST_F(Isolation, AnExceptionCostsItsRowsWithOrWithout) {
  write_config("fault", "faulty_throws", rows);
  for (const std::string flags : {"", "--isolate"}) {
    EXPECT_EQ(shell("ironlaw run fault.json -o fault.csv " + flags).status, 0);
    expect_all_but(
        "fault.csv", [](int row) { return row % 100 == 7; }, "s: out of patience");
  }
}

TEST_F(Isolation, TheSameBytesAsWithout) {
  for (const auto& [name, report] : every_way) {
    write_config("run", "faulty_throws", 20000, report);
    for (const std::string format : {"csv", "json"}) {
      (void)shell("ironlaw run run.json -o plain." + format);
      for (const std::string threads : {"1", "2", "5"}) {
        (void)shell("ironlaw run run.json --isolate --threads " + threads + " -o isolated." + format);
        EXPECT_TRUE(read("isolated." + format) == read("plain." + format)) << name << " " << threads;
      }
    }
  }
}

TEST_F(Isolation, WhatAPluginPrintsIsNoResult) {
  write_config("run", "faulty_print", 100);
  for (const std::string flags : {"", " --isolate"}) {
    EXPECT_EQ(shell("ironlaw run run.json --output csv" + flags + " 2>/dev/null >out.csv").status, 0);
    EXPECT_EQ(lines("out.csv").size(), 101u) << flags;
    EXPECT_EQ(read("out.csv").find("printed"), std::string::npos) << flags;
  }
}

TEST_F(Isolation, AWorkerThatGrowsIsReplaced) {
  write_config("run", "faulty_leak", 3000);
  const auto outcome = shell("ulimit -v 2500000; ironlaw run run.json --isolate --threads 1 -o out.csv");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_EQ(lines("out.csv").size(), 3001u);
  EXPECT_EQ(outcome.text, "");
}

TEST_F(Isolation, ASlowSolverIsNotTakenForOneThatHangs) {
  write_config("run", "faulty_slow", 1500);
  const auto outcome = shell("ironlaw run run.json --isolate --row-timeout 0.2 -o out.csv");
  EXPECT_EQ(outcome.text, "");
  EXPECT_EQ(lines("out.csv").size(), 1501u);
}

TEST_F(Isolation, ObserversAreToldOfTheRowsThatComeBack) {
  write("run.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}],
      "callbacks": [{"use": "trace"}, {"use": "jsonl_log", "file": "log.jsonl"}]})");
  const auto outcome = shell("ironlaw run run.json --isolate -o out.csv");
  EXPECT_NE(outcome.text.find("trace: 2 rows\n"), std::string::npos) << outcome.text;
  EXPECT_EQ(lines("log.jsonl").size(), 2u);
}

TEST_F(Isolation, AnObserverThatCannotBeMadeIsOneLine) {
  write("run.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}}, "axes": [{"s.row": [1, 2]}],
      "callbacks": [{"use": "jsonl_log", "file": "log.jsonl", "stages": ["t"]}, {"use": "jsonl_log", "file": "none/log.jsonl"}]})");
  const auto outcome = shell("ironlaw run run.json --isolate -o out.csv");
  EXPECT_EQ(outcome.status, 1) << outcome.text;
  EXPECT_EQ(std::count(outcome.text.begin(), outcome.text.end(), '\n'), 1) << outcome.text;
  EXPECT_FALSE(std::filesystem::exists(folder() / "out.csv"));
}

}  // namespace
}  // namespace ironlaw::test
