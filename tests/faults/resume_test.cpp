// Runs that are stopped in every way: nothing is half written, and the same command goes on.
#include "program.hpp"

#include <random>

namespace ironlaw::test {
namespace {

constexpr const char* slow_rows = "3000";

class Resume : public Program {
 protected:
  /// A run of about two seconds on two threads, and what it is to give.
  void write_slow(const std::string& report, const std::string& ending) const {
    write_config("slow", "faulty_slow", std::stoi(slow_rows), report);
    write_config("fast", "faulty_nan", 2, report);
    ASSERT_EQ(shell("ironlaw run slow.json --threads 8 -o whole." + ending).status, 0);
  }
};

TEST_F(Resume, KilledAtTenRandomMoments) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> moment(0.1, 1.4);
  for (const auto& [name, report] : every_way) {
    const std::string ending = name == std::string("sort") ? "json" : "csv";
    write_slow(report, ending);
    const std::string command = "ironlaw run slow.json --threads 2 -o out." + ending;
    const int times = name == std::string("rows") ? 10 : 3;
    for (int i = 0; i < times && !exists("out." + ending); ++i) {
      (void)shell("timeout -s KILL " + std::to_string(moment(random)) +
                  " '" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN "' run slow.json --threads 2 -o out." + ending);
      if (exists("out." + ending)) {
        EXPECT_TRUE(read("out." + ending) == read("whole." + ending)) << "half written";
      }
    }
    EXPECT_EQ(shell(command).status, 0);
    EXPECT_TRUE(read("out." + ending) == read("whole." + ending)) << name;
    EXPECT_FALSE(exists("out." + ending + ".partial"));
    EXPECT_FALSE(exists("out." + ending + ".journal"));
    std::filesystem::remove(folder() / ("out." + ending));
  }
}

TEST_F(Resume, InterruptedItGoesOnWhereItStopped) {
  write_slow("{}", "arrow");
  for (const auto& [signal, status] : {std::pair{"INT", 130}, std::pair{"TERM", 143}}) {
    const auto outcome = shell(std::string("ironlaw run slow.json --threads 1 -o out.arrow & signalled ") + signal);
    EXPECT_EQ(outcome.status, status) << outcome.text;
    EXPECT_NE(outcome.text.find("of 3000 rows; the same command goes on from there"), std::string::npos) << outcome.text;
    EXPECT_FALSE(exists("out.arrow"));
  }
  EXPECT_EQ(shell("ironlaw run slow.json -o out.arrow").text, "");
  EXPECT_TRUE(read("out.arrow") == read("whole.arrow"));
}

TEST_F(Resume, InterruptedOnStandardOutputTheRowsAreWhole) {
  write_slow("{}", "csv");
  const auto outcome = shell("ironlaw run slow.json --output csv --threads 1 2>/dev/null >out.csv & signalled INT");
  EXPECT_EQ(outcome.status, 130);
  EXPECT_TRUE(read("whole.csv").starts_with(read("out.csv")));
  EXPECT_TRUE(read("out.csv").ends_with("\n"));
}

/// Rows that do not fit the memory of a sort go to the disk: the result is the same, fresh, in many runs, and from where it
/// stopped.
TEST_F(Resume, ASortBeyondItsMemoryIsTheSame) {
  write_config("run", "faulty_wait", 24000, R"({"sort": ["max s.value"]})");
  ASSERT_EQ(shell("ironlaw run run.json -o whole.csv").status, 0);
  ASSERT_EQ(lines("whole.csv").size(), 24001u);
  EXPECT_EQ(shell("ironlaw run run.json --sort-memory 64KB --output csv >piped.csv; cmp piped.csv whole.csv").text, "");
  ASSERT_EQ(shell("touch wait; ironlaw run run.json --sort-memory 64KB -o out.csv --threads 1 & interrupted").status, 130);
  EXPECT_FALSE(exists("out.csv"));
  EXPECT_EQ(shell("ironlaw run run.json --sort-memory 64KB -o out.csv").text, "");
  EXPECT_TRUE(read("out.csv") == read("whole.csv"));
}

TEST_F(Resume, ASortSaysWhereItCannotKeepItsRows) {
  write_config("run", "faulty_wait", 24000, R"({"sort": ["max s.value"]})");
  const std::string sort = "ironlaw run run.json --sort-memory 64KB --output csv >/dev/null";
  for (const auto& [before, why] : {std::pair{"trap '' XFSZ; ulimit -f 16; ", "File too large"},
                                    std::pair{"export TMPDIR=$PWD/none; ", "No such file or directory"}}) {
    const auto outcome = shell(before + sort);
    EXPECT_EQ(outcome.status, 1) << outcome.text;
    EXPECT_NE(outcome.text.find("--sort-memory: cannot keep rows in a temporary file: " + std::string(why) +
                                "; give more, or another TMPDIR"),
              std::string::npos)
        << outcome.text;
  }
}

/// Bytes of what a run keeps to go on from are changed, one at a time: the result is right, or there is none.
TEST_F(Resume, AFlippedByteIsFound) {
  std::mt19937_64 random(11);
  for (const std::string ending : {"csv", "jsonl", "arrow", "arrows", "json"}) {
    write_config("run", "faulty_wait", 24000);
    const std::string out = "out." + ending;
    const std::string command = "ironlaw run run.json -o " + out;
    ASSERT_EQ(shell("ironlaw run run.json -o whole." + ending).status, 0);
    ASSERT_EQ(shell("touch wait; " + command + " --threads 1 & interrupted").status, 130);
    std::vector<std::string> kept{out + ".journal"};
    if (ending != "json") kept.push_back(out + ".partial");
    (void)shell("mkdir kept; mv out.* kept");
    for (const std::string& name : kept) {
      const auto size = std::filesystem::file_size(folder() / "kept" / name);
      ASSERT_GT(size, 2000u) << name;
      for (int i = 0; i < 14; ++i) {
        const std::uint64_t at = i == 0 ? 0 : i == 1 ? size - 1 : random() % size;
        (void)shell("rm -f out.*; cp kept/* .");
        flip(name, at);
        const auto outcome = shell(command);
        if (outcome.status == 0) {
          EXPECT_TRUE(read(out) == read("whole." + ending)) << name << " byte " << at;
        } else {
          EXPECT_EQ(outcome.status, 1) << name << " byte " << at << outcome.text;
          EXPECT_FALSE(exists(out)) << name << " byte " << at;
        }
      }
    }
    std::filesystem::remove_all(folder() / "kept");
  }
}

/// The same where FILE.partial was cut off, or is gone, as after a power cut.
TEST_F(Resume, WhatTheDiskLostIsEvaluatedAgain) {
  write_config("run", "faulty_wait", 24000);
  const std::string command = "ironlaw run run.json -o out.arrow";
  ASSERT_EQ(shell("ironlaw run run.json -o whole.arrow").status, 0);
  ASSERT_EQ(shell("touch wait; " + command + " --threads 1 & interrupted").status, 130);
  (void)shell("mkdir kept; mv out.* kept");
  for (const std::string lost :
       {"rm out.arrow.partial", "truncate -s 70000 out.arrow.partial", "truncate -s 0 out.arrow.partial",
        "truncate -s -1 out.arrow.journal", "truncate -s 700 out.arrow.journal", "rm out.arrow.journal out.arrow.partial"}) {
    EXPECT_EQ(shell("cp kept/* .; " + lost + "; " + command + "; cmp out.arrow whole.arrow; ls; rm out.arrow").text,
              "kept\nline.sh\nout.arrow\nrun.json\nwhole.arrow\n")
        << lost;
  }
  // A partial file without a journal may be anybody's.
  EXPECT_EQ(shell("cp kept/* .; rm out.arrow.journal; " + command).text,
            "ironlaw: out.arrow.partial: was not begun by ironlaw; move it away, or give another --out\n");
}

TEST_F(Resume, TheLockIsTheRunsAndNotItsWorkers) {
  write_slow("{}", "csv");
  for (int i = 0; i < 3; ++i) {
    const auto outcome = shell(
        "ironlaw run slow.json --isolate --threads 4 -o out.csv & when_started; kill -9 $!; "
        "ironlaw run slow.json --isolate --threads 8 -o out.csv; cmp out.csv whole.csv; rm out.csv");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.text.find("another run"), std::string::npos) << outcome.text;
  }
}

