// Shards and ranks: their rows joined are the bytes of one run.
#include "program.hpp"

#include <random>

namespace ironlaw::test {
namespace {

class Shards : public Program {
 protected:
  void write_run(const char* report) const { write_config("run", "faulty_throws", 20000, report); }
};

TEST_F(Shards, MergedTheyAreTheWholeRun) {
  for (const auto& [name, report] : every_way) {
    write_run(report);
    (void)shell("for i in 1 2 3; do ironlaw run run.json --shard $i/3 -o run.$i.part; done");
    for (const std::string ending : {"csv", "json", "jsonl", "arrow", "md", "txt"}) {
      (void)shell("ironlaw run run.json -o whole." + ending + "; ironlaw merge run.3.part run.1.part run.2.part -o merged." +
                  ending);
      EXPECT_TRUE(read("merged." + ending) == read("whole." + ending)) << name << " " << ending;
      EXPECT_GT(read("merged." + ending).size(), 300u) << name << " " << ending;
    }
  }
}

TEST_F(Shards, MoreShardsThanBlocksAndAStoppedShard) {
  write_run("{}");
  (void)shell(
      "for i in $(seq 40); do ironlaw run run.json --shard $i/40 -o run.$i.part; done; ironlaw run run.json -o whole.csv");
  (void)shell("ironlaw merge run.*.part -o merged.csv");
  EXPECT_TRUE(read("merged.csv") == read("whole.csv"));
}

TEST_F(Shards, TheSameBytesFreshOrResumedHoweverItRuns) {
  for (const auto& [name, report] : every_way) {
    write_config("run", "faulty_wait", 24000, report);
    const std::string command = "ironlaw run run.json --shard 1/1 -o ";
    ASSERT_EQ(shell(command + "fresh.part").status, 0);
    for (const char* how : {"--threads 1", "--threads 5", "--isolate --threads 2"}) {
      EXPECT_EQ(shell(command + "other.part " + how + "; cmp fresh.part other.part").text, "") << name << how;
    }
    EXPECT_EQ(shell("touch wait; " + command + "x.part --threads 1 & interrupted").status, 130) << name;
    EXPECT_TRUE(exists("x.part.partial"));
    EXPECT_EQ(shell(command + "x.part; cmp fresh.part x.part").text, "") << name;
    // Killed where it waits, before anything was put on the disk or just after.
    (void)shell("touch wait; " + command + "x.part & when_started; sleep 0.$((RANDOM % 10)); kill -9 $!; rm wait");
    EXPECT_EQ(shell(command + "x.part; cmp fresh.part x.part").text, "") << name;
  }
}

TEST_F(Shards, AFlippedByteIsFoundInMerging) {
  for (const auto& [name, report] : every_way) {
    write_run(report);
    (void)shell("for i in 1 2; do ironlaw run run.json --shard $i/2 -o run.$i.part; done; mkdir -p kept; cp *.part kept");
    const auto size = std::filesystem::file_size(folder() / "run.1.part");
    std::mt19937_64 random(3);
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t at = i == 0 ? 0 : i == 1 ? size - 1 : random() % size;
      (void)shell("cp kept/* .");
      flip("run.1.part", at);
      const auto outcome = shell("ironlaw merge run.1.part run.2.part -o merged.csv");
      EXPECT_EQ(outcome.status, 1) << name << " byte " << at << outcome.text;
      EXPECT_TRUE(outcome.text.starts_with("ironlaw: run.1.part: ")) << outcome.text;
      EXPECT_FALSE(exists("merged.csv"));
    }
  }
}

/// A part holds what it was made from: its config may be YAML, come from a pipe, name others, and be gone.
TEST_F(Shards, MergeNeedsNoConfig) {
  std::filesystem::create_directories(folder() / "a/deep");
  std::filesystem::create_directory(folder() / "b");
  write("a/deep/inner.yaml", "version: 1\ninputs: {row: 3}\nstages:\n  s: {solver: faulty_nan, row: $row}\n");
  write("a/middle.json",
        R"({"version": 1, "inputs": {"row": 3}, "stages": {"m": {"config": "deep/inner.yaml", "row": "$row"}}})");
  write("a/outer.yaml", "version: 1\nstages:\n  o: {config: middle.json}\naxes:\n- o.row: {from: 0, to: 7999, steps: 8000}\n");
  write_config("run", "faulty_nan", 8000);
  const std::array<std::array<std::string, 2>, 3> cases{{
      {"a/outer.yaml",
       "cd a; ironlaw run outer.yaml --shard 1/2 -o ../b/1.part; cd ..; ironlaw run a/outer.yaml --shard 2/2 -o "
       "b/2.part; mv a c; cd b; ironlaw merge 1.part 2.part -o ../merged.csv; cd ..; mv c a"},
      {"run.json",
       "for i in 1 2; do ironlaw run <(cat run.json) --shard $i/2 -o b/$i.part; done; ironlaw merge b/*.part -o merged.csv"},
      {"run.json",
       "cp run.json two.yml; ironlaw run run.json --shard 1/2 -o b/1.part; ironlaw run two.yml --shard 2/2 -o b/2.part; rm "
       "two.yml; ironlaw merge b/*.part -o merged.csv"},
  }};
  for (const auto& [config, merge] : cases) {
    const auto outcome = shell("(ironlaw run " + config + " -o whole.csv; " + merge +
                               ") 2>/dev/null; cmp merged.csv whole.csv; wc -l <merged.csv; rm merged.csv b/*");
    EXPECT_EQ(outcome.text, "8001\n") << merge;
  }
}

TEST_F(Shards, WhatDoesNotBelongTogetherIsRefused) {
  write_run("{}");
  write_config("other", "faulty_nan", 20000);
  (void)shell(
      "for i in 1 2; do ironlaw run run.json --shard $i/2 -o run.$i.part; done; ironlaw run other.json --shard 2/2 -o o.part");
  const auto text = [&](const std::string& line) { return shell(line).text; };
  EXPECT_EQ(text("ironlaw merge run.1.part"), "ironlaw: merge: shard 2/2 is missing\n");
  EXPECT_EQ(text("ironlaw merge run.1.part run.1.part"), "ironlaw: run.1.part: is the same shard as run.1.part\n");
  EXPECT_EQ(text("ironlaw merge run.1.part o.part"), "ironlaw: o.part: is a shard of another run than run.1.part\n");
  EXPECT_EQ(text("ironlaw merge run.json"), "ironlaw: run.json: holds no rows of ironlaw\n");
  EXPECT_EQ(text("ironlaw merge none.part"), "ironlaw: none.part: cannot be read\n");
  EXPECT_EQ(text("truncate -s -9 run.2.part; ironlaw merge run.1.part run.2.part -o m.csv"),
            "ironlaw: run.2.part: is not whole; run this shard again\n");
  EXPECT_FALSE(exists("m.csv"));
  EXPECT_EQ(text("ironlaw run run.json --shard 3/2 -o x.part"),
            "ironlaw: --shard: takes mpi, or i/n with 1 <= i <= n <= 1000000, not '3/2'\n");
  EXPECT_EQ(text("ironlaw run run.json --shard 1/2 -o x.csv"),
            "ironlaw: --out: a shard is written as a part, whose name ends in .part; ironlaw merge makes the table of them\n");
}

/// The launchers of examples/cluster, which find `ironlaw` on the PATH.
class Launchers : public Shards {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder() / "bin");
    write("bin/ironlaw", "#!/bin/bash\nexec '" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN "' \"$@\"\n");
    write("bin/srun", "#!/bin/bash\nexec \"${@:2}\"\n");
    (void)shell("chmod +x bin/*");
  }
  const std::string path = "export PATH=$PWD/bin:$PATH; unset -f ironlaw; ";
};

