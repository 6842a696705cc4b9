// Observers of runs and studies with --isolate: told what they are told without, and what they do to their own process is no
// harm to a result.
#include "program.hpp"

namespace ironlaw::test {
namespace {

class Observers : public Program {
 protected:
  /// Runs a line with both plugins, and gives what the witness wrote, behind what the program printed.
  [[nodiscard]] std::string told(const std::string& command) const {
    const Outcome outcome = shell("rm -f log.txt; ironlaw " + with + command + " 2>messages");
    EXPECT_EQ(outcome.status, 0) << command << ": " << read("messages");
    const std::string log = read("log.txt");
    EXPECT_TRUE(log.ends_with("\nend\n")) << command;
    return outcome.text + read("messages") + log;
  }
  void write_spiteful(const std::string& deed, const std::string& of) const {
    write("spite.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_nan"}},
      "axes": [{"s.row": {"from": 0, "to": 40, "steps": 41}}], )" +
                            of + R"("callbacks": [{"use": "spiteful", "deed": ")" + deed + "\"}]}");
  }
  const std::string with = "--plugin '" IRONLAW_BAD_PLUGIN_DIR "/bad_observers.so' ";
  const std::string study = R"("study": {"use": "optimize", "goal": "max s.value", "keep": 2}, )";
};

/// Rows that throw, that a condition takes out and that a guard vetoes; devices, series and choices among the columns.
TEST_F(Observers, OfAStudyAreToldTheSame) {
  write("study.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_throws"},
      "n": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"},
      "t": {"solver": "tariff", "load": ["1 MW", "2 MW", "3.5 MW"]}},
    "axes": [{"n.hardware": ["H100", "A100"]}, {"s.row": {"from": 0, "to": 599, "steps": 600}}, {"n.batch_size": [1, 2000]}],
    "where": ["s.row != 13"], "study": {"use": "optimize", "goal": "max s.value", "keep": 2},
    "callbacks": [{"use": "budget", "stage": "n", "input": "batch_size", "at_most": 1000}, {"use": "witness", "file": "log.txt"}]})");
  const std::string here = told("run study.json --output csv --threads 1");
  EXPECT_NE(here.find("stage t from 2048 timed 1\n"), std::string::npos);
  EXPECT_NE(here.find("row 14 of s is 3: s: out of patience\n"), std::string::npos);
  EXPECT_NE(here.find("n.batch_size exceeds the budget\n"), std::string::npos);
  EXPECT_NE(here.find(" drawn=1000000,2000000,3500000,"), std::string::npos);
  EXPECT_NE(here.find(" hardware=someA100 "), std::string::npos);
  for (const std::string threads : {"1", "2"}) {
    EXPECT_EQ(told("run study.json --output csv --isolate --threads " + threads), here) << threads;
    EXPECT_EQ(told("run study.json --output csv --threads " + threads), here) << threads;
  }
}

TEST_F(Observers, OfEveryCommandAreToldTheSame) {
  write("one.json", R"({"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}},
    "callbacks": [{"use": "witness", "file": "log.txt"}]})");
  write("sweep.json", R"({"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50"}},
    "axes": [{"n.hardware": ["H100", "A100"]}, {"n.batch_size": [1, 2, 4]}], "callbacks": [{"use": "witness", "file": "log.txt"}]})");
  write("study.json", R"({"version": 1, "stages": {"n": {"solver": "single_node", "workload": "ResNet50"}},
    "axes": [{"n.hardware": ["H100", "A100"]}, {"n.batch_size": [1, 2, 4]}], "callbacks": [{"use": "witness", "file": "log.txt"}],
    "study": {"use": "optimize", "goal": "min n.latency", "keep": 2}})");
  for (const std::string config : {"one", "sweep", "study"}) {
    std::string text = read(config + ".json");
    std::replace(text.begin(), text.end(), '\n', ' ');
    write(config + ".jsonl", R"({"id": 1, "config": )" + text + "}\n");
  }
  for (const std::string command :
       {"run one.json", "run one.json --explain", "run sweep.json", "run study.json", "report one.json", "report sweep.json",
        "report study.json", "plot sweep sweep.json", "plot tornado one.json --y n.latency",
        "study sensitivity one.json --outputs n.latency", "study sensitivity study.json --outputs n.latency",
        "batch --allow-files one.jsonl", "batch --allow-files sweep.jsonl", "batch --allow-files study.jsonl"})
    EXPECT_EQ(told(command + " --isolate"), told(command)) << command;
}

