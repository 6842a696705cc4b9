// The program as a user meets it: exit statuses, and one line for each kind of bad input, from cases.json.
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace {

struct Outcome {
  int status = -1;
  std::string text;
};

std::string quoted(const std::string& word) {
  std::string safe = "'";
  for (const char c : word) safe += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return safe + "'";
}

/// A folder of this process in which the program runs.
const std::filesystem::path& folder() {
  static const auto path = [] {
    const auto p = std::filesystem::temp_directory_path() / ("ironlaw_cli_test_" + std::to_string(getpid()));
    std::filesystem::create_directories(p);
    return p;
  }();
  return path;
}

/// Runs the program in the folder; `redirect` says which stream is kept.
Outcome run(const std::vector<std::string>& args, const std::string& redirect) {
  std::string command = "cd " + quoted(folder().string()) + " && " + quoted(IRONLAW_PROGRAM);
  for (const auto& a : args) command += " " + quoted(a);
  command += redirect;
  Outcome outcome;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.text.append(buffer.data(), n);
  outcome.status = WEXITSTATUS(pclose(pipe));
  while (!outcome.text.empty() && outcome.text.back() == '\n') outcome.text.pop_back();
  return outcome;
}
Outcome errors_of(const std::vector<std::string>& args) { return run(args, " 2>&1 >/dev/null"); }
Outcome output_of(const std::vector<std::string>& args) { return run(args, " 2>/dev/null"); }

const std::vector<std::string> first_question{"solve",      "single_node", "--workload",   "ResNet50",
                                              "--hardware", "A100",        "--batch-size", "1"};

std::vector<std::string> with(std::vector<std::string> args, const std::vector<std::string>& more) {
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(Cli, BadInputs) {
  const auto cases = nlohmann::json::parse(std::ifstream(IRONLAW_CLI_CASES));
  ASSERT_GE(cases.size(), 100u);
  for (const auto& c : cases) {
    std::vector<std::string> args = c["args"];
    if (c.contains("config")) {
      std::ofstream(folder() / c["file"].get<std::string>()) << c["config"].get<std::string>();
      auto command = c.value("command", std::vector<std::string>{"run"});
      command.push_back(c["file"]);
      args.insert(args.begin(), command.begin(), command.end());
    }
    const Outcome outcome = errors_of(args);
    EXPECT_EQ(outcome.status, c["status"].get<int>()) << c["name"];
    EXPECT_EQ(outcome.text, c["stderr"].get<std::string>()) << c["name"];
    EXPECT_EQ(outcome.text.find('\n'), std::string::npos) << c["name"] << " needs one line";
  }
}

TEST(Cli, WallsOfAnAnswerAndOfATable) {
  const std::vector<std::string> question{
      "solve", "serving",           "--workload", "Llama3_70B",    "--hardware", "H100",   "--tensor-parallel",
      "2",     "--sequence-length", "2048",       "--tpot-target", "20 ms",      "--walls"};
  const Outcome text = output_of(question);
  EXPECT_EQ(text.status, 0);
  EXPECT_NE(
      text.text.find("\n  serving: next tokens    serving  22.13 ms   20 ms     -10.6 %  exceeded (soft)  TPOT <= target\n"),
      std::string::npos)
      << text.text;
  const auto json = nlohmann::json::parse(output_of(with(question, {"--output", "json"})).text);
  EXPECT_EQ(json["walls"][0]["wall"], "serving: next tokens");
  const Outcome table = output_of({"run", IRONLAW_CONFIGS "/serve_within_budget.json", "--walls"});
  EXPECT_NE(
      table.text.find(
          "\n  serve.compute: prompt         17    0         13     5.55 %\n  serve.memory: traffic         17    0         4 "),
      std::string::npos)
      << table.text;
}

TEST(Cli, FirstAnswerInEveryFormat) {
  EXPECT_NE(output_of(first_question).text.find("latency               567.6 us"), std::string::npos);
  const auto json = nlohmann::json::parse(output_of(with(first_question, {"--output", "json", "--profile", "tutorials"})).text);
  EXPECT_DOUBLE_EQ(json["outputs"]["latency"]["value"].get<double>(), 0.0005426213830308974);
  EXPECT_EQ(json["outputs"]["latency"]["unit"], "s");
  EXPECT_EQ(json["outputs"]["bottleneck"], "Memory");
  EXPECT_NEAR(json["outputs"]["throughput"]["value"].get<double>(), 1842.9056267822364, 1e-6);
  const auto csv = output_of(with(first_question, {"--output", "csv"})).text;
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1);
  EXPECT_EQ(output_of(with(first_question, {"--output", "markdown"})).status, 0);
  EXPECT_EQ(nlohmann::json::parse(output_of(with(first_question, {"--output", "jsonl"})).text)["bottleneck"], "Compute");
}

TEST(Cli, ListsMakeATableInTheOrderOfTheFlags) {
  const auto json = nlohmann::json::parse(output_of({"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100,H100",
                                                     "--batch-size", "1,4", "--output", "json"})
                                              .text);
  ASSERT_EQ(json["rows"].size(), 4u);
  EXPECT_EQ(json["rows"][1][0], "A100");
  EXPECT_EQ(json["rows"][1][1], 4);
  EXPECT_EQ(json["rows"][2][0], "H100");
  EXPECT_EQ(json["columns"][2]["name"], "latency");
  EXPECT_EQ(json["columns"][2]["unit"], "s");
}

/// A line of bash in the folder, with the program as $ironlaw.
Outcome bash(const std::string& line) {
  std::ofstream(folder() / "line.bash") << "ironlaw=" << quoted(IRONLAW_PROGRAM) << "\n" << line << "\n";
  Outcome outcome;
  FILE* pipe = popen(("cd " + quoted(folder().string()) + " && bash line.bash 2>&1").c_str(), "r");
  std::array<char, 4096> buffer;
  for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.text.append(buffer.data(), n);
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

/// A study that takes minutes; the signal comes once the program listens to it.
TEST(Cli, AnInterruptedStudyPrintsWhatItFound) {
  std::ofstream(folder() / "long.json") << R"({"version": 1,
    "stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}},
    "axes": [{"node.efficiency": {"from": 0.3, "to": 0.7}}],
    "study": {"use": "uncertainty", "outputs": ["latency"], "samples": 50000000}})";
  const std::string interrupt =
      "& until grep -q 'SigCgt:.*[2367abef]$' /proc/$!/status; do sleep 0.02; done; sleep 0.3; kill -INT $!; wait $!\n";
  const Outcome table = bash("$ironlaw run long.json --output csv --threads 1 " + interrupt);
  EXPECT_EQ(table.status, 130) << table.text;
  EXPECT_NE(table.text.find("\nmean,0."), std::string::npos) << table.text;
  EXPECT_NE(table.text.find("ironlaw: interrupted: the table holds what was found until then\n"), std::string::npos)
      << table.text;
  const Outcome file = bash("$ironlaw run long.json -o long.csv --threads 1 " + interrupt);
  EXPECT_EQ(file.status, 130) << file.text;
  EXPECT_EQ(file.text, "ironlaw: interrupted: long.csv is not written\n");
  EXPECT_FALSE(std::filesystem::exists(folder() / "long.csv"));
}

