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
    std::ofstream(folder_ / "config.json") << R"({"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12,
      "n_positions": 1024, "vocab_size": 50257})";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Outcome run(const std::string& line) const {
    Outcome outcome;
    std::ofstream(folder_ / "line.bash") << line << "\n";
    const std::string command =
        "cd '" + folder_.string() + "' && PATH='" + folder_.string() + "/bin':\"$PATH\" bash line.bash 2>&1";
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
  /// Commands below `command`, as completion lists them.
  [[nodiscard]] std::vector<std::string> commands_of(const std::string& command) const {
    std::vector<std::string> names;
    for (const auto& line : lines_of("ironlaw complete -- " + command + " ''"))
      if (const auto tab = line.find('\t'); tab != line.npos) names.push_back(line.substr(0, tab));
    return names;
  }
  /// Runs the examples of one command and of those below it.
  void expect_examples(const std::string& command) const {
    const auto lines = lines_of("ironlaw " + command + " --help");
    int own = 0;
    for (const auto& line : lines) {
      if (!line.starts_with("  ironlaw ")) continue;
      own += line.starts_with("  ironlaw " + command) ? 1 : 0;
      // A service runs until it is told to stop, and stops well; its usual port may be taken.
      const bool serves = line.starts_with("  ironlaw web");
      const std::string port = serves && line.find("--port") == line.npos ? " --port 0" : "";
      const auto outcome = run((serves ? "timeout --preserve-status 1" : "") + line + port);
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
  for (const char* command : {"", "solve serving", "plot sweep", "run"}) {
    for (const auto& line : lines_of("COLUMNS=72 ironlaw " + std::string(command) + " --help")) {
      EXPECT_TRUE(line.size() <= 72 || line.starts_with("  ironlaw ")) << line;
    }
  }
  const std::string help = run("COLUMNS=200 ironlaw solve serving --help").text;
  EXPECT_NE(help.find("devices that share every layer [default 1; >= 1]\n"), std::string::npos) << help;
  EXPECT_NE(help.find("[default layerwise; one of layerwise, serial]\n"), std::string::npos);
  EXPECT_NE(help.find("cost of each layer's group of kernels [default 10 us; >= 0 us]\n"), std::string::npos);
  EXPECT_NE(help.find("tokens of each prompt [required; >= 1]\n"), std::string::npos);
  EXPECT_EQ(run("ironlaw solve distributed --pp 4").text, "ironlaw: unknown flag '--pp'; did you mean '--pipeline-parallel'?\n");
}

TEST_F(HelpTest, TheManualHoldsEveryCommand) {
  const std::string manual = run("ironlaw man").text;
  for (const auto& command : commands_of("")) EXPECT_NE(manual.find(".SS " + command + "\n"), std::string::npos) << command;
  EXPECT_NE(manual.find(".SS zoo import\n"), std::string::npos);
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
