// What the program says of itself: every example of --help runs, the manual holds every command, and shells complete names.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

struct Outcome {
  int status = -1;
  std::string text;
};

/// A folder with what the examples name, gone at the end.
class HelpTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("ironlaw_help_test_" + std::to_string(getpid()));
    for (const char* inner : {"bin", "facts", "plugins"}) std::filesystem::create_directories(folder_ / inner);
    std::filesystem::create_symlink(IRONLAW_PROGRAM, folder_ / "bin" / "ironlaw");
    std::filesystem::copy(IRONLAW_SOURCE "/examples/configs/memory_twice_as_fast.json", folder_ / "chain.json");
    std::filesystem::copy(IRONLAW_A_PLUGIN, folder_ / "plugins" / "mine.so");
    std::filesystem::create_directory(folder_ / "plugins" / "mine.zoo");
    std::ofstream(folder_ / "plugins" / "mine.zoo" / "chips.json") << R"({"sources": {"lab": {"title": "Measured here"}},
      "entries": {"ChipOfMine": {"based_on": "H100", "tdp": "500 W", "source": "lab"}}})";
    std::ofstream(folder_ / "sweep.json")
        << R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50",
      "hardware": "H100"}}, "axes": [{"node.batch_size": [1, 8, 64]}]})";
    std::ofstream(folder_ / "one.json") << R"({"version": 1, "stages": {"node": {"solver": "single_node", "workload": "ResNet50",
      "hardware": "H100", "batch_size": 64}}})";
    std::ofstream(folder_ / "iteration.json") << R"({"version": 1, "stages": {"step": {"solver": "iteration",
      "workload": "Llama3_8B", "hardware": "H100", "decoding_sequences": 8}}})";
    std::ofstream(folder_ / "training.json") << R"({"version": 1, "stages": {"step": {"solver": "distributed",
      "workload": "Llama3_70B", "batch_size": 64, "tensor_parallel": 8, "pipeline_parallel": 8, "microbatches": 16,
      "fleet": {"node": "DGX_H100", "fabric": "InfiniBand_NDR", "nodes": 16}}}})";
    std::ofstream(folder_ / "day.json") << R"({"version": 1, "stages": {"day": {"solver": "tariff",
      "load": ["6 MW", "9.5 MW", "8 MW"], "limit": "9 MW"}}, "axes": [{"day.battery": ["1 MWh", "2 MWh"]}]})";
    std::ofstream(folder_ / "requests.jsonl")
        << R"({"id": 1, "solver": "single_node", "inputs": {"workload": "ResNet50", "hardware": "H100"}})"
        << "\n";
    std::ofstream(folder_ / "messages.jsonl") << R"({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})"
                                              << "\n";
    for (const char* i : {"1", "2"})
      ASSERT_EQ(run("ironlaw run sweep.json -o " + std::string(i) + ".part --shard " + i + "/2").status, 0);
    ASSERT_EQ(run("ironlaw run one.json --output json -o before.json").status, 0);
    ASSERT_EQ(run("ironlaw run one.json --set node.hardware=A100 --output json -o after.json").status, 0);
    std::ofstream(folder_ / "config.json") << R"({"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12,
      "n_positions": 1024, "vocab_size": 50257})";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Outcome run(const std::string& line) const {
    Outcome outcome;
    std::ofstream(folder_ / "line.bash") << line << "\n";
    const std::string command = "cd '" + folder_.string() + "' && XDG_DATA_HOME='" + folder_.string() + "/data' PATH='" +
                                folder_.string() + "/bin':\"$PATH\" bash line.bash 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer;
    for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) outcome.text.append(buffer.data(), n);
    outcome.status = WEXITSTATUS(pclose(pipe));
    return outcome;
  }
  [[nodiscard]] std::vector<std::string> lines_of(const std::string& line) const {
    std::istringstream text(run(line).text);
    std::vector<std::string> lines;
    for (std::string l; std::getline(text, l);) lines.push_back(l);
    return lines;
  }
  /// Command lines among lines of help, which go on behind a backslash.
  [[nodiscard]] static std::vector<std::string> examples_in(const std::vector<std::string>& lines) {
    std::vector<std::string> examples;
    bool goes_on = false;
    for (std::string line : lines) {
      const bool begins = line.starts_with("  ironlaw ");
      if (!begins && !goes_on) continue;
      if (begins) examples.emplace_back();
      goes_on = line.ends_with(" \\");
      if (goes_on) line.pop_back();
      examples.back() += line;
    }
    return examples;
  }
  /// Commands below `command`, as completion lists them.
  [[nodiscard]] std::vector<std::string> commands_of(const std::string& command) const {
    std::vector<std::string> names;
    for (const auto& line : lines_of("ironlaw complete -- " + command + " ''"))
      if (const auto tab = line.find('\t'); tab != line.npos) names.push_back(line.substr(0, tab));
    return names;
  }
  /// Runs the examples of one command and of those below it.
  void expect_examples(const std::string& command) const {
    int own = 0;
    for (const auto& line : examples_in(lines_of("COLUMNS=80 ironlaw " + command + " --help"))) {
      own += line.starts_with("  ironlaw " + command) ? 1 : 0;
      // A service runs until it is told to stop, and stops well; its usual port may be taken.
      const bool serves = line.starts_with("  ironlaw web");
      const std::string port = serves && line.find("--port") == line.npos ? " --port 0" : "";
      const auto outcome = run((serves ? "timeout --foreground --preserve-status 4" : "") + line + port);
      EXPECT_EQ(outcome.status, 0) << line << "\n" << outcome.text;
    }
    EXPECT_GE(own, 1) << command << " has no example of its own";
    for (const auto& inner : commands_of(command)) expect_examples(command.empty() ? inner : command + " " + inner);
  }

  std::filesystem::path folder_;
};

