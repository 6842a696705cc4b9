// Plugins under --isolate that attack the process they run in: each costs its rows and no more. Without it, the message names the
// plugin and the status is 4.
#include "program.hpp"

#include <sys/stat.h>

namespace ironlaw::test {
namespace {

constexpr int rows = 4000;
constexpr int bad_row = 3333;

class Hostile : public Program {
 protected:
  /// Every row but the bad one is what it is from a solver that behaves.
  void expect_all_but_one(const std::string& file, const std::string& reason) const {
    const auto table = lines(file);
    ASSERT_EQ(table.size(), rows + 1u);
    for (int row = 0; row < rows; ++row) {
      const std::string half = std::to_string(row / 2) + (row % 2 == 0 ? "" : ".5");
      const std::string& line = table[static_cast<std::size_t>(row) + 1];
      if (row == bad_row) {
        ASSERT_EQ(line, std::to_string(row) + ",,failed," + reason);
      } else {
        ASSERT_EQ(line, std::to_string(row) + "," + half + ",ok,");
      }
    }
  }
};

struct Attack {
  const char* solver;
  const char* reason;
};

class EachAttack : public Hostile, public testing::WithParamInterface<Attack> {};

TEST_P(EachAttack, CostsItsRow) {
  write_config("attack", GetParam().solver, rows);
  const auto outcome = shell("ironlaw run attack.json --isolate --row-timeout 0.3 --row-memory 300MB --threads 2 -o out.csv");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  expect_all_but_one("out.csv", GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(All, EachAttack,
                         testing::Values(Attack{"faulty_exit_zero", "s: ended the process (exit status 0)"},
                                         Attack{"faulty_exit_at_once", "s: ended the process (exit status 0)"},
                                         Attack{"faulty_quick_exit", "s: ended the process (exit status 0)"},
                                         Attack{"faulty_babble", "s: wrote to a descriptor that is not its own"},
                                         Attack{"faulty_close", "s: closed the descriptor that it answers over"},
                                         Attack{"faulty_memory", "s: std::bad_alloc"},
                                         Attack{"faulty_recursion", "s: crashed (Segmentation fault)"},
                                         Attack{"faulty_fork", "s: may not fork"}, Attack{"faulty_kill", "s: may not kill"},
                                         Attack{"faulty_exec", "s: may not exec"},
                                         Attack{"faulty_stubborn", "s: took longer than 0.3 s (--row-timeout)"},
                                         Attack{"faulty_disk", "s: crashed (File size limit exceeded)"},
                                         Attack{"faulty_open", "s: may not open"}),
                         [](const auto& attack) { return std::string(attack.param.solver); });

/// It ends with the block: rows of another block, and all that the host works out, are rounded as ever.
TEST_F(Hostile, ARoundingModeIsPutBackWithAndWithout) {
  write_config("rounds", "faulty_rounds", 3 * rows);
  write_config("thirds", "faulty_thirds", 3 * rows);
  ASSERT_EQ(shell("ironlaw run thirds.json -o thirds.csv").status, 0);
  for (const std::string flags : {"--threads 1", "--threads 2", "--isolate --threads 1", "--isolate --threads 2"}) {
    ASSERT_EQ(shell("ironlaw run rounds.json -o rounds.csv " + flags).text, "");
    const auto rounded = lines("rounds.csv");
    const auto right = lines("thirds.csv");
    ASSERT_EQ(rounded.size(), right.size());
    constexpr std::size_t block_end = 4096;
    for (std::size_t row = 0; row < 3 * rows; ++row) {
      if (row >= bad_row && row < block_end) continue;
      ASSERT_EQ(rounded[row + 1], right[row + 1]) << flags;
    }
  }
}

/// Whoever ends the program is named: a status of 0 and no result is the worst that there is.
TEST_F(Hostile, WithoutIsolationThePluginIsNamed) {
  const std::vector<std::array<std::string, 2>> ends{
      {"faulty_exit_zero", "called exit"},       {"faulty_exit_at_once", "called _exit"},
      {"faulty_quick_exit", "called exit"},      {"faulty_segfault", "crashed (Segmentation fault)"},
      {"faulty_abort", "crashed (Aborted)"},     {"faulty_recursion", "crashed (Segmentation fault)"},
      {"faulty_exec", "became another program"},
  };
  for (const auto& [solver, what] : ends) {
    write_config("attack", solver, 3 * rows);
    for (const std::string threads : {"1", "2"}) {
      const auto outcome = shell("ironlaw run attack.json --threads " + threads + " -o out.csv");
      EXPECT_EQ(outcome.status, 4) << solver << ": " << outcome.text;
      EXPECT_EQ(outcome.text, "ironlaw: plugin 'faulty_solvers' (" IRONLAW_FAULTY_PLUGIN "), '" + solver + "': " + what +
                                  "; --isolate opens plugins in processes of their own\n");
      EXPECT_FALSE(exists("out.csv"));
      (void)shell("rm -f out.csv.*");
    }
  }
}

/// What a plugin wrote into a result is noticed before the result has its name.
TEST_F(Hostile, WithoutIsolationAResultIsItsRowsOrNotThere) {
  for (const std::string out : {"out.csv", "out.jsonl", "out.arrow", "out.arrows", "out.json", "out.part"}) {
    write_config("attack", "faulty_babble", rows);
    const std::string shard = out == "out.part" ? " --shard 1/1" : "";
    // What it inherits is not for it to write to.
    const auto outcome =
        shell("for ((f = 3; f < 255; ++f)); do eval \"exec $f>&-\"; done\nironlaw run attack.json --threads 1 -o " + out + shard);
    EXPECT_EQ(outcome.status, 4) << out << ": " << outcome.text;
    EXPECT_NE(outcome.text.find("a plugin wrote into the result; --isolate opens plugins"), std::string::npos) << outcome.text;
    EXPECT_FALSE(exists(out)) << out;
    (void)shell("rm -f out.*");
    // It closed standard error too, so that nothing can be said.
    write_config("attack", "faulty_close", rows);
    const auto closed = shell("ironlaw run attack.json --threads 1 -o " + out + shard);
    EXPECT_TRUE(closed.status == 1 || closed.status == 4) << out << ": " << closed.status;
    EXPECT_FALSE(exists(out)) << out;
    (void)shell("rm -f out.*");
  }
}

/// Commands that have nothing to finish end by the signal, with a line.
TEST_F(Hostile, WhatIsInterruptedSaysSo) {
  write_config("slow", "faulty_slow", 5000);
  const std::array<std::string, 3> commands{
      "ironlaw report slow.json -o out.html & when_started",
      "ironlaw plot sweep slow.json -o out.svg & when_started",
      "ironlaw plugin check '" IRONLAW_BAD_PLUGIN_DIR "/loading_hangs.so' & until pgrep -P $!; do sleep 0.01; done >children",
  };
  for (const std::string& command : commands)
    for (const auto& [name, number] : {std::pair("INT", 2), {"TERM", 15}}) {
      // With control over its jobs, lest the shell lets them ignore the first of the two.
      const auto outcome = shell("set -m; " + command + "; kill -s " + name + " $!; wait $!");
      EXPECT_EQ(outcome.status, 128 + number) << command << outcome.text;
      EXPECT_TRUE(outcome.text.starts_with("ironlaw: interrupted\n")) << command << outcome.text;
      EXPECT_FALSE(exists("out.html") || exists("out.svg")) << command;
    }
}

TEST_F(Hostile, OneAnswerIsAnsweredOrFails) {
  const auto good = shell("ironlaw solve faulty_exit_zero --row 8 --isolate --output csv");
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.text, "value,status,reason\n4,ok,\n");
  const auto bad = shell("ironlaw solve faulty_exit_zero --row 3333 --isolate --output csv");
  EXPECT_EQ(bad.status, 4) << bad.text;
  EXPECT_NE(bad.text.find("ended the process (exit status 0)"), std::string::npos) << bad.text;
}

/// A study over rows of which one is hostile: it finds what it finds without that row.
TEST_F(Hostile, AStudyLosesTheRow) {
  for (const std::string solver : {"faulty_exit_zero", "faulty_segfault", "faulty_recursion", "faulty_stubborn"}) {
    write("study.json", R"({"version": 1, "stages": {"s": {"solver": ")" + solver +
                            R"("}}, "axes": [{"s.row": {"from": 3300, "to": 3333, "steps": 34}}],
        "study": {"use": "optimize", "goal": "max s.value", "keep": 2}})");
    for (const std::string threads : {"1", "3"}) {
      const auto outcome = shell("ironlaw run study.json --isolate --row-timeout 0.3 --threads " + threads + " -o out.csv");
      EXPECT_EQ(outcome.status, 0) << outcome.text;
      const auto table = lines("out.csv");
      ASSERT_EQ(table.size(), 3u) << solver << ": " << outcome.text << read("out.csv");
      EXPECT_NE(table[1].find("3332,1666"), std::string::npos) << table[1];
      EXPECT_NE(table[2].find("3331,1665.5"), std::string::npos) << table[2];
    }
  }
}