TEST(Cli, RunsOnASmallStack) {
  const std::string config = quoted(IRONLAW_CONFIGS "/serve_within_budget.json");
  const std::vector<std::string> commands{"solvers", "--help", "run " + config + " --threads 1", "report " + config,
                                          "explain " + config};
  for (const auto& command : commands) {
    const Outcome outcome = bash("ulimit -s 128\n$ironlaw " + command + " >/dev/null 2>&1");
    EXPECT_EQ(outcome.status, 0) << command;
  }
}

TEST(Cli, ExplainEndsInTheAnswer) {
  const auto json = nlohmann::json::parse(output_of(with(first_question, {"--explain", "--output", "json"})).text);
  bool found = false;
  for (const auto& step : json["explain"])
    if (step.value("what", "") == "latency") found |= step["result"]["value"] == json["outputs"]["latency"]["value"];
  EXPECT_TRUE(found);
}

const std::string chain =
    R"("node": {"solver": "single_node", "workload": "ResNet50", "hardware": {"based_on": "A100", "tdp": "300 W"},
    "batch_size": "$batch"},
  "law": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time", "compute_speedup": 2})";

void write_chain(const std::string& file) {
  std::ofstream(folder() / file) << R"({"version": 1, "inputs": {"batch": 8}, "stages": {)" << chain << "}}";
}

