// What a screen, a pipe or another language's habits may do to what the program prints.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <locale>
#include <regex>
#include <sstream>

#include <nlohmann/json.hpp>

#include "command_line.hpp"
#include "hostile/requirements.hpp"
#include "hostile/trials.hpp"

namespace ironlaw::hostile {
namespace {

using Words = std::vector<std::string>;
const std::string configs = IRONLAW_SOURCE "/examples/configs/";
const std::string studies = IRONLAW_SOURCE "/examples/studies/";
const std::string node = R"("stages": {"node": {"solver": "single_node", "workload": "ResNet50", "hardware": "H100"}})";

/// Columns that a line takes, a character each.
std::size_t width_of(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Outcome checked(const Words& words, const std::string& input = {}) {
  auto outcome = run_command(words, input);
  require_outcome(words, outcome);
  return outcome;
}

TEST(Screens, NoPageIsWiderThanTheTerminal) {
  const std::vector<Words> pages{
      {"solvers"},
      {"solvers", "single_node"},
      {"solvers", "distributed"},
      {"zoo", "list"},
      {"zoo", "show", "H100"},
      {"zoo", "show", "Llama3_8B"},
      {"studies"},
      {"studies", "optimize"},
      {"plugin", "list"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100", "--explain"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100", "--walls"},
      {"run", configs + "serve_within_budget.json", "--walls"},
      {"explain", configs + "serve_within_budget.json"},
      {"run", configs + "serve_within_budget.json"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100,H100,H200,B200", "--batch-size", "1,2,4,8,16"},
      {"run", studies + "serving/sensitivity.json"},
      {"run", studies + "serving/compare.json"}};
  for (const char* columns : {"70", "80", "100", "132"}) {
    setenv("COLUMNS", columns, 1);
    for (const auto& page : pages) {
      const auto outcome = checked(page);
      EXPECT_FALSE(outcome.out.empty()) << page[0];
      std::istringstream lines(outcome.out);
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(width_of(line), std::stoul(columns)) << page[0] << " " << page.back() << "\n" << line;
    }
  }
  unsetenv("COLUMNS");
}

TEST(Screens, ADumbTerminalIsNotColoured) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  ASSERT_GE(screen, 0);
  cli::GlobalFlags flags;
  flags.result = screen;
  unsetenv("NO_COLOR");
  for (const auto& [name, obeys] : {std::pair("xterm", true), std::pair("dumb", false)}) {
    setenv("TERM", name, 1);
    EXPECT_EQ(cli::obeys(screen), obeys) << name;
    EXPECT_EQ(flags.report().colour, obeys) << name;
  }
  setenv("TERM", "xterm", 1);
  setenv("NO_COLOR", "", 1);  // empty counts as not set
  EXPECT_TRUE(flags.report().colour);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(flags.report().colour);
  unsetenv("NO_COLOR");
  close(screen);
  close(terminal);
}

TEST(Screens, ListsDoNotTellWhereTheyAreInstalled) {
  for (const Words& words :
       {Words{"plugin", "list", "--output", "json"}, Words{"zoo", "list", "--output", "csv"},
        Words{"zoo", "show", "H100", "--output", "json"}, Words{"solvers", "single_node", "--output", "json"},
        Words{"studies", "optimize"}, Words{"run", configs + "serve_within_budget.json", "--output", "json"},
        Words{"report", configs + "serve_within_budget.json"}}) {
    std::string text = checked(words).out;
    for (auto at = text.find(configs); at != text.npos; at = text.find(configs))
      text.erase(at, configs.size());  // the user's own
    EXPECT_EQ(text.find(IRONLAW_BINARY_DIR), text.npos) << words[0] << " " << words[1];
    EXPECT_EQ(text.find(IRONLAW_SOURCE), text.npos) << words[0] << " " << words[1];
  }
  EXPECT_NE(checked({"zoo", "list", "--output", "csv"}).out.find("share/ironlaw/zoo/"), std::string::npos);
}

TEST(Screens, StandardInputIsAFileToo) {
  const std::string json = R"({"version": 1, )" + node + "}";
  const std::string yaml = "version: 1\nstages:\n  node: {solver: single_node, workload: ResNet50, hardware: H100}\n";
  const auto from_json = checked({"run", "-", "--output", "csv"}, json);
  EXPECT_EQ(from_json.status, 0) << from_json.err;
  EXPECT_EQ(checked({"run", "-", "--output", "csv"}, yaml).out, from_json.out);
  EXPECT_EQ(checked({"explain", "-"}, json).status, 0);
  EXPECT_EQ(checked({"report", "-"}, json).status, 0);
  const std::string request = R"({"solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 2}})";
  EXPECT_EQ(checked({"batch", "-"}, request).out, checked({"batch"}, request).out);
  EXPECT_EQ(checked({"study", "sensitivity", "-", "--outputs", "latency"}, json).status, 0);
  EXPECT_EQ(checked({"run", "-"}, "").status, 1);
  EXPECT_NE(checked({"run", "-"}, "{").err.find("standard input:1:"), std::string::npos);
}