TEST_F(Hostile, AnIsolatedStudyIsInterrupted) {
  write(
      "slow.json",
      R"({"version": 1, "stages": {"s": {"solver": "faulty_slow"}}, "axes": [{"s.row": {"from": 0, "to": 9999, "steps": 10000}}],
      "study": {"use": "optimize", "goal": "max s.value", "keep": 2}})");
  const auto outcome = shell("ironlaw run slow.json --isolate --threads 1 -o out.csv & signalled INT");
  EXPECT_EQ(outcome.status, 130);
  EXPECT_EQ(outcome.text, "ironlaw: interrupted: nothing is written\n");
  EXPECT_FALSE(exists("out.csv"));
}

/// Without --isolate nothing can end it but the end of the program, which says whose fault that is.
TEST_F(Hostile, AStudyThatLooksAtNothingIsNamed) {
  write("endless.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_slow"}}, "axes": [{"s.row": [1, 2]}],
    "study": {"use": "never_ends_a_study", "output": "s.value"}})");
  const std::string run = "timeout -s KILL 60 '" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN
                          "' --plugin '" IRONLAW_BAD_PLUGIN_DIR "/never_ends_a_study.so' run endless.json -o out.csv ";
  for (const std::string& command : {run + "--max-seconds 0.2", run + "& sleep 1; pkill -TERM -P $! -x ironlaw; wait $!"}) {
    const auto outcome = shell(command);
    EXPECT_EQ(outcome.status, 4) << outcome.text;
    EXPECT_EQ(outcome.text, "ironlaw: plugin 'never_ends_a_study' (" IRONLAW_BAD_PLUGIN_DIR
                            "/never_ends_a_study.so), 'never_ends_a_study': does not "
                            "end, asked or late; --isolate opens plugins in processes of their own\n");
    EXPECT_FALSE(exists("out.csv"));
  }
}

