// Runs that are killed at random moments, again and again, until they come to their end. 10 kills; IRONLAW_KILLS says another
// number: the target kills_200.
#include "program.hpp"

#include <random>

namespace ironlaw::test {
namespace {

struct Way {
  const char* solver;
  const char* report;
  int threads;
  const char* flags;
  const char* out;
};
constexpr std::array ways{
    Way{"faulty_slow", "{}", 2, "", "out.csv"},
    Way{"faulty_slow", "{}", 2, "--isolate", "out.jsonl"},
    Way{"faulty_slow", "{}", 1, "", "out.arrow"},
    Way{"faulty_slow", "{}", 2, "", "out.json"},
    Way{"faulty_slow", "{}", 2, "--shard 1/1", "out.part"},
    Way{"faulty_slow", R"({"best": {"by": "max s.value", "keep": 30}})", 2, "", "out.csv"},
    Way{"faulty_slow", R"({"pareto": ["max s.value", "min s.row"]})", 2, "--shard 1/1", "out.part"},
    Way{"faulty_slow", R"({"sort": ["max s.value"]})", 2, "--isolate", "out.arrows"},
    Way{"faulty_throws", "{}", 2, "", "out.csv"},
    Way{"faulty_throws", R"({"best": {"by": "max s.value", "keep": 3000}})", 1, "--shard 1/1", "out.part"},
};

class Kills : public Program {};

TEST_F(Kills, NothingIsLost) {
  const char* asked = std::getenv("IRONLAW_KILLS");
  const int kills = asked != nullptr ? std::atoi(asked) : 10;
  std::mt19937_64 random(20);
  std::array<std::string, ways.size()> wholes;
  int killed = 0;
  int ended = 0;
  for (std::size_t w = 0; killed < kills; w = (w + 1) % ways.size()) {
    const Way& way = ways[w];
    const bool slow = std::string(way.solver) == "faulty_slow";
    write_config("run", way.solver, slow ? 3000 : 300000, way.report);
    const auto with_threads = [&way](int threads) {
      return "'" IRONLAW_PROGRAM "' --plugin '" IRONLAW_FAULTY_PLUGIN "' run run.json --threads " + std::to_string(threads) +
             " " + way.flags + " -o " + way.out;
    };
    const std::string command = with_threads(way.threads);
    if (wholes[w].empty()) {
      ASSERT_EQ(shell(with_threads(8)).status, 0);
      wholes[w] = read(way.out);
      std::filesystem::remove(folder() / way.out);
    }
    // Up to three kills of one run, then to its end.
    std::uniform_real_distribution<double> moment(0.02, slow ? 2.5 : 0.4);
    for (int i = 0; i < 3 && killed < kills && !exists(way.out); ++i)
      killed += shell("timeout -s KILL " + std::to_string(moment(random)) + " " + command).status == 137 ? 1 : 0;
    if (!exists(way.out)) {
      const auto outcome = shell(command);
      EXPECT_EQ(outcome.status, 0) << command << "\n" << outcome.text;
    }
    EXPECT_TRUE(read(way.out) == wholes[w]) << command;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      const std::string name = entry.path().filename().string();
      EXPECT_TRUE(name == "run.json" || name == "line.sh" || name == "started" || name == way.out) << name << " is left";
    }
    std::filesystem::remove(folder() / way.out);
    ++ended;
  }
  std::cout << killed << " kills, " << ended << " results whole\n";
}

}  // namespace
}  // namespace ironlaw::test