TEST(Screens, ABatchThatAnswersNothingIsNoSuccess) {
  const Desk desk;
  const std::string good = R"({"solver": "amdahl", "inputs": {"improved_fraction": 0.5, "stage_speedup": 2}})", bad = "{";
  EXPECT_EQ(checked({"batch"}, good + "\n" + bad + "\n").status, 0);
  EXPECT_EQ(checked({"batch"}, bad + "\n" + bad + "\n").status, 1);
  EXPECT_EQ(checked({"batch", "facts"}).status, 1);
  EXPECT_EQ(checked({"batch", "requests.jsonl", "--output", "csv"}).status, 1);
  EXPECT_EQ(checked({"batch", "requests.jsonl", "--output", "jsonl"}).status, 0);
}

TEST(Screens, WhatASolverPrintsItTakes) {
  const auto bits = [](const char* target) {
    return checked({"solve", "compression", "--workload", "Llama3_8B", "--hardware", "H100", "--target-bits", target}).status;
  };
  EXPECT_EQ(bits("3.5"), 0);
  EXPECT_EQ(bits("4.125"), 0);
  const std::string plugin = IRONLAW_BINARY_DIR "/lib/ironlaw/plugins/roofline.so";
  EXPECT_NE(checked({"plugin", "show", plugin}).out.find("-ffp-contract=off"), std::string::npos);
}

/// Whoever repeats what was given spells out what no screen can show.
TEST(Screens, BytesThatAreNoTextAreSpelledOut) {
  const Desk desk;
  std::size_t messages = 0;
  for (const std::string broken : {"\xFF\xFE", "\xC0\x80", "half \xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "a\x80z"}) {
    const std::string stages = R"({"version": 1, "stages": )";
    const std::vector<std::pair<Words, std::string>> given{
        {{broken}, {}},
        {{"solve", broken}, {}},
        {{"solve", "single_node", "--workload", broken, "--hardware", "H100"}, {}},
        {{"solve", "single_node", "--workload", "ResNet50", "--hardware", "zoo:" + broken}, {}},
        {{"solve", "single_node", "--workload", "ResNet50", "--hardware", "H100", "--batch-size", broken}, {}},
        {{"solve", "single_node", "--" + broken, "1"}, {}},
        {{"solve", "single_node", "--profile", broken, "--workload", "ResNet50", "--hardware", "H100"}, {}},
        {{"run", broken + ".json"}, {}},
        {{"run", "one.json", "--set", broken + "=1"}, {}},
        {{"run", "one.json", "--set", "node.batch_size=" + broken}, {}},
        {{"run", "one.json", "--zoo", broken}, {}},
        {{"run", "one.json", "--plugin", "./" + broken}, {}},
        {{"run", "one.json", "-o", broken + "/out.csv"}, {}},
        {{"run", "one.json", "-o", "out." + broken}, {}},
        {{"run", "one.json", "--output", broken}, {}},
        {{"run", "one.json", "--threads", broken}, {}},
        {{"run", "one.json", "--shard", broken}, {}},
        {{"study", broken, "one.json"}, {}},
        {{"study", "sensitivity", "one.json", "--outputs", broken}, {}},
        {{"study", "optimize", "sweep.json", "--goal", "max " + broken}, {}},
        {{"plot", "sweep", "sweep.json", "--y", broken}, {}},
        {{"zoo", "list", broken}, {}},
        {{"zoo", "list", "--where", "vendor == '" + broken}, {}},
        {{"zoo", "show", broken}, {}},
        {{"zoo", "import", broken + ".gguf"}, {}},
        {{"solvers", broken}, {}},
        {{"studies", broken}, {}},
        {{"ask", broken}, {}},
        {{"ask", "fit", "--model", broken, "--device", "H100"}, {}},
        {{"changes", broken, "one.json"}, {}},
        {{"plugin", "show", broken}, {}},
        {{"plugin", "new", broken}, {}},
        {{"plugin", "install", broken}, {}},
        {{"plugin", "remove", broken}, {}},
        {{"merge", broken}, {}},
        {{"batch", broken}, {}},
        {{"web", "--address", broken}, {}},
        {{"run", "-"}, broken},
        {{"run", "-"}, stages + "{\"" + broken + "\": {\"solver\": \"single_node\"}}}"},
        {{"run", "-"}, stages + "{\"node\": {\"solver\": \"" + broken + "\"}}}"},
        {{"run", "-"}, "version: 1\nstages: {node: {solver: \"" + broken + "\"}}\n"},
    };
    for (const auto& [words, input] : given) {
      const auto outcome = checked(words, input);
      EXPECT_EQ(outcome.status, 1) << words[0];
      messages += static_cast<std::size_t>(std::count(outcome.err.begin(), outcome.err.end(), '\n'));
    }
  }
  EXPECT_GE(messages, 106u);
}

/// What the file system says is said in our words: which file, and why.
TEST(Screens, NamesThatNoFileCanHave) {
  const Desk desk;
  const std::string name(5000, 'q');
  std::ofstream("long.safetensors.index.json") << R"({"weight_map": {"x": ")" << std::string(300, 'q') << "\"}}";
  ASSERT_EQ(mkfifo("pipe.gguf", 0600), 0);
  const int held = open("pipe.gguf", O_RDWR);  // nobody waits for a writer
  const std::vector<Words> commands{{"run", name + ".json"},
                                    {"run", "one.json", "-o", name},
                                    {"run", "one.json", "-o", name + ".csv"},
                                    {"run", "one.json", "--zoo", name},
                                    {"run", "one.json", "--profile", name},
                                    {"run", "one.json", "--plugin", "./" + name},
                                    {"run", "one.json", "--plugin-path", name},
                                    {"solve", "single_node", "--workload", "./" + name + ".json", "--hardware", "H100"},
                                    {"solve", "single_node", "--workload", "ResNet50", "--hardware", "./" + name + ".json"},
                                    {"solve", "tariff", "--load", name + ".csv"},
                                    {"ask", "--questions", name},
                                    {"ask", "./" + name + ".json"},
                                    {"ask", "autoscale", "--trace", name},
                                    {"changes", name, name},
                                    {"merge", name},
                                    {"batch", name},
                                    {"web", name + ".json", "--port", "0"},
                                    {"zoo", "import", name + ".gguf"},
                                    {"zoo", "import", name + ".json"},
                                    {"zoo", "import", "long.safetensors.index.json"},
                                    {"zoo", "import", "pipe.gguf"},
                                    {"plugin", "show", name},
                                    {"plugin", "check", name},
                                    {"plugin", "install", name},
                                    {"plugin", "remove", name},
                                    {"plugin", "bundle", name, "x.so"},
                                    {"plugin", "lock", name},
                                    {"plugin", "new", name}};
  for (const Words& words : commands) {
    const auto outcome = checked(words);
    EXPECT_EQ(outcome.status, 1) << words[0] << " " << words[1].substr(0, 20);
  }
  close(held);
}