/// What needs more of a plugin than its declaration: rows are lost, or the plugin is named.
TEST_F(Hostile, PagesPlotsAndWorkingsAreMadeElsewhere) {
  write_config("attack", "faulty_segfault", rows);
  const auto page = shell("ironlaw report attack.json --isolate -o out.md");
  EXPECT_EQ(page.status, 0) << page.text;
  EXPECT_NE(read("out.md").find("4000 rows: 3999 ok"), std::string::npos) << read("out.md").substr(0, 2000);
  const auto plot = shell("ironlaw plot sweep attack.json --isolate -o out.svg");
  EXPECT_EQ(plot.status, 0) << plot.text;
  EXPECT_NE(read("out.svg").find("<svg"), std::string::npos);
  const auto working = shell("ironlaw solve faulty_segfault --row 3333 --isolate --explain");
  EXPECT_EQ(working.status, 4) << working.text;
  EXPECT_NE(working.text.find("crashed (Segmentation fault)"), std::string::npos) << working.text;
  for (const std::string command : {"report run.json", "run run.json --explain"}) {
    write("run.json", R"({"version": 1, "stages": {"s": {"solver": "loading_crashes", "row": 4}}})");
    const auto loading = shell("ironlaw " + command + " --isolate --plugin '" IRONLAW_BAD_PLUGIN_DIR "/loading_crashes.so'");
    EXPECT_EQ(loading.status, 4) << loading.text;
    EXPECT_NE(loading.text.find("loading_crashes"), std::string::npos) << loading.text;
  }
}