TEST_F(Resume, AnotherQuestionIsRefused) {
  write_slow("{}", "csv");
  write_config("other", "faulty_nan", 3000);
  (void)shell("ironlaw run slow.json --threads 1 -o out.csv & signalled KILL");
  const auto outcome = shell("ironlaw run other.json -o out.csv");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.text,
            "ironlaw: out.csv.journal: holds the rows of another run; remove it to start anew, or give another --out\n");
}

TEST_F(Resume, TwoRunsIntoOneFileAreRefused) {
  write_config("slow", "faulty_slow", 3000);
  const auto outcome =
      shell("ironlaw run slow.json --threads 1 -o out.csv & when_started; ironlaw run slow.json -o out.csv; wait");
  EXPECT_EQ(outcome.text, "ironlaw: out.csv.journal: another run is writing it\n");
  EXPECT_EQ(lines("out.csv").size(), 3001u);
}

TEST_F(Resume, AFullDiskIsSaidAndAfterwardsItGoesOn) {
  std::filesystem::create_directory(folder() / "disk");
  if (shell("mount -t tmpfs -o size=128k ironlaw disk").status != 0) GTEST_SKIP() << "a small tmpfs may not be mounted here";
  write_config("run", "faulty_nan", 50000);
  (void)shell("ironlaw run run.json -o whole.csv");
  const auto full = shell("ironlaw run run.json -o disk/out.csv");
  EXPECT_EQ(full.status, 1);
  EXPECT_EQ(full.text, "ironlaw: disk/out.csv.partial: cannot be written: No space left on device\n");
  EXPECT_FALSE(exists("disk/out.csv"));
  EXPECT_EQ(shell("mount -o remount,size=16m disk && ironlaw run run.json -o disk/out.csv").status, 0);
  EXPECT_TRUE(read("disk/out.csv") == read("whole.csv"));
  (void)shell("umount disk");
}

TEST_F(Resume, AZooFileThatGoesDuringTheRunIsNotMissed) {
  std::filesystem::create_directory(folder() / "facts");
  write("facts/mine.json", R"({"sources": {"ours": {"title": "Ours", "date": "2025"}},
    "entries": {"Mine": {"based_on": "H100", "label": "Mine", "tdp": "450 W", "source": "ours"}}})");
  write("run.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_slow"},
    "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "Mine", "batch_size": 4}},
    "axes": [{"s.row": {"from": 0, "to": 1499, "steps": 1500}}]})");
  const std::string command = "ironlaw run run.json --zoo facts --threads 1 -o ";
  ASSERT_EQ(shell(command + "whole.csv").status, 0);
  EXPECT_EQ(shell(command + "out.csv & when_started; rm facts/mine.json; wait $!").status, 0);
  EXPECT_TRUE(read("out.csv") == read("whole.csv"));
}

}  // namespace
}  // namespace ironlaw::test