/// How many steps of the working end in an output of its name; each must be the output's value.
int steps_that_end_in_outputs(const nlohmann::json& steps, const nlohmann::json& outputs, const std::string& prefix) {
  int count = 0;
  for (const auto& step : steps) {
    const auto output = outputs.find(prefix + step.value("what", ""));
    if (output == outputs.end() || !output->is_object()) continue;
    EXPECT_EQ(step["result"]["value"], (*output)["value"]) << step;
    ++count;
  }
  return count;
}

TEST(Cli, ExplainShowsTheWorkingOfEveryStageOfARun) {
  write_chain("chain.json");
  const auto json = nlohmann::json::parse(output_of({"run", "chain.json", "--explain", "--output", "json"}).text);
  EXPECT_GE(steps_that_end_in_outputs(json["stages"]["node"]["explain"], json["stages"]["node"]["outputs"], ""), 6);
  EXPECT_EQ(steps_that_end_in_outputs(json["stages"]["law"]["explain"], json["stages"]["law"]["outputs"], ""), 5);
  const auto text = output_of({"run", "chain.json", "--explain"}).text;
  EXPECT_NE(text.find("tdp * (0.3 + 0.7 * hfu) * latency = 300 W * "), std::string::npos) << "the field that was replaced";
  EXPECT_NE(text.find("upgraded_sequential = m / s_m + c / s_c + o = 199.5 us / 1 + 420.5 us / 2 + 0 s = 409.8 us"),
            std::string::npos)
      << text;
  EXPECT_NE(output_of({"run", "chain.json", "--explain", "--output", "markdown"}).text.find("upgraded_sequential"),
            std::string::npos);
}

TEST(Cli, AConfigIsAStageOfAnother) {
  write_chain("chain.json");
  std::ofstream(folder() / "outer.json") << R"({"version": 1, "stages": {"inner": {"config": "chain.json", "batch": 4},
    "last": {"solver": "amdahl", "improved_fraction": "$inner.node.mfu", "stage_speedup": 2}}})";
  const auto alone = nlohmann::json::parse(output_of({"run", "chain.json", "--set", "batch=4", "--output", "json"}).text);
  const auto outer = nlohmann::json::parse(output_of({"run", "outer.json", "--explain", "--output", "json"}).text);
  const auto& inner = outer["stages"]["inner"];
  EXPECT_EQ(inner["outputs"]["node.latency"], alone["stages"]["node"]["outputs"]["latency"]);
  EXPECT_EQ(inner["outputs"]["law.naive"], alone["stages"]["law"]["outputs"]["naive"]);
  EXPECT_GE(steps_that_end_in_outputs(inner["explain"], inner["outputs"], ""), 6);
  EXPECT_EQ(outer["stages"]["last"]["inputs"]["improved_fraction"], inner["outputs"]["node.mfu"]);
}

TEST(Cli, ZooCheckSaysWhatIsWrongAndWhatIsReplaced) {
  const auto own = output_of({"zoo", "check"});
  EXPECT_EQ(own.status, 0);
  EXPECT_NE(own.text.find(" entries checked, nothing wrong"), std::string::npos) << own.text;
  const auto write = [&](const std::string& name, const std::string& entry) {
    std::filesystem::create_directories(folder() / name);
    std::ofstream(folder() / name / "mine.json") << R"({"sources": {"s": {"title": "Ours"}}, "entries": {)" << entry << "}}";
  };
  write("facts", R"("H100": {"based_on": "H100", "tdp": "450 W", "source": "s"})");
  EXPECT_EQ(errors_of({"zoo", "check", "--zoo", "facts"}).text, "");
  write("other", R"("InfiniBand_NDR": {"kind": "fabric", "link_bandwidth": "40 GB/s", "source": "s"})");
  const auto note = errors_of({"zoo", "check", "--zoo", "facts", "--zoo", "other"});
  EXPECT_EQ(note.status, 0);
  EXPECT_TRUE(note.text.starts_with(
      "ironlaw: note: other/mine.json#/entries/InfiniBand_NDR: takes the place of the fabric 'InfiniBand_NDR' in "))
      << note.text;
  write("wrong", R"("F": {"kind": "fabric", "link_bandwidth": "40 W", "source": "s"})");
  const auto fault = errors_of({"zoo", "check", "--zoo", "wrong"});
  EXPECT_EQ(fault.status, 1);
  EXPECT_EQ(fault.text,
            "ironlaw: wrong/mine.json#/entries/F/link_bandwidth: link_bandwidth takes the unit B/s, but '40 W' has the unit W");
}