/// A request that ends its process is told so, and the next one is answered.
TEST_F(Hostile, ABatchLosesTheRequest) {
  for (const std::string solver : {"faulty_exit_zero", "faulty_exit_at_once", "faulty_segfault", "faulty_babble", "faulty_close",
                                   "faulty_recursion", "faulty_fork", "faulty_stubborn"}) {
    std::string requests;
    for (const int row : {8, 3333, 9})
      requests += R"({"id": )" + std::to_string(row) + R"(, "solver": ")" + solver + R"(", "inputs": {"row": )" +
                  std::to_string(row) + "}}\n";
    write("requests.jsonl", requests);
    const auto outcome = shell("ironlaw batch requests.jsonl --isolate --max-seconds 0.5 > out.jsonl");
    EXPECT_EQ(outcome.status, 0) << outcome.text;
    const auto answers = lines("out.jsonl");
    ASSERT_EQ(answers.size(), 3u) << solver << ": " << outcome.text;
    EXPECT_EQ(answers[0], R"({"id":8,"status":"ok","outputs":{"value":4}})") << solver;
    EXPECT_TRUE(answers[1].starts_with(R"({"id":3333,)")) << solver << answers[1];
    EXPECT_NE(answers[1].find(R"("error":)"), std::string::npos) << solver << answers[1];
    EXPECT_EQ(answers[2], R"({"id":9,"status":"ok","outputs":{"value":4.5}})") << solver;
  }
}

/// Commands that need no more than declarations answer as ever.
TEST_F(Hostile, ResultsAreTheSameIsolated) {
  write("same.json", R"({"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}}})");
  for (const std::string command :
       {"run same.json", "run same.json --explain", "report same.json", "explain same.json", "zoo list hardware", "zoo show H100",
        "study sensitivity same.json --outputs n.latency", "study compare same.json --with n.hardware=A100"}) {
    const auto plain = shell("ironlaw " + command);
    const auto isolated = shell("ironlaw " + command + " --isolate");
    EXPECT_EQ(isolated.text, plain.text) << command;
    EXPECT_EQ(isolated.status, plain.status) << command;
  }
}

TEST_F(Hostile, TheLockIsTheRunsAlone) {
  write_config("slow", "faulty_slow", 3000);
  for (int i = 0; i < 3; ++i) {
    (void)shell("timeout -s KILL 0.7 '" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN
                "' run slow.json --isolate --threads 2 -o out.csv");
    const auto again = shell("ironlaw run slow.json --isolate --threads 8 --max-rows 3000 -o out.csv");
    EXPECT_EQ(again.text, "");
    EXPECT_EQ(lines("out.csv").size(), 3001u);
    (void)shell("rm -f out.csv*");
  }
}

// --- libraries that do harm when they are opened ---

struct Loading {
  const char* plugin;
  const char* reason;      ///< under --isolate; empty: it is answered
  const char* unisolated;  ///< without; empty: not tried
};

class EachLoading : public Hostile, public testing::WithParamInterface<Loading> {
 protected:
  void SetUp() override {
    write("run.json", std::string(R"({"version": 1, "stages": {"s": {"solver": ")") + GetParam().plugin +
                          R"("}}, "axes": [{"s.row": {"from": 0, "to": 1499, "steps": 1500}}]})");
    write("other.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan", "row": 4}}})");
  }
  [[nodiscard]] static std::string file() { return std::string(IRONLAW_BAD_PLUGIN_DIR "/") + GetParam().plugin + ".so"; }
  [[nodiscard]] static std::string flags() { return " --plugin '" + file() + "' "; }
};

TEST_P(EachLoading, CostsWhatItBringsAndNoMore) {
  const std::string isolated = flags() + "--isolate --row-timeout 0.1 --row-memory 300MB ";
  const auto outcome = shell("ironlaw run run.json" + isolated + "-o out.csv");
  if (GetParam().reason[0] == '\0') {
    EXPECT_EQ(outcome.text, "");
    EXPECT_EQ(outcome.status, 0);
    const auto table = lines("out.csv");
    ASSERT_EQ(table.size(), 1501u);
    EXPECT_EQ(table[2], "1,0.3333333333333333,ok,");
    EXPECT_EQ(table[1500], "1499,499.6666666666667,ok,");
  } else {
    EXPECT_EQ(outcome.status, 4) << outcome.text;
    EXPECT_NE(outcome.text.find(GetParam().plugin), std::string::npos) << outcome.text;
    EXPECT_NE(outcome.text.find(GetParam().reason), std::string::npos) << outcome.text;
    EXPECT_FALSE(exists("out.csv") || exists("out.csv.journal") || exists("out.csv.partial"));
  }
  const auto other = shell("ironlaw run other.json --output csv" + isolated);
  EXPECT_EQ(other.text, "value,status,reason\n2,ok,\n");
}

