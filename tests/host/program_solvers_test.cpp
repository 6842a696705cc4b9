// Solvers that a program brings itself, without a plugin.
#include "sessions.hpp"

#include <ironlaw/present/report.hpp>
#include <ironlaw/sdk.hpp>

#include <mutex>
#include <set>
#include <thread>

namespace ironlaw::host {
namespace {

/// Who evaluated rows of Doubled.
std::mutex seen_mutex;
std::set<std::thread::id> seen;

struct Doubled {
  static constexpr auto about = Solver::About{"doubled", "Twice a number", ""};
  struct Inputs {
    double number = 1;
  };
  struct Outputs {
    double twice;
  };
  static constexpr auto inputs = ports(port<&Inputs::number>("a number"));
  static constexpr auto outputs = ports(port<&Outputs::twice>("two of it"));
  static Outputs solve(const Inputs& in) {
    const std::lock_guard lock(seen_mutex);
    seen.insert(std::this_thread::get_id());
    return {2 * in.number};
  }
};

struct DoubledAnew : Doubled {
  static Outputs solve(const Inputs& in) { return {in.number + in.number + 1}; }
};

struct NamedLikeAnother : Doubled {
  static constexpr auto about = Solver::About{"amdahl", "Not Amdahl's", ""};
};

struct BadlyNamed : Doubled {
  static constexpr auto about = Solver::About{"Doubled", "A name that cannot be asked for", ""};
};

template <class S>
std::shared_ptr<const Solver> own() {
  return {&solver_adapter<S>, [](const Solver*) {}};
}

Config sweep_of(const std::string& solver, int rows) {
  return Config::parse(
      one_stage("\"solver\": \"" + solver + "\"", R"(, "axes": [{"s.number": {"from": 1, "to": )" + std::to_string(rows) +
                                                      R"(, "steps": )" + std::to_string(rows) + "}}]"),
      "my.json");
}

TEST(ProgramSolvers, RunBesideThoseOfPluginsOnOneThread) {
  Session opened;
  opened.plugins().add(own<Doubled>());
  const auto names = opened.plugins().names("solver");
  EXPECT_EQ(std::count(names.begin(), names.end(), "doubled"), 1);
  const auto pipeline = opened.compile(Config::parse(
      R"({"version": 1, "stages": {"d": {"solver": "doubled"}, "a": {"solver": "efficiency", "hardware": "A100"}},
          "axes": [{"d.number": {"from": 1, "to": 20000, "steps": 20000}}], "report": {"columns": ["d.twice"]}})",
      "my.json"));
  seen.clear();
  Rows rows;
  RunOptions options;
  options.threads = 4;
  EXPECT_EQ(run(pipeline, rows, options).ok, 20000u);
  EXPECT_EQ(rows.column(0).back(), 40000);
  EXPECT_EQ(seen.size(), 1u);
}

TEST(ProgramSolvers, AreRefusedInOtherProcesses) {
  SessionOptions isolated;
  isolated.isolate.emplace();
  Session opened(isolated);
  opened.plugins().add(own<Doubled>());
  const std::string message = refused([&] { (void)opened.compile(sweep_of("doubled", 10)); });
  EXPECT_NE(message.find("--isolate: the solver 'doubled' is of this program"), message.npos) << message;
}

TEST(ProgramSolvers, HaveNoManifestInProvenance) {
  Session opened;
  opened.plugins().add(own<Doubled>());
  const auto pipeline = opened.compile(sweep_of("doubled", 10));
  EXPECT_EQ(
      provenance_json(pipeline, "test 1")
          .find(
              R"({"program":"test 1","profile":"native","plugins":[{"name":"program","manifest":null,"solvers":["doubled"]}],)"),
      0u);
}

TEST(ProgramSolvers, ANewOneTakesThePlaceForPipelinesToCome) {
  Session opened;
  opened.plugins().add(own<Doubled>());
  const auto before = opened.compile(sweep_of("doubled", 3));
  opened.plugins().add(own<DoubledAnew>());
  const auto after = opened.compile(sweep_of("doubled", 3));
  EXPECT_EQ(rows_of(before).column(1), (std::vector<double>{2, 4, 6}));
  EXPECT_EQ(rows_of(after).column(1), (std::vector<double>{3, 5, 7}));
  EXPECT_NE(provenance_json(before, "").find("doubled"), std::string::npos);
  const auto names = opened.plugins().names("solver");
  EXPECT_EQ(std::count(names.begin(), names.end(), "doubled"), 1);
}

TEST(ProgramSolvers, AreToldFromAPluginsOfTheSameName) {
  Session opened;
  opened.plugins().add(own<NamedLikeAnother>());
  const std::string message = refused([&] { (void)opened.compile(sweep_of("amdahl", 3)); });
  EXPECT_NE(message.find("'program/amdahl' (of this program)"), message.npos) << message;
  EXPECT_EQ(rows_of(opened.compile(sweep_of("program/amdahl", 3))).column(1), (std::vector<double>{2, 4, 6}));
  const std::string bad = refused([&] { opened.plugins().add(own<BadlyNamed>()); });
  EXPECT_NE(bad.find("solver 'Doubled': its name is not snake_case"), bad.npos) << bad;
}

TEST(Session, CompilesOnManyThreads) {
  Session opened;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string device =
            i % 2 == 0 ? "\"A100\"" : R"({"based_on": "A100", "tdp": ")" + std::to_string(300 + t) + " W\"}";
        const auto pipeline = opened.compile(
            Config::parse(one_stage(R"("solver": "single_node", "workload": "ResNet50", "hardware": )" + device), "my.json"));
        if (answer(pipeline).status != RowStatus::ok || opened.zoo().owner(pipeline.base()[0].object) == nullptr) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Config, ABundleHoldsTheConfigsThatItNames) {
  const OwnFolder folder;
  folder.write("inner.json",
               R"({"version": 1, "stages": {"n": {"solver": "iron_law", "memory_time": "1 s", "compute_time": "2 s"}}})");
  const auto outer = folder.write("outer.json", R"({"version": 1, "stages": {"all": {"config": "inner.json"}}})");
  const auto config = Config::read(outer);
  (void)session().compile(config);
  const std::string bundle = config.bundle();
  std::filesystem::remove(folder.path() / "inner.json");
  const auto pipeline = session().compile(Config::of_bundle(bundle, "bundle"));
  EXPECT_EQ(output_of(pipeline, answer(pipeline), "all.n.sequential"), 3);
  EXPECT_NE(refused([] { (void)Config::of_bundle("{}", "bundle"); }).find("bundle: holds no config"), std::string::npos);
}

}  // namespace
}  // namespace ironlaw::host
