// Shards and ranks: their rows joined are the bytes of one run.
#include "program.hpp"

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

}  // namespace
}  // namespace ironlaw::test