TEST_P(EachLoading, ItsPortsAreShownOrItsEndIsSaid) {
  if (std::string_view(GetParam().plugin) == "loading_hangs") GTEST_SKIP() << "takes ten seconds";
  const auto outcome = shell("ironlaw plugin show '" + file() + "' --ports --output json");
  if (GetParam().reason[0] == '\0') {
    EXPECT_EQ(outcome.status, 0) << outcome.text;
    EXPECT_NE(outcome.text.find("A third of a number"), std::string::npos) << outcome.text;
  } else {
    EXPECT_EQ(outcome.status, 4) << outcome.text;
    EXPECT_NE(outcome.text.find(GetParam().reason), std::string::npos) << outcome.text;
  }
}

TEST_P(EachLoading, WithoutIsolationItIsNamed) {
  if (GetParam().unisolated[0] == '\0') GTEST_SKIP() << "does its harm to this machine";
  const auto outcome = shell("ironlaw run run.json --output csv" + flags());
  EXPECT_EQ(outcome.status, 4) << outcome.text;
  EXPECT_EQ(outcome.text, "ironlaw: plugin '" + std::string(GetParam().plugin) + "' (" + file() + "): " + GetParam().unisolated +
                              "; --isolate opens plugins in processes of their own\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, EachLoading,
    testing::Values(Loading{"loading_crashes", "crashed (Segmentation fault) while it was opened",
                            "crashed (Segmentation fault)"},
                    Loading{"loading_exits", "ended the process (exit status 0) while it was opened", "called exit"},
                    Loading{"loading_exits_at_once", "ended the process (exit status 0) while it was opened", "called _exit"},
                    Loading{"loading_closes_all", "closed a descriptor that it did not open while it was opened", ""},
                    Loading{"loading_hangs", "took longer than 1 s while it was opened", ""}, Loading{"loading_babbles", "", ""},
                    Loading{"loading_rounds_up", "", ""}, Loading{"loading_forks", "", ""},
                    Loading{"loading_takes_memory", "", ""}, Loading{"loading_takes_signals", "", ""}),
    [](const auto& loading) { return std::string(loading.param.plugin); });

TEST_F(Hostile, ALibraryThatThrowsIsRefused) {
  write("run.json", R"({"version": 1, "stages": {"s": {"solver": "loading_throws", "row": 4}}})");
  for (const std::string isolated : {"", " --isolate"}) {
    const auto outcome = shell("ironlaw run run.json --plugin '" IRONLAW_BAD_PLUGIN_DIR "/loading_throws.so'" + isolated);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.text.find("is refused (cannot be opened): expected a library that opens, found: not today"),
              std::string::npos)
        << outcome.text;
  }
}

TEST_F(Hostile, APackOfTheZooThatOthersCouldHaveWrittenIsRefused) {
  std::filesystem::create_directories(folder() / "data/ironlaw/zoo.d/mine");
  write("data/ironlaw/zoo.d/mine/facts.json", R"({"sources": {"o": {"title": "Ours"}}, "entries": {}})");
  const std::string command = "XDG_DATA_HOME=$PWD/data ironlaw zoo list grid --output csv";
  EXPECT_EQ(shell(command).status, 0);
  ASSERT_EQ(chmod((folder() / "data/ironlaw/zoo.d/mine/facts.json").c_str(), 0666), 0);
  const auto file = shell(command);
  EXPECT_EQ(file.status, 1);
  EXPECT_NE(file.text.find("facts.json: file writable by others (mode 0666)"), std::string::npos) << file.text;
  ASSERT_EQ(chmod((folder() / "data/ironlaw/zoo.d/mine/facts.json").c_str(), 0644), 0);
  ASSERT_EQ(chmod((folder() / "data/ironlaw/zoo.d/mine").c_str(), 0777), 0);
  EXPECT_EQ(shell(command).status, 1);
}

}  // namespace
}  // namespace ironlaw::test