TEST(Screens, WordsThatAreNoFlagsCrashNothing) {
  for (const Words& words : {Words{"solve", "-1"}, Words{"solve", "-"}, Words{"solve", "--walls", "single_node"},
                             Words{"solve", "-.5"}, Words{"study", "-1", "x"}, Words{"study", "sensitivity", "-1"},
                             Words{"study", "sensitivity", "--seed", "1", "single_node"}, Words{"-1"}, Words{"-"}, Words{"--"},
                             Words{""}, Words{"run", "-1"}, Words{"zoo", "-1"}, Words{"plugin", "-"}, Words{"plot", "-1"}}) {
    const auto outcome = checked(words);
    EXPECT_EQ(outcome.status, 1) << words[0];
  }
}

/// What can be said of every question may be said before its name, and its own flags may not.
TEST(Screens, AQuestionIsNamedBehindFlagsToo) {
  const auto right = checked({"ask", "fit", "--model", "Llama3_8B", "--device", "H100"});
  EXPECT_EQ(right.status, 0) << right.err;
  EXPECT_EQ(checked({"ask", "--questions", ".", "fit", "--model", "Llama3_8B", "--device", "H100"}).out, right.out);
  EXPECT_EQ(checked({"ask", "fit", "--model", "Llama3_8B,Llama3_70B", "--device", "H100"}).err,
            "ironlaw: --model: takes one value: ask fit chooses among none; give the others in questions of their own\n");
  EXPECT_EQ(checked({"ask", "--questions=nowhere", "fit"}).err, "ironlaw: --questions: 'nowhere' is no folder\n");
  for (const Words& words :
       {Words{"ask", "--model", "Llama3_8B", "fit"}, Words{"ask", "--", "fit"}, Words{"ask", "--set", "a=b", "-1"}})
    EXPECT_EQ(checked(words).status, 1) << words[1];
}