TEST_F(Launchers, SlurmJobArray) {
  write_run("{}");
  (void)shell("ironlaw run run.json -o whole.csv");
  const auto outcome =
      shell(path + "export SLURM_ARRAY_TASK_COUNT=3 SLURM_CPUS_PER_TASK=1; for i in 2 3 1; do SLURM_ARRAY_TASK_ID=$i bash '" +
            IRONLAW_CLUSTER "/slurm_array.sbatch' run.json out.csv || exit; done");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_TRUE(read("out.csv") == read("whole.csv"));
}

TEST_F(Launchers, Mpi) {
  if (!std::filesystem::exists(IRONLAW_MPI_LIBRARY)) GTEST_SKIP() << "built without MPI";
  write_run("{}");
  (void)shell("ironlaw run run.json -o whole.csv");
  const auto outcome = shell(path + "'" IRONLAW_CLUSTER "/mpi.sh' 3 run.json out.csv");
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  EXPECT_TRUE(read("out.csv") == read("whole.csv"));
}

class Mpi : public Shards {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(IRONLAW_MPI_LIBRARY) || std::system("mpirun --version >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "built without MPI, or no mpirun";
  }
  /// The command line of so many ranks; it can be put into the background.
  [[nodiscard]] static std::string ranks(int n, const std::string& rest) {
    return "mpirun --allow-run-as-root --oversubscribe -n " + std::to_string(n) +
           " '" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN "' run run.json --shard mpi " + rest;
  }
};