TEST_F(HelpTest, EveryExampleOfEveryCommandRuns) {
  EXPECT_GE(commands_of("").size(), 10u);
  expect_examples("");
}

TEST_F(HelpTest, FitsTheTerminalAndSaysWhatAFlagTakes) {
  const auto fits = [&](const std::string& command) {
    for (const char* columns : {"72", "80"})
      for (const auto& line : lines_of("COLUMNS=" + std::string(columns) + " ironlaw " + command + " --help"))
        EXPECT_LE(line.size(), std::stoul(columns)) << command << ": " << line;
  };
  for (const char* command : {"", "solve serving", "solve single_node", "study optimize"}) fits(command);
  for (const auto& command : commands_of("")) {
    fits(command);
    for (const auto& inner : commands_of(command)) fits(command + " " + inner);
  }
  const std::string help = run("COLUMNS=200 ironlaw solve serving --help").text;
  EXPECT_NE(help.find("devices that share every layer [default 1; >= 1]\n"), std::string::npos) << help;
  EXPECT_NE(help.find("[default layerwise; one of layerwise, serial]\n"), std::string::npos);
  EXPECT_NE(help.find("cost of each layer's group of kernels [default 10 us; >= 0 us]\n"), std::string::npos);
  EXPECT_NE(help.find("tokens of each prompt [required; >= 1]\n"), std::string::npos);
  EXPECT_EQ(run("ironlaw solve distributed --pp 4").text, "ironlaw: unknown flag '--pp'; did you mean '--pipeline-parallel'?\n");
}

TEST_F(HelpTest, ASolversHelpSaysWhatItAnswersAndHowToAskIt) {
  const auto help = lines_of("COLUMNS=80 ironlaw solve amdahl --help");
  ASSERT_GE(help.size(), 6u);
  EXPECT_EQ(help[0], "amdahl: Gain of the whole when a share of it gets faster or slower");
  EXPECT_EQ(help[3], "  ironlaw solve amdahl --improved-fraction 0.9 --stage-speedup 10");
  const auto solvers = lines_of("ironlaw solvers --output jsonl");
  EXPECT_GE(solvers.size(), 50u);
  for (const auto& line : solvers) {
    const auto name = line.substr(9, line.find('"', 9) - 9);  // {"name":"amdahl"
    const auto lines = lines_of("COLUMNS=80 ironlaw solve " + name + " --help");
    for (const auto& l : lines) EXPECT_LE(l.size(), 80u) << name << ": " << l;
    const auto examples = examples_in(lines);
    ASSERT_GE(examples.size(), 2u) << name;
    EXPECT_TRUE(examples[0].starts_with("  ironlaw solve " + name)) << examples[0];
    const auto outcome = run(examples[0]);
    EXPECT_EQ(outcome.status, 0) << examples[0] << "\n" << outcome.text;
  }
}

TEST_F(HelpTest, TheManualHoldsEveryCommand) {
  const std::string manual = run("ironlaw man").text;
  for (const auto& command : commands_of("")) EXPECT_NE(manual.find(".SS " + command + "\n"), std::string::npos) << command;
  EXPECT_NE(manual.find(".SS zoo import\n"), std::string::npos);
  // What all commands take stands once, behind them.
  const auto of_all = manual.find(".SH OPTIONS OF ALL COMMANDS\n");
  ASSERT_NE(of_all, std::string::npos);
  EXPECT_NE(manual.find("\\-\\-isolate", of_all), std::string::npos);
}

TEST_F(HelpTest, CompletesNamesOfWhatIsLoaded) {
  const auto complete = [&](const std::string& words) { return run("ironlaw complete -- " + words).text; };
  EXPECT_EQ(complete("solve single_n"), "single_node\n");
  EXPECT_EQ(complete("solve single_node --hardware H100_P"), "H100_PCIe\n");
  EXPECT_EQ(complete("solve single_node --hardware A100,H100_P"), "A100,H100_PCIe\n");
  EXPECT_EQ(complete("solve single_node --precision=tf"), "--precision=tf32\n");
  EXPECT_TRUE(complete("solve single_node --batch-s").starts_with("--batch-size\t"));
  EXPECT_EQ(complete("zoo show Llama3_8"), "Llama3_8B\n");
  EXPECT_EQ(complete("zoo list micro"), "microcontroller\n");
  EXPECT_EQ(complete("run chain.json --output jsonl"), "jsonl\n");
  EXPECT_EQ(complete("run chain.json --output"), "--output\thow to print the result\n");
  EXPECT_EQ(complete("run --profile tu"), "tutorials\n");
  EXPECT_EQ(complete("solve no_such_solver --ha"), "");
  EXPECT_EQ(complete("no_such_command x"), "");
}

TEST_F(HelpTest, BashCompletesByTheScript) {
  const auto outcome =
      run("source <(ironlaw completion bash); COMP_WORDS=(ironlaw solve single_node --hardware H100_P); COMP_CWORD=4; _ironlaw; "
          "echo \"${COMPREPLY[*]}\"");
  EXPECT_EQ(outcome.text, "H100_PCIe\n");
}

}  // namespace