TEST(Cli, AnEmptyPluginPathListsNoSolverAndSaysWhy) {
  const auto outcome = errors_of({"solvers", "--no-default-plugins"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.text.find("no solvers: no plugin was found; --no-default-plugins leaves out"), std::string::npos);
}

TEST(Cli, PluginsThatMisbehave) {
  const std::string plugin = IRONLAW_BAD_PLUGIN_DIR "/misbehaving_solvers.so";
  const auto solvers = nlohmann::json::parse(output_of({"plugin", "show", plugin, "--output", "json"}).text);
  int failed = 0;
  for (const auto& provided : solvers["provides"]) {
    const auto outcome = errors_of({"solve", provided["name"], "--row", "1", "--plugin", plugin});
    failed += outcome.status == 4 ? 1 : 0;
    EXPECT_EQ(outcome.text.find('\n'), std::string::npos) << outcome.text;
  }
  EXPECT_GE(failed, 3);
}

TEST(Cli, ShowsThePortsOfAFileWhereAsked) {
  const std::string plugin = IRONLAW_BAD_PLUGIN_DIR "/well_behaved.so";
  const auto shown = output_of({"plugin", "show", plugin, "--ports", "--no-default-plugins", "--output", "json"});
  EXPECT_EQ(shown.status, 0);
  const auto pages = nlohmann::json::parse(shown.text);
  const auto provided = nlohmann::json::parse(output_of({"plugin", "show", plugin, "--output", "json"}).text)["provides"];
  std::size_t with_ports = 0;
  for (const auto& p : provided) with_ports += p["what"] == "solver" || p["what"] == "kind" || p["what"] == "study" ? 1 : 0;
  EXPECT_GT(with_ports, 0u);
  EXPECT_EQ(pages.size(), with_ports);
  EXPECT_FALSE(pages[0]["inputs"].empty());
  const auto bad = errors_of({"plugin", "show", IRONLAW_BAD_PLUGIN_DIR "/wrong_sdk.so", "--ports"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.text.find('\n'), std::string::npos) << bad.text;
}

TEST(Cli, GoodPluginsWorkBesideBadOnes) {
  const auto outcome = output_of(with(first_question, {"--plugin-path", IRONLAW_BAD_PLUGIN_DIR, "--output", "json"}));
  EXPECT_EQ(outcome.status, 0);
  const auto list =
      nlohmann::json::parse(output_of({"plugin", "list", "--plugin-path", IRONLAW_BAD_PLUGIN_DIR, "--output", "json"}).text);
  int refused = 0;
  for (const auto& p : list["plugins"]) refused += p["status"] == "ok" ? 0 : 1;
  EXPECT_GE(refused, 2);  // the other bad ones show when something of theirs is asked for, or when they are opened below
  for (const char* name : {"entry_throws", "undefined_symbol", "registers_unlisted", "bad_solver_name", "duplicate_port"}) {
    const auto shown = nlohmann::json::parse(
        output_of({"plugin", "show", std::string(IRONLAW_BAD_PLUGIN_DIR "/") + name + ".so", "--output", "json"}).text);
    for (const auto& provided : shown["provides"])
      EXPECT_EQ(errors_of({"solve", provided["name"], "--plugin", std::string(IRONLAW_BAD_PLUGIN_DIR "/") + name + ".so"}).status,
                1)
          << name;
  }
}

TEST(Cli, BatchAnswersInOrderAndNeverStops) {
  std::ofstream(folder() / "requests.jsonl")
      << R"({"id": 1, "solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "A100"}}
not json
{"id": 3, "solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "A1000"}}
{"id": 4, "solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100"}, "profile": "tutorials"}
{"id": "five", "config": {"version": 1, "stages": {"a": {"solver": "amdahl", "improved_fraction": 0.5, "stage_speedup": 2}}}}
)";
  const auto text = output_of({"batch", "requests.jsonl"}).text;
  std::vector<nlohmann::json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_NEAR(lines[0]["outputs"]["latency"]["value"].get<double>(), 0.000567564, 1e-8);
  EXPECT_NE(lines[1]["error"].get<std::string>().find("broken JSON"), std::string::npos);
  EXPECT_NE(lines[2]["error"].get<std::string>().find("did you mean"), std::string::npos);
  EXPECT_EQ(lines[3]["id"], 4);
  EXPECT_EQ(lines[4]["id"], "five");
}