TEST_F(Observers, AreToldOfARowThatEndsItsProcess) {
  write("study.json", R"({"version": 1, "stages": {"s": {"solver": "faulty_segfault"}},
    "axes": [{"s.row": {"from": 3300, "to": 3340, "steps": 41}}], )" +
                          study + R"("callbacks": [{"use": "witness", "file": "log.txt"}]})");
  const std::string log = told("run study.json --output csv --isolate");
  EXPECT_NE(log.find("\n3 row=3333 row=3333 value=nan\n"), std::string::npos) << log;
  EXPECT_NE(log.find("'faulty_segfault' crashed (Segmentation fault)\n"), std::string::npos) << log;
  EXPECT_NE(log.find("\nrow 33 of  is 3: "), std::string::npos) << log;
}

TEST_F(Observers, ThatEndTheirProcessAreNamed) {
  const std::map<std::string, std::string> deeds{
      {"crash", "the process that opens the plugins crashed (Segmentation fault)"},
      {"exit", "the process that opens the plugins ended the process (exit status 0)"},
      {"exit at once", "the process that opens the plugins ended the process (exit status 0)"},
      {"crash at the end", "the process that opens the plugins crashed (Segmentation fault)"},
      {"throw", "out of patience"},
      {"fork", "may not fork"}};
  for (const auto& [deed, end] : deeds)
    for (const std::string& of : {std::string(), study}) {
      write_spiteful(deed, of);
      write("mine.csv", "mine\n");
      const Outcome outcome = shell("ironlaw " + with + "run spite.json --isolate -o mine.csv");
      EXPECT_EQ(outcome.status, 4) << deed;
      EXPECT_EQ(outcome.text,
                "ironlaw: plugin 'bad_observers' (" IRONLAW_BAD_PLUGIN_DIR "/bad_observers.so), 'spiteful': " + end + "\n");
      EXPECT_EQ(read("mine.csv"), "mine\n") << deed;
      (void)shell("rm -f mine.csv*");
    }
}

TEST_F(Observers, ThatLoopAreNamed) {
  write_spiteful("loop", study);
  const Outcome outcome = shell("ironlaw " + with + "run spite.json --isolate --row-timeout 0.1 -o out.csv");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_EQ(outcome.text, "ironlaw: plugin 'bad_observers' (" IRONLAW_BAD_PLUGIN_DIR
                          "/bad_observers.so), 'spiteful': the process that opens the plugins took longer than 10 s\n");
  EXPECT_FALSE(exists("out.csv"));
}

TEST_F(Observers, ThatWriteToEveryDescriptorReachNoResult) {
  for (const std::string& of : {std::string(), study}) {
    write_spiteful("nothing", of);
    const Outcome expected = shell("ironlaw " + with + "run spite.json -o expected.csv");
    write_spiteful("babble", of);
    const Outcome outcome = shell("ironlaw " + with + "run spite.json --isolate -o out.csv");
    EXPECT_EQ(outcome.status, 0) << outcome.text;
    EXPECT_EQ(outcome.text, expected.text);
    EXPECT_EQ(read("out.csv"), read("expected.csv"));
  }
}

/// A solver that throws costs a row; a callback that throws ends a study as it ends a run.
TEST_F(Observers, ThatThrowEndAStudyHere) {
  write_spiteful("throw", study);
  const Outcome outcome = shell("ironlaw " + with + "run spite.json -o out.csv");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_EQ(outcome.text,
            "ironlaw: plugin 'bad_observers' (" IRONLAW_BAD_PLUGIN_DIR "/bad_observers.so), 'spiteful': out of patience\n");
  EXPECT_FALSE(exists("out.csv"));
}

}  // namespace
}  // namespace ironlaw::test