TEST(Screens, WhatIsNoNumberIsAbsent) {
  const std::string config = R"({"version": 1, )" + node + R"(, "report": {"columns": ["1/0", "-1/0", "0/0", "node.latency"]}})";
  EXPECT_NE(checked({"run", "-", "--output", "csv"}, config).out.find("\n,,,0."), std::string::npos);
  for (const char* format : {"text", "markdown", "jsonl", "json"}) {
    const auto outcome = checked({"run", "-", "--output", format}, config);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_FALSE(std::regex_search(outcome.out, std::regex(R"(\b(inf|nan|infinity)\b)"))) << outcome.out;
  }
}

TEST(Screens, AColumnIsShownOnce) {
  const std::string twice = R"({"version": 1, )" + node + R"(, "report": {"columns": ["node.latency", "node.latency"]}})";
  EXPECT_EQ(checked({"run", "-"}, twice).err, "ironlaw: standard input#/report/columns/1: 'node.latency' is shown already\n");
  const std::string status =
      R"({"version": 1, "inputs": {"status": 1}, "stages": {"node": {"solver": "single_node", "workload": "ResNet50",
    "hardware": "H100", "batch_size": "$status"}}, "report": {"columns": ["status"]}})";
  EXPECT_EQ(checked({"run", "-"}, status).err,
            "ironlaw: standard input#/report/columns/0: 'status' is what tables call how a row ended\n");
}

TEST(Screens, AnEmptyListIsOfNothing) {
  const auto study = [](const std::string& options) { return R"({"version": 1, )" + node + R"(, "study": {)" + options + "}}"; };
  EXPECT_EQ(checked({"run", "-"}, study(R"("use": "sensitivity", "outputs": [], "inputs": [])")).status, 0);
  EXPECT_EQ(checked({"run", "-"}, study(R"("use": "compare", "with": {"node.batch_size": 2}, "outputs": [])")).status, 0);
  EXPECT_NE(checked({"run", "-"}, study(R"("use": "synthesis", "targets": [])")).err.find("/study/targets: takes at least one"),
            std::string::npos);
  EXPECT_NE(checked({"run", "-"}, study(R"("use": "sensitivity", "outputs": ["latency", "latency"])"))
                .err.find("/study/outputs/1: is named twice"),
            std::string::npos);
}

/// A language that writes 1.234,5.
class DecimalComma final : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(Screens, NumbersAreTheSameInEveryLanguage) {
  const std::vector<Words> questions{
      {"run", configs + "serve_within_budget.json", "--output", "csv"},
      {"run", configs + "serve_within_budget.json", "--output", "json"},
      {"run", configs + "serve_within_budget.json"},
      {"explain", configs + "serve_within_budget.json"},
      {"solve", "single_node", "--workload", "ResNet50", "--hardware", "A100", "--batch-size", "1000", "--explain"},
      {"zoo", "show", "H100"},
      {"report", configs + "serve_within_budget.json"},
      {"plot", "sweep", configs + "device_to_be.json"},
      {"schema"}};
  std::vector<std::string> before;
  for (const auto& words : questions) before.push_back(run_command(words).out);
  const std::locale plain = std::locale::global(std::locale(std::locale::classic(), new DecimalComma));
  const char* const was = setlocale(LC_ALL, nullptr);
  const std::string classic = was == nullptr ? "C" : was;
  setlocale(LC_ALL, "de_DE.UTF-8");  // where it is installed
  for (std::size_t q = 0; q < questions.size(); ++q) EXPECT_EQ(run_command(questions[q]).out, before[q]) << questions[q][0];
  setlocale(LC_ALL, classic.c_str());
  std::locale::global(plain);
}

TEST(Screens, FilesMayBeCalledAnything) {
  const Desk desk;
  for (const std::string name :
       {"two\nlines", "\x1b[31m", "\xFF\xFE", "-rf", "a b", "'", "\"", "$(id)", "\xE2\x80\xAE", "%s", "=1", "<b>"}) {
    const std::string file = "./" + name + ".json";
    std::ofstream(file) << R"({"version": 1, )" << node << "}";
    for (const char* format : {"text", "json", "csv", "markdown"}) {
      const auto outcome = checked({"run", file, "--output", format});
      EXPECT_EQ(outcome.status, 0) << outcome.err;
    }
    EXPECT_EQ(checked({"explain", file}).status, 0);
    const auto report = run_command({"report", file});
    EXPECT_EQ(report.status, 0) << report.err;
    require_markdown(report.out);
    EXPECT_EQ(checked({"run", "./no " + name}).status, 1);
    EXPECT_EQ(checked({"zoo", "list", "--zoo", name}).status, 1);
  }
}

}  // namespace
}  // namespace ironlaw::hostile