TEST(Cli, TheSameBytesWhateverTheNumberOfThreads) {
  std::ofstream(folder() / "threads.json") << R"({"version": 1, "stages": {
    "node": {"solver": "single_node", "workload": "ResNet50", "hardware": "A100"},
    "law": {"solver": "iron_law", "memory_time": "$node.memory_time", "compute_time": "$node.compute_time"}},
    "axes": [{"node.batch_size": {"from": 1, "to": 300, "steps": 300}}, {"node.efficiency": {"from": 0.1, "to": 0.9, "steps": 100}}],
    "report": {"columns": ["node.batch_size", "node.efficiency", "node.latency", "law.overlapped"]}})";
  const auto one = output_of({"run", "threads.json", "--output", "csv", "--threads", "1"});
  EXPECT_EQ(one.text.size(), output_of({"run", "threads.json", "--output", "csv", "--threads", "2"}).text.size());
  EXPECT_TRUE(one.text == output_of({"run", "threads.json", "--output", "csv", "--threads", "2"}).text);
  EXPECT_TRUE(one.text == output_of({"run", "threads.json", "--output", "csv", "--threads", "7"}).text);
  EXPECT_EQ(std::count(one.text.begin(), one.text.end(), '\n'), 30000);
  EXPECT_EQ(errors_of({"run", "threads.json", "--progress"}).text, "") << "it takes less than a second";
}

TEST(Cli, EverySolverOfThePeerHasOneHere) {
  std::ifstream table(IRONLAW_PEER_SOLVERS);
  const auto list = nlohmann::json::parse(output_of({"solvers", "--output", "json"}).text)["solvers"];
  std::string line;
  std::getline(table, line);
  int count = 0;
  while (std::getline(table, line)) {
    const std::string ours = line.substr(line.find(',') + 1);
    EXPECT_TRUE(std::any_of(list.begin(), list.end(), [&](const auto& s) { return s["name"] == ours; })) << line;
    ++count;
  }
  EXPECT_EQ(count, 28);
}

/// Each name of the map is a port of the solver that the class has here.
TEST(Cli, EveryNameOfThePeerIsAPortHere) {
  std::map<std::string, std::string> solvers;
  std::map<std::string, std::string> pages;
  std::string line;
  std::ifstream classes(IRONLAW_PEER_SOLVERS);
  while (std::getline(classes, line)) solvers[line.substr(0, line.find(','))] = line.substr(line.find(',') + 1);
  std::ifstream names(IRONLAW_PEER_NAMES);
  std::getline(names, line);
  int count = 0;
  for (; std::getline(names, line); ++count) {
    std::array<std::string, 5> cell;
    std::istringstream cells(line);
    for (auto& one : cell) std::getline(cells, one, ',');
    auto& page = pages[cell[0]];
    if (page.empty()) page = output_of({"solvers", solvers.at(cell[0]), "--all", "--output", "json"}).text;
    const auto solver = nlohmann::json::parse(page);
    const auto among = [&](const char* ports) { return solver.contains(ports) && solver[ports].contains(cell[3]); };
    const bool found = cell[1] == "argument" ? among("inputs") || among("refinements") || among("parity") : among("outputs");
    EXPECT_TRUE(found) << line;
  }
  EXPECT_GT(count, 350);
}

TEST(Cli, AFullDiskIsSaid) {
  const auto outcome = run(first_question, " >/dev/full 2>&1");
  EXPECT_EQ(outcome.status, 1);
}

class RemoveFolder final : public testing::Environment {
  void TearDown() override { std::filesystem::remove_all(folder()); }
};
[[maybe_unused]] const auto* const remove_folder = testing::AddGlobalTestEnvironment(new RemoveFolder);

}  // namespace