TEST_F(Mpi, AnyNumberOfRanksGivesTheBytesOfOneProcess) {
  for (const auto& [name, report] : every_way) {
    write_run(report);
    (void)shell("ironlaw run run.json -o whole.csv");
    for (const int n : {1, 2, 4}) {
      EXPECT_EQ(shell(ranks(n, "-o ranks.csv")).status, 0);
      EXPECT_TRUE(read("ranks.csv") == read("whole.csv")) << name << " " << n;
    }
  }
}

TEST_F(Mpi, ARankThatIsKilledCostsNoRow) {
  write_config("run", "faulty_slow", 4000);
  (void)shell("ironlaw run run.json --threads 8 -o whole.csv");
  const auto killed = shell(ranks(3, "-o ranks.csv") + " & when_started; kill -9 $(pgrep -P $! | tail -1); wait $!");
  EXPECT_FALSE(exists("ranks.csv")) << killed.text;
  EXPECT_TRUE(exists("ranks.csv.journal"));
  EXPECT_EQ(shell(ranks(3, "-o ranks.csv")).status, 0);
  EXPECT_TRUE(read("ranks.csv") == read("whole.csv"));
}

/// One rank is not like the others: nothing is computed.
TEST_F(Mpi, RanksThatHaveAnotherQuestionAreRefused) {
  for (const std::string folder_name : {"facts", "other"}) {
    std::filesystem::create_directory(folder() / folder_name);
    write(folder_name + "/mine.json", R"({"sources": {"ours": {"title": "Ours", "date": "2025"}},
      "entries": {"Mine": {"based_on": "H100", "label": "Mine", "memory_bandwidth": ")" +
                                          std::string(folder_name == "facts" ? "2" : "3") + R"( TB/s", "source": "ours"}}})");
  }
  const auto config = [](const std::string& batch) {
    return R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "Mine", "batch_size": )" +
           batch + R"(}}, "axes": [{"node.efficiency": {"from": 0.1, "to": 0.9, "steps": 9000}}]})";
  };
  write("run.json", config("4"));
  write("others.json", config("8"));
  const auto run_with = [&](const std::string& common, const std::string& odd) {
    write("rank.sh", "if [ $OMPI_COMM_WORLD_RANK = 1 ]; then exec '" IRONLAW_PROGRAM "' run " + odd +
                         " --shard mpi -o ranks.csv; else exec '" IRONLAW_PROGRAM "' run " + common +
                         " --shard mpi -o ranks.csv; fi\n");
    return shell("mpirun --allow-run-as-root --oversubscribe -n 3 bash rank.sh 2>&1; echo status $?");
  };
  const std::string common = "run.json --zoo facts";
  const std::array<std::array<std::string, 2>, 3> cases{{
      {"run.json --zoo other", "rank 1 has other facts than rank 0"},
      {"others.json --zoo facts", "rank 1 has another config than rank 0"},
      {"run.json --zoo facts --profile mlsysim-0.3", "rank 1 has another profile than rank 0"},
  }};
  for (const auto& [odd, text] : cases) {
    const auto outcome = run_with(common, odd);
    EXPECT_NE(outcome.text.find("ironlaw: --shard mpi: " + text), std::string::npos) << outcome.text;
    EXPECT_NE(outcome.text.find("status 1"), std::string::npos) << outcome.text;
    EXPECT_FALSE(exists("ranks.csv") || exists("ranks.csv.journal") || exists("ranks.csv.partial"));
  }
  EXPECT_NE(run_with(common, common).text.find("status 0"), std::string::npos);
  EXPECT_EQ(lines("ranks.csv").size(), 9001u);
}

}  // namespace
}  // namespace ironlaw::test
